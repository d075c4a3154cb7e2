/** The known name nearest to a wrong one, if one is near: at most two letters off. */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  const near = known.map((name) => ({ name, off: distance(wrong, name) })).sort((a, b) => a.off - b.off)[0];
  return near !== undefined && near.off <= 2 ? near.name : undefined;
}

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
