/** What is shown as a record to who asks for it by its id, where somebody else can write to the tables. */
import { describe, expect, it } from 'vitest';
import { laneKey, numberKey, parseRecord, recordBytes, seqKey, signedOf } from '../../src/ledger/bytes.ts';
import { signerFromSeed } from '../../src/ledger/ed25519.ts';
import { genuineEntry } from '../../src/ledger/genuine.ts';
import { LEASE_MS } from '../../src/ledger/lane/certificate.ts';
import { LEASE_GRACE_MS } from '../../src/ledger/seal/gather.ts';
import type { Item } from '../../src/ports.ts';
import { type TestLog, testLog } from './log-support.ts';
import { note, seeded } from './support.ts';

const shown = (log: TestLog, id: string) => genuineEntry({ table: log.table, trust: log.trust }, id);

async function itemAt(log: TestLog, lane: number, seq: number): Promise<Item> {
  const item = await log.table.get(laneKey(lane), seqKey(seq));
  if (item === undefined) throw new Error(`nothing at ${lane}.${seq}`);
  return item;
}

const put = (log: TestLog, item: Item, lane: number, seq: number) =>
  log.table.put({ ...item, pk: laneKey(lane), sk: seqKey(seq) }, 'absent');

/** The same record, signed by somebody else, at another place. */
async function forged(item: Item, changes: object): Promise<Item> {
  const record = parseRecord(signedOf(item)?.b ?? new Uint8Array(0));
  if (record === undefined) throw new Error('no record');
  const b = recordBytes({ ...record, ...changes });
  return { ...item, pk: item.pk, sk: item.sk, b, s: await signerFromSeed(seeded('somebody')(32)).sign(b) };
}

describe('an entry that is asked for by its id', () => {
  it('is every record of a lane: sealed or not, the first, and the last that the authority wrote', async () => {
    const log = testLog();
    const lane = await log.lane();
    const { id } = await lane.append(note('one'));
    for (const each of ['1.0', id]) expect(await shown(log, each)).toMatchObject({ id: each });
    log.time.now += LEASE_MS + LEASE_GRACE_MS + 1;
    for (let round = 0; round < 2; round += 1) await log.sealer().seal();
    for (const each of ['1.0', id, '1.2']) expect(await shown(log, each)).toMatchObject({ id: each });
    expect(await shown(log, '1.2')).toMatchObject({ record: { data: { reason: 'tombstone' } } });
  });

  it('is one of a lane that the directory has not come to: whoever has its receipt finds it', async () => {
    const log = testLog();
    const { id } = await (await log.lane()).append(note('one'));
    await log.table.remove('LANES', numberKey(1));
    expect(await shown(log, id)).toMatchObject({ id });
  });

  it('is nothing under a number that nobody claimed, whatever stands there', async () => {
    const log = testLog();
    await (await log.lane()).append(note('one'));
    const [first, second] = [await itemAt(log, 1, 0), await itemAt(log, 1, 1)];
    await put(log, second, 99_999, 1);
    await put(log, await forged(second, { lane: 99_999, seq: 2 }), 99_999, 2);
    await put(log, await forged(first, { lane: 99_998 }), 99_998, 0);
    await put(log, await forged(second, { lane: 99_998 }), 99_998, 1);
    await put(log, first, 99_997, 0);
    for (const id of ['99999.1', '99999.2', '99998.0', '99998.1', '99997.0'])
      expect(await shown(log, id), id).toBeUndefined();
  });

  it('is nothing in a lane that its writer did not put there', async () => {
    const log = testLog();
    const [one] = [await log.lane(), await log.lane()];
    await one.append(note('one'));
    const item = await itemAt(log, 1, 1);
    await put(log, item, 1, 2);
    await put(log, await forged(item, { seq: 3 }), 1, 3);
    await put(log, item, 2, 1);
    for (const id of ['1.2', '1.3', '2.1']) expect(await shown(log, id), id).toBeUndefined();
  });
});
