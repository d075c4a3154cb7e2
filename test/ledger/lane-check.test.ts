import fc from 'fast-check';
import { expect, it } from 'vitest';
import { laneKey } from '../../src/ledger/bytes.ts';
import { type CheckedRecord, LaneCheck, type Placed } from '../../src/ledger/lane/lane-check.ts';
import { placedOf } from '../../src/ledger/lane/verify-lanes.ts';
import { itemsOf, note, testLedger } from './support.ts';

async function writtenLane() {
  const ledger = testLedger();
  const lane = await ledger.lane();
  for (let at = 0; at < 30; at += 1) await lane.append(note(`${at}`));
  return { ledger, placed: (await itemsOf(ledger.table, laneKey(lane.number))).map(placedOf) };
}

/** One byte of the signature is another. */
const spoiled = (placed: Placed): Placed => {
  const s = placed.signed?.s.slice() ?? new Uint8Array(64);
  s[5] = (s[5] ?? 0) ^ 1;
  return placed.signed === undefined ? placed : { ...placed, signed: { b: placed.signed.b, s } };
};

it('answers the same, in the order of the places, whether a batch waits for the one before or not', async () => {
  const { ledger, placed } = await writtenLane();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 10 }),
      fc.option(fc.nat(29)),
      fc.option(fc.nat(29)),
      async (sizes, changed, absent) => {
        const records = placed
          .map((one, at) => (at === changed ? spoiled(one) : one))
          .filter((_, at) => at !== absent);
        const batches: Placed[][] = [];
        for (let at = 0; at < records.length; ) {
          const size = sizes[batches.length % sizes.length] ?? 1;
          batches.push(records.slice(at, at + size));
          at += size;
        }
        const [waiting, ahead] = [new LaneCheck(1, ledger.trust), new LaneCheck(1, ledger.trust)];
        const one: CheckedRecord[] = [];
        for (const batch of batches) one.push(...(await waiting.feed(batch)));
        const arrived: number[] = [];
        const all = await Promise.all(
          batches.map(async (batch, at) => {
            const checked = await ahead.feed(batch);
            arrived.push(at);
            return checked;
          }),
        );
        expect(arrived).toEqual(batches.map((_, at) => at));
        expect(all.flat()).toEqual(one);
        expect(ahead.end()).toEqual(waiting.end());
        expect(ahead.end().length > 0).toBe(changed !== null || (absent !== null && absent < 30));
      },
    ),
    { numRuns: 25 },
  );
});
