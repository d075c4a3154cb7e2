/** The known name that a misspelt one was probably meant to be. */

/**
 * At most two letters off, or one in a short word; case and separators count for nothing: `dataClasses` is
 * near `data_classes`. Undefined when none is near, or when the name is known.
 */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  if (known.includes(wrong) || wrong.length > LONGEST) return undefined;
  const near = known
    .map((name) => ({ name, off: distance(plain(wrong), plain(name)) }))
    .sort((a, b) => a.off - b.off)[0];
  return near !== undefined && near.off <= (near.name.length > 5 ? 2 : near.name.length > 2 ? 1 : 0)
    ? near.name
    : undefined;
}

/** No name of ours is nearly so long. */
const LONGEST = 64;

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
