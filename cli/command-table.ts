/** Every command with its arguments and options, as data: completion and docs/cli.md are made from it. */
import { type Command, Help } from 'commander';
import type { Family } from './family.ts';
import { bareProgram } from './program.ts';

export interface TableOption {
  /** `-o`, `--output`. */
  readonly flags: readonly string[];
  /** As help shows it: `-o, --output <format>`. */
  readonly usage: string;
  readonly about: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly mandatory: boolean;
}

export interface TableCommand {
  /** Its words after `chancery`; empty for chancery itself. */
  readonly path: readonly string[];
  readonly about: string;
  /** Its arguments as help shows them: `<id>`, `[folder]`. */
  readonly usage: string;
  readonly arguments: readonly { readonly name: string; readonly about: string }[];
  /** Words that its first argument may be. */
  readonly choices: readonly string[];
  /** Its own, and those that every command understands. */
  readonly options: readonly TableOption[];
  readonly commands: readonly { readonly name: string; readonly about: string }[];
}

/** Loads every family. The words of chancery itself come first, then each command before those within it. */
export async function commandTable(families: readonly Family[]): Promise<TableCommand[]> {
  const program = bareProgram();
  for (const { commands, load } of families) {
    (await load())(program, () => {
      throw new Error('a table runs no command');
    });
    for (const [name, about] of Object.entries(commands))
      program.commands.find((command) => command.name() === name)?.description(about);
  }
  return walk(program, [], []);
}

function walk(command: Command, path: readonly string[], global: readonly TableOption[]): TableCommand[] {
  const help = new Help();
  const own = help.visibleOptions(command).map(
    (option): TableOption => ({
      flags: [option.short, option.long].filter((flag) => flag !== undefined),
      usage: option.flags,
      about: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
      mandatory: option.mandatory,
    }),
  );
  const inherited = path.length === 0 ? own.filter(({ flags }) => !flags.includes('--help')) : global;
  const inner = command.commands.filter((each) => each.name() !== 'help');
  return [
    {
      path,
      about: command.description(),
      usage: command.registeredArguments.map((argument) => help.argumentTerm(argument)).join(' '),
      arguments: command.registeredArguments.map((argument) => ({
        name: argument.name(),
        about: argument.description,
      })),
      choices: command.registeredArguments[0]?.argChoices ?? [],
      options: path.length === 0 ? own : [...own, ...global],
      commands: inner.map((each) => ({ name: each.name(), about: each.description() })),
    },
    ...inner.flatMap((each) => walk(each, [...path, each.name()], inherited)),
  ];
}
