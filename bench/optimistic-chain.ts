/**
 * What Chancery does not do, for comparison: one hash chain that several writers extend optimistically. Each reads
 * the head, links and signs its records, and tries to take the next places; whoever loses starts again.
 */
import { type KeyObject, sign } from 'node:crypto';
import { hex, NO_PREVIOUS, recordBytes, recordHash, seqKey } from '../src/ledger/bytes.ts';
import type { NewRecord } from '../src/ledger/record.ts';
import type { Item, Table } from '../src/ports.ts';

interface Waiting {
  readonly record: NewRecord;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export interface OptimisticWriter {
  append(record: NewRecord): Promise<void>;
  /** Conditional writes that were refused: the records in them were linked and signed for nothing. */
  readonly wasted: number;
}

/** Commits up to `group` of the records that wait as one conditional write. */
export function openOptimisticWriter(table: Table, key: KeyObject, group: number): OptimisticWriter {
  const queue: Waiting[] = [];
  let wasted = 0;
  let busy = false;

  async function work(): Promise<void> {
    busy = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, group);
      try {
        while (!(await extend(batch))) wasted += 1;
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    busy = false;
  }

  async function extend(batch: readonly Waiting[]): Promise<boolean> {
    const head = (await table.query('CHAIN', { reverse: true, limit: 1 })).items[0];
    let seq = head === undefined ? 0 : Number(head.sk) + 1;
    let prev = typeof head?.hash === 'string' ? head.hash : NO_PREVIOUS;
    const items = batch.map(({ record: { type, trace, data } }): Item & { b: Uint8Array; s: Uint8Array } => {
      const time = new Date().toISOString();
      const b = recordBytes({ v: 1, lane: 0, seq, prev, type, time, trace, data });
      const s = new Uint8Array(sign(null, b, key));
      prev = hex(recordHash({ b, s }));
      return { pk: 'CHAIN', sk: seqKey(seq++), b, s, hash: prev };
    });
    return (await table.putRun(items)).stored;
  }

  return {
    append: (record) =>
      new Promise((done, failed) => {
        queue.push({ record, done, failed });
        if (!busy) void work();
      }),
    get wasted() {
      return wasted;
    },
  };
}
