import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { Commits } from '../../adapters/local/commits.ts';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { record } from './table-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'chancery-commits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SLOT = [{ name: 'n', window: 0, by: 1 }];

test('a transaction is synced wherever one of those who share it may not wait', async () => {
  const db = new DatabaseSync(join(folder, 'synced.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER);');
  const commits = new Commits(
    db,
    () => undefined,
    () => undefined,
  );
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
