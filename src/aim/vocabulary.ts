/**
 * The words that phrases are made of, and how each may be written so that a reader still takes it for itself: with
 * digits for letters, with a capital i for a small l, with a blank between its letters.
 */
import { asItLooks } from './letters.ts';

/** Letters that lead on to others, by their code. */
interface Spelling {
  readonly next: (Spelling | undefined)[];
  /** A word ends here. */
  isWord: boolean;
}

/** What a digit, a mark or a capital is read for; `1` for either letter that is an upright stroke. */
const READ_FOR: Readonly<Record<string, string>> = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  $: 's',
  '@': 'a',
};
const DOUBTFUL = /[013457$@]|(?<!^)I/g;
/** Two letters at least, beside something doubtful. */
const READABLE = /^(?=.*[013457$@I])(?:.*[^\W\d_]){2}/;

export class Vocabulary {
  /** By each word itself, so that equal words are one string and quick to look up. */
  readonly #words = new Map<string, string>();
  readonly #letters: Spelling = { next: [], isWord: false };

  add(word: string): void {
    this.#words.set(word, word);
    let letters = this.#letters;
    for (let at = 0; at < word.length; at++) {
      const code = word.charCodeAt(at);
      letters = letters.next[code] ??= { next: [], isWord: false };
    }
    letters.isWord = true;
  }

  /** @param looks as `asItLooks` gives it */
  get(looks: string): string | undefined {
    return this.#words.get(looks);
  }

  /** The word that this is or stands for. */
  meant(written: string): string | undefined {
    return this.#words.get(asItLooks(written)) ?? this.#disguised(written);
  }

  /** A digit at the end of a word counts things, as in "option5"; one within it does not, nor where no word is left without it. */
  #disguised(written: string): string | undefined {
    if (!READABLE.test(written)) return undefined;
    if (/\d$/.test(written) && this.#words.has(asItLooks(written.replace(/\d+$/, '')))) return undefined;
    for (const stroke of ['l', 'i']) {
      const read = written.replace(DOUBTFUL, (character) => READ_FOR[character] ?? stroke);
      const known = this.#words.get(asItLooks(read));
      if (known !== undefined) return known;
    }
    return undefined;
  }

  /**
   * How many letters each word has that a row of single letters is read as, so that as few as possible are left
   * over; those stay by themselves. Undefined when all do. Linear: no word is longer than the longest one known.
   * @param row codes of the letters, in lower case
   */
  parted(row: Uint16Array): number[] | undefined {
    const left = new Uint32Array(row.length + 1);
    const taken = new Uint8Array(row.length).fill(1);
    let isAny = false;
    for (let from = row.length - 1; from >= 0; from--) {
      let letters = this.#letters.next[letterOf(row[from])];
      let least = (left[from + 1] ?? 0) + (letters?.isWord === true ? 0 : 1);
      for (let to = from + 1; letters !== undefined && to < row.length; to++) {
        letters = letters.next[letterOf(row[to])];
        if (letters?.isWord !== true || (left[to + 1] ?? 0) > least) continue;
        least = left[to + 1] ?? 0;
        taken[from] = to + 1 - from;
        isAny = true;
      }
      left[from] = least;
    }
    if (!isAny) return undefined;
    const lengths: number[] = [];
    for (let at = 0; at < row.length; ) {
      const length = taken[at] ?? 1;
      lengths.push(length);
      at += length;
    }
    return lengths;
  }

  /** The word that a part of a row spells. */
  spelled(row: Uint16Array): string | undefined {
    return this.#words.get(String.fromCharCode(...row.map((code) => letterOf(code))));
  }
}

/** What a letter of a row is read for, by its code. */
const LETTER_OF = Uint16Array.from({ length: 0x80 }, (_, code) => {
  const letter = String.fromCharCode(code);
  return (letter === '1' ? 'l' : (READ_FOR[letter] ?? letter)).charCodeAt(0);
});
const letterOf = (code = 0): number => LETTER_OF[code] ?? code;
