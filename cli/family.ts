/** A file of commands, and what is known of it before it is loaded. */
import type { Command } from 'commander';
import type { CliWorld } from './world.ts';

export type Register = (program: Command, world: (command: Command) => CliWorld) => void;

export interface Family {
  /** Its commands, each with what it is for. */
  readonly commands: Readonly<Record<string, string>>;
  readonly load: () => Promise<Register>;
}
