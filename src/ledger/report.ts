/** What happened in a time range, counted. */
import type { TableReader } from './entry.ts';
import { recordsBetween, type TimeRange } from './places/between.ts';
import { inInstants } from './reader.ts';

export interface Report {
  readonly entries: number;
  readonly by_type: Readonly<Record<string, number>>;
  /** Of the records that have one. */
  readonly by_outcome: Readonly<Record<string, number>>;
}

/** Times are RFC 3339, inclusive. Throws STORE_UNAVAILABLE. */
export async function reportOn(table: TableReader, range: TimeRange): Promise<Report> {
  const [by_type, by_outcome] = [new Map<string, number>(), new Map<string, number>()];
  const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  let entries = 0;
  for await (const records of recordsBetween(table, inInstants(range))) {
    entries += records.length;
    for (const { type, data } of records) {
      count(by_type, type);
      if (typeof data.outcome === 'string') count(by_outcome, data.outcome);
    }
  }
  return { entries, by_type: inOrder(by_type), by_outcome: inOrder(by_outcome) };
}

/** By name: lanes are read one after the other, so whatever was met first says nothing. */
const inOrder = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
