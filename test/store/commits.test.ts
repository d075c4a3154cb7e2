import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { Commits } from '../../adapters/local/commits.ts';
import { openLogSync } from '../../adapters/local/log-sync.ts';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { turnsDuring } from '../support/turns.ts';
import { record } from './table-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'chancery-commits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SLOT = [{ name: 'n', window: 0, by: 1 }];

test('a transaction is synced wherever one of those who share it may not wait', async () => {
  const db = new DatabaseSync(join(folder, 'synced.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER);');
  const commits = new Commits(db, { lost: () => undefined });
  /** How SQLite commits the transaction that this stands in: 1 is NORMAL, 2 FULL. */
  const run = (waits: boolean) =>
    commits.run(
      () => {
        db.exec('INSERT INTO t VALUES (1)');
        return db.prepare('PRAGMA synchronous').get()?.synchronous;
      },
      { waits },
    );
  expect(await run(false)).toBe(2);
  expect(await run(true)).toBe(1);
  expect(await Promise.all([run(true), run(true)])).toEqual([1, 1]);
  expect(await Promise.all([run(true), run(false), run(true)])).toEqual([2, 2, 2]);
  expect(await run(true)).toBe(1);
  expect(await run(false)).toBe(2);
  commits.close();
  db.close();
});

test('wherever a power cut ends the log, no record is there without the count before it', async () => {
  const path = join(folder, 'cut.db');
  const table = openSqliteTable(path);
  await table.put({ pk: 'a', sk: 'first' }, 'absent');
  for (let n = 0; n < 5; n += 1) {
    await table.add('PRINCIPAL#1', 'standing', SLOT, 'with-the-next');
    await table.putRun([record('LANE#1', n)]);
  }
  const log = readFileSync(`${path}-wal`);
  const main = readFileSync(path);
  table.close();
  // A header of 32 bytes, then frames of 24 bytes and a page each (https://sqlite.org/fileformat2.html#walformat).
  const frame = 24 + log.readUInt32BE(8);
  const seen = new Set<string>();
  for (let end = 32; end <= log.length; end += frame) {
    const cut = join(folder, `cut-${end}.db`);
    writeFileSync(cut, main);
    writeFileSync(`${cut}-wal`, log.subarray(0, end));
    const left = openSqliteTable(cut);
    const counted = Number((await left.get('PRINCIPAL#1', 'standing'))?.n ?? 0);
    const recorded = (await left.query('LANE#1')).items.length;
    left.close();
    expect(counted).toBeGreaterThanOrEqual(recorded);
    seen.add(`${counted} ${recorded}`);
  }
  // It did come to cuts between a count and its record, and the last one is none.
  expect(seen).toContain('1 0');
  expect(seen).toContain('5 5');
});

describe('a sync beside the thread that commits', () => {
  /** The file system's own, which ends when the test says so. */
  function heldSync(path: string, quick: boolean) {
    const log = openLogSync(path);
    const calls: { end(error?: Error): void }[] = [];
    const done: string[] = [];
    const heard: (() => void)[] = [];
    return {
      done,
      /** The nth sync, from 0, as soon as it was asked for. */
      async asked(n: number) {
        while (calls[n] === undefined) await new Promise<void>((resolve) => heard.push(resolve));
        return calls[n];
      },
      get count() {
        return calls.length;
      },
      sync: {
        later: () =>
          new Promise<void>((resolve, reject) => {
            calls.push({
              end: (error) => (error === undefined ? log.later().then(resolve, reject) : reject(error)),
            });
            for (const each of heard.splice(0)) each();
          }),
        now() {
          done.push('now');
          log.now();
        },
        get isQuick() {
          return quick;
        },
        close() {
          done.push('close');
          log.close();
        },
      },
    };
  }

  function open(name: string, { quick = false } = {}) {
    const path = join(folder, name);
    let held: ReturnType<typeof heldSync> | undefined;
    const table = openSqliteTable(path, {
      logSync(at) {
        held = heldSync(at, quick);
        return held.sync;
      },
    });
    if (held === undefined) throw new Error('the store asked for no sync');
    return { path, table, held };
  }

  /** In which order these end. */
  function order() {
    const ended: string[] = [];
    const note = <T>(name: string, work: Promise<T>): Promise<T> =>
      work.finally(() => {
        ended.push(name);
      });
    return { ended, note };
  }

  test('nobody hears of a write, and nobody reads it, before it is durable', async () => {
    const { table, held } = open('held.db');
    const { ended, note } = order();
    const first = note('put', table.put({ pk: 'a', sk: '1' }, 'absent'));
    const sync = await held.asked(0);
    const reads = [
      note('get', table.get('a', '1')),
      note('query', table.query('a')),
      note('changes', table.changesAfter(0)),
      note('touched', table.touched()),
    ];
    const second = note('second', table.put({ pk: 'a', sk: '2' }, 'absent'));
    for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(ended).toEqual([]);
    expect(held.count).toBe(1);
    sync.end();
    expect(await first).toEqual({ stored: true });
    expect(await reads[0]).toEqual({ pk: 'a', sk: '1' });
    // The second was no part of it, also for those who read at once.
    expect(await reads[1]).toEqual({ items: [{ pk: 'a', sk: '1' }] });
    expect(ended.slice(0, 3)).toEqual(['put', 'get', 'query']);
    (await held.asked(1)).end();
    await second;
    await Promise.all(reads);
    table.close();
    expect(held.done).toEqual(['close']);
  });

  test('where the disk is quick a single caller is not sent the way of another thread, and a crowd is', async () => {
    const { table, held } = open('quick.db', { quick: true });
    const put = (sk: string) => table.put({ pk: 'a', sk }, 'absent');
    const first = put('1');
    (await held.asked(0)).end();
    await first;
    expect(await put('2')).toEqual({ stored: true });
    expect(held.done).toEqual(['now']);
    const two = [put('3'), put('4')];
    (await held.asked(1)).end();
    await Promise.all(two);
    const after = put('5');
    (await held.asked(2)).end();
    await after;
    expect(held.done).toEqual(['now']);
    table.close();
  });

  test('a sync that fails in the thread that commits ends all promises as well', async () => {
    const table = openSqliteTable(join(folder, 'failed-now.db'), {
      logSync: (at) => ({
        ...openLogSync(at),
        isQuick: true,
        now() {
          throw new Error('EIO: i/o error, fdatasync');
        },
      }),
    });
    await table.put({ pk: 'a', sk: '0' }, 'absent');
    await expect(table.put({ pk: 'a', sk: '1' }, 'absent')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await expect(table.put({ pk: 'a', sk: '2' }, 'absent')).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
    expect(table.lost()).toMatch(/^The disk failed to keep/);
  });

  test('those who waited for it read a page a turn when it is there', async () => {
    const { table, held } = open('turns.db');
    const lanes = ['a', 'b', 'c', 'd', 'e', 'f'];
    const filled = Promise.all(
      lanes.flatMap((pk) => Array.from({ length: 500 }, (_, n) => table.put({ pk, sk: `${n}` }, 'absent'))),
    );
    (await held.asked(0)).end();
    await filled;
    const last = table.put({ pk: 'g', sk: '1' }, 'absent');
    const sync = await held.asked(1);
    const read = Promise.all(lanes.map((pk) => table.query(pk)));
    sync.end();
    await last;
    const { turns, result } = await turnsDuring(read);
    expect(result.map(({ items }) => items.length)).toEqual(lanes.map(() => 500));
    expect(turns).toBeGreaterThanOrEqual(lanes.length - 2);
    table.close();
  });

  test('a count that waits for the next is told at once, and read at once', async () => {
    const { table, held } = open('waits.db');
    expect(await table.add('PRINCIPAL#1', 'standing', SLOT, 'with-the-next')).toMatchObject({ n: 1 });
    expect(await table.get('PRINCIPAL#1', 'standing')).toMatchObject({ n: 1 });
    expect(held.count).toBe(0);
    table.close();
  });

  test('closing brings to the disk what is under way and what waits, then lets go of the log', async () => {
    const { path, table, held } = open('closed.db');
    const first = table.put({ pk: 'a', sk: '1' }, 'absent');
    await held.asked(0);
    const second = table.put({ pk: 'a', sk: '2' }, 'absent');
    table.close();
    expect(await Promise.all([first, second])).toEqual([{ stored: true }, { stored: true }]);
    expect(held.done).toEqual(['now', 'now', 'close']);
    const again = openSqliteTable(path);
    expect((await again.query('a')).items.map(({ sk }) => sk)).toEqual(['1', '2']);
    again.close();
  });

  test('after a sync that failed nothing is promised any more, and the store says that it is lost', async () => {
    const { table, held } = open('failed.db');
    const first = table.put({ pk: 'a', sk: '1' }, 'absent');
    const sync = await held.asked(0);
    const second = table.put({ pk: 'a', sk: '2' }, 'absent');
    sync.end(new Error('EIO: i/o error, fdatasync'));
    await expect(first).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(second).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await expect(table.add('a', '3', SLOT)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(table.lost()).toMatch(/^The disk failed to keep/);
    expect(held.count).toBe(1);
    table.close();
  });

  test('what another connection committed is settled too', async () => {
    const { path, table, held } = open('settled.db');
    const other = openSqliteTable(path);
    await other.put({ pk: 'a', sk: '1' }, 'absent');
    const settled = table.settle();
    (await held.asked(0)).end();
    await settled;
    const failing = table.settle();
    (await held.asked(1)).end(new Error('EIO: i/o error, fdatasync'));
    await expect(failing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    other.close();
    table.close();
  });
});
