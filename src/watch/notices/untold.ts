/**
 * What this process appended itself and nobody is told of: the herald need not read it back. Nearly all records are that.
 */
import type { LedgerRecord } from '../../ledger/record.ts';
import { isTold } from './told.ts';

export interface Untold {
  /** Told of what this process appended, once it is durable, in the order of the lane. */
  appended(records: readonly Pick<LedgerRecord, 'lane' | 'seq' | 'type' | 'data'>[]): void;
  /** The first place from `seq` on that may hold something to tell; `seq` itself where this process did not append what is there. */
  past(lane: number, seq: number): number;
}

export function createUntold(): Untold {
  /** An unbroken part of one lane of which nothing is told. */
  let [lane, first, next] = [0, 0, 0];
  return {
    appended(records) {
      for (const record of records) {
        if (record.lane !== lane || record.seq !== next) [lane, first] = [record.lane, record.seq];
        next = record.seq + 1;
        if (isTold(record)) first = next;
      }
    },
    past: (of, seq) => (of === lane && seq >= first && seq < next ? next : seq),
  };
}
