/** The last day counted as it grows comes to what its records come to, however often and by how many it is asked for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { canonicalBytes } from '../../src/basics/canonical.ts';
import { hex, recordHash, recordItem } from '../../src/ledger/bytes.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import type { Table } from '../../src/ports.ts';
import { countLastDay, type LastDay } from '../../src/workflow/tasks/last-day.ts';
import { countRecord, emptyTally } from '../../src/workflow/tasks/tally.ts';

const BEGAN = Date.parse('2026-01-01T00:00:30.000Z');
const DAY_MS = 86_400_000;
const SIGNATURE = new Uint8Array(64);

/** A ledger whose lanes are written by hand, at the time that its clock shows; nothing of it is sealed. */
function ledgerOf(table: Table) {
  const written: { record: LedgerRecord; hash: string }[] = [];
  const next = new Map<number, number>();
  return {
    now: BEGAN,
    /** Lanes are opened in the order of their numbers. */
    async append(wanted: number): Promise<void> {
      const lane = Math.min(wanted, next.size + 1);
      const seq = next.get(lane) ?? 0;
      next.set(lane, seq + 1);
      const record: LedgerRecord = {
        v: 1,
        lane,
        seq,
        prev: '0'.repeat(64),
        type: seq % 3 === 0 ? 'decision.made' : 'workflow.succeeded',
        time: new Date(this.now).toISOString(),
        trace: '0'.repeat(32),
        labels: { workflow: `w${lane % 2}` },
        data: seq % 2 === 0 ? { outcome: 'allow' } : {},
      };
      const signed = { b: canonicalBytes(record), s: SIGNATURE };
      const item = recordItem(lane, seq, signed);
      await table.put(item, 'absent');
      if (seq === 0) await table.put({ ...item, pk: 'LANES', sk: String(lane).padStart(8, '0') }, 'absent');
      written.push({ record, hash: hex(recordHash(signed)) });
    },
    /** One by one. */
    between({ from, to }: Pick<LastDay, 'from' | 'to'>) {
      const tally = emptyTally();
      for (const { record, hash } of written)
        if (record.time >= from && record.time <= to) countRecord(tally, record, hash);
      return tally;
    },
  };
}

describe('the last day', () => {
  it('is what one by one its records come to, after every wait and under several who ask at once', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ lane: fc.integer({ min: 1, max: 4 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({ wait: fc.constantFrom(1, 700, 59_999, 60_000, 3_600_000, DAY_MS - 90_000) }),
      },
      { weight: 2, arbitrary: fc.record({ askers: fc.integer({ min: 1, max: 3 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const table = openSqliteTable(':memory:');
        const ledger = ledgerOf(table);
        const lastDay = countLastDay({ table, clock: () => ledger.now });
        for (const did of [...steps, { askers: 1 }]) {
          if ('lane' in did) await ledger.append(did.lane);
          else if ('wait' in did) ledger.now += did.wait;
          else
            for (const day of await Promise.all(Array.from({ length: did.askers }, lastDay))) {
              expect(day.to).toBe(new Date(ledger.now).toISOString());
              expect(Date.parse(day.to) - Date.parse(day.from)).toBe(DAY_MS);
              expect(day.tally).toEqual(ledger.between(day));
            }
        }
        await table.close();
      }),
      { numRuns: 60 },
    );
  });

  it('asked again, reads what is new and no record twice', async () => {
    const table = openSqliteTable(':memory:');
    const ledger = ledgerOf(table);
    let read = 0;
    const lastDay = countLastDay({
      clock: () => ledger.now,
      table: {
        get: (pk, sk) => table.get(pk, sk),
        query: async (pk, range) => {
          const page = await table.query(pk, range);
          if (pk.startsWith('LANE#')) read += page.items.length;
          return page;
        },
      },
    });
    for (let record = 0; record < 500; record += 1) await ledger.append(1 + (record % 3));
    ledger.now += 120_000;
    expect((await lastDay()).tally.records).toBe(500);
    read = 0;
    for (let more = 0; more < 7; more += 1) await ledger.append(1);
    expect((await lastDay()).tally.records).toBe(507);
    expect(read).toBeLessThanOrEqual(10);
    await table.close();
  });

  it('that failed to be read is whole the next time', async () => {
    const table = openSqliteTable(':memory:');
    const ledger = ledgerOf(table);
    for (let record = 0; record < 300; record += 1) await ledger.append(1 + (record % 2));
    let failed = 0;
    for (let failing = 1; failing < 30; failing += 1) {
      let [calls, away] = [0, true];
      const lastDay = countLastDay({
        clock: () => ledger.now,
        table: {
          get: (pk, sk) => table.get(pk, sk),
          query: async (pk, range) => {
            calls += 1;
            if (away && calls === failing) throw new Error('the store is away');
            return table.query(pk, range);
          },
        },
      });
      failed += await lastDay().then(
        () => 0,
        () => 1,
      );
      away = false;
      await ledger.append(1);
      const day = await lastDay();
      expect(day.tally).toEqual(ledger.between(day));
    }
    // At each of its calls, and then at none that it makes.
    expect(failed).toBeGreaterThan(5);
    expect(failed).toBeLessThan(29);
    await table.close();
  });
});
