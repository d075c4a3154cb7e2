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

export interface Word {
  /** As it looks, in lower case. */
  readonly text: string;
  /** UTF-16 offsets into the text. */
  readonly start: number;
  readonly end: number;
  readonly gap: Gap;
}

const KIND = { other: 0, word: 1, joiner: 2, blank: 3, newline: 4, mark: 5, stop: 6, unseen: 7 } as const;
type Kind = (typeof KIND)[keyof typeof KIND];

const WORD_CHARACTER = /[\p{L}\p{N}\p{M}]/u;
const UNSEEN_CHARACTER = new RegExp(UNSEEN.source, 'u');
const BLANK = /\s/u;

/** One byte for each UTF-16 unit, filled as they are met: 0 is not yet known, else the kind plus one. */
const KINDS = new Uint8Array(0x10000);

function kindOfUnit(text: string, index: number): Kind {
  const unit = text.charCodeAt(index);
  // The two halves of a character beyond the first plane need its whole.
  if (unit >= 0xd800 && unit <= 0xdfff) return kindOfPair(text, index, unit);
  const known = KINDS[unit] ?? 0;
  if (known !== 0) return (known - 1) as Kind;
  const kind = kindOf(String.fromCharCode(unit));
  KINDS[unit] = kind + 1;
  return kind;
}

function kindOfPair(text: string, index: number, unit: number): Kind {
  const high = unit <= 0xdbff ? index : index - 1;
  const point = text.codePointAt(Math.max(high, 0)) ?? 0;
  return point > 0xffff ? kindOf(String.fromCodePoint(point)) : KIND.other;
}

function kindOf(character: string): Kind {
  if (character === '\n' || character === '\u2028' || character === '\u2029') return KIND.newline;
  if (BLANK.test(character)) return KIND.blank;
  if ("'’‘ʼ＇-‐‑_".includes(character)) return KIND.joiner;
  if ('*~"“”„«»‹›＂'.includes(character)) return KIND.mark;
  if ('.;:!?。！？：；…—'.includes(character)) return KIND.stop;
  if (UNSEEN_CHARACTER.test(character)) return KIND.unseen;
  // Circled and squared letters are symbols to Unicode and letters to a reader.
  if (WORD_CHARACTER.test(character) || /^[a-z]+$/i.test(character.normalize('NFKD'))) return KIND.word;
  return KIND.other;
}

const isPart = (kind: Kind): boolean => kind === KIND.word || kind === KIND.unseen;

/**
 * Apostrophes, hyphens and underscores inside join: "thank-you" and "you_must" are one word. Only "n't" comes
 * off, as the word "not" that it is.
 *
 * @param vocabulary words that may be told apart where only an unseen character parts them
 */
export function wordsOf(text: string, vocabulary: ReadonlySet<string>): Word[] {
  const words: Word[] = [];
  let gap: Gap = GAP.sentence;
  let newlines = 0;
  let index = 0;
  while (index < text.length) {
    const kind = kindOfUnit(text, index);
    if (kind === KIND.word) {
      const end = endOfWord(text, index);
      pushWord(words, text, index, end, gap, vocabulary);
      gap = GAP.plain;
      newlines = 0;
      index = end;
      continue;
    }
    if (kind === KIND.newline) newlines++;
    if (kind === KIND.stop || newlines > 1) gap = GAP.sentence;
    else if (gap === GAP.plain && (kind === KIND.other || isDash(text, index))) gap = GAP.comma;
    index++;
  }
  return words;
}

/** A hyphen that joins nothing is a dash; a lone apostrophe or underscore is a mark. */
const isDash = (text: string, index: number): boolean => '-‐‑'.includes(text.charAt(index));

function endOfWord(text: string, start: number): number {
  let end = start + 1;
  for (; end < text.length; end++) {
    const kind = kindOfUnit(text, end);
    if (isPart(kind)) continue;
    if (kind === KIND.joiner && end + 1 < text.length && kindOfUnit(text, end + 1) === KIND.word) continue;
    break;
  }
  // Unseen characters at the end are not of the word.
  while (kindOfUnit(text, end - 1) === KIND.unseen && !/\p{M}/u.test(text.charAt(end - 1))) end--;
  return end;
}

const ASCII_WORD = /^[\x21-\x7e]*$/;

function pushWord(
  words: Word[],
  text: string,
  start: number,
  end: number,
  gap: Gap,
  vocabulary: ReadonlySet<string>,
): void {
  const written = text.slice(start, end);
  if (ASCII_WORD.test(written)) {
    pushPlain(words, written.toLowerCase(), start, end, gap);
    return;
  }
  const pieces = piecesOf(written, start);
  if (pieces.length > 1 && pieces.every((piece) => vocabulary.has(piece.text))) {
    pieces.forEach((piece, at) => {
      words.push({ ...piece, gap: at === 0 ? gap : GAP.plain });
    });
    return;
  }
  pushPlain(words, asItLooks(written), start, end, gap);
}

function pushPlain(words: Word[], text: string, start: number, end: number, gap: Gap): void {
  if (!text.endsWith("n't")) {
    words.push({ text, start, end, gap });
    return;
  }
  const cut = end - 3;
  words.push(
    { text: text.slice(0, -3), start, end: cut, gap },
    { text: 'not', start: cut, end, gap: GAP.plain },
  );
}

/** The parts of a word between unseen characters. */
function piecesOf(written: string, start: number): { text: string; start: number; end: number }[] {
  return [...written.matchAll(/[^\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu)].map((match) => ({
    text: asItLooks(match[0]),
    start: start + match.index,
    end: start + match.index + match[0].length,
  }));
}
