import { encodeTime } from 'ulid';
import { describe, expect, it } from 'vitest';
import { verifyLedger } from '../../src/ledger/check/verify-log.ts';
import type { Lane } from '../../src/ledger/lane/lane.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import { recordsOfExecution } from '../../src/ledger/places/execution-records.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import type { Item, Table } from '../../src/ports.ts';
import { countingTable } from '../support/counting-table.ts';
import { person, pseudonym } from '../support/person.ts';
import { Crash } from './blobs.ts';
import { auditLog, cloneLog, type TestLog, testLog } from './log-support.ts';
import { itemsOf, note } from './support.ts';

const bytesOf = (item: Item): number => Buffer.byteLength(JSON.stringify(item));

async function openMany(log: TestLog, count: number): Promise<Lane[]> {
  const lanes: Lane[] = [];
  for (let at = 0; at < count; at += 1) lanes.push(await log.lane());
  return lanes;
}

async function verdictOf({ log, worm, table, trustAll, time }: TestLog): Promise<string> {
  const files = { log, worm, lock: () => readLock(table), lanes: tableSource(table) };
  return (await verifyLedger(files, trustAll, { now: time.now })).verdict;
}

describe('the lock of a log with very many open lanes', () => {
  it('keeps every item small, and what is open in pages that are used again', async () => {
    const log = testLog();
    const lanes = await openMany(log, 400);
    const sealer = log.sealer();
    await sealer.seal();
    const lockItems = async () => (await itemsOf(log.table, 'LOG')).filter(({ sk }) => sk !== 'PRUNED');
    const items = await lockItems();
    expect(Math.max(...items.map(bytesOf))).toBeLessThan(32_000);
    expect(items).toHaveLength(4);
    expect((await readLock(log.table)).lanes.size).toBe(400);
    for (const lane of lanes) await lane.close();
    await openMany(log, 400);
    await sealer.seal();
    expect((await readLock(log.table)).lanes.size).toBe(400);
    expect(await lockItems()).toHaveLength(4);
    expect(await verdictOf(log)).toBe('OK');
  }, 30_000);

  it('survives a sealer that is killed at any of its steps, and one that comes too late', async () => {
    for (let at = 1; at < 14; at += 1) {
      const log = testLog({ seed: `pages ${at}` });
      const lanes = await openMany(log, 140);
      if (at % 2 === 0) await log.sealer().seal();
      for (const lane of lanes.slice(100)) await lane.append(note('one'));
      const crash = new Crash().plan(at * 13, at % 3 === 0);
      const killed = log.sealer({
        table: crash.wrap('table', log.table),
        log: crash.wrap('log', log.log),
        worm: crash.wrap('worm', log.worm),
      });
      await Promise.allSettled([killed.seal(), log.sealer().seal()]);
      for (const lane of lanes.slice(120)) await lane.close();
      while ((await log.sealer().seal()).status !== 'idle');
      const { size } = await auditLog(log);
      expect(size).toBe(140 + 40 + 20);
      expect(await verdictOf(log)).toBe('OK');
    }
  }, 60_000);
});

describe('a log that an older version sealed', () => {
  const id = `exe_${encodeTime(Date.parse('2026-11-21T07:00:00Z'), 10)}${'0'.repeat(16)}`;

  /** As an older version left it: no notes, and a lock that does not know of any. */
  async function older(): Promise<TestLog> {
    const log = testLog();
    const noteless: Table = new Proxy(log.table, {
      get(table, method) {
        if (method === 'put')
          return async (item: Item, condition: Parameters<Table['put']>[1]) => {
            if (/^(TIME#|DAYS|RUNS#|PERSON#)/.test(item.pk) || item.sk.startsWith('NOTED'))
              return { stored: true };
            const { noted, pages, ...rest } = item;
            return table.put({ ...rest, pk: item.pk, sk: item.sk }, condition);
          };
        const value: unknown = Reflect.get(table, method);
        return typeof value === 'function' ? value.bind(table) : value;
      },
    });
    for (let at = 0; at < 3; at += 1) {
      const lane = await log.lane();
      for (let index = 0; index < 200; index += 1) {
        log.time.now += 500;
        await lane.append(
          note('', {
            who: person(index % 7 === 0 ? 'jake' : 'ann'),
            type: 'decision.made',
            data: { index, ...(index === 5 ? { execution_id: id } : {}) },
          }),
        );
      }
      if (at < 2) await lane.close();
      // Its own tree: as it stood, the lock is not touched by the migration of a later version.
      await log.sealer({ table: noteless }).seal();
    }
    return log;
  }

  const all = async (log: TestLog) =>
    (await readEntries(log.table, {}, { limit: 1_000, order: 'oldest' })).entries.map((entry) => entry.id);

  const ofJake = async (log: TestLog, from: string, order: 'newest' | 'oldest') => {
    const ids: string[] = [];
    const subject = pseudonym(person('jake'));
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await readEntries(
        log.table,
        { subject, from },
        { limit: 10, order, ...(cursor === undefined ? {} : { cursor }) },
      );
      ids.push(...page.entries.map((entry) => entry.id));
      cursor = page.next;
    }
    return ids;
  };

  it("gives a person's records in pages, forwards and backwards, by the notes as without them", async () => {
    const log = await older();
    const from = new Date(log.time.now - 270_000).toISOString();
    const walked = {
      newest: await ofJake(log, from, 'newest'),
      oldest: await ofJake(log, from, 'oldest'),
    };
    expect(walked.oldest.length).toBeGreaterThan(50);
    expect([...walked.newest].reverse()).toEqual(walked.oldest);
    await log.sealer().seal();
    const lane = await log.lane();
    const { id: open } = await lane.append(note('not sealed yet', { who: person('jake') }));
    expect(await ofJake(log, from, 'newest')).toEqual([open, ...walked.newest]);
    expect(await ofJake(log, from, 'oldest')).toEqual([...walked.oldest, open]);
  });

  it('is read as well before its records are noted as after, and noted by the first round', async () => {
    const log = await older();
    expect(await itemsOf(log.table, 'DAYS')).toEqual([]);
    const before = await all(log);
    expect(before).toHaveLength(605);
    expect((await recordsOfExecution(log.table, id)).map((entry) => entry.id)).toEqual(['1.6', '2.6', '3.6']);
    expect((await readLock(log.table)).noted).toBe(false);
    await log.sealer().seal();
    expect((await readLock(log.table)).noted).toBe(true);
    expect(await all(log)).toEqual(before);
    expect((await recordsOfExecution(log.table, id)).map((entry) => entry.id)).toEqual(['1.6', '2.6', '3.6']);
    const table = countingTable(log.table);
    await recordsOfExecution(table, id);
    expect(table.total()).toBeLessThan(8);
    expect(await verdictOf(log)).toBe('OK');
  });

  it('is noted whole however often that is cut off', async () => {
    const left = await older();
    const before = await all(left);
    for (let at = 1; at < 25; at += 1) {
      const log = await cloneLog(left);
      const crash = new Crash().plan(at, at % 2 === 0);
      await log
        .sealer({ table: crash.wrap('table', log.table) })
        .seal()
        .catch(() => undefined);
      expect(await all(log)).toEqual(before);
      await log.sealer().seal();
      expect((await readLock(log.table)).noted).toBe(true);
      expect(await all(log)).toEqual(before);
    }
  }, 60_000);
});
