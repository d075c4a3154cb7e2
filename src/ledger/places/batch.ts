/** A stretch of the tree taken apart: which lanes its entries belong to, and what they are. */
import { parseRecord } from '../bytes.ts';
import { splitEntry } from '../entry.ts';
import type { LedgerRecord } from '../record.ts';
import type { Segment } from '../seal/staging.ts';
import { type Gist, gistOf } from './gist.ts';
import type { Batch } from './note.ts';

/**
 * @param from index of the first entry in the tree
 * @param entries of a log that verified: throws TypeError for one that is no record
 */
export function batchOf(
  from: number,
  entries: readonly Uint8Array[],
): Batch & { readonly records: readonly LedgerRecord[] } {
  const records = entries.map((entry) => {
    const record = parseRecord(splitEntry(entry).b);
    if (record === undefined) throw new TypeError('an entry of the log is no record');
    return record;
  });
  return { ...batchOfRecords(from, records), records };
}

/** The same of entries that are parsed already. */
export function batchOfRecords(from: number, records: readonly LedgerRecord[]): Batch {
  const segments: Segment[] = [];
  const gists: Gist[] = [];
  for (const record of records) {
    const { lane, seq } = record;
    const last = segments.at(-1);
    if (last?.lane === lane && last.seq + last.count === seq)
      segments.splice(-1, 1, { ...last, count: last.count + 1 });
    else segments.push({ lane, seq, count: 1 });
    gists.push(gistOf(record));
  }
  return { from, segments, gists };
}
