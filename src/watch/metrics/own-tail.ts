/**
 * The tail of a process that appends: what it wrote itself it need not read back, take apart and hash again. It is told
 * of durable records only; what it was not told of, and what it forgot, it reads.
 */
import type { WrittenRecord } from '../../ledger/lane/writer.ts';
import type { Tail, TailEntry } from './tail.ts';

export interface OwnTail extends Tail {
  /** Told of what this process appended, once it is durable, in the order of the lane. */
  appended(entries: readonly TailEntry[]): void;
}

/** Kept until they are read. A reader that falls further behind finds the rest where everything is. */
const MOST = 1_000;

export function ownTail(stored: Tail): OwnTail {
  /** An unbroken part of one lane: the entry at `first`, and those after it. */
  let entries: TailEntry[] = [];
  let lane: number | undefined;
  let first = 0;

  return {
    lanes: (from, most) => stored.lanes(from, most),

    appended(more) {
      for (const entry of more) {
        const { record } = entry;
        const follows = record.lane === lane && record.seq === first + entries.length;
        if (!follows || entries.length >= MOST) [entries, lane, first] = [[], record.lane, record.seq];
        entries.push(entry);
      }
    },

    async read(of, from, limit) {
      if (of !== lane || from < first) return stored.read(of, from, limit);
      // Who reads on from here has what came before.
      first += entries.splice(0, from - first).length;
      return entries.length === 0 ? stored.read(of, from, limit) : { entries: entries.slice(0, limit) };
    },
  };
}

/** A record of this process as the tail would have read it. */
export function entryOf({ record, bytes, receipt, item }: WrittenRecord): TailEntry {
  const { t } = item;
  return { record, bytes, hash: receipt.record_hash, ...(typeof t === 'string' ? { deltas: t } : {}) };
}
