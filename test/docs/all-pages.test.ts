/** What every page names is there: commands with their options, scripts, pages, sections, pictures. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { beforeAll, expect, it } from 'vitest';
import { FAMILIES } from '../../cli/commands.ts';
import { PROJECT } from '../runtime/support.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'examples/**/README.md', 'client/README.md'], {
  cwd: PROJECT,
});
const text = (page: string): string => readFileSync(join(PROJECT, page), 'utf8');

let program: Command;
beforeAll(async () => {
  program = new Command('chancery').option('--json').option('--env <name>').option('--context <name>');
  program.option('-o, --output <format>').option('--version').option('--help');
  for (const { load } of FAMILIES) {
    const register = await load();
    register(program, () => {
      throw new Error('nothing is run here');
    });
  }
});

/** What is wrong with a command line, or undefined. Words in capitals stand for values. */
function fault(line: string): string | undefined {
  const words = line.split(/\s+/).slice(1);
  let at = program;
  for (const [index, word] of words.entries()) {
    if (word === '--') return undefined;
    if (word.startsWith('--')) {
      const [name] = word.split('=');
      const known = [...at.options, ...program.options].find((option) => option.long === name);
      if (known === undefined) return `${at.name()} has no ${name}`;
      const next = words[index + 1];
      if (known.required && !word.includes('=') && (next === undefined || next.startsWith('--')))
        return `${name} wants a value`;
      continue;
    }
    const before = words[index - 1];
    const valued = [...at.options, ...program.options].find((option) => option.long === before);
    if (valued !== undefined && (valued.required || valued.optional)) continue;
    const sub = at.commands.find((command) => command.name() === word);
    if (sub !== undefined) at = sub;
    else if (at.registeredArguments.length === 0) return `there is no ${at.name()} ${word}`;
  }
  return undefined;
}

/** What stands in quotes is one word, and code within a sentence may go over the end of a line. */
const lines = (page: string): string[] =>
  [
    ...text(page)
      .replaceAll(/(?<!`)`[^`]+`(?!`)/g, (code) => code.replaceAll('\n', ' '))
      .replaceAll(/"[^"\n]*"|'[^'\n]*'/g, 'TEXT')
      .matchAll(/(?:`|npx )(chancery [a-z][^`\n>|;&#()[]*)/g),
  ].map(([, line = '']) => line.trim());

it('names only commands and options that there are', () => {
  const faults = PAGES.flatMap((page) =>
    lines(page).flatMap((line) => fault(line)?.concat(`: ${page}: ${line}`) ?? []),
  );
  expect(faults).toEqual([]);
  expect(PAGES.flatMap(lines).length).toBeGreaterThan(200);
});

it('names only scripts that there are', () => {
  const scripts = Object.keys(JSON.parse(text('package.json')).scripts);
  const named = PAGES.flatMap((page) =>
    [...text(page).matchAll(/npm run ([a-z:-]+)/g)].map(([, name = '']) => name),
  );
  expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
});

it('links only to pages, sections and pictures that exist', () => {
  const faults = PAGES.flatMap((page) =>
    [...text(page).matchAll(/\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]+))?\)/g)].flatMap(
      ([, path = '', anchor]) => {
        const target = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(PROJECT, target))) return [`${page} → ${target}`];
        return anchor === undefined || headings(target).includes(anchor)
          ? []
          : [`${page} → ${target}#${anchor}`];
      },
    ),
  );
  expect(faults).toEqual([]);
});

/** As the places where pages are read name them. */
const headings = (page: string): string[] =>
  [...text(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
