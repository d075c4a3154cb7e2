/** Finds the phrases of a book that begin at a word, past what may stand between their words. */
import { AHEAD } from './classes.ts';
import { GAP } from './cut.ts';
import type { Branch, Phrase, PhraseBook } from './phrase-book.ts';
import { isExpected, isOrdained, isOwnVoice } from './voice.ts';
import type { Words } from './words.ts';

export interface Match {
  readonly phrase: Phrase;
  /** Index of its last word. */
  readonly last: number;
}

/** The phrase that begins at this word, the one of the lowest rank that stands there. */
export function matchAt(words: Words, first: number, { root }: PhraseBook): Match | undefined {
  const branch = root.next.get(words.text(first));
  if (branch === undefined) return undefined;
  const found: Match[] = [];
  collect(words, first, first, branch, found);
  if (found.length === 0) return undefined;
  return found
    .sort((a, b) => a.phrase.rank - b.phrase.rank)
    .find(({ phrase, last }) => stands(words, first, last, phrase));
}

/** Everything that is complete at or behind `at`, the word that led to the branch. */
function collect(words: Words, first: number, at: number, branch: Branch, found: Match[]): void {
  for (const phrase of branch.complete) found.push({ phrase, last: at });
  if (branch.followed.length > 0) {
    const behind = lastPlace(words, at);
    for (const { phrase, by } of branch.followed)
      if (AHEAD[by](words, behind, at)) found.push({ phrase, last: at });
  }
  if (branch.next.size === 0) return;
  const tried: Branch[] = [];
  for (const place of places(words, at, isIntensifier)) {
    // Most words lead nowhere.
    const next = branch.next.get(words.text(place));
    if (next === undefined || tried.includes(next)) continue;
    tried.push(next);
    if (joins(words, first, place)) collect(words, first, place, next, found);
  }
}

/** Behind a comma or a pause a phrase goes on only where it began its sentence: "Management should, in light of this, act". */
function joins(words: Words, first: number, place: number): boolean {
  const gap = words.gap(place);
  if (gap === GAP.plain) return true;
  const begins = words.gap(first) === GAP.sentence && !words.isAsked(place);
  return begins && (gap === GAP.comma || words.isPaused(place));
}

/** May stand between the words of a phrase without changing what it is: "you really should". */
const INTENSIFIERS: ReadonlySet<string> = new Set(
  'really strongly highly definitely certainly absolutely clearly obviously probably simply just only always also ever never still therefore now then here by far hands down personally plainly very single quite truly actually honestly seriously urgently undoubtedly surely indeed'.split(
    ' ',
  ),
);
const MOST_INTENSIFIERS = 3;
/** Say how many are spoken of, right behind the first words of some phrases: "you all should", "my two suggestions are". */
const QUANTIFIERS: ReadonlySet<string> = new Set(
  'all both two three four guys folks people everyone yourself yourselves ourselves each'.split(' '),
);
const COUNTED: ReadonlySet<string> = new Set('you we my our the'.split(' '));

const isIntensifier = (word: string): boolean => INTENSIFIERS.has(word);
const isPassed = (word: string): boolean => word === 'not' || INTENSIFIERS.has(word);

/** Where the next word of a phrase may stand, nearest first: right behind, behind an aside, behind intensifiers. */
function places(words: Words, at: number, isPassed: (word: string) => boolean): number[] {
  let place = at + 1;
  const found = [place];
  if (words.gap(place) === GAP.plain && !isPassed(words.text(place)) && !isQuantifier(words, place))
    return found;
  const go = (to: number): void => {
    if (to === place) return;
    place = to;
    found.push(place);
  };
  go(afterAside(words, place));
  if (isQuantifier(words, place)) go(place + 1);
  for (let left = MOST_INTENSIFIERS; left > 0; left--) {
    if (words.gap(place) === GAP.sentence || !isPassed(words.text(place))) break;
    go(place + 1);
  }
  go(afterAside(words, place));
  return found;
}

const isQuantifier = (words: Words, at: number): boolean =>
  QUANTIFIERS.has(words.text(at)) && words.gap(at) === GAP.plain && COUNTED.has(words.text(at - 1));

const lastPlace = (words: Words, at: number): number => places(words, at, isPassed).at(-1) ?? at + 1;

/** Behind what stands between two commas: "management should, in light of this, replace". Else the place itself. */
function afterAside(words: Words, at: number): number {
  if (words.gap(at) !== GAP.comma) return at;
  for (let next = at + 1; next < at + 8; next++) {
    if (words.gap(next) === GAP.sentence) return at;
    if (words.gap(next) === GAP.comma) return next;
  }
  return at;
}

/** A command begins its clause, or follows one of these: "the pump was always on" is none. */
const LEADS: ReadonlySet<string> = new Set(['please', 'so', 'then', 'remember', 'but', 'just', 'therefore']);

function stands(words: Words, first: number, last: number, { type, wide, passive }: Phrase): boolean {
  if (!wide) return true;
  if (passive && (isOrdained(words, first, last) || isExpected(words, first))) return false;
  if (type === 'absolute' && words.gap(first) === GAP.plain && !LEADS.has(words.text(first - 1)))
    return false;
  return isOwnVoice(words, first, last);
}
