/**
 * Cuts a text into words, in one pass, remembering where each stands in the text as it was given.
 */
import { cut, GAP, type Gap, HOLDS, isApostrophe, JOINING } from './cut.ts';
import { asItLooks } from './letters.ts';
import { type Shown, shown } from './markup.ts';
import type { Vocabulary } from './vocabulary.ts';

/** UTF-16 units, unseen ones included. What is longer is no word of a phrase. */
const MAX_WORD = 1000;
/** Letters of a row have no more than so many characters between them. */
const LETTERS_APART = 3;
const FEWEST_IN_ROW = 5;

const PRONOUNS: ReadonlySet<string> = new Set(['i', 'we', 'you']);
const PARTS = new RegExp(`[^${JOINING}]+`, 'g');

/** The words of a text by their index. Outside of the text there is no word: '' after a sentence's end. */
export class Words {
  readonly #shown: Shown;
  /** What a reader sees: all places below are in it. */
  readonly #text: string;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #gaps: Gap[] = [];
  /** Read when asked for: most words of a text are never looked at. */
  readonly #read: (string | undefined)[] = [];

  readonly #vocabulary: Vocabulary;
  /** The first of the words of one letter that stand last, close to each other. */
  #row = 0;

  /** @param vocabulary words that are found where their letters are disguised, parted or run together */
  constructor(text: string, vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#shown = shown(text);
    this.#text = this.#shown.text;
    cut(this.#text, (start, end, gap, holds) => {
      const isRow = (holds & HOLDS.letters) !== 0;
      if (this.#row < this.length && (!isRow || start - this.#endOf(this.length - 1) > LETTERS_APART))
        this.#readRow();
      if (holds === HOLDS.nothing || holds === HOLDS.letters) this.#push(start, end, gap);
      else if ((holds & HOLDS.unseen) !== 0) this.#pushStrange(start, end, gap);
      else if (!isRow) this.#pushDoubtful(start, end, gap, (holds & HOLDS.joined) !== 0);
      else
        for (let at = start; at < end; at += 2)
          this.#push(at, at + 2 < end ? at + 1 : end, at === start ? gap : GAP.plain);
      if (!isRow) this.#row = this.length;
    });
    this.#readRow();
  }

  get length(): number {
    return this.#starts.length;
  }

  /** As it looks, in lower case. */
  text(at: number): string {
    const known = this.#read[at];
    if (known !== undefined) return known;
    const start = this.#starts[at];
    if (start === undefined) return '';
    const looks = this.#looks(start, this.#endOf(at));
    const read = this.#vocabulary.get(looks) ?? looks;
    this.#read[at] = read;
    return read;
  }

  /** UTF-16 offsets into the text as it was given. */
  start(at: number): number {
    return this.#shown.start(this.#starts[at] ?? 0);
  }

  end(at: number): number {
    return this.#shown.end(this.#endOf(at));
  }

  /** What parts this word from the one before. */
  gap(at: number): Gap {
    return this.#gaps[at] ?? GAP.sentence;
  }

  /** Whether nothing but a dash or dots part this word from the one before: "You … should" is one sentence. */
  isPaused(at: number): boolean {
    const between = this.#text.slice(this.#endOf(at - 1), this.#starts[at]);
    return between.length < 20 && /^\s*(?:—|…|\.{2,})\s*$/.test(between);
  }

  /** Whether the sentence of this word ends in a question mark. Looks a few dozen words ahead, no further. */
  isAsked(at: number): boolean {
    let last = at;
    while (last < at + 60 && this.gap(last + 1) !== GAP.sentence) last++;
    return /^[^.:;!]*[?？]/.test(this.#behind(last).split(/[\p{L}\p{N}]/u)[0] ?? '');
  }

  /** Whether a colon or the end of its line follows this word. */
  isHeading(at: number): boolean {
    return /^[*_\s\u200b]*(?::|[*_]*\r?\n)/.test(this.#behind(at));
  }

  #endOf(at: number): number {
    return this.#ends[at] ?? 0;
  }

  #looks(start: number, end: number): string {
    return asItLooks(this.#text.slice(start, Math.min(end, start + MAX_WORD)));
  }

  /** The next twenty characters. */
  #behind(at: number): string {
    return this.#text.slice(this.#endOf(at), this.#endOf(at) + 20);
  }

  /** @param read how it looks, where that is known */
  #push(start: number, end: number, gap: Gap, read?: string): void {
    this.#starts.push(start);
    this.#gaps.push(gap);
    if (read !== undefined) this.#read[this.length - 1] = read;
    const ending = read === undefined ? endingOf(this.#text, start, end) : undefined;
    if (ending === undefined) {
      this.#ends.push(end);
      return;
    }
    this.#ends.push(end - ending.length, end);
    this.#starts.push(end - ending.length);
    this.#gaps.push(GAP.plain);
    this.#read[this.length - 1] = ending.word;
  }

  /** A word with digits in it, or of several parts. */
  #pushDoubtful(start: number, end: number, gap: Gap, isJoined: boolean): void {
    const written = end - start > MAX_WORD ? '' : this.#text.slice(start, end);
    const read = this.#vocabulary.meant(written);
    if (read !== undefined || !isJoined) {
      this.#push(start, end, gap, read);
      return;
    }
    const pieces = [...written.matchAll(PARTS)].map(({ 0: piece, index }) => ({
      from: start + index,
      to: start + index + piece.length,
      read: this.#vocabulary.meant(piece),
    }));
    const isPath = /[/\\]/.test(this.#text.charAt(start - 1));
    if (isPath || !areApart(pieces, gap !== GAP.plain && !written.includes('_'))) {
      this.#push(start, end, gap);
      return;
    }
    for (const [at, { from, to, read }] of pieces.entries())
      this.#push(from, to, at === 0 ? gap : GAP.plain, read);
  }

  /** Reads the words of one letter that stand last as the words that they spell: "y o u s h o u l d". */
  #readRow(): void {
    const from = this.#row;
    this.#row = this.length;
    if (this.length - from < FEWEST_IN_ROW) return;
    const row = new Uint16Array(this.length - from);
    for (let at = from; at < this.length; at++) {
      const letter = this.text(at);
      if (letter.length === 1) row[at - from] = letter.charCodeAt(0);
    }
    const lengths = this.#vocabulary.parted(row);
    if (lengths === undefined) return;
    let to = from;
    let at = from;
    for (const length of lengths) {
      this.#starts[to] = this.#starts[at] ?? 0;
      this.#ends[to] = this.#endOf(at + length - 1);
      this.#gaps[to] = at === from ? this.gap(at) : GAP.plain;
      this.#read[to] =
        length > 1 ? this.#vocabulary.spelled(row.subarray(at - from, at - from + length)) : this.#read[at];
      at += length;
      to++;
    }
    for (const kept of [this.#starts, this.#ends, this.#gaps, this.#read]) kept.length = to;
    this.#row = to;
  }

  /**
   * A word that holds characters which nobody sees, or marks of emphasis: one if it looks like one of the vocabulary,
   * else several, parted by what is unseen, if each of them is of the vocabulary. Marks that make no word part words.
   */
  #pushStrange(start: number, end: number, gap: Gap): void {
    const vocabulary = this.#vocabulary;
    const written = end - start > MAX_WORD ? '' : this.#text.slice(start, end);
    const pieces = [...written.matchAll(SEEN)];
    const marked = EMPHASIS.test(written);
    const whole = written.replace(ALL_EMPHASIS, '');
    const known = vocabulary.meant(whole);
    const isOne =
      known !== undefined || !(marked || pieces.every(([piece]) => vocabulary.meant(piece) !== undefined));
    if (pieces.length < 2 || isOne) {
      this.#push(start, end, gap, known ?? (marked ? asItLooks(whole) : undefined));
      return;
    }
    pieces.forEach(({ 0: piece, index }, at) => {
      const from = start + index;
      this.#push(from, from + piece.length, at === 0 ? gap : GAP.plain, vocabulary.meant(piece));
    });
  }
}

/**
 * Whether words are joined only to the eye, "You-should": those that begin a clause, and elsewhere no more than two.
 * What is longer there is a name: "the branch always-use-tls".
 */
function areApart(pieces: readonly { readonly read: string | undefined }[], begins: boolean): boolean {
  const [first, second] = pieces;
  if (first?.read === undefined || second?.read === undefined) return false;
  return begins || (pieces.length === 2 && PRONOUNS.has(first.read));
}

/** Marks of emphasis that may stand within a word: CommonMark 6.2, and strikethrough. */
const EMPHASIS = /[*~]/;
const ALL_EMPHASIS = /[*~]+/g;
/** What is seen of a strange word, in one piece. */
const SEEN = /[^\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}*~]+/gu;

/** What comes off the end of a word, and the word that it is: "n't" and "'d". */
function endingOf(text: string, start: number, end: number): { length: number; word: string } | undefined {
  if (end - start < 3 || !isApostrophe(text, end - 2)) return undefined;
  if (end - start > 3 && /^n.t$/i.test(text.slice(end - 3, end))) return { length: 3, word: 'not' };
  return /d/i.test(text.charAt(end - 1)) ? { length: 2, word: 'would' } : undefined;
}
