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

/** What a person named is not there, or is not theirs (errno of the file system). */
const OF_FILES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of this path is a file',
  EACCES: 'you may not read or write it',
  EPERM: 'you may not do this to it',
  EEXIST: 'it is there already',
  EROFS: 'nothing can be written there',
  ENAMETOOLONG: 'the name is too long',
};

/** Undefined for what did not go wrong in the file system. */
function fileFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  const why = OF_FILES[String(error.code)];
  if (why === undefined) return undefined;
  return 'path' in error ? `${String(error.path)}: ${why}.` : `A file that was named: ${why}.`;
}

export function exitOfError(error: unknown): number {
  if (error instanceof CommandEnd) return error.exit;
  return fileFault(error) === undefined ? EXIT.unavailable : EXIT.usage;
}

/** Lines for standard error; none where the command has said all that there is to say. */
export function problemLines(
  error: unknown,
  exit: number,
  { json, colour }: { readonly json: boolean; readonly colour: boolean },
): string[] {
  const message = fileFault(error) ?? (error instanceof Error ? error.message : String(error));
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

/** @param way another one to what was asked, where there is one */
export const usageProblem = (message: string, way?: string): Failure => ({
  error: [message.replace(/^error: /, ''), ...(way === undefined ? [] : [way])].join('. '),
  code: 'USAGE',
  exit: EXIT.usage,
});
