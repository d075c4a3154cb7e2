/** What the herald leaves unread is what this process appended and nobody is told of, and never anything else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { toEntry } from '../../src/ledger/entry.ts';
import { laneItems } from '../../src/ledger/lane/directory.ts';
import { lanesOf } from '../../src/watch/alerting.ts';
import { createHerald } from '../../src/watch/notices/herald.ts';
import { createUntold, type Untold } from '../../src/watch/notices/untold.ts';
import { itemsOf, note, type TestLedger, testLedger } from '../ledger/support.ts';
import { countingTable } from '../support/counting-table.ts';

const asked = (about: string) =>
  note('', { type: 'approval.requested', data: { approval_id: about, workflow: 'data-export' } });

describe('what nobody is told of', () => {
  it('is passed only where this process appended each of it', () => {
    // As a process appends: on in one lane, sometimes in another, sometimes without having heard of one.
    const step = fc.record({ told: fc.boolean(), skips: fc.nat(1), moves: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(50), (steps, from) => {
        const untold = createUntold();
        const passable = new Set<string>();
        let [lane, seq] = [1, 0];
        for (const { told, skips, moves } of steps) {
          if (moves) [lane, seq] = [lane + 1, 0];
          seq += skips;
          const { type, data } = told ? asked('a') : note('');
          untold.appended([{ lane, seq, type, data }]);
          if (!told) passable.add(`${lane}.${seq}`);
          seq += 1;
        }
        for (let at = 1; at <= lane + 1; at += 1)
          for (let place = from; place < untold.past(at, from); place += 1)
            expect(passable).toContain(`${at}.${place}`);
        // It is of use: what was appended last, and is not told, is passed.
        if (passable.has(`${lane}.${seq - 1}`)) expect(untold.past(lane, seq - 1)).toBe(seq);
      }),
    );
  });
});

describe('a herald beside who appends', () => {
  async function heard(ledger: TestLedger, untold: Untold, from: number): Promise<number> {
    let next = from;
    for await (const item of laneItems(ledger.table, 1, from)) {
      const entry = toEntry(item);
      if (entry !== undefined) untold.appended([entry.record]);
      next += 1;
    }
    return next;
  }

  it('reads one record back where nothing is told, and tells what is', async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    const untold = createUntold();
    const table = countingTable(ledger.table);
    const state = openSqliteTable(':memory:');
    const herald = createHerald({
      table: state,
      ledgerTable: table,
      lanes: lanesOf(ledger.table).list,
      ledger: { append: () => Promise.reject(new Error('nothing is concluded here')) },
      outbox: { accept: async () => 'queued', stateOf: async () => 'open' },
      couriers: new Set(),
      clock: () => ledger.time.now,
      untold,
    });
    await Promise.all(Array.from({ length: 1_200 }, (_, at) => lane.append(note(`${at}`))));
    let next = await heard(ledger, untold, 0);
    expect(await herald.gather()).toBe(0);
    expect(table.counts()).toEqual({ query: 1 });
    for (const about of ['apr_one', 'apr_two']) {
      await lane.append(asked(about));
      await lane.append(note('after'));
      next = await heard(ledger, untold, next);
      expect(await herald.gather()).toBe(1);
    }
    const laid = await itemsOf(state, 'NOTICES');
    expect(laid.map(({ notice }) => JSON.parse(String(notice)).about).sort()).toEqual(['apr_one', 'apr_two']);
    // Another process goes on from the mark, with nothing appended by itself.
    expect(await itemsOf(state, 'HERALD')).toContainEqual(expect.objectContaining({ next }));
    await lane.close();
    await heard(ledger, untold, next);
    expect(await herald.gather()).toBe(0);
    expect((await itemsOf(state, 'HERALD')).map(({ sk }) => sk)).toEqual(['next']);
  });
});
