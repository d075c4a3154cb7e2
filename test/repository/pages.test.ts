/** What the pages at the root name is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

const read = (page: string): string => readFileSync(join(PROJECT, page), 'utf8');
const PAGES = ['CONTRIBUTING.md', 'SECURITY.md', 'CODE_OF_CONDUCT.md', 'CHANGELOG.md', 'README.md'];

describe.each(PAGES)('%s', (page) => {
  const text = read(page);
  const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
  const paths = [...text.matchAll(/`([\w.-]+\/[\w./-]*)`/g)].map(([, path = '']) => path);

  it('names only files and folders that are there', () => {
    expect([...links, ...paths].filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
  });

  it('names only scripts that are there', () => {
    const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script);
    expect(named.filter((script) => script !== undefined && !scripts.includes(script))).toEqual([]);
  });
});

it('CONTRIBUTING.md has a screen for each thing that one adds', () => {
  const [, ...sections] = read('CONTRIBUTING.md').split(/^## /m);
  expect(sections.map((section) => section.split('\n')[0])).toEqual([
    'Add a route',
    'Add a command',
    'Add a metric',
    'Add an alert',
    'Add a policy',
  ]);
  for (const section of sections) expect(section.split('\n').length).toBeLessThan(30);
});

it('the licence is the whole of Apache 2.0, and the one that package.json names', () => {
  const text = read('LICENSE');
  expect(text).toMatch(/Apache License\s+Version 2\.0, January 2004/);
  for (const part of [1, 2, 3, 4, 5, 6, 7, 8, 9]) expect(text).toContain(`\n   ${part}. `);
  expect(text).toContain('END OF TERMS AND CONDITIONS');
  expect(JSON.parse(read('package.json')).license).toBe('Apache-2.0');
});
