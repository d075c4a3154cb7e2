import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { openLedgerFile } from '../../adapters/local/ledger-file.ts';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import type { Change, Item } from '../../src/ports.ts';
import { all, record, records, tableContract } from './table-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'chancery-store-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const file = () => join(folder, `${++files}.db`);

tableContract('sqlite, in memory', async () => {
  const table = openSqliteTable(':memory:');
  return { table, close: () => table.close() };
});

tableContract('sqlite, in a file', async () => {
  const table = openSqliteTable(file());
  return { table, close: () => table.close() };
});

tableContract(
  'sqlite, erasing',
  async () => {
    const table = openSqliteTable(file(), { erasing: true });
    return { table, close: () => table.close() };
  },
  20,
);

describe('the embedded store', () => {
  test('finds everything again after it was closed', async () => {
    const path = file();
    const first = openSqliteTable(path);
    await first.putRun(records('LANE#1', 0, 10));
    first.close();
    const second = openSqliteTable(path);
    expect(await all(second, 'LANE#1')).toEqual(records('LANE#1', 0, 10));
    second.close();
  });

  test('is readable by its owner only, its log too', async () => {
    const path = file();
    const table = openSqliteTable(path);
    await table.put({ pk: 'a', sk: 'a' }, 'absent');
    for (const name of [path, `${path}-wal`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    table.close();
  });

  test('keeps a write-ahead log, so that readers never wait', () => {
    const path = file();
    const table = openSqliteTable(path);
    const db = new DatabaseSync(path);
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    db.close();
    table.close();
  });

  test('two processes on one file see each other and neither loses a count', async () => {
    const path = file();
    const [one, two] = [openSqliteTable(path), openSqliteTable(path)];
    const slot = [{ name: 'n', window: 1, by: 1 }];
    await Promise.all(Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? one : two).add('p', 'a', slot)));
    expect((await one.get('p', 'a'))?.n).toBe(50);
    await one.put(record('LANE#1', 0), 'absent-or-identical');
    expect(await two.get('LANE#1', record('LANE#1', 0).sk)).toEqual(record('LANE#1', 0));
    one.close();
    two.close();
  });

  // POSIX locks belong to the process: closing any descriptor of a file gives up all that it holds on it, and
  // another process could then take the log away from under this one.
  test.runIf(existsSync('/proc/locks'))(
    'a second connection of this process keeps the locks of the first',
    () => {
      const path = file();
      const table = openSqliteTable(path);
      const { ino } = statSync(path);
      const locks = () =>
        readFileSync('/proc/locks', 'utf8')
          .split('\n')
          .filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${ino} `)).length;
      const held = locks();
      expect(held).toBeGreaterThan(0);
      const second = openSqliteTable(path);
      expect(locks()).toBe(held);
      second.close();
      table.close();
    },
  );

  test('is unavailable, not wrong, while another writer holds the file; and all of the group hear it', async () => {
    const path = file();
    const table = openSqliteTable(path);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const group = await Promise.allSettled(records('p', 0, 3).map((item) => table.put(item, 'absent')));
    expect(group).toMatchObject(
      Array.from({ length: 3 }, () => ({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE' } })),
    );
    other.exec('ROLLBACK');
    expect(await all(table, 'p')).toEqual([]);
    expect(await table.put(record('p', 0), 'absent')).toEqual({ stored: true });
    other.close();
    table.close();
  });

  test('comes to an end of a partition where another program wrote keys of bytes that are no text', async () => {
    const path = file();
    const table = openSqliteTable(path);
    await table.putRun(records('LANE#1', 0, 2));
    const other = new DatabaseSync(path);
    for (const key of ['F0', 'F1', 'F2', 'F3'])
      other.exec(`INSERT INTO items (pk, sk, more) VALUES ('LANE#1', CAST(x'${key}' AS TEXT), '{}')`);
    const [stored, kept] = [table, openLedgerFile(path)];
    for (const reader of [stored, kept]) {
      const pages: number[] = [];
      const readOn = async () => {
        for (let after: string | undefined; ; ) {
          const page = await reader.query('LANE#1', { limit: 2, ...(after === undefined ? {} : { after }) });
          if (pages.push(page.items.length) > 9 || page.next === undefined) return;
          after = page.next;
        }
      };
      await expect(readOn()).rejects.toThrow(reader === kept ? 'no text' : 'embedded store');
      expect(pages.length).toBeLessThan(9);
    }
    kept.close();
    other.close();
    table.close();
  });

  test('refuses everything once it is closed, after committing what waited', async () => {
    const path = file();
    const table = openSqliteTable(path);
    const waiting = table.put({ pk: 'a', sk: 'a' }, 'absent');
    table.close();
    expect(await waiting).toEqual({ stored: true });
    await expect(table.put({ pk: 'a', sk: 'b' }, 'absent')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await expect(table.get('a', 'a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(table.query('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('one that asks for the impossible spoils nothing for those who share its transaction', async () => {
    const table = openSqliteTable(':memory:');
    await table.merge('a', 'full', { one: 'x'.repeat(300_000) });
    const group = await Promise.allSettled([
      table.put({ pk: 'a', sk: 'before' }, 'absent'),
      table.merge('a', 'full', { two: 'x'.repeat(300_000) }),
      table.put({ pk: 'a', sk: 'after' }, 'absent'),
    ]);
    expect(group).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: expect.any(RangeError) },
      { status: 'fulfilled' },
    ]);
    expect((await all(table, 'a')).map(({ sk }) => sk)).toEqual(['after', 'before', 'full']);
    expect(await table.get('a', 'full')).not.toHaveProperty('two');
    table.close();
  });

  test('removes what has expired and nothing else', async () => {
    const table = openSqliteTable(':memory:');
    await table.put({ pk: 'a', sk: 'old', expires: 99 }, 'absent');
    await table.put({ pk: 'a', sk: 'now', expires: 100 }, 'absent');
    await table.put({ pk: 'a', sk: 'never' }, 'absent');
    expect(await table.removeExpired(100)).toBe(1);
    expect((await all(table, 'a')).map(({ sk }) => sk)).toEqual(['never', 'now']);
    table.close();
  });

  test('copies itself to a moment in between, however much is written meanwhile', async () => {
    const table = openSqliteTable(file());
    await table.putRun(records('LANE#1', 0, 2_000));
    let written = 2_000;
    let going = true;
    const writing = (async () => {
      for (; going; written += 10) await table.putRun(records('LANE#1', written, 10));
    })();
    for (let copies = 0; copies < 12; copies += 1) {
      const target = file();
      const before = written;
      await table.copyTo(target);
      const copy = openSqliteTable(target);
      const copied = await all(copy, 'LANE#1');
      copy.close();
      expect(copied.length).toBeGreaterThanOrEqual(before);
      expect(copied.length % 10).toBe(0);
      expect(copied.at(-1)).toEqual(records('LANE#1', copied.length - 1, 1)[0]);
    }
    going = false;
    await writing;
    table.close();
  });
});

describe('what the embedded store tells the sentinel', () => {
  const lane = 'LANE#00000001';
  const tampered = new Uint8Array([6]);

  async function tamper(sql: string): Promise<{ changes: Change[]; items: Item[] }> {
    const path = file();
    const table = openSqliteTable(path);
    await table.putRun(records(lane, 0, 3));
    await table.putRun(records(lane, 0, 3));
    await table.putRun([{ ...record(lane, 2), b: tampered }]);
    await table.put({ pk: 'LANES', sk: '00000001', n: 1 }, 'absent');
    await table.put({ pk: 'STATE', sk: 'a', n: 1 }, 'absent');
    await table.add('STATE', 'a', [{ name: 'n', window: 1, by: 1 }]);
    await table.remove('STATE', 'a');
    expect(await table.changesAfter(0)).toEqual([]);
    const tool = new DatabaseSync(path);
    tool.exec(sql);
    tool.close();
    const found = await table.changesAfter(0);
    const items = await all(table, lane);
    table.close();
    return { changes: found.map(({ change }) => change), items };
  }

  test('a record that another tool changed, with its old image', async () => {
    const { changes } = await tamper(`UPDATE items SET b = X'06' WHERE sk = '0000000001'`);
    const before = record(lane, 1);
    expect(changes).toEqual([{ kind: 'modified', before, after: { ...before, b: tampered } }]);
  });

  test('a record that was removed, and one moved to another key', async () => {
    const { changes } = await tamper(
      `DELETE FROM items WHERE sk = '0000000000'; UPDATE items SET pk = 'HIDDEN' WHERE sk = '0000000002'`,
    );
    expect(changes).toEqual([
      { kind: 'removed', before: record(lane, 0), expired: false },
      { kind: 'modified', before: record(lane, 2), after: { ...record(lane, 2), pk: 'HIDDEN' } },
    ]);
  });

  test('a record that REPLACE put in the place of another, which no delete trigger sees', async () => {
    const { changes, items } = await tamper(
      `REPLACE INTO items (pk, sk, b, s, more) VALUES ('${lane}', '0000000001', X'06', X'01', '{}')`,
    );
    const after = { ...record(lane, 1), b: tampered, s: new Uint8Array([1]) };
    expect(items[1]).toEqual(after);
    expect(changes).toEqual([{ kind: 'modified', before: record(lane, 1), after }]);
  });

  test('a record in whose place another item was moved, which removes it just as silently', async () => {
    const { changes, items } = await tamper(
      `INSERT INTO items (pk, sk, b, s, more) VALUES ('STATE', 'b', X'06', X'01', '{}');
       UPDATE OR REPLACE items SET pk = '${lane}', sk = '0000000001' WHERE pk = 'STATE'`,
    );
    const after = { ...record(lane, 1), b: tampered, s: new Uint8Array([1]) };
    expect(items[1]).toEqual(after);
    expect(changes).toEqual([{ kind: 'modified', before: record(lane, 1), after }]);
  });

  test.each([
    ...['INSERT OR REPLACE', 'REPLACE', 'INSERT', 'INSERT OR IGNORE'].flatMap((how) => [
      `${how} INTO items (rowid, pk, sk, more) VALUES (2, 'STATE', 'b', '{}')`,
      `${how} INTO items (oid, pk, sk, more) SELECT 2, 'STATE', 'b', '{}'`,
      `${how} INTO items (_rowid_, pk, sk, b, s, more) VALUES ('2', '${lane}', '0000000009', X'06', X'01', '{}')`,
    ]),
    ...['rowid', 'OID', '"_rowid_"'].map(
      (name) => `UPDATE OR REPLACE items SET ${name} = 2 WHERE sk = '0000000002'`,
    ),
    `UPDATE OR REPLACE items SET (more, rowid) = ('{}', 2) WHERE sk = '0000000002'`,
    `INSERT INTO items (pk, sk, more) VALUES ('${lane}', '0000000002', '{}') ON CONFLICT DO UPDATE SET rowid = 2`,
    // What a trigger before an insert reads where no number is given; for a row that has it already, as another program gave it.
    `INSERT INTO items (rowid, pk, sk, more) VALUES (-1, 'STATE', 'b', '{}')`,
  ])('nothing takes the number of a record and the record with it: %s', async (sql) => {
    const path = file();
    const table = openSqliteTable(path);
    await table.putRun(records(lane, 0, 3));
    const tool = new DatabaseSync(path);
    expect(() => tool.exec(sql)).toThrow('the numbers of rows are given by SQLite alone');
    tool.close();
    expect(await all(table, lane)).toEqual(records(lane, 0, 3));
    expect(await all(table, 'STATE')).toEqual([]);
    await table.putRun(records(lane, 3, 1));
    await table.put({ pk: 'STATE', sk: 'b' }, 'absent');
    table.close();
  });

  test('nor where the store was made by a version that let it, also while that one has it open', async () => {
    const path = file();
    const taking = `INSERT OR REPLACE INTO items (rowid, pk, sk, more) VALUES (2, 'STATE', 'b', '{}')`;
    const replaced = `CREATE TRIGGER IF NOT EXISTS ledger_replaced BEFORE INSERT ON items WHEN new.pk GLOB 'LANE*' BEGIN
      INSERT INTO changes (pk, sk, b, s, more, new_pk, new_sk, new_b, new_s, new_more)
        SELECT pk, sk, b, s, more, new.pk, new.sk, new.b, new.s, new.more
        FROM items WHERE pk = new.pk AND sk = new.sk; END`;
    const inserted = `CREATE TRIGGER IF NOT EXISTS powerful_inserted AFTER INSERT ON items WHEN new.pk = 'SYSTEM' BEGIN
      INSERT OR REPLACE INTO touched (pk, sk) VALUES (new.pk, new.sk); END`;
    openSqliteTable(path).close();
    const earlier = new DatabaseSync(path);
    for (const name of ['ledger_displaced', 'items_renumbered', 'powerful_written'])
      earlier.exec(`DROP TRIGGER ${name}`);
    for (const sql of [replaced, inserted]) earlier.exec(sql);
    earlier.exec(
      `INSERT INTO items (pk, sk, b, s, more) VALUES ('${lane}', '0000000000', X'01', X'02', '{}')`,
    );
    const table = openSqliteTable(path);
    await table.putRun(records(lane, 1, 2));
    expect(() => earlier.exec(taking)).toThrow('by SQLite alone');
    // It goes on writing, and it is started once more: its triggers are there beside these.
    earlier.exec(`INSERT INTO items (pk, sk, more) VALUES ('SYSTEM', 'a', '{}')`);
    for (const sql of [replaced, inserted]) earlier.exec(sql);
    expect(() => earlier.exec(taking)).toThrow('by SQLite alone');
    earlier.exec(`INSERT INTO items (pk, sk, more) VALUES ('SYSTEM', 'b', '{}')`);
    expect((await table.touched()).map(({ sk }) => sk)).toEqual(['a', 'b']);
    expect(await table.changesAfter(0)).toEqual([]);
    earlier.exec(
      `REPLACE INTO items (pk, sk, b, s, more) VALUES ('${lane}', '0000000001', X'06', X'01', '{}')`,
    );
    const told = (await table.changesAfter(0)).map(({ change }) => change.kind);
    expect(new Set(told)).toEqual(new Set(['modified']));
    table.close();
    openSqliteTable(path).close();
    const names = earlier.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all();
    expect(names.map(({ name }) => name)).not.toContain('ledger_replaced');
    expect(names.map(({ name }) => name)).not.toContain('powerful_inserted');
    earlier.close();
  });

  test.each([
    [
      'one that does nothing, in the place of ours',
      'ledger_modified',
      'AFTER UPDATE ON items BEGIN SELECT 1; END',
    ],
    [
      'one that does nothing, under the name of ours in other letters',
      'LEDGER_modified',
      'AFTER UPDATE ON items BEGIN SELECT 1; END',
    ],
    ['one that takes what ours tells', 'quiet', 'BEFORE INSERT ON changes BEGIN SELECT RAISE(IGNORE); END'],
    [
      'one under a name that has to be quoted',
      '"a "" b"',
      'BEFORE INSERT ON changes BEGIN SELECT RAISE(IGNORE); END',
    ],
  ])('what is done after the next start, though somebody left a trigger there: %s', async (_, name, does) => {
    const path = file();
    const first = openSqliteTable(path);
    await first.putRun(records(lane, 0, 3));
    first.close();
    const tool = new DatabaseSync(path);
    tool.exec(`DROP TRIGGER IF EXISTS ${name}; CREATE TRIGGER ${name} ${does}`);
    const table = openSqliteTable(path);
    tool.exec(`UPDATE items SET b = X'06' WHERE sk = '0000000001'`);
    tool.close();
    const told = (await table.changesAfter(0)).map(({ change }) => change);
    expect(told).toMatchObject([{ kind: 'modified', before: record(lane, 1), after: { b: tampered } }]);
    table.close();
  });

  test('nothing, for it is not opened, with a trigger whose name is no text and that nobody can take out', () => {
    const path = file();
    openSqliteTable(path).close();
    const tool = new DatabaseSync(path);
    tool.exec(`PRAGMA journal_mode = DELETE;
      CREATE TRIGGER qQqQ BEFORE INSERT ON changes BEGIN SELECT RAISE(IGNORE); END`);
    tool.close();
    const bytes = readFileSync(path);
    for (let at = bytes.indexOf('qQqQ'); at >= 0; at = bytes.indexOf('qQqQ')) bytes[at] = 0xff;
    writeFileSync(path, bytes);
    expect(() => openSqliteTable(path)).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }));
  });

  test('an entry of the directory of lanes that was removed', async () => {
    const { changes } = await tamper(`DELETE FROM items WHERE pk = 'LANES'`);
    expect(changes).toEqual([
      { kind: 'removed', before: { pk: 'LANES', sk: '00000001', n: 1 }, expired: false },
    ]);
  });

  test('changes are read on from a position, a hundred at a time', async () => {
    const table = openSqliteTable(':memory:');
    await table.putRun(records(lane, 0, 150));
    for (const { sk } of records(lane, 0, 150)) await table.remove(lane, sk);
    const first = await table.changesAfter(0);
    const second = await table.changesAfter(first.at(-1)?.position ?? 0);
    const removed = [...first, ...second].map(({ change }) => change.kind === 'removed' && change.before.sk);
    expect([first.length, second.length]).toEqual([100, 50]);
    expect(removed).toEqual(records(lane, 0, 150).map(({ sk }) => sk));
    table.close();
  });
});

describe('an erasing store', () => {
  const secret = 'the-key-of-a-data-subject-0123456789';
  const remains = (path: string) =>
    readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((name) => name.startsWith(path))
      .filter((name) => readFileSync(name).includes(secret));

  test('leaves no trace of what was removed, in the file or its log, once the removal is acknowledged', async () => {
    const path = file();
    const table = openSqliteTable(path, { erasing: true });
    for (let n = 0; n < 50; n++)
      await table.put({ pk: 'KEY', sk: `${n}`, secret: `${secret}${n}` }, 'absent');
    expect(remains(path)).not.toEqual([]);
    for (let n = 0; n < 50; n++) await table.remove('KEY', `${n}`);
    expect(remains(path)).toEqual([]);
    table.close();
  });

  test('leaves no trace of what was replaced or has expired either', async () => {
    const path = file();
    const table = openSqliteTable(path, { erasing: true });
    await table.put({ pk: 'KEY', sk: 'a', version: 1, secret }, 'absent');
    await table.put({ pk: 'KEY', sk: 'a', version: 2 }, { version: 1 });
    expect(remains(path)).toEqual([]);
    await table.put({ pk: 'KEY', sk: 'b', expires: 1, secret }, 'absent');
    await table.removeExpired(2);
    expect(remains(path)).toEqual([]);
    table.close();
  });

  test('does not acknowledge a removal while a reader keeps the old pages alive', async () => {
    const path = file();
    const table = openSqliteTable(path, { erasing: true });
    await table.put({ pk: 'KEY', sk: 'a', secret }, 'absent');
    const reader = new DatabaseSync(path);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM items').get();
    await expect(table.remove('KEY', 'a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    reader.exec('COMMIT');
    reader.close();
    await table.remove('KEY', 'a');
    expect(remains(path)).toEqual([]);
    table.close();
  });
});
