/** What was written before records were signed together verifies for ever, by both verifiers, and a log goes on from it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openFolderBlobs } from '../../adapters/local/folder-blobs.ts';
import { verifyReceipt } from '../../client/index.ts';
import { parseRecord, signedOf } from '../../src/ledger/bytes.ts';
import { createPatrol } from '../../src/ledger/check/patrol.ts';
import { formatProof, proveEntry } from '../../src/ledger/check/proof.ts';
import { auditReceipt } from '../../src/ledger/check/receipt.ts';
import { sealedPrunings } from '../../src/ledger/check/sentinel.ts';
import { type LogVerifyOptions, verifyLedger } from '../../src/ledger/check/verify-log.ts';
import { verifySince } from '../../src/ledger/check/verify-since.ts';
import { toEntry } from '../../src/ledger/entry.ts';
import { genuineEntry } from '../../src/ledger/genuine.ts';
import { createJustifier } from '../../src/ledger/justified.ts';
import { exportLog } from '../../src/ledger/keep/export.ts';
import { restoreRecords } from '../../src/ledger/keep/restore.ts';
import { LEASE_MS } from '../../src/ledger/lane/certificate.ts';
import { laneItems } from '../../src/ledger/lane/directory.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import { keyTrials } from '../../src/ledger/people/personal.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import type { Receipt } from '../../src/ledger/record.ts';
import { LEASE_GRACE_MS } from '../../src/ledger/seal/gather.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { witnessMemory } from '../../src/ledger/tree/witness.ts';
import { hasPython } from '../verifier/python.ts';
import type { TestLog } from './log-support.ts';
import { oldAuthority, openOldLog } from './old-log.ts';
import { note, ORIGIN } from './support.ts';

const VERIFIER = join(import.meta.dirname, '../verifier/verify.py');
const viewOf = (log: TestLog) => ({ log: log.log, table: log.table, trust: log.trustAll });
const heads = (log: TestLog) => ({ log: log.log, worm: log.worm, lock: () => readLock(log.table) });

async function verified(log: TestLog, options: Partial<LogVerifyOptions> = {}) {
  const files = {
    ...heads(log),
    lanes: tableSource(log.table),
    witness: () => witnessMemory(log.witnessTable, ORIGIN),
    tryKey: keyTrials(log.keys),
  };
  const { verdict, findings } = await verifyLedger(files, log.trustAll, { now: log.time.now, ...options });
  return [
    verdict,
    ...findings.map(({ verdict: found, lane, seq }) => `${found} ${lane ?? '-'}.${seq ?? '-'}`),
  ];
}

async function verifiedSince(log: TestLog, since: string) {
  const files = { ...heads(log), table: log.table, pruned: sealedPrunings(viewOf(log)) };
  const { verdict, entries } = await verifySince(files, log.trustAll, { now: log.time.now, since });
  return { verdict, entries };
}

/** As both verifiers see an export of it. */
async function exported(log: TestLog): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-old-log-'));
  try {
    const files = await openFolderBlobs(folder);
    await exportLog({ log: log.log, worm: log.worm, trust: log.trustAll }, files);
    const { verdict } = await verifyLedger({ log: files }, log.trustAll, { now: log.time.now });
    if (!hasPython) return { verdict };
    const { stdout } = await promisify(execFile)('python3', [VERIFIER, 'export', folder]);
    const theirs = JSON.parse(stdout);
    expect(theirs.verdict).toBe(verdict);
    return theirs;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function patrolled(log: TestLog) {
  const patrol = createPatrol({
    view: viewOf(log),
    notes: log.table,
    pruned: sealedPrunings(viewOf(log)),
  });
  return patrol.bite();
}

const audited = (log: TestLog, receipt: Receipt) =>
  auditReceipt(viewOf(log), receipt, { clock: () => log.time.now, thorough: true });

/** New lanes, of which one writes many records at once, and the sealer of today. */
async function goOn(log: TestLog): Promise<readonly Receipt[]> {
  const sealer = log.sealer({ authority: oldAuthority });
  await sealer.seal();
  const [busy, calm] = [
    await log.lane({ authority: oldAuthority }),
    await log.lane({ authority: oldAuthority }),
  ];
  const receipts = await Promise.all(Array.from({ length: 40 }, (_, at) => busy.append(note(`new ${at}`))));
  receipts.push(await calm.append(note('alone')));
  await sealer.seal();
  return receipts;
}

describe('a log that an older version wrote', () => {
  it('verifies: store, tree, witness, erasure, the rest of a pruning, and every receipt', async () => {
    const { log, receipts, checkpoints } = await openOldLog();
    expect(receipts).toHaveLength(13);
    const found = ['PENDING', 'ERASED 2.1', 'PENDING -.-'];
    expect(await verified(log, { receipts })).toEqual(found);
    for (const since of checkpoints) expect(await verified(log, { since })).toEqual(found);
    expect(await verified(log, { signatures: false })).toEqual(found);
  });

  it('verifies as an export, by the second verifier too', async () => {
    const { log } = await openOldLog();
    expect(await exported(log)).toMatchObject({ verdict: 'OK' });
  });

  it('verifies from each checkpoint that was kept, and to the patrol', async () => {
    const { log, checkpoints } = await openOldLog();
    expect(await Promise.all(checkpoints.map((since) => verifiedSince(log, since)))).toEqual([
      { verdict: 'PENDING', entries: 13 },
      { verdict: 'PENDING', entries: 3 },
    ]);
    expect(await patrolled(log)).toEqual({ standing: undefined });
  });

  it('has all its promises kept, and they are proven to a client that believes nobody', async () => {
    const { log, receipts } = await openOldLog();
    for (const receipt of receipts) {
      const sealed = receipt.lane < 4 || receipt.seq < 5;
      expect(await audited(log, receipt)).toMatchObject({ status: sealed ? 'kept' : 'pending' });
      const proof = await proveEntry(viewOf(log), receipt.id);
      expect(await verifyReceipt(receipt, proof && formatProof(proof), log.trustAll)).toMatchObject({
        status: sealed ? 'kept' : 'pending',
      });
    }
  });

  it('is read as it was: each record by its id, as what justifies, and in lists', async () => {
    const { log, receipts } = await openOldLog();
    const { authorities, origin } = log.trustAll;
    const justifier = createJustifier({ table: log.table, authorities, origin });
    // What is left of lane 1 has lost its certificate with its record 0; the directory has it.
    for (const { id, record_hash } of receipts.filter(({ lane, seq }) => lane > 1 || seq > 1)) {
      expect(await genuineEntry({ table: log.table, trust: log.trustAll }, id)).toMatchObject({
        record_hash,
      });
      expect(await justifier.read(id)).toMatchObject({ hash: record_hash });
    }
    const { entries } = await readEntries(log.table, {}, { limit: 500 });
    expect(entries.map(({ record_hash }) => record_hash)).toEqual(
      expect.arrayContaining(receipts.slice(4).map(({ record_hash }) => record_hash)),
    );
  });

  it('is sealed on: what it left open, and new lanes behind it whose records are signed together', async () => {
    const { log, receipts, checkpoints } = await openOldLog();
    const more = await goOn(log);
    const all = { receipts: [...receipts, ...more] };
    expect(await verified(log, all)).toEqual(['OK', 'ERASED 2.1']);
    for (const since of checkpoints) expect((await verifiedSince(log, since)).verdict).toBe('OK');
    for (const receipt of all.receipts) expect(await audited(log, receipt)).toMatchObject({ status: 'kept' });
    expect(await exported(log)).toMatchObject({ verdict: 'OK', entries: 65, lanes: 6 });
    expect(await patrolled(log)).toEqual({ standing: undefined });
    // Lanes of both are closed for writers that do not come back.
    log.time.now += LEASE_MS + LEASE_GRACE_MS + 1;
    for (let round = 0; round < 2; round += 1) await log.sealer({ authority: oldAuthority }).seal();
    expect(await verified(log, all)).toEqual(['OK', 'ERASED 2.1']);
    expect((await readLock(log.table)).lanes.size).toBe(0);
  });

  it('keeps its lanes as they were begun: no record of an old lane is signed with others', async () => {
    const { log } = await openOldLog();
    await goOn(log);
    for (const lane of [1, 2, 3, 4])
      for await (const item of laneItems(log.table, lane)) {
        const record = parseRecord(signedOf(item)?.b ?? new Uint8Array(0));
        expect(record).toMatchObject({ v: 1, lane });
        expect(toEntry(item)?.signature).toHaveLength(88);
      }
  });

  it('comes back into an empty store, with what was added to it', async () => {
    const { log, receipts } = await openOldLog();
    const more = await goOn(log);
    const { log: empty } = await openOldLog();
    const source = { log: log.log, worm: log.worm, trust: log.trustAll };
    expect(await restoreRecords(source, empty.table)).toMatchObject({ status: 'restored', differing: [] });
    const lock = await readLock(empty.table);
    const before = await readLock(log.table);
    expect([lock.size, lock.last_lane]).toEqual([before.size, before.last_lane]);
    expect([...lock.lanes].sort()).toEqual([...before.lanes].sort());
    const files = { log: log.log, worm: log.worm, lanes: tableSource(empty.table) };
    const { verdict } = await verifyLedger(files, log.trustAll, {
      now: log.time.now,
      receipts: [...receipts, ...more],
    });
    expect(verdict).toBe('OK');
  });
});
