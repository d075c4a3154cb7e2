/** What a process appended is folded from memory: the same entries as the table's, never across a gap, and bounded. */
import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { ownTail } from '../../src/watch/metrics/own-tail.ts';
import type { TailEntry } from '../../src/watch/metrics/tail.ts';

const entry = (lane: number, seq: number): TailEntry => ({
  record: { v: 1, lane, seq, prev: '', time: '', type: 'test', trace: '', data: {} } satisfies LedgerRecord,
  bytes: 100,
  hash: `${lane}.${seq}`,
});
const lane = (number: number, from: number, to: number): TailEntry[] =>
  Array.from({ length: to - from + 1 }, (_, index) => entry(number, from + index));

/** A tail whose table has ten thousand records in each lane, and says from where it was read. */
function open() {
  const read: string[] = [];
  const tail = ownTail({
    lanes: async (from) => [from],
    async read(of, from, limit) {
      read.push(`${of}.${from}`);
      return { entries: lane(of, from, Math.min(9_999, from + limit - 1)) };
    },
  });
  return { tail, read };
}

describe('the tail of a process that appends', () => {
  it('gives what was appended here without reading it', async () => {
    const { tail, read } = open();
    tail.appended(lane(1, 5, 7));
    tail.appended(lane(1, 8, 9));
    expect((await tail.read(1, 5, 3)).entries).toEqual(lane(1, 5, 7));
    expect((await tail.read(1, 8, 3)).entries).toEqual(lane(1, 8, 9));
    expect(read).toEqual([]);
  });

  it('reads what came before, other lanes, and what comes after, which may be another writer’s', async () => {
    const { tail, read } = open();
    tail.appended(lane(1, 5, 7));
    expect((await tail.read(1, 4, 2)).entries).toEqual(lane(1, 4, 5));
    expect((await tail.read(2, 5, 2)).entries).toEqual(lane(2, 5, 6));
    expect((await tail.read(1, 8, 2)).entries).toEqual(lane(1, 8, 9));
    expect(read).toEqual(['1.4', '2.5', '1.8']);
  });

  it('reads again what a projector that forgot asks for again', async () => {
    const { tail, read } = open();
    tail.appended(lane(1, 5, 7));
    await tail.read(1, 7, 1);
    expect((await tail.read(1, 5, 3)).entries).toEqual(lane(1, 5, 7));
    expect(read).toEqual(['1.5']);
  });

  it('gives nothing across a gap or a change of lane', async () => {
    const { tail, read } = open();
    tail.appended([...lane(1, 5, 6), ...lane(1, 8, 9)]);
    expect((await tail.read(1, 5, 9)).entries).toHaveLength(9);
    tail.appended(lane(2, 0, 1));
    await tail.read(1, 8, 1);
    expect((await tail.read(2, 0, 9)).entries).toEqual(lane(2, 0, 1));
    expect(read).toEqual(['1.5', '1.8']);
  });

  it('holds no more than a thousand, and misses none of them', async () => {
    const { tail, read } = open();
    tail.appended(lane(1, 0, 2_499));
    expect((await tail.read(1, 0, 250)).entries).toEqual(lane(1, 0, 249));
    expect((await tail.read(1, 2_400, 250)).entries).toEqual(lane(1, 2_400, 2_499));
    expect(read).toEqual(['1.0']);
  });
});
