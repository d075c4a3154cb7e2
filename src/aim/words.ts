/**
 * Cuts a text into words, in one pass, remembering where each stands in the text as it was given.
 */
import { asItLooks, UNSEEN } from './letters.ts';

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
  readonly #text: string;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #gaps: Gap[] = [];
  /** Read when asked for: most words of a text are never looked at. */
  readonly #read: (string | undefined)[] = [];

  /** @param vocabulary words that may be told apart where only an unseen character parts them */
  constructor(text: string, vocabulary: ReadonlySet<string>) {
    this.#text = text;
    cut(text, (start, end, gap, plain) => {
      if (plain) this.#push(start, end, gap);
      else this.#pushStrange(start, end, gap, vocabulary);
    });
  }

  get length(): number {
    return this.#starts.length;
  }

  /** As it looks, in lower case. */
  text(at: number): string {
    const known = this.#read[at];
    if (known !== undefined) return known;
    const read = asItLooks(
      this.#text.slice(this.start(at), Math.min(this.end(at), this.start(at) + MAX_WORD)),
    );
    if (at >= 0 && at < this.length) this.#read[at] = read;
    return read;
  }

  /** UTF-16 offsets into the text. */
  start(at: number): number {
    return this.#starts[at] ?? 0;
  }

  end(at: number): number {
    return this.#ends[at] ?? 0;
  }

  /** What parts this word from the one before. */
  gap(at: number): Gap {
    return this.#gaps[at] ?? GAP.sentence;
  }

  /** Whether the sentence of this word ends in a question mark. Looks a few dozen words ahead, no further. */
  isAsked(at: number): boolean {
    let last = at;
    while (last < at + 60 && this.gap(last + 1) !== GAP.sentence) last++;
    return /^[^.:;!]*[?？]/.test(
      this.#text.slice(this.end(last), this.end(last) + 20).split(/[\p{L}\p{N}]/u)[0] ?? '',
    );
  }

  /** Whether a colon or the end of its line follows this word. */
  isHeading(at: number): boolean {
    return /^[*_\s]*(?::|[*_]*\r?\n)/.test(this.#text.slice(this.end(at), this.end(at) + 20));
  }

  #push(start: number, end: number, gap: Gap): void {
    this.#starts.push(start);
    this.#gaps.push(gap);
    const ending = endingOf(this.#text, start, end);
    if (ending === undefined) {
      this.#ends.push(end);
      return;
    }
    this.#ends.push(end - ending.length, end);
    this.#starts.push(end - ending.length);
    this.#gaps.push(GAP.plain);
    this.#read[this.length - 1] = ending.word;
  }

  /** A word that holds unseen characters: several, if that makes each of them one of the vocabulary. */
  #pushStrange(start: number, end: number, gap: Gap, vocabulary: ReadonlySet<string>): void {
    const written = end - start > MAX_WORD ? '' : this.#text.slice(start, end);
    const pieces = [...written.matchAll(/[^\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu)];
    if (pieces.length < 2 || !pieces.every(([piece]) => vocabulary.has(asItLooks(piece)))) {
      this.#push(start, end, gap);
      return;
    }
    pieces.forEach(({ 0: piece, index }, at) => {
      this.#push(start + index, start + index + piece.length, at === 0 ? gap : GAP.plain);
    });
  }
}

/** What comes off the end of a word, and the word that it is: "n't" and "'d". */
function endingOf(text: string, start: number, end: number): { length: number; word: string } | undefined {
  if (end - start < 3) return undefined;
  if (end - start > 3 && isApostrophe(text, end - 2) && /^n.t$/i.test(text.slice(end - 3, end)))
    return { length: 3, word: 'not' };
  if (isApostrophe(text, end - 2) && /d/i.test(text.charAt(end - 1))) return { length: 2, word: 'would' };
  return undefined;
}

const KIND = { other: 0, word: 1, joiner: 2, blank: 3, newline: 4, mark: 5, stop: 6, unseen: 7 } as const;
type Kind = (typeof KIND)[keyof typeof KIND];
const BY_NUMBER: readonly Kind[] = Object.values(KIND);

const WORD_CHARACTER = /[\p{L}\p{N}]/u;

/** One byte for each code point, filled as they are met: 0 is not known yet, else the kind plus one. */
const kinds = new Uint8Array(0x110000);

function kindAt(text: string, index: number): Kind {
  let point = text.charCodeAt(index);
  if (point >= 0xd800 && point <= 0xdfff) {
    // Both halves of a character beyond the first plane are of the kind of the whole.
    const high = point >= 0xdc00 && index > 0 ? index - 1 : index;
    const whole = text.codePointAt(high) ?? point;
    if (whole > 0xffff) point = whole;
  }
  const known = kinds[point] ?? 0;
  if (known !== 0) return BY_NUMBER[known - 1] ?? KIND.other;
  const kind = kindOf(String.fromCodePoint(point));
  kinds[point] = kind + 1;
  return kind;
}

function kindOf(character: string): Kind {
  if (character === '\n' || character === '\u2028' || character === '\u2029') return KIND.newline;
  // Before blanks, since U+FEFF is one to \s.
  if (UNSEEN.test(character)) return KIND.unseen;
  // U+2800 is a Braille cell without dots: a blank to the eye.
  if (/\s/u.test(character) || character === '\u2800') return KIND.blank;
  if ("'’‘ʼ＇-‐‑_".includes(character)) return KIND.joiner;
  if ('*~"“”„«»‹›＂[]'.includes(character)) return KIND.mark;
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

const TAG = /<\/?([a-z][a-z0-9]{0,20})\b[^<>]{0,200}>/iy;
const BLOCKS = /^(?:p|li|ul|ol|td|th|tr|table|div|h[1-6]|blockquote|section|article|hr|pre|dd|dt)$/i;
const ENTITY = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|nbsp|ensp|emsp|thinsp|zwnj|zwj|shy);/iy;
const TARGET = /\]\([^\s()<>]{0,500}\)|\]\[[^\s[\]]{0,100}\]/y;

/** Markup that a reader does not see: a tag, a blank written as an entity, the target of a link. */
function markupAt(text: string, index: number): { end: number; parts: boolean } | undefined {
  const form = { '<': TAG, '&': ENTITY, ']': TARGET }[text.charAt(index)];
  if (form === undefined) return undefined;
  form.lastIndex = index;
  const found = form.exec(text);
  return found === null ? undefined : { end: form.lastIndex, parts: BLOCKS.test(found[1] ?? '') };
}

/**
 * Apostrophes, hyphens and underscores inside join: "thank-you" and "you_must" are one word. `plain` says
 * that a word holds no unseen character.
 */
function cut(text: string, found: (start: number, end: number, gap: Gap, plain: boolean) => void): void {
  let gap: Gap = GAP.sentence;
  let newlines = 0;
  let index = 0;
  while (index < text.length) {
    const kind = kindAt(text, index);
    const markup = kind === KIND.word ? undefined : markupAt(text, index);
    if (markup !== undefined) {
      if (markup.parts) gap = GAP.sentence;
      index = markup.end;
      continue;
    }
    if (kind !== KIND.word) {
      if (kind === KIND.newline) newlines++;
      if (kind === KIND.stop || newlines > 1) gap = GAP.sentence;
      else if (gap === GAP.plain && (kind === KIND.other || isDash(text, index))) gap = GAP.comma;
      index++;
      continue;
    }
    const start = index;
    let end = start + 1;
    let unseen = 0;
    for (index = end; index < text.length; index++) {
      const next = kindAt(text, index);
      if (next === KIND.word) end = index + 1;
      else if (next === KIND.unseen) unseen++;
      else if (next !== KIND.joiner || index + 1 >= text.length || kindAt(text, index + 1) !== KIND.word)
        break;
    }
    // Marks that decorate the last letter are part of it, other unseen characters at the end are not.
    while (end < index && /\p{M}/u.test(text.charAt(end))) end++;
    found(start, end, gap, unseen === 0);
    gap = GAP.plain;
    newlines = 0;
  }
}
