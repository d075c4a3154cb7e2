/** What is kept from one request to the next is in the table of docs/performance.md, with its bound and its end; or it is no memory. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');

/** Of these nothing stands on the way of a request: they verify, seal, keep, watch, or run behind it. */
const BEHIND =
  /^src\/(?:ledger\/(?:check|keep|seal|tree|places|lane)|loop|watch\/(?:alerts|live|siem)|workflow\/tasks)\//;

/** They hold something for longer than a call, and could not be without it. */
const NO_MEMORY: Readonly<Record<string, string>> = {
  'adapters/aws/stream-doorbell.ts': 'who listens, and where the stream is read',
  'adapters/local/folder-syncs.ts': 'what is under way',
  'http/app.ts': 'routes, while the application is made',
  'local/doorbell.ts': 'who listens',
  'local/signatures.ts': 'threads',
  'src/aim/quotes.ts': 'of one text',
  'src/aim/vocabulary.ts': 'the words of one book of phrases',
  'src/basics/cache.ts': 'what memories are made of',
  'src/basics/recent.ts': 'what memories are made of',
  'src/charter/schema.ts': 'of one reading',
  'src/charter/secrets.ts': 'of one request',
  'src/execution/open-runs.ts': 'of one reading',
  'src/gate/standing-watch.ts': 'what runs now',
  'src/govern/examples.ts': 'of one trial',
  'src/govern/power/fold.ts': 'where the ledger was read to',
  'src/govern/replay.ts': 'of one replay',
  'src/identity/flood.ts': 'counts that wait to be recorded',
  'src/identity/sessions.ts': 'who is there: a count that is shown',
  'src/ledger/hold.ts': 'what holds the ledger now',
  'src/office/front.ts': 'lanes of this process',
  'src/watch/metrics/accumulators.ts': 'the fold of the figures itself',
  'src/watch/metrics/emf.ts': 'figures that wait to be written',
  'src/watch/metrics/project.ts': 'how long lanes have rested',
  'src/watch/metrics/raw-labels.ts': 'a list in the code',
  'src/workflow/definition.ts': 'of one reading',
  'src/workflow/registry.ts': 'the workflows',
};

const KEEPER = String.raw`new (?:Map|Set|WeakMap|Cache|Recent)\b(?:<.*>)?\((?:\)|\w+\)|\{)`;
const OF_A_MODULE = new RegExp(String.raw`^(?:export )?(?:const|let) (\w+).*? = ${KEEPER}`, 'gm');
const OF_AN_OBJECT = new RegExp(String.raw`^ {2}(?:static |readonly )*(#?\w+)(?:: .*?)? = ${KEEPER}`, 'gm');
const OF_A_FUNCTION = new RegExp(String.raw`^ {2}(?:const|let) (\w+).*? = ${KEEPER}`, 'gm');
const FUNCTIONS = /^(?:export )?(?:async )?(?:function|const) [\s\S]*?^\}/gm;
/** What it gives lives on, and what it keeps with it. */
const GIVES_FUNCTIONS = /^ {2}return (?:\{|(?:async )?\(?[\w, {}]*\)? ?(?::[^=]*)?=>|(?:async )?\()/m;

/** Names of what a module keeps: at its top, in its objects, and around the functions that its functions give. */
function kept(text: string): string[] {
  const around = [...text.matchAll(FUNCTIONS)].filter(([code]) => GIVES_FUNCTIONS.test(code));
  return [
    ...text.matchAll(OF_A_MODULE),
    ...text.matchAll(OF_AN_OBJECT),
    ...around.flatMap(([code]) => [...code.matchAll(OF_A_FUNCTION)]),
  ].map(([, name = '']) => name);
}

const keepers = globSync(
  ['src', 'http', 'adapters', 'local', 'lambdas'].map((room) => `${room}/**/*.ts`),
  {
    cwd: PROJECT,
  },
)
  .filter((file) => !BEHIND.test(file) && kept(read(file)).length > 0)
  .sort();
const [, section = ''] = /^## What is remembered\n([\s\S]*?)^## /m.exec(read('docs/performance.md')) ?? [];
const listed = [...section.matchAll(/`((?:src|http|adapters|local|lambdas|bin)\/[\w/-]+\.c?[jt]s)`/g)].map(
  ([, file = '']) => file,
);

describe('what is remembered', () => {
  it.each(keepers)('%s is in the table, or said to be no memory', (file) => {
    expect(listed.includes(file) !== file in NO_MEMORY).toBe(true);
  });

  it('names files that are there, and excuses none that keeps nothing', () => {
    expect(listed.filter((file) => !existsSync(join(PROJECT, file)))).toEqual([]);
    expect(Object.keys(NO_MEMORY).filter((file) => !keepers.includes(file))).toEqual([]);
  });

  it('has a bound and an end for each', () => {
    const rows = section.split('\n').filter((line) => /^\| (?!what |-)/.test(line));
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows)
      expect(
        row.split(' | ').filter((cell) => cell.trim() !== ''),
        row,
      ).toHaveLength(4);
  });

  it.each([
    ['const known = new Map<string, number>();', ['known']],
    ['class Shelf {\n  readonly #lists = new Cache<string[]>({\n', ['#lists']],
    [
      'export function open() {\n  const seen = new Recent(20);\n  return (name) => seen.get(name);\n}',
      ['seen'],
    ],
    ['function sum() {\n  const found = new Map();\n  return found.size;\n}', []],
  ])('would find %j', (text, names) => {
    expect(kept(text)).toEqual(names);
  });
});
