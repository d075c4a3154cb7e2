import fc from 'fast-check';
import { expect, it } from 'vitest';
import { laneKey, seqKey } from '../../src/ledger/bytes.ts';
import { allEntries } from '../../src/ledger/reader.ts';
import { type Report, reportOn } from '../../src/ledger/report.ts';
import type { Table } from '../../src/ports.ts';
import { type TestLog, testLog } from './log-support.ts';
import { itemsOf, note, overwrite, START } from './support.ts';

/** The same figures by reading everything in its order. */
async function counted(table: Table, range: { from?: string; to?: string }): Promise<Report> {
  const [by_type, by_outcome]: Record<string, number>[] = [Object.create(null), Object.create(null)];
  let entries = 0;
  for await (const { record } of allEntries(table, range)) {
    entries += 1;
    if (by_type) by_type[record.type] = (by_type[record.type] ?? 0) + 1;
    const { outcome } = record.data;
    if (by_outcome && typeof outcome === 'string') by_outcome[outcome] = (by_outcome[outcome] ?? 0) + 1;
  }
  return { entries, by_type: { ...by_type }, by_outcome: { ...by_outcome } };
}

const step = fc.record({
  lane: fc.nat(3),
  outcome: fc.constantFrom('allow', 'deny', 'constructor', '__proto__', 7, undefined),
  /** Milliseconds; a stretch of a lane is ten seconds. */
  wait: fc.constantFrom(0, 1, 400, 9_999, 10_001, 3_600_000),
  next: fc.constantFrom('seal', 'close', 'note again', ...Array<undefined>(9)),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function lived(steps: readonly Step[]): Promise<TestLog> {
  const log = testLog();
  const lanes = [await log.lane(), await log.lane(), await log.lane(), await log.lane()];
  for (const { lane: at, outcome, wait, next } of steps) {
    log.time.now += wait;
    const type = wait === 0 ? 'decision.made' : 'workflow.succeeded';
    await lanes[at]?.append(note('', { type, data: outcome === undefined ? {} : { outcome } }));
    if (next === 'seal') await log.sealer().seal();
    if (next === 'note again') await noteAgain(log.table);
    if (next !== 'close') continue;
    await lanes[at]?.close();
    lanes[at] = await log.lane();
  }
  return log;
}

/** Every stretch stands there twice: as where somebody took notes away, and they were written again. */
async function noteAgain(table: Table): Promise<void> {
  for (const { sk: day } of await itemsOf(table, 'DAYS'))
    for (const item of await itemsOf(table, `TIME#${day}`))
      await table.put({ ...item, pk: item.pk, sk: `${item.sk}+` }, 'absent');
}

/** A record that nobody can read any more, and an item that is none. */
async function spoil(table: Table, seq: number): Promise<void> {
  const there = await table.get(laneKey(1), seqKey(seq));
  if (there === undefined) return;
  await overwrite(table, { ...there, pk: there.pk, sk: there.sk, b: new Uint8Array([123]) });
  await table.put({ ...there, pk: there.pk, sk: `${there.sk}x` }, 'absent');
}

it('counts what a reader of everything in its order counts, whatever the range, sealed or open', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.array(fc.tuple(fc.option(fc.double({ min: -0.1, max: 1.1, noNaN: true })), fc.nat(20_000)), {
        minLength: 4,
        maxLength: 4,
      }),
      fc.option(fc.integer({ min: 1, max: 10 })),
      async (steps, ranges, spoilt) => {
        const { table, time } = await lived(steps);
        if (spoilt !== null) await spoil(table, spoilt);
        for (const [at, length] of ranges) {
          const from = at === null ? undefined : START + Math.round(at * (time.now - START));
          const range =
            from === undefined
              ? {}
              : { from: new Date(from).toISOString(), to: new Date(from + length).toISOString() };
          const report = await reportOn(table, range);
          expect(report).toEqual(await counted(table, range));
          compared += report.entries;
        }
      },
    ),
    { numRuns: 60 },
  );
  expect(compared).toBeGreaterThan(100);
}, 60_000);
