/** Cuts a shown text into words, in one pass: where each stands, what parts it from the one before, how it is written. */
import { UNSEEN } from './letters.ts';

/** What stands between a word and the one before it. */
export const GAP = {
  /** Blanks, one line break at most, marks of emphasis or quotation. */
  plain: 0,
  comma: 1,
  /** Full stop, colon, question mark and the like, or a blank line. */
  sentence: 2,
} as const;
export type Gap = (typeof GAP)[keyof typeof GAP];

/** What a word holds that may hide others, as bits: most words hold none of it. */
export const HOLDS = {
  nothing: 0,
  /** An unseen character, or a mark of emphasis. */
  unseen: 1,
  /** A character that is read for another: a digit, or a capital i that is not its first. */
  doubtful: 2,
  /** A hyphen or another mark that joins. */
  joined: 4,
  /** Nothing but one letter, or letters that are joined one by one. */
  letters: 8,
} as const;

/** Those up to `doubtful` are of a word. */
const KIND = {
  word: 1,
  doubtful: 2,
  joiner: 3,
  blank: 4,
  newline: 5,
  mark: 6,
  emphasis: 7,
  stop: 8,
  unseen: 9,
  other: 10,
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
  if ("'’‘ʼ＇-‐‑_$@".includes(character)) return KIND.joiner;
  if ('*~'.includes(character)) return KIND.emphasis;
  if ('"“”„«»‹›＂[]'.includes(character)) return KIND.mark;
  if ('.;:!?=。！？：；…—'.includes(character)) return KIND.stop;
  if ('013457I'.includes(character)) return KIND.doubtful;
  // Circled and squared letters are symbols to Unicode and letters to a reader.
  const isLetter = WORD_CHARACTER.test(character) || /^[a-z]+$/i.test(character.normalize('NFKD'));
  return isLetter ? KIND.word : KIND.other;
}

/** Letters and digits of every script. */
export function isLetterAt(text: string, index: number): boolean {
  return index >= 0 && index < text.length && isOfWord(kindAt(text, index));
}

export function isBlankAt(text: string, index: number): boolean {
  const kind = index < 0 || index >= text.length ? KIND.blank : kindAt(text, index);
  return kind === KIND.blank || kind === KIND.newline;
}

const isOfWord = (kind: number): boolean => kind <= KIND.doubtful;

export const isApostrophe = (text: string, index: number): boolean => "'’‘ʼ＇".includes(text.charAt(index));

/** Join words, or stand for a letter, between two letters; all but the underscore are a pause by themselves. */
export const JOINING = '‐‑$@_-';
const joins = (text: string, index: number): boolean => JOINING.includes(text.charAt(index));
const isPause = (text: string, index: number): boolean => joins(text, index) && text.charAt(index) !== '_';

/** A full stop with a small letter right behind it ends no sentence: "config.yaml", "you.should". */
function isInside(text: string, index: number): boolean {
  if (text.charAt(index) !== '.' || index === 0) return false;
  const next = text.charCodeAt(index + 1);
  return next >= 0x61 && next <= 0x7a && isOfWord(kindAt(text, index - 1));
}

/** One letter, in one UTF-16 unit or in two: with a mark on it, or beyond the first plane. */
const isLetter = (text: string, start: number, end: number): boolean =>
  end - start === 1 || (end - start === 2 && text.charCodeAt(start + 1) >= 0x300);

/**
 * Apostrophes, hyphens and underscores inside join: "thank-you" and "you_must" are one word.
 * @param found is given UTF-16 offsets, the gap before the word, and bits of `HOLDS`
 */
export function cut(
  text: string,
  found: (start: number, end: number, gap: Gap, holds: number) => void,
): void {
  let gap: Gap = GAP.sentence;
  let newlines = 0;
  let index = 0;
  while (index < text.length) {
    const kind = kindAt(text, index);
    if (!isOfWord(kind)) {
      if (kind === KIND.newline) newlines++;
      if ((kind === KIND.stop && !isInside(text, index)) || newlines > 1) gap = GAP.sentence;
      else if (gap === GAP.plain && (kind === KIND.other || kind === KIND.stop || isPause(text, index)))
        gap = GAP.comma;
      index++;
      continue;
    }
    const start = index;
    let end = start + 1;
    let passed = false;
    let holds: number = kind === KIND.doubtful && text.charAt(start) !== 'I' ? HOLDS.doubtful : HOLDS.nothing;
    let part = start;
    let longest = 0;
    for (index = end; index < text.length; index++) {
      const next = kindAt(text, index);
      if (isOfWord(next)) {
        end = index + 1;
        if (passed) holds |= HOLDS.unseen;
        if (next === KIND.doubtful) holds |= HOLDS.doubtful;
      } else if (next === KIND.unseen || next === KIND.emphasis) passed = true;
      else if (next !== KIND.joiner || index + 1 >= text.length || !isOfWord(kindAt(text, index + 1))) break;
      else if (joins(text, index)) {
        holds |= HOLDS.joined;
        longest = Math.max(longest, index - part);
        part = index + 1;
      }
    }
    // Marks that decorate the last letter are part of it, other unseen characters at the end are not.
    while (passed && end < index && /\p{M}/u.test(text.charAt(end))) end++;
    if (end - part < 3 && longest < 2 && isLetter(text, part, end)) holds |= HOLDS.letters;
    found(start, end, gap, holds);
    gap = GAP.plain;
    newlines = 0;
  }
}
