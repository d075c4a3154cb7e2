/**
 * Whatever reads callers' text does it in a time that grows with the text and no faster: bench/worst-cases.ts shows it,
 * for the readers that it drives. A reader that it does not drive is found here.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

const BENCH = 'bench/worst-cases.ts';

/** Where callers' text arrives unread. */
const ROOMS = ['src/aim', 'src/basics', 'src/charter/sql', 'src/identity', 'src/workflow', 'http'];

/** Files that look at texts by expressions, and not at callers' of any length. */
const OTHERS: Readonly<Record<string, string>> = {
  'src/basics/blob-names.ts': 'names of our own',
  'src/basics/ids.ts': 'ids, one test of their form',
  'src/basics/slots.ts': 'names of counters',
  'src/identity/issuer-settings.ts': 'settings',
  'src/identity/scopes.ts': 'scopes of the charter, and those of a token that verified',
  'src/workflow/definition.ts': 'shipped state machines',
  'src/workflow/registry.ts': 'names of shipped files',
  'src/workflow/tasks/http-call.ts': 'the configured endpoint',
  'http/app.ts': 'headers and paths, which the server bounds to 16 KB',
  'http/body.ts': 'a header',
  'http/conditional.ts': 'headers',
  'http/methods.ts': 'our own routes',
  'http/openapi.ts': 'our own routes',
  'http/origins.ts': 'a header',
  'http/plain-paths.ts': 'paths, which the server bounds to 16 KB',
  'http/trace.ts': 'headers',
};

const EXPRESSION =
  /\.(?:exec|matchAll|match|replace|replaceAll|split|normalize|search)\(|\/[dgimsuvy]*\.test\(/;

const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');

/** The file and everything of ours that it imports. */
function reachedFrom(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path = ''] of read(file).matchAll(/from '(\.[^']+\.ts)'/g))
    reachedFrom(relative(PROJECT, join(PROJECT, dirname(file), path)), seen);
  return seen;
}

it('drives every reader of callers’ text in bench/worst-cases.ts', () => {
  const driven = new Set(
    [...read(BENCH).matchAll(/from '\.\.\/((?:src|http)\/[^']+)'/g)].flatMap(([, file = '']) => [
      ...reachedFrom(file),
    ]),
  );
  const readers = ROOMS.flatMap((room) => globSync(`${room}/**/*.ts`, { cwd: PROJECT })).filter((file) =>
    EXPRESSION.test(read(file)),
  );
  expect(readers.length).toBeGreaterThan(20);
  const rooms = (file: string): boolean => /^http\/(?:audit|gate|govern|mcp|observe)\//.test(file);
  expect(readers.filter((file) => !driven.has(file) && !(file in OTHERS) && !rooms(file))).toEqual([]);
  expect(Object.keys(OTHERS).filter((file) => !readers.includes(file))).toEqual([]);
});

it('normalises texts only where their length is bounded', () => {
  const files = globSync(['src/**/*.ts', 'http/**/*.ts', 'cli/**/*.ts'], { cwd: PROJECT });
  const normalising = files.filter((file) => read(file).includes('.normalize('));
  expect(normalising.sort()).toEqual([
    'src/aim/cut.ts',
    'src/basics/normal-form.ts',
    'src/basics/skeleton.ts',
    'src/charter/sql/parameters.ts',
  ]);
});
