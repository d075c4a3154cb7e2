import { describe, expect, test } from 'vitest';
import { laneKey, seqKey } from '../../src/ledger/bytes.ts';
import {
  type SentinelDeps,
  sealedPrunings,
  type TamperData,
  watch,
} from '../../src/ledger/check/sentinel.ts';
import type { NewRecord } from '../../src/ledger/record.ts';
import type { Change, Item } from '../../src/ports.ts';
import { memoryBlobs } from './blobs.ts';
import { testLog } from './log-support.ts';
import { itemsOf, note, TRACE } from './support.ts';

const never = async () => false;

function sentinel(over: Partial<SentinelDeps> = {}) {
  const keep = memoryBlobs();
  const alarms: TamperData[] = [];
  const deps: SentinelDeps = { keep, alarm: async (data) => alarms.push(data), pruned: never, ...over };
  return { keep, alarms, see: (change: Change) => watch(deps, change) };
}

async function oneLane() {
  const log = testLog();
  const lane = await log.lane();
  for (let n = 0; n < 4; n++) await lane.append(note(`record ${n}`));
  const items = await itemsOf(log.table, laneKey(lane.number));
  const item = items[2];
  if (item === undefined) throw new Error('the lane has no third record');
  return { log, lane, item };
}

describe('the sentinel', () => {
  test('raises the alarm for a modified record and keeps its old image, byte for byte', async () => {
    const { item, lane } = await oneLane();
    const { alarms, keep, see } = sentinel();
    const after = { ...item, b: new TextEncoder().encode('{}') };
    expect(await see({ kind: 'modified', before: item, after })).toBe(true);
    expect(alarms).toMatchObject([
      { kind: 'stream_modify', lane: lane.number, seq: 2, partition: item.pk, place: item.sk },
    ]);
    const [alarm] = alarms;
    expect(alarm?.expected_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(alarm?.found_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(alarm?.found_hash).not.toBe(alarm?.expected_hash);
    const kept = JSON.parse(Buffer.from(keep.files.get(alarm?.preserved ?? '') ?? []).toString());
    expect(kept).toEqual(alarm?.old_image);
    expect(new Uint8Array(Buffer.from(kept.b, 'base64'))).toEqual(item.b);
  });

  test.each([
    ['the unsigned figures that ride on it', { t: 'more than it was' }],
    ['its signature', { s: new Uint8Array(64) }],
    ['an attribute that it never had', { x: 1 }],
    ['its place, moved away', { sk: '9999999999' }],
  ])('raises the alarm when %s changed', async (_, change) => {
    const { item } = await oneLane();
    const { alarms, see } = sentinel();
    expect(await see({ kind: 'modified', before: item, after: { ...item, ...change } })).toBe(true);
    expect(alarms).toHaveLength(1);
  });

  test('raises the alarm for a removal, by whoever, also when it passes for an expiry', async () => {
    const { item } = await oneLane();
    const { alarms, see } = sentinel();
    expect(await see({ kind: 'removed', before: item, expired: false })).toBe(true);
    expect(await see({ kind: 'removed', before: item, expired: true })).toBe(true);
    const entry = { pk: 'LANES', sk: '00000001', b: new Uint8Array(2), s: new Uint8Array(64) };
    expect(await see({ kind: 'removed', before: entry, expired: false })).toBe(true);
    expect(alarms.map(({ kind, partition }) => [kind, partition])).toEqual([
      ['stream_remove', item.pk],
      ['stream_remove', item.pk],
      ['stream_remove', 'LANES'],
    ]);
  });

  test('is silent about what is new, what is the same, and what is no part of the ledger', async () => {
    const { item } = await oneLane();
    const { alarms, keep, see } = sentinel();
    const lock: Item = { pk: 'LOG', sk: 'lock', version: 3 };
    expect(await see({ kind: 'inserted', item })).toBe(false);
    expect(await see({ kind: 'modified', before: item, after: { ...item } })).toBe(false);
    expect(await see({ kind: 'modified', before: lock, after: { ...lock, version: 4 } })).toBe(false);
    expect(await see({ kind: 'removed', before: { pk: 'LANE', sk: 'x' }, expired: false })).toBe(false);
    expect(alarms).toEqual([]);
    expect(keep.files.size).toBe(0);
  });

  test('keys of a forged item cannot lead the kept image astray', async () => {
    const { alarms, keep, see } = sentinel();
    const forged: Item = {
      pk: 'LANE#../../etc',
      sk: '../passwd\u0000',
      x: { nested: [new Uint8Array([1])] },
    };
    expect(await see({ kind: 'removed', before: forged, expired: false })).toBe(true);
    expect([...keep.files.keys()]).toEqual([alarms[0]?.preserved]);
    expect(alarms[0]?.preserved).toMatch(/^preserved\/LANE_+etc\/_+passwd_-[0-9a-f]{16}$/);
  });

  test('a large image is kept beside the alarm, not in it', async () => {
    const { item } = await oneLane();
    const { alarms, keep, see } = sentinel();
    const large = { ...item, b: new Uint8Array(50_000) };
    await see({ kind: 'removed', before: large, expired: false });
    expect(alarms[0]?.old_image).toBeUndefined();
    expect(keep.files.get(alarms[0]?.preserved ?? '')?.length).toBeGreaterThan(66_000);
  });

  test('throws when the image cannot be kept or the alarm not recorded, so that the change is shown again', async () => {
    const { item } = await oneLane();
    const down = async () => Promise.reject(new Error('down'));
    const change: Change = { kind: 'removed', before: item, expired: false };
    const blind = sentinel({ keep: { put: down } });
    await expect(blind.see(change)).rejects.toThrow('down');
    expect(blind.alarms).toEqual([]);
    const mute = sentinel({ alarm: down });
    await expect(mute.see(change)).rejects.toThrow('down');
  });
});

describe('lawful pruning', () => {
  const pruned = (lane: number, next: number): NewRecord => ({
    type: 'ledger.pruned',
    trace: TRACE,
    data: { before: '2026-01-01T00:00:00.000Z', lanes: [{ lane, next }] },
  });

  test('covers exactly what a sealed record names, and nothing before it is sealed', async () => {
    const { log, lane } = await oneLane();
    const view = { log: log.log, table: log.table, trust: log.trustAll };
    const covered = sealedPrunings(view);
    await log.sealer().seal();
    await lane.append(pruned(lane.number, 2));
    expect(await covered(lane.number, 0)).toBe(false);

    await log.sealer().seal();
    expect(await covered(lane.number, 0)).toBe(true);
    expect(await covered(lane.number, 1)).toBe(true);
    expect(await covered(lane.number, 2)).toBe(false);
    expect(await covered(lane.number + 1, 0)).toBe(false);
  });

  test('is found in a ledger whose prunings an older version left without a note', async () => {
    const { log, lane } = await oneLane();
    await lane.append(pruned(lane.number, 2));
    await log.sealer().seal();
    for (const { pk, sk } of await itemsOf(log.table, 'PRUNINGS')) await log.table.remove(pk, sk);
    const covered = (): Promise<boolean> =>
      sealedPrunings({ log: log.log, table: log.table, trust: log.trustAll })(lane.number, 0);
    expect(await covered()).toBe(false);
    await log.table.remove('LOG', 'PRUNED');
    expect(await covered()).toBe(true);
  });

  test('covers a removal that is asked about while an older look is under way', async () => {
    const { log, lane } = await oneLane();
    await log.sealer().seal();
    const answered = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const table: Pick<typeof log.table, 'get' | 'query'> = {
      get: (pk, sk) => log.table.get(pk, sk),
      async query(pk, range) {
        const page = await log.table.query(pk, range);
        answered.resolve();
        await released.promise;
        return page;
      },
    };
    const covered = sealedPrunings({ log: log.log, table, trust: log.trustAll });
    const early = covered(lane.number, 0);
    await answered.promise;
    await lane.append(pruned(lane.number, 2));
    await log.sealer().seal();
    const late = covered(lane.number, 0);
    released.resolve();
    expect(await late).toBe(true);
    await early;
  });

  test('is not believed when it was put into the store by hand', async () => {
    const { log, lane, item } = await oneLane();
    await log.sealer().seal();
    const forged = {
      v: 1,
      lane: lane.number,
      seq: 5,
      prev: '0'.repeat(64),
      type: 'ledger.pruned',
      time: '2026-11-21T08:00:00.000Z',
      trace: TRACE,
      data: pruned(lane.number, 4).data,
    };
    const b = new TextEncoder().encode(JSON.stringify(forged));
    await log.table.put({ pk: item.pk, sk: seqKey(5), b, s: new Uint8Array(64).fill(1) }, 'absent');
    const view = { log: log.log, table: log.table, trust: log.trustAll };
    expect(await sealedPrunings(view)(lane.number, 0)).toBe(false);
  });
});
