import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laneKey, numberKey, seqKey } from '../../src/ledger/bytes.ts';
import { tombstone } from '../../src/ledger/lane/tombstone.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import type { Item, Range } from '../../src/ports.ts';
import { person } from '../support/person.ts';
import {
  authorityKey,
  authoritySigner,
  itemsOf,
  note,
  overwrite,
  testLedger,
  verifyLanes,
} from './support.ts';

type Ledger = ReturnType<typeof testLedger>;
const verify = (ledger: Ledger, trust = ledger.trust) => verifyLanes(tableSource(ledger.table), trust);
const places = async (ledger: Ledger) => {
  const { verdict, findings } = await verify(ledger);
  return [verdict, ...findings.map((finding) => `${finding.verdict} ${finding.lane}.${finding.seq}`)];
};

async function filled(lanes = 2, records = 6): Promise<Ledger> {
  const ledger = testLedger();
  for (let lane = 0; lane < lanes; lane += 1) {
    const open = await ledger.lane();
    for (let index = 0; index < records; index += 1) {
      await open.append(note(`${lane}/${index}`, { who: person('jake'), personal: { name: 'Jake' } }));
      ledger.time.now += 10;
    }
  }
  return ledger;
}

async function at(ledger: Ledger, lane: number, seq: number): Promise<Item> {
  const item = await ledger.table.get(laneKey(lane), seqKey(seq));
  if (item === undefined) throw new Error(`nothing at ${lane}.${seq}`);
  return item;
}

const moved = (item: Item, lane: number, seq: number): Item => ({
  ...item,
  pk: laneKey(lane),
  sk: seqKey(seq),
});
const flip = (bytes: unknown, at: number, bit = 1): Uint8Array => {
  const copy = Uint8Array.from(bytes instanceof Uint8Array ? bytes : []);
  copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ bit;
  return copy;
};

describe('verification of lanes', () => {
  it('does not call an empty ledger OK', async () => {
    expect(await verify(testLedger())).toMatchObject({ verdict: 'MISSING', entries: 0, lanes: 0 });
  });

  it('is OK on an untouched ledger, whatever was written', async () => {
    const texts = fc.array(fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 6 }), {
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(texts, async (lanes) => {
        const ledger = testLedger();
        await ledger.lane();
        for (const records of lanes) {
          const lane = await ledger.lane();
          const wellFormed = records.filter((text) => text.isWellFormed());
          await Promise.all(
            wellFormed.map((text) => lane.append(note(text, { who: person(text), personal: { text } }))),
          );
        }
        expect((await verify(ledger)).verdict).toBe('OK');
      }),
      { numRuns: 40 },
    );
  });

  it('finds and names any one changed byte, in any record and in any certificate', async () => {
    const ledger = await filled(2, 3);
    const all = [
      ...(await itemsOf(ledger.table, 'LANES')),
      ...(await itemsOf(ledger.table, laneKey(1))),
      ...(await itemsOf(ledger.table, laneKey(2))),
    ];
    const change = fc.record({
      item: fc.constantFrom(...all),
      attribute: fc.constantFrom('b', 's'),
      at: fc.nat(100_000),
      bit: fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 128),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ item, attribute, at, bit }) => {
        await overwrite(ledger.table, {
          ...item,
          pk: item.pk,
          sk: item.sk,
          [attribute]: flip(item[attribute], at, bit),
        });
        const { findings, verdict } = await verify(ledger);
        await overwrite(ledger.table, item);
        const inDirectory = item.pk === 'LANES';
        const [lane, seq] = inDirectory
          ? [Number(item.sk), 0]
          : [Number(item.pk.slice('LANE#'.length)), Number(item.sk)];
        expect(verdict).toBe('MODIFIED');
        expect(findings).toEqual([{ verdict: 'MODIFIED', lane, seq, detail: expect.any(String) }]);
      }),
      { numRuns: 150 },
    );
    expect((await verify(ledger)).verdict).toBe('OK');
  });

  it('names a record that is gone, however many', async () => {
    const ledger = await filled();
    await ledger.table.remove(laneKey(1), seqKey(3));
    expect(await places(ledger)).toEqual(['MISSING', 'MISSING 1.3']);
    await ledger.table.remove(laneKey(1), seqKey(0));
    expect(await places(ledger)).toEqual(['MISSING', 'MISSING 1.0', 'MISSING 1.3']);
  });

  it('says MISSING where a record was deleted and the rest moved up, not that everything was modified', async () => {
    const ledger = await filled();
    for (let seq = 3; seq < 6; seq += 1)
      await overwrite(ledger.table, moved(await at(ledger, 1, seq + 1), 1, seq));
    await ledger.table.remove(laneKey(1), seqKey(6));
    expect(await places(ledger)).toEqual(['MISSING', 'MISSING 1.3']);
  });

  it('says MODIFIED for an order that was changed', async () => {
    const ledger = await filled();
    const [left, right] = [await at(ledger, 1, 2), await at(ledger, 1, 5)];
    await overwrite(ledger.table, moved(left, 1, 5));
    await overwrite(ledger.table, moved(right, 1, 2));
    expect(await places(ledger)).toEqual(['MODIFIED', 'MODIFIED 1.2', 'MODIFIED 1.5']);
  });

  it('says DUPLICATE for a record that was appended again', async () => {
    const ledger = await filled();
    await ledger.table.put(moved(await at(ledger, 1, 2), 1, 7), 'absent');
    expect(await places(ledger)).toEqual(['DUPLICATE', 'DUPLICATE 1.7']);
  });

  it('says MODIFIED at both places for records that two lanes swapped', async () => {
    const ledger = await filled();
    const [left, right] = [await at(ledger, 1, 2), await at(ledger, 2, 2)];
    await overwrite(ledger.table, moved(left, 2, 2));
    await overwrite(ledger.table, moved(right, 1, 2));
    expect(await places(ledger)).toEqual(['MODIFIED', 'MODIFIED 1.2', 'MODIFIED 2.2']);
  });

  it('notices a lane without its directory entry, without its records, and without both', async () => {
    const ledger = await filled(3);
    await ledger.table.remove('LANES', numberKey(2));
    expect(await places(ledger)).toEqual(['MISSING', 'MISSING 2.0']);
    for (const { pk, sk } of await itemsOf(ledger.table, laneKey(2))) await ledger.table.remove(pk, sk);
    expect(await places(ledger)).toEqual(['MISSING', 'MISSING 2.0']);
    for (const { pk, sk } of await itemsOf(ledger.table, laneKey(1))) await ledger.table.remove(pk, sk);
    expect(await places(ledger)).toEqual(['MISSING', 'MISSING 1.0', 'MISSING 2.0']);
  });

  it("says FORK when a lane's own key signed two histories", async () => {
    const ledger = testLedger();
    const twin = testLedger();
    for (const one of [ledger, twin]) {
      const lane = await one.lane();
      await lane.append(note('same'));
      if (one === twin) await lane.append(note('told to somebody else'));
      else await lane.append(note('told'));
      await lane.append(note('end'));
    }
    // The same seed makes the same lane key, as if the writer lied: both histories are well signed.
    await overwrite(ledger.table, await at(twin, 1, 2));
    expect(await places(ledger)).toEqual(['FORK', 'FORK 1.3']);
  });

  it('says FORK when a lane goes on after it was closed', async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    const { record_hash: prev, time } = await lane.append(note('1'));
    await lane.append(note('2'));
    await lane.append(note('3'));
    await overwrite(ledger.table, await tombstone({ lane: 1, seq: 2, prev, time }, ledger.authority));
    expect(await places(ledger)).toEqual(['FORK', 'FORK 1.3']);
  });

  it('says FORMAT for an item that holds no signed bytes', async () => {
    const ledger = await filled();
    const { pk, sk, b } = await at(ledger, 1, 2);
    await overwrite(ledger.table, { pk, sk, b: b ?? null });
    expect(await places(ledger)).toEqual(['FORMAT', 'FORMAT 1.2']);
  });

  it('does not accuse a busy lane of a gap: a query is no snapshot, so the place is looked at once more', async () => {
    const ledger = await filled(1);
    const blind = new Proxy(ledger.table, {
      get: (table, name) =>
        name === 'get'
          ? table.get.bind(table)
          : async (pk: string, range?: Range) => {
              const page = await table.query(pk, range);
              return pk === 'LANES'
                ? page
                : { ...page, items: page.items.filter(({ sk }) => sk !== seqKey(3)) };
            },
    });
    expect(await verifyLanes(tableSource(blind), ledger.trust)).toMatchObject({ verdict: 'OK', entries: 7 });
  });

  it('says FORMAT for items under keys that are no places, and still reads the rest', async () => {
    const ledger = await filled(1);
    const item = await at(ledger, 1, 2);
    await ledger.table.put({ ...item, pk: laneKey(1), sk: '2' }, 'absent');
    await ledger.table.put({ ...item, pk: 'LANES', sk: 'x' }, 'absent');
    const { verdict, entries, findings } = await verify(ledger);
    expect([verdict, entries, findings.map(({ lane }) => lane)]).toEqual(['FORMAT', 7, [1, undefined]]);
  });
});

describe('the authority of a lane', () => {
  it('is KEY when a stranger certified the lane, and a certificate of another log is as good as none', async () => {
    const ledger = testLedger();
    await ledger.lane();
    await ledger.lane({ authority: authoritySigner('stranger') });
    await ledger.lane({ origin: 'another.example/log' });
    expect(await places(ledger)).toEqual(['KEY', 'KEY 2.0', 'KEY 3.0']);
  });

  it('is OK across a rotation, and KEY for the old key afterwards', async () => {
    const ledger = testLedger();
    const [old, fresh] = [ledger.authority, authoritySigner('fresh')];
    const trust = {
      ...ledger.trust,
      authorities: [authorityKey(old, { to_lane: 2 }), authorityKey(fresh, { from_lane: 3 })],
    };
    await ledger.lane();
    await ledger.lane();
    await ledger.lane({ authority: fresh });
    expect((await verify(ledger, trust)).verdict).toBe('OK');
    await ledger.lane({ authority: old });
    expect((await verify(ledger, trust)).findings).toMatchObject([{ verdict: 'KEY', lane: 4, seq: 0 }]);
  });

  it('is KEY when the lane started after the key had expired', async () => {
    const ledger = testLedger();
    const trust = {
      ...ledger.trust,
      authorities: [authorityKey(ledger.authority, { not_after: '2026-11-21T08:00:00.000Z' })],
    };
    await ledger.lane();
    expect((await verify(ledger, trust)).verdict).toBe('OK');
    ledger.time.now += 2 * 60 * 60 * 1000;
    await ledger.lane();
    expect((await verify(ledger, trust)).findings).toMatchObject([{ verdict: 'KEY', lane: 2, seq: 0 }]);
  });

  it('does not take a record of the authority for a tombstone unless it is one', async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    const { record_hash: prev, time } = await lane.append(note('1'));
    const closing = await tombstone({ lane: 1, seq: 2, prev, time }, authoritySigner('stranger'));
    await ledger.table.put(closing, 'absent');
    expect(await places(ledger)).toEqual(['MODIFIED', 'MODIFIED 1.2']);
  });
});
