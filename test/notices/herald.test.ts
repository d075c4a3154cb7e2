import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { laneItems } from '../../src/ledger/lane/directory.ts';
import type { Table } from '../../src/ports.ts';
import { lanesOf } from '../../src/watch/alerting.ts';
import { createHerald } from '../../src/watch/notices/herald.ts';
import { itemsOf, note, type TestLedger, testLedger } from '../ledger/support.ts';
import { countingTable } from '../support/counting-table.ts';
import { turnsDuring } from '../support/turns.ts';

const DAY_MS = 86_400_000;

/** A lane of `records`, the last of which says that an approval waits. */
async function life(ledger: TestLedger, about: string, records: number): Promise<void> {
  const lane = await ledger.lane();
  for (let at = 1; at < records; at += 1) await lane.append(note(`${at}`));
  await lane.append(
    note('', { type: 'approval.requested', data: { approval_id: about, workflow: 'data-export' } }),
  );
  await lane.close();
}

function heraldOver(ledger: TestLedger, ledgerTable: Table, state = openSqliteTable(':memory:')) {
  const herald = createHerald({
    table: state,
    ledgerTable,
    lanes: lanesOf(ledgerTable).list,
    ledger: { append: () => Promise.reject(new Error('nothing is concluded here')) },
    outbox: {
      accept: async () => 'queued',
      stateOf: async () => 'open',
    },
    couriers: new Set(),
    clock: () => ledger.time.now,
  });
  return { herald, state };
}

describe('a herald that comes to a ledger of years', () => {
  it('tells what is news, and reads of each lane that is older no more than its first record', async () => {
    const ledger = testLedger();
    for (let at = 0; at < 20; at += 1) await life(ledger, `old_${at}`, 30);
    ledger.time.now += 4 * DAY_MS;
    await life(ledger, 'apr_new', 30);
    const table = countingTable(ledger.table);
    const { herald, state } = heraldOver(ledger, table);
    expect(await herald.gather()).toBe(1);
    const laid = await itemsOf(state, 'NOTICES');
    expect(laid.map(({ notice }) => JSON.parse(String(notice)).about)).toEqual(['apr_new']);
    // The directory and the one lane that can have news.
    expect(table.counts()).toEqual({ query: 2, get: 21 });
    // None of them is looked at again.
    expect((await itemsOf(state, 'HERALD')).map(({ sk }) => sk)).toEqual(['next']);
    expect(await herald.gather()).toBe(0);
    expect(table.total()).toBe(1);
  });

  it('waits at a record that is missing, and is done with a lane that was pruned', async () => {
    const ledger = testLedger();
    await life(ledger, 'apr_one', 3);
    await life(ledger, 'apr_two', 3);
    for await (const { pk, sk } of laneItems(ledger.table, 1)) await ledger.table.remove(pk, sk);
    const [, second] = await itemsOf(ledger.table, 'LANE#00000002');
    if (second === undefined) throw new Error('the lane is empty');
    await ledger.table.remove(second.pk, second.sk);
    const { herald, state } = heraldOver(ledger, ledger.table);
    expect(await herald.gather()).toBe(0);
    expect((await itemsOf(state, 'HERALD')).map(({ sk }) => sk)).toEqual(['00000002', 'next']);
    await ledger.table.put(second, 'absent');
    expect(await herald.gather()).toBe(1);
  });
});

describe('a thousand who read at once', () => {
  it('do not keep others from their turn: no more than a page comes back in one', async () => {
    const table = openSqliteTable(':memory:');
    const item = (pk: string, at: number) => ({ pk, sk: String(at).padStart(6, '0'), n: at });
    const lanes = Array.from({ length: 40 }, (_, at) => `L${at}`);
    await Promise.all(
      lanes.flatMap((pk) => Array.from({ length: 1_000 }, (_, at) => table.put(item(pk, at), 'absent'))),
    );
    const { turns, result: read } = await turnsDuring(
      Promise.all(
        lanes.map(async (pk) => {
          const first = await table.query(pk);
          const second = await table.query(pk, { after: first.next ?? '' });
          return first.items.length + second.items.length;
        }),
      ),
    );
    expect(read).toEqual(lanes.map(() => 1_000));
    expect(turns).toBeGreaterThan(70);
  });
});
