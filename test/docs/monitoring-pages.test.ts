import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notifyTargets } from '../../adapters/aws/notify-secret.ts';
import { FAMILIES } from '../../cli/commands.ts';
import { CHANNELS } from '../../src/watch/alerts/rules/rule.ts';
import { PROJECT } from '../runtime/support.ts';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

const PAGES = ['docs/monitoring.md', 'docs/alerting.md', 'docs/runbook.md'];
const text = (page: string): string => readFileSync(join(PROJECT, page), 'utf8');

async function commands(): Promise<Command> {
  const program = new Command('chancery').option('--json').option('--env <name>');
  for (const { load } of FAMILIES) {
    const register = await load();
    register(program, () => {
      throw new Error('nothing is run here');
    });
  }
  return program;
}

/** What is wrong with a command line, or undefined. Words in capitals stand for values. */
function fault(program: Command, line: string): string | undefined {
  const words = line.split(/\s+/).slice(1);
  let at = program;
  for (const [index, word] of words.entries()) {
    if (word.startsWith('--')) {
      const known = [...at.options, ...program.options].find((option) => option.long === word);
      if (known === undefined) return `${at.name()} has no ${word}`;
      const next = words[index + 1];
      if (known.required && (next === undefined || next.startsWith('--'))) return `${word} wants a value`;
      continue;
    }
    const before = words[index - 1];
    const valued = [...at.options, ...program.options].find((option) => option.long === before);
    if (valued !== undefined && (valued.required || valued.optional)) continue;
    const sub = at.commands.find((command) => command.name() === word);
    if (sub !== undefined) at = sub;
    else if (at.registeredArguments.length === 0) return `there is no ${at.name()} ${word}`;
  }
  const executable = at.commands.length === 0 || words.length === 0;
  return executable ? undefined : `${at.name()} wants a command`;
}

describe('the pages on monitoring', () => {
  it.each(PAGES)('%s names only commands and options that there are', async (page) => {
    const program = await commands();
    const lines = [...text(page).matchAll(/(?:`|npx )(chancery [a-z][^`\n>|]*)/g)].map(
      (match) => match[1] ?? '',
    );
    expect(lines.length).toBeGreaterThan(3);
    const faults = lines.flatMap((line) => fault(program, line.trim()) ?? []);
    expect(faults).toEqual([]);
  });

  it.each(PAGES)('%s links only to pages, sections and pictures that exist', (page) => {
    for (const [, path = '', anchor] of text(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const target = path === '' ? page : join('docs', path);
      expect(existsSync(join(PROJECT, target)), `${page} → ${target}`).toBe(true);
      if (anchor === undefined) continue;
      const headings = [...text(target).matchAll(/^#+ (.+)$/gm)].map((match) =>
        (match[1] ?? '')
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      );
      expect(headings, `${page} → ${target}#${anchor}`).toContain(anchor);
    }
  });

  it('give a secret that the notifier can read', () => {
    const [json] = blocksOf('docs/alerting.md').filter(
      ({ language, text }) => language === 'json' && text.includes('"slack"'),
    );
    const { slack, pagerduty } = notifyTargets(json?.text ?? '');
    expect(Object.keys(slack)).toEqual([...CHANNELS]);
    expect(pagerduty?.routingKey).toHaveLength(32);
  });

  it('name npm scripts that there are', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    for (const page of PAGES) {
      for (const [, name = ''] of text(page).matchAll(/npm run ([a-z:]+)/g))
        expect(Object.keys(scripts)).toContain(name);
    }
  });
});

describe('a reader of the pages', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader([]);
    await reader.follow({ language: 'sh', text: 'npm start\n' });
  });
  afterAll(() => reader.close());

  const block = (page: string, holds: string) =>
    blocksOf(page).find((one) => one.language === 'sh' && one.text.includes(holds)) ?? expect.fail(holds);

  it('gets the two tokens that the set-up needs', async () => {
    await reader.follow(block('docs/monitoring.md', 'metrics.token'));
    const printed = await reader.follow({ language: 'sh', text: 'cat monitoring/tokens/*.token\n' });
    expect(printed.trim().split('\n')).toHaveLength(2);
  });

  it('records deployments and reads the four figures', async () => {
    const printed = await reader.follow(block('docs/monitoring.md', 'dora record'));
    expect(printed).toMatch(/dep_[0-9A-Z]{26} recorded as \d+\.\d+/);
    expect(printed).toMatch(/deployments +2 /);
    expect(printed).toMatch(/lead time +5400 s/);
    expect(printed).toMatch(/change failure rate +50 %/);
  });

  it('sees alerts and dead letters, of which there are none yet', async () => {
    expect(await reader.follow(block('docs/alerting.md', 'alerts list'))).toContain('no alerts');
    const printed = await reader.follow(block('docs/alerting.md', 'dead-letters'));
    expect(printed).toContain('no dead letters');
    expect(printed).toContain('0 will be tried again');
  });
});
