import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEntry } from '../../src/ledger/entry.ts';
import { type EntryFilter, type PageOptions, readEntries } from '../../src/ledger/reader.ts';
import { person, pseudonym } from '../support/person.ts';
import { note, testLedger } from './support.ts';

async function all(table: Parameters<typeof readEntries>[0], filter: EntryFilter, options: PageOptions) {
  const entries = [];
  let cursor: string | undefined;
  do {
    const page = await readEntries(table, filter, cursor === undefined ? options : { ...options, cursor });
    entries.push(...page.entries);
    cursor = page.next;
  } while (cursor !== undefined);
  return entries;
}

async function interleaved() {
  const ledger = testLedger();
  const lanes = [await ledger.lane(), await ledger.lane(), await ledger.lane()];
  for (let index = 0; index < 60; index += 1) {
    const lane = lanes[index % 7 === 0 ? 2 : index % 2];
    await lane?.append(
      note(`${index}`, {
        type: index % 3 === 0 ? 'decision.made' : 'workflow.succeeded',
        who: person(index % 5 === 0 ? 'ann' : 'bob'),
        trace: String(index % 4).repeat(32),
        data: {
          index,
          outcome: index % 2 === 0 ? 'allow' : 'deny',
          workflow: `w${index % 3}`,
          drag_mode: 'grunt',
        },
      }),
    );
    // Several records share a millisecond now and then.
    if (index % 3 === 0) ledger.time.now += 7;
  }
  return { ledger, lanes };
}

describe('reading entries', () => {
  it('gives each entry once, in one order, whatever the page size and the direction', async () => {
    const { ledger } = await interleaved();
    const oldest = (await all(ledger.table, {}, { order: 'oldest' })).map(({ id }) => id);
    expect(new Set(oldest).size).toBe(63);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), async (limit) => {
        expect((await all(ledger.table, {}, { order: 'oldest', limit })).map(({ id }) => id)).toEqual(oldest);
        expect((await all(ledger.table, {}, { limit })).map(({ id }) => id)).toEqual([...oldest].reverse());
      }),
      { numRuns: 12 },
    );
  });

  it('ends a page before it is larger than a function may answer', async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    for (let index = 0; index < 100; index += 1)
      await lane.append(note('x'.repeat(50_000), { data: { text: '"'.repeat(25_000), index } }));
    const page = await readEntries(ledger.table, {}, { limit: 1_000 });
    expect(page.next).toBeDefined();
    // As Lambda hands it on: a string in JSON.
    expect(JSON.stringify({ body: JSON.stringify(page) }).length).toBeLessThan(6 * 1_024 * 1_024);
    expect(await all(ledger.table, {}, { limit: 1_000 })).toHaveLength(101);
  });

  it('sorts by time, then lane, then place', async () => {
    const { ledger } = await interleaved();
    const entries = await all(ledger.table, {}, { order: 'oldest', limit: 10 });
    const keys = entries.map(({ record, lane, seq }) => [record.time, lane, seq] as const);
    const sorted = [...keys].sort((a, b) =>
      a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1] || a[2] - b[2],
    );
    expect(keys).toEqual(sorted);
  });

  it('filters by type, family, outcome, mode, workflow, subject, trace and time', async () => {
    const { ledger } = await interleaved();
    const count = async (filter: EntryFilter) => (await all(ledger.table, filter, { limit: 7 })).length;
    expect(await count({ type: 'decision.made' })).toBe(20);
    expect(await count({ type: 'ledger.*' })).toBe(3);
    expect(await count({ outcome: 'deny' })).toBe(30);
    expect(await count({ mode: 'grunt' })).toBe(60);
    expect(await count({ workflow: 'w1' })).toBe(20);
    expect(await count({ subject: pseudonym(person('ann')) })).toBe(12);
    expect(await count({ trace: '2'.repeat(32) })).toBe(15);
    expect(await count({ type: 'decision.made', outcome: 'deny' })).toBe(10);
    expect(await count({ from: '2026-11-21T07:00:00.063Z' })).toBe(35);
    expect(await count({ to: '2026-11-21T07:00:00.056Z' })).toBe(28);
    expect(await count({ from: '2026-11-21T08:00:00+00:30', to: '2026-11-21T07:00:00Z' })).toBe(0);
    expect(await count({ to: '2026-11-21T06:00:00Z' })).toBe(0);
  });

  it('finds one entry by its id and nothing by an id that is none', async () => {
    const { ledger } = await interleaved();
    expect(await readEntry(ledger.table, '1.1')).toMatchObject({
      id: '1.1',
      record: { type: 'workflow.succeeded' },
    });
    for (const id of ['1.99', '9.0', '0.1', '1', '1.1.1', '../1', '1.01', '']) {
      expect(await readEntry(ledger.table, id)).toBeUndefined();
    }
  });

  it('refuses a cursor that it did not give', async () => {
    const { ledger } = await interleaved();
    for (const cursor of ['', 'x', Buffer.from('2026 1.1').toString('base64url')]) {
      await expect(readEntries(ledger.table, {}, { cursor })).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
      });
    }
  });
});
