/** How far two names are apart, as far as somebody asks. */

/** What of a text is read. */
export type Letters = Pick<string, 'length' | 'charCodeAt'>;

/**
 * How many letters were left out, put in, exchanged, or swapped with their neighbour (optimal string alignment);
 * `most + 1` when it is more than `most`. Compares only letters that stand no further than `most` apart, so that its
 * time is linear in the length (Ukkonen, 1985).
 */
export function editsBetween(a: Letters, b: Letters, most: number): number {
  const far = most + 1;
  if (Math.abs(a.length - b.length) > most) return far;
  // Three rows of the table, each only about its diagonal: the place `at` of b stands in `at - i + far` of row i.
  const width = 2 * far + 1;
  let last = new Array<number>(width).fill(far);
  let row = Array.from({ length: width }, (_, place) => (place < far ? far : Math.min(far, place - far)));
  for (let i = 1; i <= a.length; i++) {
    const next = new Array<number>(width).fill(far);
    const letter = a.charCodeAt(i - 1);
    for (let at = Math.max(0, i - most); at <= Math.min(b.length, i + most); at++) {
      const place = at - i + far;
      const given = b.charCodeAt(at - 1);
      const put = 1 + Math.min(row[place + 1] ?? far, next[place - 1] ?? far);
      const exchanged = at === 0 ? far : (row[place] ?? far) + (letter === given ? 0 : 1);
      const swapped =
        letter !== given && letter === b.charCodeAt(at - 2) && a.charCodeAt(i - 2) === given
          ? (last[place] ?? far) + 1
          : far;
      next[place] = Math.min(far, put, exchanged, swapped);
    }
    // A letter swapped with its neighbour reaches back over one row.
    if (next.every((off) => off === far) && row.every((off) => off === far)) return far;
    last = row;
    row = next;
  }
  return row[b.length - a.length + far] ?? far;
}
