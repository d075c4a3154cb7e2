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
  const segments: Segment[] = [];
  const gists: Gist[] = [];
  const records: LedgerRecord[] = [];
  for (const entry of entries) {
    const record = parseRecord(splitEntry(entry).b);
    if (record === undefined) throw new TypeError('an entry of the log is no record');
    const { lane, seq } = record;
    const last = segments.at(-1);
    if (last?.lane === lane && last.seq + last.count === seq)
      segments.splice(-1, 1, { ...last, count: last.count + 1 });
    else segments.push({ lane, seq, count: 1 });
    gists.push(gistOf(record));
    records.push(record);
  }
  return { from, segments, gists, records };
}
