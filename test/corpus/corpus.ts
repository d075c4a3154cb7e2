/** The labelled corpus of prescriptive language, and how well `screen` does on it. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { compilePhrases } from '../../src/aim/phrase-book.ts';
import { screen } from '../../src/aim/prescriptive.ts';
import type { PrescriptiveHit } from '../../src/terms.ts';

export const SPLITS = ['development', 'held-out', 'second', 'last', 'disguised'] as const;
export type Split = (typeof SPLITS)[number];

type PhraseType = PrescriptiveHit['phrase_type'];

export interface Sentence {
  /** Line in its file. */
  readonly line: number;
  readonly text: string;
  readonly expected: readonly { readonly type: PhraseType; readonly start: number; readonly end: number }[];
}

const typeSchema = z.enum(['directive', 'superlative', 'absolute', 'recommendation']);
const phrasesSchema = z.object({
  prescriptive: z.object({
    directive: z.array(z.string()),
    superlative: z.array(z.string()),
    absolute: z.array(z.string()),
    recommendation: z.array(z.string()),
  }),
  neutral: z.array(z.string()),
});

const here = (path: string): URL => new URL(path, import.meta.url);

/** The phrases of the shipped charter. */
export const PHRASES = phrasesSchema.parse(parse(readFileSync(here('../../charter/phrases.yaml'), 'utf8')));
export const BOOK = compilePhrases(PHRASES);

export function readCorpus(split: Split): Sentence[] {
  const lines = readFileSync(here(`${split}.tsv`), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    const [label = '', marked = ''] = line.split('\t');
    return [parseSentence(index + 1, label, z.string().parse(JSON.parse(`"${marked}"`)))];
  });
}

/** `[[` and `]]` mark what is to be found; several labels, by commas, name the types in order. */
function parseSentence(line: number, label: string, marked: string): Sentence {
  const types = label === 'none' ? [] : label.split(',').map((type) => typeSchema.parse(type));
  const expected: { type: PhraseType; start: number; end: number }[] = [];
  let text = '';
  for (const [at, piece] of marked.split(/\[\[|\]\]/).entries()) {
    if (at % 2 === 1) {
      const type = types[expected.length] ?? types.at(-1);
      if (type === undefined) throw new Error(`line ${line}: a mark without a label`);
      expected.push({ type, start: text.length, end: text.length + piece.length });
    }
    text += piece;
  }
  if (label !== 'none' && expected.length === 0) throw new Error(`line ${line}: a label without a mark`);
  return { line, text, expected };
}

export const BUSINESS = ['business', 'business-blind'] as const;
export type BusinessPart = (typeof BUSINESS)[number];

const labelled = z.array(z.object({ text: z.string(), label: typeSchema.nullable() }));
export type Labelled = z.infer<typeof labelled>;

/** Business English that was not written from the list: each text has one type, or none, and no places. */
export function readBusiness(part: BusinessPart): Labelled {
  const lines = readFileSync(here(`${part}.tsv`), 'utf8').split('\n');
  return labelled.parse(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [label = '', text = ''] = line.split('\t');
        return {
          label: label === 'none' ? null : label,
          text: JSON.parse(`"${text.replaceAll('"', '\\"')}"`),
        };
      }),
  );
}

export interface BusinessScore {
  readonly precision: number;
  readonly recall: number;
  readonly byType: Readonly<Record<string, { readonly right: number; readonly of: number }>>;
  readonly mistakes: readonly string[];
}

/** A text is right when something of its type is found, and a hit is wrong in a text without a label. */
export function scoreBusiness(texts: Labelled): BusinessScore {
  const byType: Record<string, { right: number; of: number }> = {};
  const mistakes: string[] = [];
  let right = 0;
  let wrong = 0;
  for (const { text, label } of texts) {
    const hits = screen(text, BOOK);
    const got = hits.map(({ phrase_type, start, end }) => `${phrase_type} "${text.slice(start, end)}"`);
    if (label === null) {
      if (hits.length > 0) wrong++;
    } else {
      const tally = byType[label] ?? { right: 0, of: 0 };
      const same = hits.some(({ phrase_type }) => phrase_type === label);
      byType[label] = { right: tally.right + Number(same), of: tally.of + 1 };
      if (same) right++;
      else if (hits.length > 0) wrong++;
      if (same) continue;
    }
    if (label !== null || hits.length > 0)
      mistakes.push(`${label} ${JSON.stringify(text)} gave [${got.join(', ')}]`);
  }
  const of = Object.values(byType).reduce((sum, tally) => sum + tally.of, 0);
  return { precision: right / (right + wrong), recall: right / of, byType, mistakes };
}

export interface Score {
  readonly sentences: number;
  readonly negatives: number;
  /** Hits of the right type at exactly the right place. */
  readonly right: number;
  readonly found: number;
  readonly expected: number;
  readonly precision: number;
  readonly recall: number;
  readonly mistakes: readonly {
    readonly line: number;
    readonly text: string;
    readonly got: readonly string[];
  }[];
}

export function score(sentences: readonly Sentence[]): Score {
  let right = 0;
  let found = 0;
  let expected = 0;
  const mistakes: Score['mistakes'][number][] = [];
  for (const sentence of sentences) {
    const wanted = new Set(sentence.expected.map(({ type, start, end }) => `${type} ${start} ${end}`));
    const got = screen(sentence.text, BOOK).map(
      ({ phrase_type, start, end }) => `${phrase_type} ${start} ${end}`,
    );
    const same = got.filter((hit) => wanted.has(hit)).length;
    right += same;
    found += got.length;
    expected += wanted.size;
    if (same !== wanted.size || same !== got.length)
      mistakes.push({ line: sentence.line, text: sentence.text, got });
  }
  return {
    sentences: sentences.length,
    negatives: sentences.filter((sentence) => sentence.expected.length === 0).length,
    right,
    found,
    expected,
    precision: found === 0 ? 0 : right / found,
    recall: expected === 0 ? 0 : right / expected,
    mistakes,
  };
}
