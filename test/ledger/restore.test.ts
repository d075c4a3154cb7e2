import { describe, expect, it } from 'vitest';
import { DIRECTORY, laneKey, seqKey } from '../../src/ledger/bytes.ts';
import { createPatrol } from '../../src/ledger/check/patrol.ts';
import { proofHolds, proveEntry } from '../../src/ledger/check/proof.ts';
import { sealedPrunings } from '../../src/ledger/check/sentinel.ts';
import { verifyLedger } from '../../src/ledger/check/verify-log.ts';
import { executePruning, planPruning } from '../../src/ledger/keep/prune.ts';
import { restoreRecords } from '../../src/ledger/keep/restore.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import { bundlePath } from '../../src/ledger/tree/tiles.ts';
import { type TestLog, testLog } from './log-support.ts';
import { itemsOf, note, overwrite } from './support.ts';

const sourceOf = (log: TestLog) => ({ log: log.log, worm: log.worm, trust: log.trustAll });
const verified = (log: TestLog) =>
  verifyLedger({ log: log.log, worm: log.worm, lanes: tableSource(log.table) }, log.trustAll, {
    now: log.time.now,
  });

/** Two lanes, one of them closed, sealed in two checkpoints. */
async function sealedLog() {
  const log = testLog();
  const [one, two] = [await log.lane(), await log.lane()];
  await one.append(note('first'));
  await log.sealer().seal();
  const receipt = await two.append(note('second'));
  await one.append(note('third'));
  await one.close();
  await log.sealer().seal();
  return { log, two, receipt };
}

async function lose(log: TestLog, pk: string): Promise<number> {
  const items = await itemsOf(log.table, pk);
  for (const { sk } of items) await log.table.remove(pk, sk);
  return items.length;
}

describe('restoring the store out of the published log', () => {
  it('puts back what is missing, and no more, and may be repeated', async () => {
    const { log } = await sealedLog();
    await log.table.remove(laneKey(1), seqKey(1));
    await log.table.remove(laneKey(2), seqKey(0));
    expect((await verified(log)).verdict).toBe('MISSING');
    const restored = await restoreRecords(sourceOf(log), log.table);
    expect(restored).toMatchObject({ status: 'restored', records: 2, lock: false, differing: [] });
    expect((await verified(log)).verdict).toBe('OK');
    expect(await restoreRecords(sourceOf(log), log.table)).toMatchObject({ records: 0 });
  });

  it('brings back a table of which nothing is left: writers and sealer go on with it', async () => {
    const { log, two, receipt } = await sealedLog();
    let lost = 0;
    for (const pk of [laneKey(1), laneKey(2), 'SEALED#00000001', 'SEALED#00000002', DIRECTORY, 'LOG'])
      lost += await lose(log, pk);
    expect(lost).toBeGreaterThan(8);
    expect(await restoreRecords(sourceOf(log), log.table)).toMatchObject({ lock: true, differing: [] });
    expect((await verified(log)).verdict).toBe('OK');
    const proof = await proveEntry({ log: log.log, table: log.table, trust: log.trustAll }, receipt.id);
    expect(proof && proofHolds(proof, log.trustAll)).toBe(true);

    await two.append(note('after'));
    await (await log.lane()).append(note('a lane after it'));
    expect(await log.sealer().seal()).toMatchObject({ status: 'sealed', added: 3 });
    expect(await verified(log)).toMatchObject({ verdict: 'OK', lanes: 3 });
  });

  it('makes the notes whole of which some are left, so that every record is found by time', async () => {
    const { log } = await sealedLog();
    const idsOf = async (order: 'oldest' | 'newest') =>
      (await readEntries(log.table, {}, { limit: 100, order })).entries.map(({ id }) => id);
    const before = [await idsOf('oldest'), await idsOf('newest')];
    for (const { sk: day } of await itemsOf(log.table, 'DAYS')) {
      const [first] = await itemsOf(log.table, `TIME#${day}`);
      await log.table.remove(`TIME#${day}`, first?.sk ?? '');
    }
    expect(await idsOf('oldest')).not.toEqual(before[0]);
    await restoreRecords(sourceOf(log), log.table);
    expect([await idsOf('oldest'), await idsOf('newest')]).toEqual(before);
  });

  it('leaves what differs as it is: it is evidence', async () => {
    const { log } = await sealedLog();
    const [item] = (await itemsOf(log.table, laneKey(2))).slice(1);
    if (item === undefined || !(item.b instanceof Uint8Array)) throw new Error('no record to change');
    const changed = { ...item, b: item.b.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) };
    await overwrite(log.table, changed);
    expect(await restoreRecords(sourceOf(log), log.table)).toMatchObject({
      records: 0,
      differing: [{ lane: 2, seq: 1 }],
    });
    expect((await itemsOf(log.table, laneKey(2)))[1]).toEqual(changed);
  });

  it('puts nothing back out of a log that does not verify', async () => {
    const { log } = await sealedLog();
    await log.table.remove(laneKey(1), seqKey(1));
    for (const [path, bytes] of log.log.files)
      if (path.startsWith(bundlePath(0, 256))) bytes[40] = (bytes[40] ?? 0) ^ 1;
    expect(await restoreRecords(sourceOf(log), log.table)).toMatchObject({ status: 'refused' });
    expect(await log.table.get(laneKey(1), seqKey(1))).toBeUndefined();
  });

  it('stops when the log changes after it was verified', async () => {
    const { log } = await sealedLog();
    await log.table.remove(laneKey(1), seqKey(1));
    let reads = 0;
    const changing = {
      async get(name: string) {
        const bytes = await log.log.get(name);
        if (bytes !== undefined && name.startsWith(bundlePath(0, 256)) && ++reads === 2)
          bytes[40] = (bytes[40] ?? 0) ^ 1;
        return bytes;
      },
    };
    const restoring = restoreRecords({ ...sourceOf(log), log: changing }, log.table);
    await expect(restoring).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await log.table.get(laneKey(1), seqKey(1))).toBeUndefined();
  });

  it('knows of a pruning whose own record a later one removed: what it took is no loss', async () => {
    const log = testLog();
    const view = { log: log.log, table: log.table, trust: log.trustAll };
    await (await log.lane()).close();
    for (const lane of [1, 2]) {
      log.time.now += 400 * 86_400_000;
      const ledger = await log.lane();
      await log.sealer().seal();
      const plan = await planPruning({ table: log.table, ledger, clock: () => log.time.now });
      expect(plan?.data.lanes.map((gone) => gone.lane)).toEqual([lane]);
      await ledger.close();
      await log.sealer().seal();
      if (plan !== undefined) expect(await executePruning({ table: log.table, view }, plan)).toBe(true);
    }
    expect(await sealedPrunings(view)(1, 0)).toBe(true);
    await lose(log, 'PRUNINGS');
    expect(await sealedPrunings(view)(1, 0)).toBe(false);
    expect(await restoreRecords(sourceOf(log), log.table)).toMatchObject({ status: 'restored', records: 0 });
    expect(await sealedPrunings(view)(1, 0)).toBe(true);
    expect(await createPatrol({ view, notes: log.table, pruned: sealedPrunings(view) }).bite()).toEqual({
      standing: undefined,
    });
  });

  it('leaves out what retention removed', async () => {
    const { log } = await sealedLog();
    log.time.now += 400 * 24 * 60 * 60 * 1_000;
    const deps = {
      table: log.table,
      ledger: await log.lane(),
      view: { log: log.log, table: log.table, trust: log.trustAll },
      clock: () => log.time.now,
    };
    const plan = await planPruning(deps);
    if (plan === undefined) throw new Error('nothing to prune');
    await executePruning(deps, plan);
    await log.sealer().seal();
    await executePruning(deps, plan);
    expect(await itemsOf(log.table, laneKey(1))).toEqual([]);
    expect(await restoreRecords(sourceOf(log), log.table)).toMatchObject({ records: 0 });
    expect(await itemsOf(log.table, laneKey(1))).toEqual([]);
  });
});
