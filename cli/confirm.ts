/** Asking before what is hard to take back: on a terminal the person, in a script `--yes`. */
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { tell } from './answer.ts';
import { inOneLine } from './visible.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export interface ConfirmFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** Gives a command the flags that `confirmed` and `agreed` read. */
export const confirmable = (command: Command): Command =>
  command
    .option('--yes', 'do it without asking: for scripts')
    .option('--dry-run', 'say what it would do, and do nothing');

/**
 * For what strikes others or cannot be undone at all: asked twice, and a script must say `--yes`. True when it is to be
 * done; false after a dry run. Ends the command when the person says no, or when nobody can be asked.
 * @param what begins with a verb: "stop everything in dev"
 * @param word typed as the second answer: the name of what it is about
 */
export async function confirmed(
  cli: CliWorld,
  flags: ConfirmFlags,
  what: string,
  word: string,
): Promise<boolean> {
  if (isTrial(cli, flags, what)) return false;
  if (flags.yes === true) return announced(cli, what);
  if (!cli.asks)
    throw new CommandEnd(
      `This would ${what}, at ${whereOf(cli)}: add --yes to do it in a script.`,
      EXIT.usage,
    );
  return asked(cli, what, word);
}

/** For what is a step of one's work, and still not undone by a second one: a person is asked once, a script does it. */
export async function agreed(cli: CliWorld, flags: ConfirmFlags, what: string): Promise<boolean> {
  if (isTrial(cli, flags, what)) return false;
  if (flags.yes === true || !cli.asks) return announced(cli, what);
  return asked(cli, what);
}

const whereOf = ({ environment, url }: CliWorld): string =>
  environment === undefined ? url : `the environment ${environment}`;

function isTrial(cli: CliWorld, { dryRun }: ConfirmFlags, what: string): boolean {
  if (dryRun !== true) return false;
  const where = whereOf(cli);
  tell(cli, { dry_run: true, would: what, where }, () => `would ${what}, at ${where}`);
  return true;
}

/** Whoever reads the log of a script sees where it acted. */
function announced(cli: CliWorld, what: string): true {
  if (!cli.json && cli.environment !== undefined) cli.err(`at ${whereOf(cli)}: ${what}`);
  return true;
}

async function asked(cli: CliWorld, what: string, word?: string): Promise<true> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = async (question: string): Promise<string> =>
    (await terminal.question(inOneLine(question)).catch(() => '')).trim();
  try {
    const first = await answer(`This will ${what}, at ${whereOf(cli)}. Go on? [y/N] `);
    if (!/^y(es)?$/i.test(first)) throw new CommandEnd('Nothing was done.');
    if (word !== undefined && (await answer(`Type ${word} to do it: `)) !== word)
      throw new CommandEnd('Nothing was done.');
    return true;
  } finally {
    terminal.close();
  }
}
