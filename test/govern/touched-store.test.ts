import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteTable, type SqliteTable } from '../../adapters/local/sqlite-table.ts';
import { LISTED, PREFIXED } from '../../src/govern/power/powers.ts';

const HALF = `CREATE TRIGGER power_inserted AFTER INSERT ON items WHEN new.pk = 'CHARTER'
  BEGIN INSERT OR REPLACE INTO touched (pk, sk) VALUES (new.pk, new.sk); END`;
const PARTITIONS = [...LISTED, ...PREFIXED.map((prefix) => `${prefix}somebody`)];

let folder: string;
let table: SqliteTable;
let insider: DatabaseSync;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chancery-touched-'));
  const path = join(folder, 'store.db');
  openSqliteTable(path).close();
  // As an earlier version left it: with a trigger that knows one partition.
  const earlier = new DatabaseSync(path);
  earlier.exec('DROP TRIGGER powerful_written');
  earlier.exec(HALF);
  earlier.close();
  table = openSqliteTable(path);
  insider = new DatabaseSync(path, { timeout: 2_000 });
});
afterAll(async () => {
  insider.close();
  table.close();
  await rm(folder, { recursive: true });
});

describe('what gives power and is written into the store by another program is told of at once', () => {
  it.each(PARTITIONS)('%s', async (pk) => {
    const sk = 'standing';
    const told = { pk, sk };
    insider
      .prepare('INSERT INTO items (pk, sk, more) VALUES (?, ?, ?)')
      .run(pk, sk, JSON.stringify({ s_ban: 4_000_000_000_000 }));
    expect(await table.touched()).toEqual([told]);
    expect(await table.touched()).toEqual([]);
    insider
      .prepare('UPDATE items SET more = ? WHERE pk = ? AND sk = ?')
      .run(JSON.stringify({ s_ban: 0 }), pk, sk);
    expect(await table.touched()).toEqual([told]);
    insider.prepare('DELETE FROM items WHERE pk = ? AND sk = ?').run(pk, sk);
    expect(await table.touched()).toEqual([told]);
  });

  it.each(PARTITIONS)('%s, where it was and where it is moved to', async (pk) => {
    const [there, elsewhere] = [
      { pk, sk: 'standing' },
      { pk: 'ELSEWHERE', sk: 'standing' },
    ];
    insider
      .prepare('INSERT INTO items (pk, sk, more) VALUES (?, ?, ?)')
      .run(pk, there.sk, JSON.stringify({ s_ban: 4_000_000_000_000 }));
    expect(await table.touched()).toEqual([there]);
    const move = insider.prepare('UPDATE items SET pk = ? WHERE pk = ? AND sk = ?');
    move.run(elsewhere.pk, pk, there.sk);
    expect(await table.touched()).toEqual(expect.arrayContaining([there, elsewhere]));
    move.run(pk, elsewhere.pk, there.sk);
    expect(await table.touched()).toContainEqual(there);
    insider.prepare('DELETE FROM items WHERE pk = ? AND sk = ?').run(pk, there.sk);
    await table.touched();
  });
});

describe('what gives power is not removed by a row that takes its number', () => {
  it.each(PARTITIONS)('%s', async (pk) => {
    insider
      .prepare('INSERT INTO items (pk, sk, more) VALUES (?, ?, ?)')
      .run(pk, 'standing', JSON.stringify({ s_ban: 4_000_000_000_000 }));
    await table.touched();
    const { number } = insider.prepare('SELECT rowid AS number FROM items WHERE pk = ?').get(pk) ?? {};
    const taking = insider.prepare(
      `INSERT OR REPLACE INTO items (rowid, pk, sk, more) VALUES (?, 'ELSEWHERE', 'x', '{}')`,
    );
    expect(() => taking.run(Number(number))).toThrow('by SQLite alone');
    expect(await table.get(pk, 'standing')).toMatchObject({ s_ban: 4_000_000_000_000 });
    await table.remove(pk, 'standing');
    await table.touched();
  });
});

describe('what counts requests is not', () => {
  it('a standing without a sanction, a quota, a record', async () => {
    for (const [pk, sk] of [
      ['PRINCIPAL#somebody', 'standing'],
      ['QUOTA#hello', 'all'],
      ['RUNS#0', '1'],
    ] as const)
      insider.prepare(`INSERT INTO items (pk, sk, more) VALUES (?, ?, '{"n":1}')`).run(pk, sk);
    expect(await table.touched()).toEqual([]);
  });
});
