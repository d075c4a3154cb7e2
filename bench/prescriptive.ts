/**
 * Screening for prescriptive language: 1 MB of texts made to be slow, and an ordinary answer. Linear time means
 * that ten times the text takes about ten times as long. `node bench/prescriptive.ts`.
 */
import { screen } from '../src/aim/prescriptive.ts';
import { BOOK } from '../test/corpus/corpus.ts';
import { show, type Table, table } from './table.ts';

const MEGABYTE = 1_000_000;
const fill = (piece: string, length: number): string =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

const ADVERSARIES: Readonly<Record<string, string>> = {
  'plain words': 'The options include a lease, a loan and a delay of the work. ',
  'phrases only': 'you should ',
  'phrases in quotes': '"you should" ',
  'quotes that never close': '“you should ',
  'apostrophes that open': "'x ",
  'letters that look alike': 'уоu ѕhоuld ',
  'mathematical letters': '𝐲𝐨𝐮 𝐬𝐡𝐨𝐮𝐥𝐝 ',
  'zero-width spaces': 'you\u200bshould\u200b',
  'a letter with marks': 'y\u0301\u0301\u0301\u0301\u0301\u0301\u0301',
  'denials without an end': 'no claim that you should ',
  'beginnings of a phrase': 'the best option ',
  'back quotes': '`` ` ``` ',
  'line breaks': 'you\n\n',
  'one-letter words': 'a ',
};

/** Milliseconds, the best of several. */
function time(text: string, rounds = 5): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    screen(text, BOOK);
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

export function benchPrescriptive(): Table {
  const rows = Object.entries(ADVERSARIES).map(([name, piece]) => {
    const small = time(fill(piece, MEGABYTE / 10));
    const large = time(fill(piece, MEGABYTE));
    return [name, small.toFixed(1), large.toFixed(1), (large / small).toFixed(1)];
  });
  const answer = fill(ADVERSARIES['plain words'] ?? '', 2000);
  rows.push(['an answer of 2,000 characters', '', time(answer, 200).toFixed(3), '']);
  return table(
    'Prescriptive language: milliseconds to screen a text (goal: 1 MB in 100)',
    ['text', '0.1 MB', '1 MB', 'ratio'],
    rows,
  );
}

if (import.meta.main) console.log(show(benchPrescriptive()));
