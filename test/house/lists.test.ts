/**
 * One list, one home: a closed list of words that is written down twice drifts, and what is then in one list only is
 * folded, shown or refused as something else.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

/** Where the domain's words are used. Dashboards, stacks and functions list names of AWS and labels to show. */
const FILES = globSync(['src/**/*.ts', 'http/**/*.ts', 'local/**/*.ts', 'cli/**/*.ts'], { cwd: PROJECT });

/** Three words are a list; two are a yes and a no. */
const LEAST = 3;

/** The same words that mean two things. */
const TWO_MEANINGS = new Set([
  // Sensitivity of a thing, priority of an approval.
  'critical high low medium',
]);

/** Arrays and unions of literal words in a file: the words in order of the alphabet, and where they stand. */
function listsOf(file: string): { readonly words: string; readonly file: string; readonly line: number }[] {
  const text = readFileSync(join(PROJECT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
  const literals = [...text.matchAll(/\[(?:\s*'[^'\n]*',?)+\s*\]|'[^'\n]*'(?:\s*\|\s*'[^'\n]*')+/g)];
  return literals.flatMap((literal) => {
    const words = [...literal[0].matchAll(/'([^'\n]*)'/g)].map(([, word]) => word);
    const line = text.slice(0, literal.index).split('\n').length;
    return words.length < LEAST ? [] : [{ words: words.toSorted().join(' '), file, line }];
  });
}

it('writes no closed list of words in two files', () => {
  const lists = FILES.flatMap(listsOf);
  expect(lists.length).toBeGreaterThan(50);
  const twice = [...Map.groupBy(lists, ({ words }) => words)]
    .filter(([words, places]) => !TWO_MEANINGS.has(words) && new Set(places.map(({ file }) => file)).size > 1)
    .map(([words, places]) => `${words}: ${places.map(({ file, line }) => `${file}:${line}`).join(', ')}`);
  expect(twice).toEqual([]);
});
