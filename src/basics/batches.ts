/** Reads and writes over a network, many at a time: one after the other they would take longer than all the hashing. */

const PARALLEL = 32;

/** The results in the order of the items. The first failure ends it, after those that were under way with it. */
export async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += PARALLEL)
    results.push(...(await Promise.all(items.slice(at, at + PARALLEL).map(work))));
  return results;
}
