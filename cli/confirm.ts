/** Asking twice before what is hard to take back: on a terminal the person, in a script `--yes`. */
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export interface ConfirmFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** Gives a command the flags that `confirmed` reads. */
export const confirmable = (command: Command): Command =>
  command
    .option('--yes', 'do it without asking: for scripts')
    .option('--dry-run', 'say what it would do, and do nothing');

/**
 * True when it is to be done; false after a dry run. Ends the command when the person says no, or when nobody can be
 * asked.
 * @param what begins with a verb: "stop everything in dev"
 * @param word typed as the second answer: the name of what it is about
 */
export async function confirmed(
  cli: CliWorld,
  { yes, dryRun }: ConfirmFlags,
  what: string,
  word: string,
): Promise<boolean> {
  const where = cli.environment === undefined ? cli.url : `the environment ${cli.environment}`;
  if (dryRun === true) {
    cli.out(cli.json ? JSON.stringify({ dry_run: true, would: what, where }) : `would ${what}, at ${where}`);
    return false;
  }
  if (yes === true) return true;
  if (!cli.asks)
    throw new CommandEnd(`This would ${what}, at ${where}: add --yes to do it in a script.`, EXIT.usage);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const first = await terminal.question(`This will ${what}, at ${where}. Go on? [y/N] `);
    if (!/^y(es)?$/i.test(first.trim())) throw new CommandEnd('Nothing was done.');
    const second = await terminal.question(`Type ${word} to do it: `);
    if (second.trim() !== word) throw new CommandEnd('Nothing was done.');
    return true;
  } finally {
    terminal.close();
  }
}
