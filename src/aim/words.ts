/**
 * Cuts a text into words, in one pass, remembering where each stands in the text as it was given.
 */
import { asItLooks, UNSEEN } from './letters.ts';
import { type Shown, shown } from './markup.ts';

/** What stands between a word and the one before it. */
export const GAP = {
  /** Blanks, one line break at most, marks of emphasis or quotation. */
  plain: 0,
  comma: 1,
  /** Full stop, colon, question mark and the like, or a blank line. */
  sentence: 2,
} as const;
export type Gap = (typeof GAP)[keyof typeof GAP];

/** UTF-16 units, unseen ones included. What is longer is no word of a phrase. */
const MAX_WORD = 1000;

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

  /** By each word of a phrase that word itself, so that equal words are one string and quick to look up. */
  readonly #vocabulary: ReadonlyMap<string, string>;

  /** @param vocabulary words that may be told apart where only an unseen character parts them */
  constructor(text: string, vocabulary: ReadonlyMap<string, string>) {
    this.#vocabulary = vocabulary;
    this.#shown = shown(text);
    this.#text = this.#shown.text;
    cut(this.#text, (start, end, gap, plain) => {
      if (plain) this.#push(start, end, gap);
      else this.#pushStrange(start, end, gap);
    });
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
    const looks = asItLooks(this.#text.slice(start, Math.min(this.#endOf(at), start + MAX_WORD)));
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

  /**
   * A word that holds characters which nobody sees, or marks of emphasis: one if it looks like one of the vocabulary,
   * else several, parted by what is unseen, if each of them is of the vocabulary. Marks that make no word part words.
   */
  #pushStrange(start: number, end: number, gap: Gap): void {
    const vocabulary = this.#vocabulary;
    const written = end - start > MAX_WORD ? '' : this.#text.slice(start, end);
    const pieces = [...written.matchAll(SEEN)];
    const marked = EMPHASIS.test(written);
    const joined = asItLooks(written.replace(ALL_EMPHASIS, ''));
    const isOne =
      vocabulary.has(joined) || !(marked || pieces.every(([piece]) => vocabulary.has(asItLooks(piece))));
    if (pieces.length < 2 || isOne) {
      this.#push(start, end, gap, marked ? joined : undefined);
      return;
    }
    pieces.forEach(({ 0: piece, index }, at) => {
      this.#push(start + index, start + index + piece.length, at === 0 ? gap : GAP.plain);
    });
  }
}

/** Marks of emphasis that may stand within a word: CommonMark 6.2, and strikethrough. */
const EMPHASIS = /[*~]/;
const ALL_EMPHASIS = /[*~]+/g;
/** What is seen of a strange word, in one piece. */
const SEEN = /[^\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}*~]+/gu;

/** What comes off the end of a word, and the word that it is: "n't" and "'d". */
function endingOf(text: string, start: number, end: number): { length: number; word: string } | undefined {
  if (end - start < 3 || kindAt(text, end - 2) !== KIND.joiner || !isApostrophe(text, end - 2))
    return undefined;
  if (end - start > 3 && /^n.t$/i.test(text.slice(end - 3, end))) return { length: 3, word: 'not' };
  return /d/i.test(text.charAt(end - 1)) ? { length: 2, word: 'would' } : undefined;
}

const KIND = {
  other: 1,
  word: 2,
  joiner: 3,
  blank: 4,
  newline: 5,
  mark: 6,
  emphasis: 7,
  stop: 8,
  unseen: 9,
} as const;
type Kind = (typeof KIND)[keyof typeof KIND];

const WORD_CHARACTER = /[\p{L}\p{N}]/u;

/** One byte for each code point, filled as they are met: its kind, or 0 while that is not known. */
const kinds = new Uint8Array(0x110000);

function kindAt(text: string, index: number): number {
  let point = text.charCodeAt(index);
  if (point >= 0xd800 && point <= 0xdfff) {
    // Both halves of a character beyond the first plane are of the kind of the whole.
    const high = point >= 0xdc00 && index > 0 ? index - 1 : index;
    const whole = text.codePointAt(high) ?? point;
    if (whole > 0xffff) point = whole;
  }
  const known = kinds[point] ?? 0;
  if (known !== 0) return known;
  const kind = kindOf(String.fromCodePoint(point));
  kinds[point] = kind;
  return kind;
}

function kindOf(character: string): Kind {
  if (character === '\n' || character === '\u2028' || character === '\u2029') return KIND.newline;
  // Before blanks, since U+FEFF is one to \s.
  if (UNSEEN.test(character)) return KIND.unseen;
  // U+2800 is a Braille cell without dots: a blank to the eye.
  if (/\s/u.test(character) || character === '\u2800') return KIND.blank;
  if ("'’‘ʼ＇-‐‑_".includes(character)) return KIND.joiner;
  if ('*~'.includes(character)) return KIND.emphasis;
  if ('"“”„«»‹›＂[]'.includes(character)) return KIND.mark;
  if ('.;:!?=。！？：；…—'.includes(character)) return KIND.stop;
  // Circled and squared letters are symbols to Unicode and letters to a reader.
  const isLetter = WORD_CHARACTER.test(character) || /^[a-z]+$/i.test(character.normalize('NFKD'));
  return isLetter ? KIND.word : KIND.other;
}

/** Letters and digits of every script. */
export function isLetterAt(text: string, index: number): boolean {
  return index >= 0 && index < text.length && kindAt(text, index) === KIND.word;
}

export function isBlankAt(text: string, index: number): boolean {
  const kind = index < 0 || index >= text.length ? KIND.blank : kindAt(text, index);
  return kind === KIND.blank || kind === KIND.newline;
}

const isApostrophe = (text: string, index: number): boolean => "'’‘ʼ＇".includes(text.charAt(index));
/** A hyphen that joins nothing is a dash; a lone apostrophe or underscore is a mark. */
const isDash = (text: string, index: number): boolean => '-‐‑'.includes(text.charAt(index));

/**
 * Apostrophes, hyphens and underscores inside join: "thank-you" and "you_must" are one word. `plain` says
 * that a word holds no unseen character and no mark of emphasis.
 */
function cut(text: string, found: (start: number, end: number, gap: Gap, plain: boolean) => void): void {
  let gap: Gap = GAP.sentence;
  let newlines = 0;
  let index = 0;
  while (index < text.length) {
    const kind = kindAt(text, index);
    if (kind !== KIND.word) {
      if (kind === KIND.newline) newlines++;
      if (kind === KIND.stop || newlines > 1) gap = GAP.sentence;
      else if (gap === GAP.plain && (kind === KIND.other || isDash(text, index))) gap = GAP.comma;
      index++;
      continue;
    }
    const start = index;
    let end = start + 1;
    let passed = false;
    let plain = true;
    for (index = end; index < text.length; index++) {
      const next = kindAt(text, index);
      if (next === KIND.word) {
        end = index + 1;
        plain = !passed;
      } else if (next === KIND.unseen || next === KIND.emphasis) passed = true;
      else if (next !== KIND.joiner || index + 1 >= text.length || kindAt(text, index + 1) !== KIND.word)
        break;
    }
    // Marks that decorate the last letter are part of it, other unseen characters at the end are not.
    while (passed && end < index && /\p{M}/u.test(text.charAt(end))) end++;
    found(start, end, gap, plain);
    gap = GAP.plain;
    newlines = 0;
  }
}
