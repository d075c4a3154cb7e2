/**
 * How a word looks, rather than how it is encoded: letters that a reader takes for Latin ones become those, and what
 * cannot be seen is dropped. Enough to read English words written in Cyrillic, Greek, Armenian, Cherokee, small
 * capitals, with strokes, or in full width, mathematical and circled letters.
 */
import { byCharacter } from '../basics/by-character.ts';
import { readingOf } from '../basics/skeleton.ts';

/** Characters that show nothing by themselves: zero-width ones, controls, and marks that only decorate a letter. */
export const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}[\p{Cc}--\s]]/v;
const ALL_UNSEEN = new RegExp(UNSEEN.source, 'gv');

const looksOf = byCharacter((character) => {
  if (UNSEEN.test(character)) return '';
  const looks = readingOf(character).replace(ALL_UNSEEN, '');
  // A capital upright stroke is the letter "i" inside a word, although it looks like an "l".
  return (looks === 'l' ? readingOf(character.toLowerCase()) : looks).toLowerCase();
});

/** The word as it looks, in lower case. */
export function asItLooks(word: string): string {
  if (isPlain(word)) return word.toLowerCase();
  const seen = looksOf(word);
  // One upright stroke by itself is read as the word "I".
  return seen === 'l' ? 'i' : seen;
}

/** Of visible characters of ASCII, which look like what they are. */
function isPlain(word: string): boolean {
  for (let at = 0; at < word.length; at++) {
    const code = word.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}
