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
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
