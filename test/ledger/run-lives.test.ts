/**
 * Runs whose lane is lost in the middle, whose store writes one record after the other and stops, and whose process dies: nobody loses a
 * record that was acknowledged, and no record is ever signed a second time.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import {
  hex,
  laneKey,
  linkHash,
  parseRecord,
  recordItem,
  type Signed,
  seqKey,
  signedOf,
} from '../../src/ledger/bytes.ts';
import { auditReceipt } from '../../src/ledger/check/receipt.ts';
import { verifyLedger } from '../../src/ledger/check/verify-log.ts';
import { joinEntry } from '../../src/ledger/entry.ts';
import { LEASE_MS } from '../../src/ledger/lane/certificate.ts';
import type { Lane } from '../../src/ledger/lane/lane.ts';
import { tombstone } from '../../src/ledger/lane/tombstone.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import type { Receipt } from '../../src/ledger/record.ts';
import { LEASE_GRACE_MS } from '../../src/ledger/seal/gather.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import type { Item, PutResult, Table } from '../../src/ports.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { type TestLog, testLog } from './log-support.ts';
import { itemsOf, note, overwrite } from './support.ts';

/** As DynamoDB takes a run: one record after the other. It may stop behind some, once or for good. */
class OneByOne extends FaultyTable {
  readonly #inner: Table;
  /** Every signature that a place was ever to have, by the bytes that it is for. */
  readonly signatures = new Map<string, Set<string>>();
  /** Stops when so many more were stored; `lost`: the last one's answer alone. */
  stop: { after: number; times: number; lost: boolean } | undefined;

  constructor(inner: Table) {
    super(inner);
    this.#inner = inner;
  }

  override async putRun(items: readonly Item[]): Promise<PutResult> {
    for (const { b, s } of items) {
      if (!(b instanceof Uint8Array) || !(s instanceof Uint8Array)) throw new Error('an item is not signed');
      const known = this.signatures.get(hex(b)) ?? new Set();
      this.signatures.set(hex(b), known.add(hex(s)));
    }
    const { stop } = this;
    let left = stop === undefined || stop.times <= 0 ? Number.POSITIVE_INFINITY : stop.after;
    if (stop !== undefined) stop.times -= 1;
    for (const item of items) {
      if (left === 0 && stop?.lost !== true) throw new Error('the store stopped');
      const put = await this.#inner.put(item, 'absent-or-identical');
      if (!put.stored) return put;
      if (left === 0) throw new Error('the store stopped, and its answer was lost');
      left -= 1;
    }
    return { stored: true };
  }
}

function world(): { log: TestLog; table: OneByOne } {
  const table = new OneByOne(openSqliteTable(':memory:'));
  return { log: testLog({ table }), table };
}

const verified = (log: TestLog, receipts: readonly Receipt[]) =>
  verifyLedger(
    { log: log.log, worm: log.worm, lock: () => readLock(log.table), lanes: tableSource(log.table) },
    log.trustAll,
    { now: log.time.now, receipts },
  );

const together = (lane: Lane, count: number) =>
  Promise.allSettled(Array.from({ length: count }, (_, at) => lane.append(note(`${at}`))));

const given = (settled: Awaited<ReturnType<typeof together>>): Receipt[] =>
  settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));

/** Everything is sealed, lanes of the dead are closed, every promise was kept, and nothing has two signatures. */
async function endsWell({ log, table }: ReturnType<typeof world>, receipts: readonly Receipt[]) {
  log.time.now += LEASE_MS + LEASE_GRACE_MS + 1;
  for (let round = 0; round < 3; round += 1) await log.sealer().seal();
  const { verdict, findings } = await verified(log, receipts);
  expect([verdict, findings]).toEqual(['OK', []]);
  for (const receipt of receipts)
    expect(
      await auditReceipt({ log: log.log, table: log.table, trust: log.trustAll }, receipt, {
        clock: () => log.time.now,
      }),
    ).toMatchObject({ status: 'kept' });
  expect([...table.signatures.values()].filter(({ size }) => size !== 1)).toEqual([]);
}

const versions = async (log: TestLog, lane: number) =>
  (await itemsOf(log.table, laneKey(lane))).map(
    (item) => parseRecord(signedOf(item)?.b ?? new Uint8Array(0))?.v,
  );

const RUN = 5;

describe('a run whose lane is lost', () => {
  it.each(Array.from({ length: RUN }, (_, at) => at))(
    'to the sealer’s tombstone behind %i of its records goes on in another lane, and all its receipts are kept',
    async (stored) => {
      const made = world();
      const { log } = made;
      const lane = await log.lane();
      const first = given(await together(lane, 2));
      // What the run will be: the same lane once more, up to where the tombstone comes.
      const twin = testLog();
      const other = await twin.lane();
      await together(other, 2);
      await together(other, RUN);
      const before = signedOf((await twin.table.get(laneKey(1), seqKey(2 + stored))) ?? { pk: '', sk: '' });
      if (before === undefined) throw new Error('the twin wrote nothing');
      const time = new Date(log.time.now).toISOString();
      const place = { lane: 1, seq: 3 + stored, prev: hex(linkHash(before)), time };
      await log.table.put(await tombstone(place, log.authority), 'absent');
      const receipts = given(await together(lane, RUN));
      expect(receipts.map(({ id }) => id)).toEqual(
        Array.from({ length: RUN }, (_, at) => (at < stored ? `1.${3 + at}` : `2.${1 + at - stored}`)),
      );
      await endsWell(made, [...first, ...receipts]);
    },
  );

  it.each(Array.from({ length: RUN }, (_, at) => at))(
    'to an intruder behind %i of its records raises the alarm first, and nobody loses a record',
    async (stored) => {
      const { log, table } = world();
      const lane = await log.lane();
      const first = given(await together(lane, 2));
      const foreign = signedOf((await log.table.get(laneKey(1), seqKey(1))) ?? { pk: '', sk: '' });
      if (foreign === undefined) throw new Error('nothing is there');
      await log.table.put(recordItem(1, 3 + stored, foreign), 'absent');
      const receipts = given(await together(lane, RUN));
      expect(receipts.map(({ id }) => id)).toEqual(
        Array.from({ length: RUN }, (_, at) => (at < stored ? `1.${3 + at}` : `2.${2 + at - stored}`)),
      );
      const alarm = signedOf((await log.table.get(laneKey(2), seqKey(1))) ?? { pk: '', sk: '' });
      expect(alarm && parseRecord(alarm.b)).toMatchObject({
        type: 'security.tamper_detected',
        data: { kind: 'lane_hijacked', lane: 1, seq: 3 + stored },
      });
      const { verdict, findings } = await verified(log, [...first, ...receipts]);
      expect([verdict, findings.map(({ lane: at, seq }) => `${at}.${seq}`)]).toEqual([
        'DUPLICATE',
        [`1.${3 + stored}`, 'undefined.undefined'],
      ]);
      expect([...table.signatures.values()].every(({ size }) => size === 1)).toBe(true);
    },
  );
});

describe('a run whose store writes one record after the other', () => {
  it.each(Array.from({ length: RUN + 1 }, (_, at) => at))(
    'and stops once behind %i of them: it is sent again as it was',
    async (after) => {
      for (const lost of [false, true]) {
        const made = world();
        const lane = await made.log.lane();
        made.table.stop = { after, times: 1, lost };
        const receipts = given(await together(lane, RUN));
        expect(receipts.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
        expect(await versions(made.log, 1)).toEqual([1, 2, 2, 2, 2, 2]);
        await endsWell(made, receipts);
      }
    },
  );

  it.each(Array.from({ length: RUN }, (_, at) => at))(
    'and stays away behind %i of them: what comes later goes behind the same run',
    async (after) => {
      for (const lost of [false, true]) {
        const made = world();
        const { log, table } = made;
        const lane = await log.lane();
        table.stop = { after, times: 4, lost };
        expect(given(await together(lane, RUN))).toEqual([]);
        const receipts = given(await together(lane, 3));
        expect(receipts.map(({ seq }) => seq)).toEqual([6, 7, 8]);
        await endsWell(made, receipts);
      }
    },
  );

  it.each(Array.from({ length: RUN + 1 }, (_, at) => at))(
    'and whose process dies behind %i of them: what is there is sealed, and its lane closed behind it',
    async (after) => {
      const made = world();
      const { log, table } = made;
      const dying = await log.lane();
      table.stop = { after, times: Number.POSITIVE_INFINITY, lost: false };
      await together(dying, RUN);
      table.stop = undefined;
      const receipts = given(await together(await log.lane(), 2));
      await endsWell(made, receipts);
      expect((await versions(log, 1)).slice(0, 1 + after)).toEqual([
        1,
        ...Array.from({ length: Math.min(after, RUN) }, () => 2),
      ]);
      expect((await itemsOf(log.table, laneKey(1))).length).toBe(2 + Math.min(after, RUN));
    },
  );

  it.each(Array.from({ length: RUN }, (_, at) => at))(
    'and stays away behind %i of them until the lane is closed: it ends behind the whole run',
    async (after) => {
      for (const end of ['close', 'lease'] as const) {
        const made = world();
        const { log, table } = made;
        const lane = await log.lane();
        table.stop = { after, times: 4, lost: true };
        await together(lane, RUN);
        if (end === 'lease') log.time.now += LEASE_MS;
        const receipts = end === 'close' ? [] : given(await together(lane, 2));
        await lane.close();
        expect(await versions(log, 1)).toEqual([1, 2, 2, 2, 2, 2, 1]);
        await endsWell(made, receipts);
      }
    },
  );

  it.each<[string, (signed: Signed) => Signed]>([
    [
      'what it carries of its run',
      ({ b, s }) => ({ b, s: s.map((byte, at) => (at === 70 ? byte ^ 1 : byte)) }),
    ],
    [
      'the boundary between it and its signature, so that its hash is the same',
      (signed) => ({ b: joinEntry(signed).slice(0, -64), s: joinEntry(signed).slice(-64) }),
    ],
  ])(
    'and has one of them changed before it is sent again, %s: the lane is given up there, with an alarm',
    async (_, how) => {
      const { log, table } = world();
      let sent: Item | undefined;
      const lane = await log.lane({
        // Between two attempts somebody changes the second record.
        wait: async (ms) => {
          if (ms === 0) return new Promise((resolve) => setImmediate(resolve));
          sent ??= await table.get(laneKey(1), seqKey(2));
          const signed = sent && signedOf(sent);
          if (signed !== undefined) await overwrite(table, recordItem(1, 2, how(signed)));
        },
      });
      table.stop = { after: 3, times: 1, lost: false };
      const receipts = given(await together(lane, RUN));
      expect(receipts.map(({ id }) => id)).toEqual(['1.1', '2.2', '2.3', '2.4', '2.5']);
      const { findings } = await verified(log, receipts);
      expect(findings).toMatchObject([{ verdict: 'MODIFIED', lane: 1, seq: 2 }, { verdict: 'PENDING' }]);
      // What is sealed ends before it; the rest of the lane waits for somebody to look.
      await log.sealer().seal();
      expect((await readLock(log.table)).lanes.get(1)).toMatchObject({ next: 2 });
    },
  );

  it('and dies while a sealer closes its lane meanwhile: what it sends again finds its places taken', async () => {
    const made = world();
    const { log, table } = made;
    const lane = await log.lane();
    table.stop = { after: 2, times: 4, lost: false };
    await together(lane, RUN);
    log.time.now += LEASE_MS + LEASE_GRACE_MS + 1;
    for (let round = 0; round < 2; round += 1) await log.sealer().seal();
    // Two of five were there; nobody waits for the others any more, and they are nowhere.
    const receipts = given(await together(lane, 2));
    expect(receipts.map(({ id }) => id)).toEqual(['2.1', '2.2']);
    expect((await itemsOf(log.table, laneKey(1))).length).toBe(4);
    await endsWell(made, receipts);
  });
});

describe('runs', () => {
  it('hold 256 records at most, each with its whole way up', async () => {
    const made = world();
    const lane = await made.log.lane();
    const receipts = given(await together(lane, 256 + 256 + 1));
    expect(receipts.map(({ seq }) => seq)).toEqual(Array.from({ length: 513 }, (_, at) => 1 + at));
    // 64 bytes of signature, eight hashes, and three bytes; the last one was alone.
    const lengths = new Set(receipts.map(({ signature }) => Buffer.from(signature, 'base64').length));
    expect(lengths).toEqual(new Set([64 + 8 * 32 + 3, 64]));
    // The first and the last of each, and what was alone.
    await endsWell(
      made,
      [1, 256, 257, 512, 513].flatMap((seq) => receipts[seq - 1] ?? []),
    );
  });

  it('leave out what is too large or has no form, and are whole without it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('good', 'large', 'odd'), { minLength: 2, maxLength: 9 }),
        async (kinds) => {
          const made = world();
          const lane = await made.log.lane();
          const texts = { good: 'good', large: 'x'.repeat(61_500), odd: 'lone \ud800' };
          const settled = await Promise.allSettled(kinds.map((kind) => lane.append(note(texts[kind]))));
          expect(settled.map((one) => (one.status === 'fulfilled' ? 'good' : one.reason.code))).toEqual(
            kinds.map((kind) => ({ good: 'good', large: 'RECORD_TOO_LARGE', odd: 'VALIDATION_ERROR' })[kind]),
          );
          await endsWell(made, given(settled));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('do not hide that somebody changes one of their records before the next is written', async () => {
    const { log } = world();
    const lane = await log.lane();
    await together(lane, 3);
    const item = (await log.table.get(laneKey(1), seqKey(3))) ?? { pk: '', sk: '' };
    const signed = signedOf(item);
    const forged = Buffer.from(
      Buffer.from(signed?.b ?? [])
        .toString('latin1')
        .replace('"2"', '"9"'),
      'latin1',
    );
    await overwrite(log.table, { ...item, pk: item.pk, sk: item.sk, b: forged });
    await together(lane, 2);
    const { findings } = await verified(log, []);
    expect(findings).toMatchObject([{ verdict: 'MODIFIED', lane: 1, seq: 3 }, { verdict: 'PENDING' }]);
  });
});
