/** Every option of every command is heard by that command, whatever the commands above it understand too. */
import { isDeepStrictEqual as isEqual } from 'node:util';
import type { Command, Option } from 'commander';
import { beforeAll, expect, it } from 'vitest';
import { FAMILIES } from '../../cli/commands.ts';
import { bareProgram } from '../../cli/program.ts';

interface Leaf {
  readonly path: readonly string[];
  readonly command: Command;
}

/** What a parser of numbers, periods, times or addresses takes, of words that any other takes as they are. */
const WORDS = [
  '7',
  '24h',
  '0.5',
  '2026-01-01T00:00:00Z',
  'https://example.org',
  'decision.*',
  'none',
  'ab'.repeat(16),
  'word',
];

/** The shipped commands, each of which only notes what it was told. */
async function shipped(heard: (command: Command) => void): Promise<{ program: Command; leaves: Leaf[] }> {
  const program = bareProgram()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const { load } of FAMILIES)
    (await load())(program, () => {
      throw new Error('nothing is run here');
    });
  const leaves: Leaf[] = [];
  const walk = (command: Command, path: readonly string[]): void => {
    for (const inner of command.commands) walk(inner, [...path, inner.name()]);
    if (path.length === 0 || (command.commands.length > 0 && command.options.length === 0)) return;
    command.action(() => heard(command));
    leaves.push({ path, command });
  };
  walk(program, []);
  return { program, leaves };
}

function wordFor({ argChoices, parseArg }: Pick<Option, 'argChoices' | 'parseArg'>): string {
  const word = [...(argChoices ?? []), ...WORDS].find((candidate) => {
    try {
      parseArg?.(candidate, []);
      return true;
    } catch {
      return false;
    }
  });
  if (word === undefined) throw new Error('no word is taken: give one that is');
  return word;
}

const said = (option: Option): string[] => [
  option.long ?? option.flags,
  ...(option.required ? [wordFor(option)] : []),
];

let heard: Command[] = [];
let world: { program: Command; leaves: Leaf[] };
beforeAll(async () => {
  world = await shipped((command) => heard.push(command));
});

/** The words of a line that a command needs in any case, perhaps but for one option. */
function needed({ command }: Leaf, but?: Option): { given: string[]; must: string[] } {
  return {
    given: command.registeredArguments
      .filter(({ required }) => required)
      .map((argument) => wordFor({ argChoices: argument.argChoices, parseArg: argument.parseArg })),
    must: command.options.filter((option) => option.mandatory && option !== but).flatMap(said),
  };
}

function parsed({ parseArg, defaultValue, variadic }: Option, word: string): unknown {
  if (parseArg !== undefined) return parseArg(word, defaultValue);
  return variadic ? [word] : word;
}

it('runs with no more than what it says that it needs', async () => {
  for (const leaf of world.leaves) {
    const { given, must } = needed(leaf);
    heard = [];
    await world.program.parseAsync([...leaf.path, ...must, '--', ...given], { from: 'user' });
    expect(heard, leaf.path.join(' ')).toEqual([leaf.command]);
  }
});

it('hears each of its options from each place behind it on the line', async () => {
  const cases = world.leaves.flatMap((leaf) => leaf.command.options.map((option) => ({ leaf, option })));
  expect(cases.length).toBeGreaterThan(150);
  const unheard: string[] = [];
  for (const { leaf, option } of cases) {
    const { given, must } = needed(leaf, option);
    const word = said(option)[1];
    for (const line of [
      [...leaf.path, ...said(option), ...must, '--', ...given],
      [...leaf.path, ...given, ...must, ...said(option)],
      [...leaf.path, ...must, ...said(option), '--json', '--', ...given],
    ]) {
      heard = [];
      await world.program.parseAsync(line, { from: 'user' });
      expect(heard, line.join(' ')).toEqual([leaf.command]);
      const value: unknown = leaf.command.opts()[option.attributeName()];
      const expected = word === undefined ? !option.negate : parsed(option, word);
      if (leaf.command.getOptionValueSource(option.attributeName()) !== 'cli' || !isEqual(value, expected))
        unheard.push(line.join(' '));
    }
  }
  expect(unheard).toEqual([]);
});

it('is not told of what only a command above it understands', async () => {
  const cases = world.leaves.flatMap(({ path, command }) => {
    const above = command.parent?.parent === null ? [] : (command.parent?.options ?? []);
    const own = new Set(command.options.map(({ long }) => long));
    return above.filter(({ long }) => !own.has(long)).map((option) => ({ path, command, option }));
  });
  expect(cases.map(({ path, option }) => [...path, option.long].join(' '))).toContain('mcp wrap --server');
  for (const { path, command, option } of cases) {
    heard = [];
    const given = command.registeredArguments.map(() => 'word');
    const line = [...path, ...said(option), '--', ...given];
    await expect(world.program.parseAsync(line, { from: 'user' }), line.join(' ')).rejects.toMatchObject({
      code: 'commander.unknownOption',
    });
    expect(heard).toEqual([]);
  }
});

it('is refused a blank where one above took it', async () => {
  const line = ['mcp', 'wrap', '--as', ' ', '--', 'word'];
  await expect(world.program.parseAsync(line, { from: 'user' })).rejects.toThrow(
    "option '--as <sub>' is blank",
  );
});
