/** The known name that a misspelt one was probably meant to be. */
import { Recent } from './recent.ts';

/**
 * At most two letters off, or one in a short word; case and separators count for nothing: `dataClasses` is
 * near `data_classes`. Undefined when none is near, or when the name is known.
 */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  if (known.includes(wrong) || wrong.length > LONGEST) return undefined;
  const given = plain(wrong);
  let near: string | undefined;
  let least = FAR;
  for (const name of known) {
    const meant = plains.get(name) ?? plains.keep(name, plain(name));
    // A body can hold a hundred thousand names: most are too long or too short to be looked at.
    if (Math.abs(meant.length - given.length) >= least) continue;
    const off = distance(given, meant);
    if (off < least) [near, least] = [name, off];
  }
  return near !== undefined && least <= (near.length > 5 ? 2 : near.length > 2 ? 1 : 0) ? near : undefined;
}

/** Further off than any name that is taken for meant. */
const FAR = 3;
const plains = new Recent<string>(2_000);

/** No name of ours is nearly so long. */
const LONGEST = 64;

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** How many letters were left out, put in, exchanged, or swapped with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const exchanged = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? (before[j - 2] ?? Number.POSITIVE_INFINITY) + 1
          : exchanged;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, exchanged, swapped));
    }
    // A letter swapped with its neighbour reaches back over one row.
    if (Math.min(...row) >= FAR && Math.min(...next) >= FAR) return FAR;
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
