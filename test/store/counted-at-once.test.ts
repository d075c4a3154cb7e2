/** A crowd that counts in one turn shares a transaction, in which each item is read once and written once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import type { Table } from '../../src/ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'chancery-counted-'));
afterAll(() => rmSync(folder, { recursive: true }));

const slot = (name: string) => [{ name, window: 1, by: 1 }];

test('what many count on is written once, and each hears its own count', async () => {
  const path = join(folder, 'once.db');
  const table = openSqliteTable(path);
  await Promise.all([table.add('p', 'mine', slot('n')), table.add('p', 'yours', slot('n'))]);
  const watch = new DatabaseSync(path);
  watch.exec(`CREATE TABLE written (sk TEXT);
    CREATE TRIGGER counting AFTER UPDATE ON items BEGIN INSERT INTO written VALUES (new.sk); END;`);
  const counted = await Promise.all(
    Array.from({ length: 20 }, (_, n) => table.add('p', n % 4 === 0 ? 'yours' : 'mine', slot('n'))),
  );
  expect(counted.map(({ sk, n }) => [sk, n])).toEqual(
    Array.from({ length: 20 }, (_, n) =>
      n % 4 === 0 ? ['yours', 2 + n / 4] : ['mine', 2 + n - Math.ceil(n / 4)],
    ),
  );
  const written = watch.prepare('SELECT sk FROM written ORDER BY sk').all();
  expect(written.map(({ sk }) => sk)).toEqual(['mine', 'yours']);
  watch.close();
  table.close();
});

test('a count that cannot be stored is refused to its caller, and the others count', async () => {
  const table = openSqliteTable(':memory:');
  // 30 characters below the 400 KB that an item may have.
  const room = 400 * 1024 - 30;
  await table.merge('p', 'full', { x: 'x'.repeat(room - '{"x":""}'.length) });
  const said = await Promise.allSettled([
    table.add('p', 'full', slot('a')),
    table.add('p', 'full', slot('a_name_that_is_longer_than_the_room')),
    table.add('p', 'full', slot('a')),
  ]);
  expect(said.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await table.get('p', 'full')).toMatchObject({ a: 2 });
  table.close();
});

const operation = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('add'), sk: fc.constantFrom('a', 'b') }), weight: 4 },
  fc.record({ do: fc.constantFrom('merge', 'remove', 'put', 'replace'), sk: fc.constantFrom('a', 'b') }),
);

function run(table: Table, { do: what, sk }: { do: string; sk: string }, turn: number): Promise<unknown> {
  switch (what) {
    case 'add':
      return table.add(
        'p',
        sk,
        slot(turn % 3 === 0 ? 'n' : 'm'),
        turn % 2 === 0 ? 'with-the-next' : undefined,
      );
    case 'merge':
      return table.merge('p', sk, { turn, version: turn });
    case 'remove':
      return table.remove('p', sk);
    case 'put':
      return table.put({ pk: 'p', sk, put: turn }, 'absent');
    default:
      return table.put({ pk: 'p', sk, replaced: turn, version: turn }, { version: turn - 1 });
  }
}

test('whatever comes in one turn has the answers, and leaves the items, of one after the other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 20 }), async (operations) => {
      const [together, apart] = [openSqliteTable(':memory:'), openSqliteTable(':memory:')];
      const answers = await Promise.all(operations.map((each, turn) => run(together, each, turn)));
      for (const [turn, each] of operations.entries())
        expect(answers[turn]).toEqual(await run(apart, each, turn));
      expect(await together.query('p')).toEqual(await apart.query('p'));
      together.close();
      apart.close();
    }),
    { numRuns: 200 },
  );
});
