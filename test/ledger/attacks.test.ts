import { describe, expect, it } from 'vitest';
import { type LogVerifyOptions, verifyLedger } from '../../src/ledger/check/verify-log.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import { keyTrials } from '../../src/ledger/people/personal.ts';
import type { Receipt } from '../../src/ledger/record.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { witnessMemory } from '../../src/ledger/tree/witness.ts';
import { person } from '../support/person.ts';
import { ATTACKS, type Attack, keep, LAWFUL } from './attacks.ts';
import { ATTACKS_IN_COMBINATION } from './attacks-in-combination.ts';
import { ATTACKS_ON_RUNS, LAWFUL_RUNS } from './attacks-on-runs.ts';
import { ATTACKS_ON_WHAT_IS_KEPT } from './attacks-on-what-is-kept.ts';
import { cloneLog, type TestLog, testLog } from './log-support.ts';
import { naiveChain, naiveVerify } from './naive.ts';
import { note, ORIGIN } from './support.ts';

const verify = (log: TestLog, options: Partial<LogVerifyOptions> = {}) =>
  verifyLedger(
    {
      log: log.log,
      worm: log.worm,
      lock: () => readLock(log.table),
      lanes: tableSource(log.table),
      witness: () => witnessMemory(log.witnessTable, ORIGIN),
      tryKey: keyTrials(log.keys),
    },
    log.trustAll,
    { now: log.time.now, ...options },
  );

async function base(): Promise<{ log: TestLog; receipts: readonly Receipt[] }> {
  const log = testLog();
  const lanes = [await log.lane(), await log.lane(), await log.lane()];
  const receipts: Receipt[] = [];
  const sealer = log.sealer();
  for (let round = 0; round < 4; round += 1) {
    for (const [index, lane] of lanes.entries()) {
      const personal =
        index === 0 && round === 0 ? { who: person('jake'), personal: { name: 'Jake Smith' } } : {};
      receipts.push(await lane.append(note(`${index + 1}/${2 * round}`, personal)));
      receipts.push(await lane.append(note(`${index + 1}/${2 * round + 1}`)));
    }
    log.time.now += 100;
    await sealer.seal();
  }
  for (const word of ['a', 'b'])
    receipts.push(...(await Promise.all(lanes.slice(2).map((lane) => lane.append(note(`3/${word}`))))));
  return { log, receipts };
}

async function outcome(
  { act, options }: Attack,
  prepared: Awaited<ReturnType<typeof base>>,
): Promise<string[]> {
  const log = await cloneLog(prepared.log);
  keep(log, prepared.receipts);
  await act(log, prepared.receipts);
  const { verdict, findings } = await verify(log, options?.(log) ?? {});
  return [
    verdict,
    ...findings.map(
      ({ verdict: found, lane, seq }) => `${found} ${lane === undefined ? '-' : `${lane}.${seq ?? '-'}`}`,
    ),
  ];
}

/** Every base log ends with two records that wait: that is no finding of an attack. */
const withoutWaiting = (found: readonly string[]): readonly string[] =>
  found.filter((one) => !one.startsWith('PENDING'));

describe('attacks', async () => {
  const prepared = await base();
  const rows: string[][] = [];

  it.each([...ATTACKS, ...ATTACKS_ON_WHAT_IS_KEPT, ...ATTACKS_IN_COMBINATION, ...ATTACKS_ON_RUNS])(
    '$name',
    async (attack) => {
      const found = await outcome(attack, prepared);
      const naive = attack.naive?.(naiveChain(Array.from({ length: 10 }, (_, index) => `record ${index}`)));
      rows.push([
        attack.name,
        found.slice(0, 3).join(', '),
        naive === undefined ? '-' : naive === 'intact' ? 'NOT NOTICED' : 'noticed',
      ]);
      expect(withoutWaiting(found)).toEqual(withoutWaiting(attack.expect));
    },
  );

  it('are at least a hundred, and the naive chain misses most of those that it can suffer', () => {
    for (const row of rows)
      console.log(row.map((cell, index) => cell.padEnd([66, 36, 12][index] ?? 0)).join(' '));
    expect(rows.length).toBeGreaterThanOrEqual(100);
    expect(rows.filter((row) => row[2] === 'NOT NOTICED').length).toBeGreaterThanOrEqual(8);
    expect(naiveVerify(naiveChain(['a', 'b']))).toBe('intact');
  });

  it.each([...LAWFUL, ...LAWFUL_RUNS])('are not seen in what is lawful: $name', async (lawful) => {
    expect(await outcome(lawful, prepared)).toEqual(lawful.expect);
  });
});
