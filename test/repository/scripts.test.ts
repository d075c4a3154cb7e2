/** The scripts of package.json: few, and each says what it is for. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

const said = execFileSync(process.execPath, ['scripts/help.ts'], { cwd: PROJECT, encoding: 'utf8' });
const namesAt = (indent: number): string[] =>
  [...said.matchAll(/^( +)(\S+) +\S/gm)]
    .filter(([, blanks = '']) => blanks.length === indent)
    .map(([, , name = '']) => name);

it('npm run help says what each script is for, and names none that is not there', () => {
  const { postinstall, prestart, ...scripts } = JSON.parse(
    readFileSync(join(PROJECT, 'package.json'), 'utf8'),
  ).scripts;
  for (const hook of [postinstall, prestart]) expect(hook).toBeDefined();
  expect(namesAt(2)).toEqual(Object.keys(scripts));
});

it('npm run help names every file of the tests with real parts', () => {
  const files = globSync('test/real/*.test.ts', { cwd: PROJECT }).map((file) => basename(file, '.test.ts'));
  const names = namesAt(6);
  expect(files.filter((file) => !names.some((name) => file.startsWith(name)))).toEqual([]);
  expect(names.filter((name) => !files.some((file) => file.startsWith(name)))).toEqual([]);
});
