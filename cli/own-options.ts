/**
 * Options of a command that one above it has as well. Commander gives such an option to the one above wherever it stands on the line
 * (`enablePositionalOptions` would leave it to the command, and take `--json` behind a command away from everybody).
 */
import type { Command } from 'commander';

/**
 * Gives a command what was said to it: values of its own options that a command above it took. What one above has and this one has not
 * ends the command (usage), where it is no option of the whole command line: it would have done nothing.
 */
export function takeOwnOptions(command: Command): void {
  for (let above = command.parent; above !== null; above = above.parent)
    for (const option of above.options) {
      const name = option.attributeName();
      if (above.getOptionValueSource(name) !== 'cli') continue;
      if (command.options.some((own) => own.attributeName() === name))
        command.setOptionValueWithSource(name, above.getOptionValue(name), 'cli');
      else if (above.parent !== null)
        command.error(`error: unknown option '${option.long ?? option.flags}'`, {
          exitCode: 2,
          code: 'commander.unknownOption',
        });
    }
}
