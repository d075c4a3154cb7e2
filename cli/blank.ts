/** What is given and blank names nothing: the variable of a script was empty. Refused before anything is sent. */
import type { Command } from 'commander';

const isBlank = (value: unknown): boolean => typeof value === 'string' && value.trim() === '';

/** Ends the command (usage). Words for another program (`mcp wrap -- …`) are its own. */
export function refuseBlank(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    // A default is not given.
    if (command.getOptionValueSource(name) === 'cli' && [command.getOptionValue(name)].flat().some(isBlank))
      command.error(`error: option '${option.flags}' is blank`);
  }
  for (const [at, argument] of command.registeredArguments.entries())
    if (!argument.variadic && isBlank(command.args[at]))
      command.error(`error: argument '${argument.name()}' is blank`);
}
