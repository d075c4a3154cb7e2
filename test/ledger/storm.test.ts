import { describe, expect, it } from 'vitest';
import type { Lane } from '../../src/ledger/lane/lane.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import { LaneWriter } from '../../src/ledger/lane/writer.ts';
import type { Signer } from '../../src/ports.ts';
import { countingTable } from '../support/counting-table.ts';
import { testLog } from './log-support.ts';
import { authoritySigner, itemsOf, note, type TestLedger, testLedger, verifyLanes } from './support.ts';

const verdictOf = (ledger: Pick<TestLedger, 'table' | 'trust'>) =>
  verifyLanes(tableSource(ledger.table), ledger.trust);

/** An authority that counts what each writer asks of it. */
function counted(signer: Signer): Signer & { signed: number } {
  return {
    publicKey: signer.publicKey,
    signed: 0,
    sign(message) {
      this.signed += 1;
      return signer.sign(message);
    },
  };
}

describe('a thousand writers that start at once', () => {
  it('sign one certificate each, take no number twice and leave no gap', async () => {
    const ledger = testLog();
    const authorities = Array.from({ length: 1_000 }, () => counted(authoritySigner()));
    const table = countingTable(ledger.table);
    const lanes = await Promise.all(authorities.map((authority) => ledger.lane({ authority, table })));
    const { add = 0, get = 0, query = 0, put = 0 } = table.counts();
    // The lock, the end of the directory, the counter, record 0, and whether the one before has begun: five each, where
    // each looks for its turn a dozen. A few look again, as the one before them has not.
    expect(add).toBe(1_000);
    expect(Math.max(get / 2, query, put)).toBeLessThan(1_500);
    await Promise.all(lanes.map((lane, at) => lane.append(note(`${at}`))));
    const numbers = lanes.map(({ number }) => number).sort((left, right) => left - right);
    expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1));
    expect(Math.max(...authorities.map(({ signed }) => signed))).toBe(1);
    // Those that did not wait are entered by the sealer, in the order of their numbers.
    while ((await ledger.sealer().seal()).status !== 'idle');
    expect(await itemsOf(ledger.table, 'LANES')).toHaveLength(1_000);
    expect(await verdictOf(ledger)).toMatchObject({ verdict: 'OK', lanes: 1_000, entries: 2_000 });
  }, 120_000);

  it('do not wait for all before them: the one before has begun, and the sealer enters both', async () => {
    const ledger = testLog();
    for (let at = 0; at < 20; at += 1) {
      // They opened, and have not come to the directory yet.
      const numbers = await ledger.table.add('NUMBERS', 'LANES', [{ name: 'taken', window: 0, by: 1 }]);
      const { first } = await LaneWriter.open(Number(numbers.taken), ledger.deps);
      await ledger.table.put(first.item, 'absent-or-identical');
    }
    const waits: number[] = [];
    const lane = await ledger.lane({
      wait: async (ms) => {
        waits.push(ms);
      },
    });
    expect(lane.number).toBe(21);
    expect(waits.filter((ms) => ms > 0)).toEqual([]);
    expect(await itemsOf(ledger.table, 'LANES')).toHaveLength(0);
    await lane.append(note('one'));
    while ((await ledger.sealer().seal()).status !== 'idle');
    expect(await itemsOf(ledger.table, 'LANES')).toHaveLength(21);
  });

  it('leave no gap in the directory where one comes so late that others have opened its lane for it', async () => {
    const ledger = testLog();
    await ledger.lane();
    // Number 2 is on its way. Number 3 was opened for its taker.
    await ledger.table.add('NUMBERS', 'LANES', [{ name: 'taken', window: 0, by: 1 }]);
    const { first } = await LaneWriter.open(3, ledger.deps);
    await ledger.table.put(first.item, 'absent-or-identical');
    const lane = await ledger.lane();
    expect(lane.number).toBe(4);
    const listed = (await itemsOf(ledger.table, 'LANES')).map(({ sk }) => Number(sk));
    expect(listed).toEqual(listed.map((_, at) => at + 1));
    await lane.append(note('one'));
    while ((await ledger.sealer().seal()).status !== 'idle');
    expect((await verdictOf(ledger)).verdict).toBe('OK');
  });

  it('do so on a directory that an older version began, whose numbers nobody has counted', async () => {
    const ledger = testLedger();
    for (let at = 0; at < 5; at += 1) await ledger.lane();
    await ledger.table.remove('NUMBERS', 'LANES');
    const authorities = Array.from({ length: 200 }, () => counted(authoritySigner()));
    const lanes = await Promise.all(authorities.map((authority) => ledger.lane({ authority })));
    expect(new Set(lanes.map(({ number }) => number)).size).toBe(200);
    expect(Math.max(...authorities.map(({ signed }) => signed))).toBeLessThanOrEqual(2);
    expect((await verdictOf(ledger)).verdict).toBe('OK');
  }, 60_000);

  it('fill the numbers of those that died with one, so that what comes behind is sealed', async () => {
    const log = testLog();
    const dead: Signer = { ...log.authority, sign: () => Promise.reject(new Error('died')) };
    const opened = await Promise.allSettled(
      Array.from({ length: 60 }, (_, at) => (at % 7 === 3 ? log.lane({ authority: dead }) : log.lane())),
    );
    const lanes = opened.flatMap((one): Lane[] => (one.status === 'fulfilled' ? [one.value] : []));
    expect(lanes).toHaveLength(51);
    for (const lane of lanes) await lane.append(note('one'));
    while ((await log.sealer().seal()).status !== 'idle');
    const listed = (await itemsOf(log.table, 'LANES')).map(({ sk }) => Number(sk));
    expect(listed).toEqual(Array.from({ length: listed.length }, (_, at) => at + 1));
    for (const { number } of lanes) expect(listed).toContain(number);
    expect((await verdictOf(log)).verdict).toBe('OK');
  });
});

describe('a counter that somebody changed', () => {
  it('to what a great storm could have left costs one signature more, and not a lane for each number', async () => {
    const log = testLog();
    for (let at = 0; at < 4; at += 1) await log.lane();
    await log.table.merge('NUMBERS', 'LANES', { taken: 90_000 });
    const authority = counted(authoritySigner());
    const lane = await log.lane({ authority });
    expect(lane.number).toBe(5);
    expect(authority.signed).toBe(2);
    await lane.append(note('one'));
    while ((await log.sealer().seal()).status !== 'idle');
    expect((await verdictOf(log)).verdict).toBe('OK');
  });

  it.each([0, 2, 10 ** 12, -5])('to %d costs a signature at most', async (taken) => {
    const ledger = testLedger();
    for (let at = 0; at < 4; at += 1) await ledger.lane();
    await ledger.table.merge('NUMBERS', 'LANES', { taken });
    const authority = counted(authoritySigner());
    expect((await ledger.lane({ authority })).number).toBe(5);
    expect(authority.signed).toBe(1);
    expect((await verdictOf(ledger)).verdict).toBe('OK');
  });
});
