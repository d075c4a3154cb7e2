import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { hex, laneKey, parseRecord, recordHash, seqKey, signedOf } from '../../src/ledger/bytes.ts';
import { LEASE_MS } from '../../src/ledger/lane/certificate.ts';
import { tombstone } from '../../src/ledger/lane/tombstone.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import type { NewRecord } from '../../src/ledger/record.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { person, pseudonym } from '../support/person.ts';
import { itemsOf, note, overwrite, testLedger, verifyLanes } from './support.ts';

const verdictOf = async (ledger: ReturnType<typeof testLedger>) =>
  verifyLanes(tableSource(ledger.table), ledger.trust);

describe('a lane', () => {
  it('stores each record under its place with one round trip, and the receipt names what was stored', async () => {
    const table = new FaultyTable(openSqliteTable(':memory:'));
    const ledger = testLedger({ table });
    const lane = await ledger.lane();
    table.forget();
    const receipt = await lane.append(note('one'));
    expect(table.trips).toMatchObject({ putRun: 1, put: 0, get: 0, query: 0 });
    const item = await table.get(laneKey(receipt.lane), seqKey(receipt.seq));
    const signed = item === undefined ? undefined : signedOf(item);
    expect(signed && hex(recordHash(signed))).toBe(receipt.record_hash);
    expect(receipt).toMatchObject({ id: '1.1', lane: 1, seq: 1, max_merge_delay_seconds: 2 });
    expect(await verdictOf(ledger)).toEqual({
      verdict: 'OK',
      entries: 2,
      lanes: 1,
      tree_size: 0,
      findings: [],
    });
  });

  it('keeps the order of a thousand concurrent appends and commits them in few runs', async () => {
    const table = new FaultyTable(openSqliteTable(':memory:'));
    const ledger = testLedger({ table });
    const lane = await ledger.lane();
    table.forget();
    const receipts = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => lane.append(note(`${index}`))),
    );
    expect(receipts.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    expect(table.trips.putRun).toBeLessThan(10);
    expect((await verdictOf(ledger)).verdict).toBe('OK');
  });

  it('gives every writer its own number, without a gap, when many open at once', async () => {
    const ledger = testLedger();
    const lanes = await Promise.all(Array.from({ length: 8 }, () => ledger.lane()));
    expect(lanes.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await verdictOf(ledger)).toMatchObject({ verdict: 'OK', lanes: 8, entries: 8 });
  });

  it('replaces names by pseudonyms and seals personal fields, so that no plain value is stored', async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    const receipt = await lane.append(
      note('x', {
        who: person('jake'),
        personal: { sub: 'jake', name: 'Jake Smith', email: 'jake@example.org' },
      }),
    );
    const item = await ledger.table.get(laneKey(1), seqKey(receipt.seq));
    const record = item?.b instanceof Uint8Array ? parseRecord(item.b) : undefined;
    expect(record?.subject).toBe(pseudonym(person('jake')));
    expect(Buffer.from(item?.b instanceof Uint8Array ? item.b : []).toString()).not.toMatch(/jake/i);
    const opened = record?.personal === undefined ? undefined : await ledger.subjects.open(record.personal);
    expect(opened).toEqual({
      ok: true,
      personal: { sub: 'jake', name: 'Jake Smith', email: 'jake@example.org' },
    });
  });

  it('refuses a record over 60 KB with its code and goes on with the others', async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    const results = await Promise.allSettled([
      lane.append(note('before')),
      lane.append(note('x'.repeat(61_500))),
      lane.append({ ...note('odd'), data: { number: Number.NaN } }),
      lane.append(note('lone \ud800 surrogate')),
      lane.append(note('after')),
    ]);
    expect(
      results.map((result) => (result.status === 'fulfilled' ? result.value.seq : result.reason.code)),
    ).toEqual([1, 'RECORD_TOO_LARGE', 'VALIDATION_ERROR', 'VALIDATION_ERROR', 2]);
    expect((await verdictOf(ledger)).verdict).toBe('OK');
  });

  it('carries figures unsigned on the item, and a resent item carries the same ones', async () => {
    const table = new FaultyTable(openSqliteTable(':memory:'));
    const ledger = testLedger({ table });
    let asked = 0;
    const deltas = (lane: number, seq: number) => {
      asked += 1;
      return seq === 2 ? `${lane}.${seq} asked ${asked}` : undefined;
    };
    const lane = await ledger.lane({ deltas });
    table.fail('putRun', 'after');
    await Promise.all([1, 2, 3].map((index) => lane.append(note(`${index}`))));
    const items = await itemsOf(ledger.table, laneKey(1));
    expect(items.map(({ t }) => t)).toEqual([undefined, undefined, '1.2 asked 2', undefined]);
    await overwrite(table, {
      ...(items[2] ?? { pk: '', sk: '' }),
      pk: laneKey(1),
      sk: seqKey(2),
      t: 'changed',
    });
    expect((await verdictOf(ledger)).verdict).toBe('OK');
  });

  it('takes the labels that the metrics admit, at once or after a look', async () => {
    const ledger = testLedger();
    const admit = (record: NewRecord) =>
      record.data.note === 'new' ? Promise.resolve({ workflow: 'other' }) : { workflow: 'known' };
    const lane = await ledger.lane({ admit });
    await lane.append(note('new', { labels: { workflow: 'never-seen' } }));
    await lane.append(note('old'));
    const labels = (await itemsOf(ledger.table, laneKey(1))).map(
      ({ b }) => b instanceof Uint8Array && parseRecord(b)?.labels,
    );
    expect(labels).toEqual([undefined, { workflow: 'other' }, { workflow: 'known' }]);
  });

  it('counts how long appends took, why others were not made, and that the store came back', async () => {
    const seen: string[] = [];
    const meter = {
      count: (name: string, labels: Readonly<Record<string, string>>) =>
        void seen.push(`${name} ${labels.reason ?? labels.component}`),
      observe: (name: string, _: unknown, value: number) => void seen.push(`${name} ${value}`),
      set: () => {},
    };
    const table = new FaultyTable(openSqliteTable(':memory:'));
    const ledger = testLedger({ table });
    const lane = await ledger.lane({ meter, stopwatch: () => 1.5 });
    await lane.append(note('1'));
    await lane.append(note('x'.repeat(70_000))).catch(() => undefined);
    await lane.append(note('\ud800')).catch(() => undefined);
    table.down();
    await lane.append(note('2')).catch(() => undefined);
    table.heal();
    await lane.close();
    await lane.append(note('3')).catch(() => undefined);
    const failed = (reason: string) => `ledger_append_failures_total ${reason}`;
    expect(seen).toEqual([
      'ledger_append_duration_seconds 0',
      failed('too_large'),
      failed('other'),
      failed('store'),
      'error_recoveries_total ledger',
      failed('closed'),
    ]);
  });

  it('moves to a new lane before its lease ends and closes the old one itself', async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    await lane.append(note('old'));
    ledger.time.now += LEASE_MS;
    expect((await lane.append(note('new'))).id).toBe('2.1');
    const last = (await itemsOf(ledger.table, laneKey(1))).at(-1);
    expect(last?.b instanceof Uint8Array ? parseRecord(last.b)?.data : undefined).toEqual({
      reason: 'lease',
    });
    expect(await verdictOf(ledger)).toMatchObject({ verdict: 'OK', lanes: 2, entries: 5 });
  });

  it('closes with its own last record and takes nothing after', async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    const pending = lane.append(note('last'));
    await pending;
    await lane.close();
    await expect(lane.append(note('too late'))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(await verdictOf(ledger)).toMatchObject({ verdict: 'OK', entries: 3 });
  });

  it('never lets time go back within a lane', async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    const first = await lane.append(note('1'));
    ledger.time.now -= 60_000;
    expect((await lane.append(note('2'))).time).toBe(first.time);
  });
});

describe('a lane whose store fails', () => {
  for (const fault of ['before', 'after', 'partway'] as const) {
    it(`answers as if nothing had happened when one write fails ${fault} it persists`, async () => {
      const table = new FaultyTable(openSqliteTable(':memory:'));
      const ledger = testLedger({ table });
      const lane = await ledger.lane();
      table.fail('putRun', fault);
      const receipts = await Promise.all(['a', 'b', 'c', 'd'].map((text) => lane.append(note(text))));
      expect(receipts.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
      expect(table.unmet).toBe(0);
      expect(await verdictOf(ledger)).toMatchObject({ verdict: 'OK', entries: 5, lanes: 1 });
    });

    it(`says LEDGER_UNAVAILABLE when every write fails ${fault} it persists, and goes on without gap or fork`, async () => {
      const table = new FaultyTable(openSqliteTable(':memory:'));
      const ledger = testLedger({ table });
      const lane = await ledger.lane();
      await lane.append(note('1'));
      table.fail('putRun', fault, { times: 4 });
      const refused = await Promise.allSettled([lane.append(note('2')), lane.append(note('3'))]);
      expect(
        refused.map((result) => (result.status === 'rejected' ? result.reason.code : result.value.seq)),
      ).toEqual(['LEDGER_UNAVAILABLE', 'LEDGER_UNAVAILABLE']);
      table.heal();
      // The unanswered records are resent first: their places are theirs, stored or not.
      expect((await lane.append(note('4'))).seq).toBe(4);
      expect(await verdictOf(ledger)).toMatchObject({ verdict: 'OK', entries: 5, lanes: 1 });
    });

    it(`opens in spite of each single write failing ${fault} it persists`, async () => {
      for (const [operation, skip] of [
        ['query', 0],
        ['put', 0],
        ['put', 1],
      ] as const) {
        const table = new FaultyTable(openSqliteTable(':memory:'));
        const ledger = testLedger({ table });
        table.fail(operation, fault, { skip });
        const lane = await ledger.lane();
        await lane.append(note('1'));
        expect(table.unmet).toBe(0);
        expect(await verdictOf(ledger)).toMatchObject({ verdict: 'OK', entries: 2, lanes: 1 });
      }
    });
  }

  it('refuses the whole queue at once while the store is silent, instead of letting each caller wait its turn', async () => {
    const table = new FaultyTable(openSqliteTable(':memory:'));
    const ledger = testLedger({ table });
    const lane = await ledger.lane();
    table.down().forget();
    expect(lane.head()).toEqual({ lane: 1, seq: 0, failing_since: null });
    const refused = await Promise.allSettled(Array.from({ length: 600 }, () => lane.append(note('x'))));
    expect(refused.every(({ status }) => status === 'rejected')).toBe(true);
    expect(table.trips.putRun).toBe(4);
    expect(lane.head()).toEqual({ lane: 1, seq: 0, failing_since: ledger.time.now });
    table.heal();
    const { seq } = await lane.append(note('y'));
    expect(lane.head()).toEqual({ lane: 1, seq, failing_since: null });
    expect((await verdictOf(ledger)).verdict).toBe('OK');
  });

  it('leaves no lane behind that only half exists when the writer dies between record 0 and the directory', async () => {
    const table = new FaultyTable(openSqliteTable(':memory:'));
    const ledger = testLedger({ table });
    table.fail('put', 'before', { times: 4, matches: ({ pk }) => pk === 'LANES' });
    await expect(ledger.lane()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    table.heal();
    expect(await verdictOf(ledger)).toMatchObject({ verdict: 'OK', lanes: 1, entries: 1 });
    const lane = await ledger.lane();
    expect(lane.number).toBe(2);
    expect((await itemsOf(table, 'LANES')).map(({ sk }) => sk)).toEqual(['00000001', '00000002']);
    expect(await verdictOf(ledger)).toMatchObject({ verdict: 'OK', lanes: 2, entries: 2 });
  });
});

describe('a lane whose next place is taken', () => {
  it("recognises the sealer's tombstone and goes on in a new lane without an alarm", async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    const { record_hash, time } = await lane.append(note('1'));
    const closing = await tombstone({ lane: 1, seq: 2, prev: record_hash, time }, ledger.authority);
    await ledger.table.put(closing, 'absent');
    const receipts = await Promise.all([lane.append(note('2')), lane.append(note('3'))]);
    expect(receipts.map(({ id }) => id)).toEqual(['2.1', '2.2']);
    expect(await verdictOf(ledger)).toMatchObject({ verdict: 'OK', lanes: 2, entries: 6 });
  });

  it("abandons a hijacked lane, records the alarm first and loses nobody's record", async () => {
    const ledger = testLedger();
    const lane = await ledger.lane();
    await lane.append(note('1'));
    const foreign = (await ledger.table.get(laneKey(1), seqKey(1))) ?? { pk: '', sk: '' };
    await ledger.table.put({ ...foreign, pk: foreign.pk, sk: seqKey(3) }, 'absent');
    const receipts = await Promise.all(['2', '3', '4'].map((text) => lane.append(note(text))));
    expect(receipts.map(({ id }) => id)).toEqual(['1.2', '2.2', '2.3']);
    const [, alarm] = await itemsOf(ledger.table, laneKey(2));
    const record = alarm?.b instanceof Uint8Array ? parseRecord(alarm.b) : undefined;
    expect(record).toMatchObject({
      type: 'security.tamper_detected',
      data: { kind: 'lane_hijacked', lane: 1, seq: 3 },
    });
    expect(await verdictOf(ledger)).toMatchObject({
      verdict: 'DUPLICATE',
      findings: [{ verdict: 'DUPLICATE', lane: 1, seq: 3 }],
    });
  });

  it('still raises the alarm when the store fell silent in between', async () => {
    const table = new FaultyTable(openSqliteTable(':memory:'));
    const ledger = testLedger({ table });
    const lane = await ledger.lane();
    await overwrite(table, { pk: laneKey(1), sk: seqKey(1), b: new Uint8Array(9), s: new Uint8Array(64) });
    table.fail('query', 'before', { times: 4, matches: ({ pk }) => pk === 'LANES' });
    await expect(lane.append(note('1'))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(await lane.append(note('2'))).toMatchObject({ id: '2.2' });
    const [, alarm] = await itemsOf(table, laneKey(2));
    expect(alarm?.b instanceof Uint8Array ? parseRecord(alarm.b)?.type : undefined).toBe(
      'security.tamper_detected',
    );
  });

  it('stops opening lanes when each is taken at once', async () => {
    const inner = openSqliteTable(':memory:');
    const table = new FaultyTable(inner);
    const ledger = testLedger({ table });
    const lane = await ledger.lane();
    table.putRun = () => Promise.resolve({ stored: false });
    await expect(lane.append(note('1'))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(lane.number).toBe(3);
  });
});
