/** Which commands print a list. Apart from how one is printed, which takes longer to load than most commands run. */
import type { Command } from 'commander';

const lists = new WeakSet<Command>();

/** Says of a command that it lists: `-o name` is refused by the others before anything is sent. */
export function listing(command: Command): Command {
  lists.add(command);
  return command;
}

export const isListing = (command: Command): boolean => lists.has(command);
