/** Items that collect something of every open lane, at ten thousand of them: DynamoDB takes 400 KB in one. */
import { beforeAll, describe, expect, it } from 'vitest';
import { toText } from '../../adapters/local/attributes.ts';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { readLock, swapLock, UNLOCKED } from '../../src/ledger/seal/lock.ts';
import type { Item, Table } from '../../src/ports.ts';
import { createProjector } from '../../src/watch/metrics/project.ts';
import { decision, depsOn, plant } from '../metrics/support.ts';
import { itemsOf, note, testLedger } from './support.ts';

const LANES = 10_000;
/** Numbers and places as long as those of a ledger that is years old. */
const FIRST = 98_000_000;
const PLACE = 9_000_000;

const bytesOf = (item: Item): number => Buffer.byteLength(toText(item));
/** How many items of a partition, and bytes of the largest. */
async function sizes(table: Table, pk: string): Promise<{ items: number; largest: number }> {
  const all = await itemsOf(table, pk);
  return { items: all.length, largest: Math.max(...all.map(bytesOf)) };
}

describe(`of ${LANES} open lanes`, () => {
  let table: Table;
  beforeAll(() => {
    table = openSqliteTable(':memory:');
  });

  it('the lock lies in items of at most 32 KB', async () => {
    const lanes = new Map(
      Array.from({ length: LANES }, (_, at) => [FIRST + at, { next: PLACE + at, prev: 'f'.repeat(64) }]),
    );
    const size = LANES * PLACE;
    const next = {
      size,
      note: 'n'.repeat(500),
      from: size - 1,
      lanes,
      last_lane: FIRST + LANES,
      noted: true,
    };
    const first = await swapLock(table, UNLOCKED, { ...next, size: size - 1, from: 0 });
    // Every lane moves at once: a page tells what held before and what holds now.
    const moved = new Map([...lanes].map(([lane, at]) => [lane, { ...at, next: at.next + 1 }]));
    await swapLock(table, first ?? UNLOCKED, { ...next, lanes: moved });
    expect((await readLock(table)).lanes).toEqual(moved);
    const lock = await sizes(table, 'LOG');
    console.log(`lock: ${lock.items} items, the largest of ${lock.largest} bytes`);
    expect(lock.largest).toBeLessThan(32_000);
    expect(lock.items).toBe(1 + Math.ceil((LANES - 128) / 128));
  });

  it('the accumulators have less than 100 KB in an item, also while all of the lanes move', async () => {
    let largest = 0;
    const put: Table['put'] = (item, condition) => {
      largest = Math.max(largest, bytesOf(item));
      return table.put(item, condition);
    };
    const state = { put, query: table.query.bind(table) };
    const projector = createProjector({ ...depsOn(table), table: state });
    for (const seq of [0, 1]) {
      for (let at = 0; at < LANES; at += 1) await plant(table, 1 + at, seq, decision());
      await projector.run();
    }
    const cells = (await itemsOf(table, 'METRICS')).filter(({ sk }) => sk !== 'base');
    console.log(`accumulators: ${1 + cells.length} items, the largest of ${largest} bytes`);
    expect(largest).toBeGreaterThan(LANES * 4);
    expect(largest).toBeLessThan(100_000);
    // Once that is stored, a cell knows nothing of single lanes.
    await projector.run();
    const after = (await itemsOf(table, 'METRICS')).filter(({ sk }) => sk !== 'base');
    expect(Math.max(...after.map(bytesOf))).toBeLessThan(20_000);
  }, 30_000);

  it('the directory has an item each, of a certificate', async () => {
    const ledger = testLedger();
    await (await ledger.lane()).append(note('x'.repeat(1_000)));
    const directory = await sizes(ledger.table, 'LANES');
    console.log(`directory: an item for each lane, of ${directory.largest} bytes`);
    expect(directory).toMatchObject({ items: 1 });
    expect(directory.largest).toBeLessThan(2_000);
  });
});
