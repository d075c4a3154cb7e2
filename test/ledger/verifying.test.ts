import { describe, expect, it } from 'vitest';
import { verifyInTime } from '../../lambdas/shared/verifying.ts';
import { laneKey, seqKey } from '../../src/ledger/bytes.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import { keyTrials } from '../../src/ledger/people/personal.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { createMeter } from '../../src/watch/metrics/meter.ts';
import { person, pseudonym } from '../support/person.ts';
import { type TestLog, testLog } from './log-support.ts';
import { itemsOf, note } from './support.ts';

async function sealed(): Promise<TestLog> {
  const log = testLog();
  const lane = await log.lane();
  for (let n = 0; n < 6; n += 1)
    await lane.append(note(`${n}`, { who: person('jake'), personal: { name: 'Jake' } }));
  await log.sealer().seal();
  return log;
}

function verifying(log: TestLog, deadline: () => AbortSignal = () => new AbortController().signal) {
  const clock = () => log.time.now;
  const meter = createMeter(clock);
  const files = {
    log: log.log,
    worm: log.worm,
    lock: () => readLock(log.table),
    lanes: tableSource(log.table),
    tryKey: keyTrials(log.keys),
  };
  const deps = { files, trust: log.trustAll, clock, meter, environment: 'dev', deadline };
  return { meter, verify: () => verifyInTime(deps) };
}

describe('verification within a request', () => {
  it('is of the whole ledger: a record that the tree has and the table lost is found, and it is counted', async () => {
    const log = await sealed();
    const { verify, meter } = verifying(log);
    expect(await verify()).toMatchObject({ verdict: 'OK', tree_size: expect.any(Number) });
    // The last one: nothing in the lane points to it.
    await log.table.remove(laneKey(1), seqKey(6));
    expect(await verify()).toMatchObject({
      verdict: 'TRUNCATED',
      findings: [{ verdict: 'TRUNCATED', lane: 1, seq: 6 }],
    });
    const { counts } = meter.drain();
    expect(counts.map(([name, labels]) => [name, ...labels])).toEqual([
      ['ledger_integrity_checks_total', 'OK'],
      ['ledger_integrity_checks_total', 'TRUNCATED'],
    ]);
  });

  it('finds a key that is gone without an erasure on record', async () => {
    const log = await sealed();
    const { verify } = verifying(log);
    for (const { pk, sk } of await itemsOf(log.keys, `SUBJECT#${pseudonym(person('jake'))}`))
      await log.keys.remove(pk, sk);
    expect((await verify()).verdict).toBe('MISSING');
  });

  it('says so, and counts nothing, wherever the time is up: checkpoints, tree, table, keys', async () => {
    const log = await sealed();
    const patient = strikesAfter(Number.POSITIVE_INFINITY);
    await verifying(log, () => patient.signal).verify();
    expect(patient.looked()).toBeGreaterThan(4);
    for (let looks = 0; looks < patient.looked(); looks += 1) {
      const { verify, meter } = verifying(log, () => strikesAfter(looks).signal);
      await expect(verify()).rejects.toMatchObject({
        code: 'LEDGER_TOO_LARGE',
        message: expect.stringContaining('chancery --env dev ledger verify'),
      });
      expect(meter.drain().counts).toEqual([]);
    }
  });

  it('hands on what else goes wrong as it is', async () => {
    const log = await sealed();
    const { verify } = verifying({
      ...log,
      worm: { ...log.worm, list: away },
    });
    await expect(verify()).rejects.toThrow('away');
  });
});

async function* away(): AsyncGenerator<string> {
  yield* [];
  throw new Error('away');
}

/** A deadline that is over after it was looked at so often. */
function strikesAfter(looks: number): { readonly signal: AbortSignal; looked(): number } {
  const controller = new AbortController();
  const { signal } = controller;
  let seen = 0;
  const look = signal.throwIfAborted.bind(signal);
  signal.throwIfAborted = () => {
    if (seen === looks) controller.abort();
    seen += 1;
    look();
  };
  return { signal, looked: () => seen };
}
