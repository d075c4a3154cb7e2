import { describe, expect, it } from 'vitest';
import { lanesBehind } from '../../src/govern/power/behind.ts';
import { Powers } from '../../src/govern/power/powers.ts';
import { laneKey, seqKey, signedOf } from '../../src/ledger/bytes.ts';
import {
  formatProof,
  parseProof,
  proofHolds,
  proveConsistency,
  proveEntry,
} from '../../src/ledger/check/proof.ts';
import { auditReceipt } from '../../src/ledger/check/receipt.ts';
import { executePruning, planPruning, RETENTION_DAYS } from '../../src/ledger/keep/prune.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import type { Receipt } from '../../src/ledger/record.ts';
import { person, pseudonym } from '../support/person.ts';
import { type TestLog, testLog } from './log-support.ts';
import { itemsOf, note, overwrite } from './support.ts';

const DAY = 24 * 60 * 60 * 1_000;
const viewOf = (log: TestLog) => ({ log: log.log, table: log.table, trust: log.trustAll });

async function closedLane(log: TestLog) {
  const lane = await log.lane();
  const receipt = await lane.append(note('old', { who: person('jake') }));
  await lane.close();
  await log.sealer().seal();
  return { lane, receipt };
}
const pruning = async (log: TestLog) => ({
  table: log.table,
  ledger: await log.lane(),
  view: viewOf(log),
  clock: () => log.time.now,
});

describe('retention', () => {
  it('is at least 183 days, whatever is asked for', async () => {
    const log = testLog();
    await closedLane(log);
    log.time.now += (RETENTION_DAYS - 1) * DAY;
    expect(await planPruning(await pruning(log), { retentionDays: 1 })).toBeUndefined();
    log.time.now += 2 * DAY;
    expect((await planPruning(await pruning(log)))?.data.lanes).toEqual([{ lane: 1, next: 3 }]);
  });

  it('keeps what a legal hold names, and lanes that are open or not sealed', async () => {
    const log = testLog();
    await closedLane(log);
    await log.lane();
    log.time.now += 400 * DAY;
    const deps = await pruning(log);
    const subject = pseudonym(person('jake'));
    expect(await planPruning(deps, { holds: [{ subject }] })).toBeUndefined();
    expect(
      await planPruning(deps, {
        holds: [{ from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' }],
      }),
    ).toBeUndefined();
    expect((await planPruning(deps, { holds: [{ subject: 'somebody else' }] }))?.data.lanes).toEqual([
      { lane: 1, next: 3 },
    ]);
  });

  it('keeps the lanes of records that what is in force names', async () => {
    const log = testLog();
    await closedLane(log);
    await closedLane(log);
    log.time.now += 400 * DAY;
    const powers = new Powers();
    const must = { status: 'requested', confirmed: '1.1', asked_by: { by: 'somebody', marks: [] } };
    powers.set({ kind: 'revocation', pk: 'REVOCATIONS', sk: 'rev_1', must, record: '7.3' });
    const kept = lanesBehind(powers.all());
    expect([...kept]).toEqual([7, 1]);
    expect((await planPruning(await pruning(log), { kept }))?.data.lanes).toEqual([{ lane: 2, next: 3 }]);
  });

  it('takes the notes of what it removes with it, those of its days and people', async () => {
    const log = testLog();
    await closedLane(log);
    log.time.now += 400 * DAY;
    const deps = await pruning(log);
    const plan = await planPruning(deps);
    if (plan === undefined) throw new Error('no plan');
    await log.sealer().seal();
    const subject = `PERSON#${pseudonym(person('jake'))}`;
    expect(await itemsOf(log.table, subject)).toHaveLength(1);
    const days = await itemsOf(log.table, 'DAYS');
    expect(await executePruning(deps, plan)).toBe(true);
    expect(await itemsOf(log.table, subject)).toEqual([]);
    expect(await itemsOf(log.table, 'DAYS')).toEqual(days.slice(1));
    const { entries } = await readEntries(log.table, {}, { order: 'oldest', limit: 1 });
    expect(entries.map(({ lane }) => lane)).toEqual([2]);
  });

  it('leaves every proof valid', async () => {
    const log = testLog();
    const { receipt } = await closedLane(log);
    log.time.now += 400 * DAY;
    const deps = await pruning(log);
    const plan = await planPruning(deps);
    if (plan === undefined) throw new Error('no plan');
    expect(await executePruning(deps, plan)).toBe(false);
    await log.sealer().seal();
    expect(await executePruning(deps, plan)).toBe(true);
    expect(await itemsOf(log.table, laneKey(1))).toEqual([]);
    const proof = await proveEntry(viewOf(log), receipt.id);
    expect(proof && proofHolds(proof, log.trustAll)).toBe(true);
    expect(await auditReceipt(viewOf(log), receipt, { clock: () => log.time.now })).toMatchObject({
      status: 'kept',
    });
  });
});

describe('receipts', () => {
  it('are pending with the time left, late when it is over and the record is there, and then kept after all', async () => {
    const log = testLog();
    const lane = await log.lane();
    const receipt = await lane.append(note('x'));
    const audit = () => auditReceipt(viewOf(log), receipt, { clock: () => log.time.now });
    log.time.now += 500;
    expect(await audit()).toEqual({ status: 'pending', seconds_left: 1.5, stored: true });
    log.time.now += 2_000;
    expect(await audit()).toEqual({ status: 'late', seconds_over: 0.5 });
    await log.sealer().seal();
    expect(await audit()).toEqual({ status: 'kept', index: 1, tree_size: 2 });
  });

  it('are broken, with both sides shown, when something else stands in the place', async () => {
    const log = testLog();
    const lane = await log.lane();
    const [receipt] = [await lane.append(note('told')), await lane.append(note('other'))];
    const [own, other] = [
      await log.table.get(laneKey(1), seqKey(1)),
      await log.table.get(laneKey(1), seqKey(2)),
    ];
    if (other === undefined) throw new Error('no record');
    const promised = own && signedOf(own);
    const clock = () => log.time.now;
    await overwrite(log.table, { ...other, pk: laneKey(1), sk: seqKey(1) });
    expect((await auditReceipt(viewOf(log), receipt, { clock })).status).toBe('NOT_OURS');
    expect(
      await auditReceipt(viewOf(log), receipt, { clock, ...(promised === undefined ? {} : { promised }) }),
    ).toMatchObject({
      status: 'broken',
      contradiction: {
        promised: { id: '1.1', record_hash: receipt.record_hash },
        found: { record: expect.stringContaining('other') },
      },
    });
    await log.table.remove(laneKey(1), seqKey(1));
    log.time.now += 3_000;
    expect(await auditReceipt(viewOf(log), receipt, { clock: () => log.time.now })).toMatchObject({
      status: 'broken',
      contradiction: { what: 'the record is gone', found: null },
    });
  });

  it('are not ours, and never broken, when any part of them was changed', async () => {
    const log = testLog();
    const lane = await log.lane();
    const receipts = [await lane.append(note('one')), await lane.append(note('two'))];
    await log.lane();
    await log.sealer().seal();
    log.time.now += 60_000;
    const [receipt, other] = receipts;
    if (receipt === undefined || other === undefined) throw new Error('no receipts');
    const digits = (text: string) => text.replace(/^../, (two) => (two === '00' ? '11' : '00'));
    const changed: Partial<Receipt>[] = [
      { record_hash: digits(receipt.record_hash) },
      { signature: digits(receipt.signature) },
      { certificate_hash: digits(receipt.certificate_hash) },
      { record_hash: digits(receipt.record_hash), signature: digits(receipt.signature) },
      { record_hash: other.record_hash, signature: other.signature },
      { id: '1.7' },
      { id: '1.7', seq: 7 },
      { id: '2.1', lane: 2 },
      { id: '9.1', lane: 9 },
      { time: new Date(log.time.now + 86_400_000).toISOString() },
    ];
    for (const change of changed)
      for (const thorough of [true, false]) {
        const options = { clock: () => log.time.now, thorough };
        const audit = await auditReceipt(viewOf(log), { ...receipt, ...change }, options);
        expect([change, thorough, audit.status]).toEqual([change, thorough, 'NOT_OURS']);
      }
  });

  it('are found in the tree when every help of the store is gone', async () => {
    const log = testLog();
    const receipt = await (await log.lane()).append(note('x'));
    await log.sealer().seal();
    for (const pk of ['LANE#00000001', 'SEALED#00000001', 'LANES', 'LOG'])
      for (const { sk } of await itemsOf(log.table, pk)) await log.table.remove(pk, sk);
    log.time.now += 60_000;
    const options = { clock: () => log.time.now, thorough: true };
    expect(await auditReceipt(viewOf(log), receipt, options)).toMatchObject({ status: 'kept', index: 1 });
  });
});

describe('proof files', () => {
  it('say the same after they were read again, and nothing when they are none', async () => {
    const log = testLog();
    const lane = await log.lane();
    for (let index = 0; index < 300; index += 1) await lane.append(note(`${index}`));
    await log.sealer().seal();
    const proof = await proveEntry(viewOf(log), '1.200');
    if (proof === undefined) throw new Error('no proof');
    const read = parseProof(formatProof(proof));
    expect(read && formatProof(read)).toBe(formatProof(proof));
    expect(read && proofHolds(read, log.trustAll)).toBe(true);
    expect(proofHolds({ ...proof, index: 201 }, log.trustAll)).toBe(false);
    expect(proofHolds(proof, { origin: 'other', log_keys: log.trustAll.log_keys })).toBe(false);
    for (const text of ['', 'c2sp.org/tlog-proof@v1\n\n', formatProof(proof).replace('index', 'Index')]) {
      expect(parseProof(text)).toBeUndefined();
    }
    expect(await proveEntry(viewOf(log), '1.301')).toBeUndefined();
    expect(await proveEntry(viewOf(log), 'x')).toBeUndefined();
    expect(await proveConsistency(viewOf(log), 10, 301)).toBeDefined();
    expect(await proveConsistency(viewOf(log), 10, 302)).toBeUndefined();
    expect(await proveConsistency(viewOf(testLog()), 0, 0)).toBeUndefined();
  });
});
