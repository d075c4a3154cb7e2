/** The known name that a misspelt one was probably meant to be. */
import { editsBetween } from './edits.ts';
import { Recent } from './recent.ts';

/**
 * At most two letters off, or one in a short word; case and separators count for nothing: `dataClasses` is
 * near `data_classes`. Undefined when none is near, or when the name is known.
 */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  if (wrong.length > LONGEST || known.includes(wrong)) return undefined;
  const given = plain(wrong);
  const letters = lettersOf(given);
  let near: string | undefined;
  let least = MOST + 1;
  for (const name of known) {
    const meant = meantBy(name);
    // A body can hold a hundred thousand names: most are not looked at letter by letter.
    if (Math.abs(meant.plain.length - given.length) >= least) continue;
    if (bitsIn(meant.letters ^ letters) > 2 * MOST) continue;
    const off = editsBetween(given, meant.plain, MOST);
    if (off < least) [near, least] = [name, off];
  }
  return near !== undefined && least <= (near.length > 5 ? 2 : near.length > 2 ? 1 : 0) ? near : undefined;
}

/** No name is taken for meant that is further off. */
const MOST = 2;
/** No name of ours is nearly so long. */
const LONGEST = 64;

interface Meant {
  readonly plain: string;
  readonly letters: number;
}

const met = new Recent<Meant>(2_000);

function meantBy(name: string): Meant {
  const known = met.get(name);
  if (known !== undefined) return known;
  const bare = plain(name);
  return met.keep(name, { plain: bare, letters: lettersOf(bare) });
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Which letters stand in it, as bits. Whatever is done to one letter changes no more than two of them. */
function lettersOf(text: string): number {
  let letters = 0;
  for (let at = 0; at < text.length; at++) letters |= 1 << (text.charCodeAt(at) & 31);
  return letters;
}

function bitsIn(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count++;
  return count;
}
