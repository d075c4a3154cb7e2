/** `chancery` itself, before its commands. */
import { Command, Option } from 'commander';
import { refuseBlank } from './blank.ts';
import { takeOwnOptions } from './own-options.ts';
import { FORMATS } from './world.ts';

/**
 * The command line without its commands: what every command understands.
 * @param version told of where that is asked; else `--version` is left to the commands
 */
export function bareProgram(version?: string): Command {
  const program = new Command('chancery')
    .description('Governs what agents, services and people may run, and proves it.')
    .addOption(
      new Option('-o, --output <format>', 'lists as table, wide or name; everything as json or yaml').choices(
        FORMATS,
      ),
    )
    .option('--json', 'print machine-readable JSON: -o json')
    .option('--env <name>', 'where: a context, local, or dev, staging or prod by AWS credentials')
    .option('--context <name>', 'the same as --env')
    .addHelpText(
      'after',
      '\nExit codes: 0 yes, 1 no (denied, breached, not verified), 2 wrong command line, 3 not reachable, 4 late, 5 not of this ledger (receipts), 130 interrupted.\nMore: docs/cli.md.',
    )
    .hook('preAction', (_, command) => {
      takeOwnOptions(command);
      refuseBlank(command);
    });
  return version === undefined ? program : program.version(version, '-V, --version', 'print the version');
}
