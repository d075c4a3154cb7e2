/**
 * A record that is asked for by its id. No list leads to it and no tree need hold it yet, so whoever can write to the tables could
 * have put one under any number: it is one only where its lane is certified, its lane signed it (or the authority, where its
 * writer was gone), and it stands in its own place.
 */
import { laneKey, seqKey } from './bytes.ts';
import { type Entry, parseEntryId, type TableReader, toEntry } from './entry.ts';
import type { LaneTrust } from './lane/lane-check.ts';
import { checkFrom, placedOf } from './lane/verify-lanes.ts';

export interface GenuineDeps {
  readonly table: TableReader;
  readonly trust: LaneTrust;
}

/** Undefined where there is none, or what is there is none of ours. Throws STORE_UNAVAILABLE. */
export async function genuineEntry({ table, trust }: GenuineDeps, id: string): Promise<Entry | undefined> {
  const place = parseEntryId(id);
  const item = place && (await table.get(laneKey(place.lane), seqKey(place.seq)));
  const entry = item && toEntry(item);
  if (item === undefined || entry === undefined) return undefined;
  const { lane, seq, record } = entry;
  const check = await checkFrom({ table, trust }, lane, { next: seq, prev: record.prev });
  const [checked] = await check.feed([placedOf(item)]);
  return checked?.ok === true ? entry : undefined;
}
