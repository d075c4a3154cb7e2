/** Why a command ended, as a person reads it at a terminal and as a program does. */
import { painted } from './terminal.ts';
import { inOneLine, visible } from './visible.ts';
import { CommandEnd, EXIT, type ProblemDetails } from './world.ts';

/** What `--json` prints to standard error: `docs/cli.md` describes it. */
export interface Failure extends Partial<ProblemDetails> {
  readonly error: string;
  readonly code?: string;
  readonly exit: number;
}

export const exitOfError = (error: unknown): number =>
  error instanceof CommandEnd ? error.exit : EXIT.unavailable;

/** Lines for standard error; none where the command has said all that there is to say. */
export function problemLines(
  error: unknown,
  exit: number,
  { json, colour }: { readonly json: boolean; readonly colour: boolean },
): string[] {
  const message = error instanceof Error ? error.message : String(error);
  if (message === '') return [];
  const { code, problem } = error instanceof CommandEnd ? error : {};
  if (json) {
    const failure: Failure = {
      error: message,
      ...(code === undefined ? {} : { code }),
      exit,
      ...problem,
    };
    return [visible(JSON.stringify(failure))];
  }
  const shown = visible(message);
  return [colour ? painted('bad', shown) : shown, ...(problem === undefined ? [] : detailsOf(problem))];
}

function detailsOf({ reasons = [], type, trace_id, decision_id }: ProblemDetails): string[] {
  return [
    ...reasons.map(({ code, message, path }) =>
      inOneLine(`  ${code}${path === undefined ? '' : ` at ${path}`}: ${message}`),
    ),
    ...(decision_id === undefined ? [] : [inOneLine(`  decision ${decision_id}`)]),
    ...(trace_id === undefined ? [] : [inOneLine(`  trace ${trace_id}: chancery logs trace ${trace_id}`)]),
    ...(type === undefined || !/^https?:/.test(type) ? [] : [inOneLine(`  more: ${type}`)]),
  ];
}

export const usageProblem = (message: string): Failure => ({
  error: message.replace(/^error: /, ''),
  code: 'USAGE',
  exit: EXIT.usage,
});
