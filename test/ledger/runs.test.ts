/** Records that were signed together, in lanes, logs and receipts: whatever byte of them is another, it is found, and no key of ours is blamed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laneKey, recordItem, type Signed, seqKey, signedOf } from '../../src/ledger/bytes.ts';
import { createPatrol } from '../../src/ledger/check/patrol.ts';
import { auditReceipt } from '../../src/ledger/check/receipt.ts';
import { sealedPrunings } from '../../src/ledger/check/sentinel.ts';
import { verifyLedger } from '../../src/ledger/check/verify-log.ts';
import { verifySince } from '../../src/ledger/check/verify-since.ts';
import { importPublicKey } from '../../src/ledger/ed25519.ts';
import { joinEntry, splitEntry } from '../../src/ledger/entry.ts';
import { genuineEntry } from '../../src/ledger/genuine.ts';
import { createJustifier } from '../../src/ledger/justified.ts';
import { LaneCheck, type Placed } from '../../src/ledger/lane/lane-check.ts';
import { type LaneSource, placedOf, tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import type { Receipt } from '../../src/ledger/record.ts';
import { isSignedBy, ownSignature } from '../../src/ledger/run-signature.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { bundlePath, decodeBundle, encodeBundle } from '../../src/ledger/tree/tiles.ts';
import { laneWithKey } from './attacks-in-combination.ts';
import { cloneLog, entriesOf, type TestLog, testLog } from './log-support.ts';
import { readParts, signTogether, writeParts } from './run-parts.ts';
import { itemsOf, note, overwrite, type TestLedger, testLedger, verifyLanes } from './support.ts';

const NOBODY = new Uint8Array(0);
const sizesOfRuns = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

/** A lane with runs of these sizes behind its first record; each was committed at once. */
async function laneOf(sizes: readonly number[], ledger: TestLedger = testLedger()) {
  const lane = await ledger.lane();
  for (const size of sizes)
    await Promise.all(Array.from({ length: size }, (_, at) => lane.append(note(`${at} of ${size}`))));
  const listed = (await itemsOf(ledger.table, 'LANES'))[0];
  const placed = (await itemsOf(ledger.table, laneKey(lane.number))).map(placedOf);
  return { ledger, placed, directory: listed && signedOf(listed) };
}

/** These records as a store would show them. */
const shown = (directory: Signed | undefined, placed: readonly Placed[]): LaneSource => ({
  async *directory() {
    yield { lane: 1, signed: directory };
  },
  async *records(lane) {
    if (lane === 1) yield* placed;
  },
});

const changed = (bytes: Uint8Array, at: number, by: number): Uint8Array =>
  bytes.map((byte, index) => (index === at % bytes.length ? byte ^ by : byte));

/** One byte of one part, as whoever writes to the store would leave it. */
function spoilt(placed: Placed, part: 'b' | 's', at: number, by: number): Placed {
  const { b = NOBODY, s = NOBODY } = placed.signed ?? {};
  const item = part === 'b' ? { b: changed(b, at, by), s } : { b, s: changed(s, at, by) };
  return { seq: placed.seq, signed: signedOf(item) };
}

const aByte = {
  record: fc.nat(),
  part: fc.constantFrom('b' as const, 's' as const),
  at: fc.nat(),
  by: fc.integer({ min: 1, max: 255 }),
};

describe('a lane with runs', () => {
  it('verifies up to each of its records, wherever somebody stops to read', async () => {
    await fc.assert(
      fc.asyncProperty(sizesOfRuns, async (sizes) => {
        const { ledger, placed, directory } = await laneOf(sizes);
        for (let end = 1; end <= placed.length; end += 1) {
          const { verdict, entries } = await verifyLanes(
            shown(directory, placed.slice(0, end)),
            ledger.trust,
          );
          expect([verdict, entries]).toEqual(['OK', end]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('shows where a byte is another, in a record or in what it carries of its run, and calls it no fork', async () => {
    await fc.assert(
      fc.asyncProperty(sizesOfRuns, fc.record(aByte), async (sizes, { record, part, at, by }) => {
        const { ledger, placed, directory } = await laneOf(sizes);
        const target = record % placed.length;
        const records = placed.map((one, seq) => (seq === target ? spoilt(one, part, at, by) : one));
        const { verdict, findings } = await verifyLanes(shown(directory, records), ledger.trust);
        expect(['MODIFIED', 'FORMAT']).toContain(verdict);
        expect(findings.map(({ lane, seq }) => `${lane}.${seq}`)).toEqual([`1.${target}`]);
      }),
      { numRuns: 120 },
    );
  });

  it('vouches for no other bit in any byte of what a record carries of its run', async () => {
    for (const size of [2, 5]) {
      const { ledger, placed, directory } = await laneOf([size]);
      const { signed } = placed[size] ?? {};
      for (let at = 0; at < (signed?.s.length ?? 0); at += 1)
        for (let bit = 0; bit < 8; bit += 1) {
          const one = spoilt({ seq: size, signed }, 's', at, 1 << bit);
          const check = new LaneCheck(1, ledger.trust, {
            ...(directory === undefined ? {} : { directory }),
            resume: { next: size, prev: undefined },
          });
          expect(await check.feed([one])).toMatchObject([{ ok: false }]);
          expect(check.findings).toMatchObject([{ seq: size, verdict: 'MODIFIED' }]);
        }
    }
  });

  it('is judged record by record as each would be alone, though those of a run are asked about together', async () => {
    const mixing = fc.record({
      record: fc.nat(),
      with: fc.nat(),
      what: fc.constantFrom('path', 'signature', 'index', 'size', 's', 'byte'),
      at: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(
        sizesOfRuns,
        fc.array(mixing, { maxLength: 6 }),
        fc.integer({ min: 1, max: 7 }),
        async (sizes, mixings, batch) => {
          const { ledger, placed, directory } = await laneOf(sizes);
          const records = [...placed];
          for (const { record, with: other, what, at } of mixings) {
            const place = 1 + (record % (records.length - 1));
            const [own, its] = [records[place]?.signed, records[1 + (other % (records.length - 1))]?.signed];
            if (own === undefined || its === undefined) continue;
            const [mine, theirs] = [readParts(own.s), readParts(its.s)];
            const s =
              what === 's'
                ? its.s
                : what === 'byte' || own.s.length === 64 || its.s.length === 64
                  ? changed(own.s, at, 1)
                  : writeParts({ ...mine, [what]: theirs[what] });
            records[place] = { seq: place, signed: signedOf({ b: own.b, s }) };
          }
          const { public_key } = JSON.parse(Buffer.from(directory?.b ?? []).toString());
          const key = importPublicKey(new Uint8Array(Buffer.from(public_key, 'base64')));
          const check = new LaneCheck(1, ledger.trust, directory === undefined ? {} : { directory });
          for (let from = 0; from < records.length; from += batch)
            await check.feed(records.slice(from, from + batch));
          const genuine = ({ signed }: Placed) =>
            signed !== undefined && key !== undefined && isSignedBy(key, signed);
          expect(check.findings.map(({ seq }) => seq)).toEqual(
            records.filter((one) => !genuine(one)).map(({ seq }) => seq),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is found to lack a record, or to have two in each other’s places, whatever run they are of', async () => {
    await fc.assert(
      fc.asyncProperty(sizesOfRuns, fc.nat(), fc.nat(), async (sizes, one, two) => {
        const { ledger, placed, directory } = await laneOf(sizes);
        const [left, right] = [one, two].map((place) => 1 + (place % (placed.length - 1)));
        const swapped = placed.map(({ seq, signed }) => ({
          seq,
          signed:
            seq === left ? placed[right ?? 0]?.signed : seq === right ? placed[left ?? 0]?.signed : signed,
        }));
        const order = await verifyLanes(shown(directory, swapped), ledger.trust);
        expect(order.verdict).toBe(left === right ? 'OK' : 'MODIFIED');
        const lacking = placed.filter(({ seq }) => seq !== left);
        const gap = await verifyLanes(shown(directory, lacking), ledger.trust);
        expect(gap.verdict).toBe(left === placed.length - 1 ? 'OK' : 'MISSING');
      }),
      { numRuns: 60 },
    );
  });
});

/** Bytes that end as an entry could, and others. */
const entryLike = fc
  .tuple(
    fc.uint8Array({ maxLength: 400 }),
    fc.constantFrom('"v":1}', '"v":2}', '', '}'),
    fc.uint8Array({ minLength: 61, maxLength: 330 }),
    fc.constantFrom(0, 16, 0x7f, 0x80, 0x81, 0x83, 0x88, 0x89, 0xff),
    fc.option(fc.constantFrom(64, 67, 99, 163, 323)),
  )
  .map(([start, end, tail, last, length]) => {
    const s = new Uint8Array(length ?? tail.length + 3);
    s.set(tail.subarray(0, s.length - 1));
    s[s.length - 1] = last;
    return { b: new Uint8Array([...start, ...Buffer.from(end)]), s };
  });

describe('an entry', () => {
  it('comes apart in one way: what a store shows in two parts is what the log has in one', () => {
    fc.assert(
      fc.property(entryLike, fc.integer({ min: -300, max: 300 }), (parts, moved) => {
        const entry = joinEntry(parts);
        const split = splitEntry(entry);
        expect(joinEntry(split)).toEqual(entry);
        if (entry.length > 64) expect(signedOf({ ...split })).toEqual(split);
        // The same bytes with the boundary elsewhere.
        const at = parts.b.length + moved;
        const other = { b: entry.slice(0, Math.max(0, at)), s: entry.slice(Math.max(0, at)) };
        if (ownSignature(other) !== undefined) expect(other).toEqual(split);
      }),
      { numRuns: 3_000 },
    );
  });
});

/** Three lanes with runs, sealed in three rounds of which one cuts a run, and receipts for all. */
async function sealedLog(): Promise<{ log: TestLog; receipts: readonly Receipt[] }> {
  const log = testLog();
  const lanes = [await log.lane(), await log.lane(), await log.lane()];
  const receipts: Receipt[] = [];
  for (const size of [3, 1, 6]) {
    for (const lane of lanes)
      receipts.push(
        ...(await Promise.all(Array.from({ length: size }, (_, at) => lane.append(note(`${at}`))))),
      );
    log.time.now += 100;
    await log.sealer({ limit: 10 }).seal();
  }
  for (let round = 0; round < 3; round += 1) await log.sealer().seal();
  return { log, receipts };
}

const verified = (
  log: TestLog,
  receipts: readonly Receipt[] = [],
  options: { readonly signatures?: boolean } = {},
) =>
  verifyLedger(
    { log: log.log, worm: log.worm, lock: () => readLock(log.table), lanes: tableSource(log.table) },
    log.trustAll,
    { now: log.time.now, receipts, ...options },
  );

describe('a log with runs', async () => {
  const prepared = await sealedLog();

  it('verifies with the receipts for all of it, sealed in the middle of runs', async () => {
    expect(await verified(prepared.log, prepared.receipts)).toMatchObject({
      verdict: 'OK',
      entries: 33,
      findings: [],
    });
  });

  it('shows where a byte is another in its store or in its bundle, and calls it no fork', async () => {
    const { receipts } = prepared;
    await fc.assert(
      fc.asyncProperty(
        fc.record({ ...aByte, where: fc.constantFrom('store', 'log') }),
        async ({ record, part, at, by, where }) => {
          const log = await cloneLog(prepared.log);
          const { lane = 1, seq = 1, id } = receipts[record % receipts.length] ?? {};
          const item = await log.table.get(laneKey(lane), seqKey(seq));
          const signed = item && signedOf(item);
          if (signed === undefined) throw new Error(`nothing at ${id}`);
          const { b, s } = signed;
          const other = part === 'b' ? { b: changed(b, at, by), s } : { b, s: changed(s, at, by) };
          if (where === 'store') await overwrite(log.table, recordItem(lane, seq, other));
          else {
            const { size } = await readLock(log.table);
            const [old, now] = [joinEntry(signed), joinEntry(other)];
            const entries = decodeBundle(log.log.files.get(bundlePath(0, size)) ?? NOBODY) ?? [];
            const same = (entry: Uint8Array) => Buffer.compare(entry, old) === 0;
            log.log.files.set(
              bundlePath(0, size),
              encodeBundle(entries.map((entry) => (same(entry) ? now : entry))),
            );
          }
          const { verdict, findings } = await verified(log, receipts);
          expect(['MODIFIED', 'FORMAT']).toContain(verdict);
          // In the log a record can be unreadable, so that nobody can say whose it is: then those behind it seem to be moved.
          if (where === 'store' || signedOf(other) !== undefined)
            expect(findings.map((found) => `${found.lane}.${found.seq}`)).toContain(id);
          expect(findings.filter((found) => found.verdict === 'FORK')).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  it('blames no key for a byte that is another where no signature is looked at', async () => {
    const { receipts } = prepared;
    for (const [at, { lane, seq }] of receipts.slice(0, 12).entries()) {
      const log = await cloneLog(prepared.log);
      const item = await log.table.get(laneKey(lane), seqKey(seq));
      const { b, s } = (item && signedOf(item)) ?? { b: NOBODY, s: NOBODY };
      await overwrite(log.table, recordItem(lane, seq, { b, s: changed(s, 7 * at, 1) }));
      const { verdict, findings } = await verified(log, [], { signatures: false });
      expect(['MODIFIED', 'FORMAT']).toContain(verdict);
      expect(findings).toMatchObject([{ lane, seq }]);
    }
  });

  it('looks at the signatures of what is not sealed in any case: nothing else binds them', async () => {
    const log = await cloneLog(prepared.log);
    const kept = Buffer.from(log.log.files.get('checkpoint') ?? NOBODY).toString();
    const young = await log.lane();
    const waiting = await Promise.all(['a', 'b', 'c', 'd'].map((word) => young.append(note(word))));
    const byHashes = { now: log.time.now, signatures: false };
    const told = async () => {
      const files = { log: log.log, worm: log.worm, lock: () => readLock(log.table), table: log.table };
      const [whole, since] = [
        await verified(log, [], byHashes),
        await verifySince(files, log.trustAll, { ...byHashes, since: kept }),
      ];
      const places = (found: typeof whole) =>
        found.findings.map(({ verdict, lane = '-', seq = '-' }) => `${verdict} ${lane}.${seq}`).sort();
      return [places(whole), places(since)];
    };
    expect(await told()).toEqual([['PENDING -.-'], ['PENDING -.-']]);
    for (const { lane, seq, id } of waiting) {
      const item = await log.table.get(laneKey(lane), seqKey(seq));
      const { b, s } = (item && signedOf(item)) ?? { b: NOBODY, s: NOBODY };
      await overwrite(log.table, recordItem(lane, seq, { b, s: changed(s, 5 * seq, 1) }));
      const found = [`MODIFIED ${id}`, 'PENDING -.-'];
      expect(await told()).toEqual([found, found]);
      await overwrite(log.table, recordItem(lane, seq, { b, s }));
    }
  });

  it('is what its entries say, each split and joined again', () => {
    const entries = entriesOf(prepared.log.log, 33);
    expect(entries.map((entry) => joinEntry(splitEntry(entry)))).toEqual(entries);
    expect(new Set(entries.map((entry) => splitEntry(entry).s.length))).toEqual(new Set([64, 131, 99, 163]));
  });
});

describe('a receipt for a record of a run', async () => {
  const prepared = await sealedLog();
  const { log } = prepared;
  const lane = await log.lane();
  const young = await Promise.all(['a', 'b', 'c'].map((word) => lane.append(note(word))));

  const audit = (receipt: Receipt, later = 0) =>
    auditReceipt({ log: log.log, table: log.table, trust: log.trustAll }, receipt, {
      clock: () => log.time.now + later,
      thorough: true,
    });

  const sealed = prepared.receipts.find(({ signature }) => signature.length > 200);
  it.each([
    ['sealed', sealed, 'kept'],
    ['not sealed', young[1], 'pending'],
  ])(
    'with any byte of its signature changed is not ours, and nobody broke it: %s',
    async (_, receipt, is) => {
      if (receipt === undefined) throw new Error('there is no such receipt');
      expect(await audit(receipt)).toMatchObject({ status: is });
      const signature = new Uint8Array(Buffer.from(receipt.signature, 'base64'));
      expect(signature.length).toBeGreaterThan(64);
      const others = [
        ...Array.from(signature, (_, at) => changed(signature, at, 1 + (at % 255))),
        signature.subarray(0, 64),
        signature.subarray(0, -1),
        new Uint8Array([...signature, 0]),
      ];
      for (const other of others) {
        const shown = { ...receipt, signature: Buffer.from(other).toString('base64') };
        for (const later of [0, 3_600_000])
          expect(await audit(shown, later)).toMatchObject({ status: 'NOT_OURS' });
      }
    },
  );

  it('that its lane replaced by another signature is broken to whoever kept the record, and convicts nobody else', async () => {
    const own = testLog();
    const { lane: insider, key } = await laneWithKey(own);
    const receipts = await Promise.all(['a', 'b', 'c'].map((word) => insider.append(note(word))));
    const items = (await itemsOf(own.table, laneKey(1))).slice(1).flatMap((item) => signedOf(item) ?? []);
    const again = signTogether(items.map(({ b }) => b).slice(0, 2), key.sign);
    for (const [at, s] of again.entries())
      await overwrite(own.table, recordItem(1, 1 + at, { b: items[at]?.b ?? NOBODY, s }));
    await own.sealer().seal();
    const view = { log: own.log, table: own.table, trust: own.trustAll };
    const asked = (at: number, promised?: Signed) => {
      const receipt = receipts[at];
      if (receipt === undefined) throw new Error(`there is no receipt ${at}`);
      const options = { clock: () => own.time.now, ...(promised === undefined ? {} : { promised }) };
      return auditReceipt(view, receipt, options);
    };
    expect(await asked(0)).toMatchObject({ status: 'NOT_OURS' });
    expect(await asked(0, items[0])).toMatchObject({
      status: 'broken',
      contradiction: { promised: { id: '1.1' }, found: { record: expect.stringContaining('"note":"a"') } },
    });
    const spoiltCopy = { b: items[0]?.b ?? NOBODY, s: changed(items[0]?.s ?? NOBODY, 100, 1) };
    expect(await asked(0, spoiltCopy)).toMatchObject({ status: 'NOT_OURS' });
    expect(await asked(2)).toMatchObject({ status: 'kept' });
  });
});

/** One lane with a run of six; checkpoints behind each two of its records, as a sealer with little room makes them. */
async function cutByCheckpoints() {
  const log = testLog();
  const lane = await log.lane();
  await log.sealer().seal();
  await Promise.all(Array.from({ length: 6 }, (_, at) => lane.append(note(`${at}`))));
  const kept: string[] = [];
  const sealer = log.sealer({ limit: 2 });
  for (let round = 0; round < 2; round += 1) {
    await sealer.seal();
    kept.push(Buffer.from(log.log.files.get('checkpoint') ?? []).toString());
  }
  return { log, lane, sealer, kept };
}

const spoilStored = async (log: TestLog, seq: number, at: number) => {
  const item = (await log.table.get(laneKey(1), seqKey(seq))) ?? { pk: '', sk: '' };
  const signed = signedOf(item);
  if (signed === undefined) throw new Error(`nothing at 1.${seq}`);
  await overwrite(log.table, recordItem(1, seq, { b: signed.b, s: changed(signed.s, at, 1) }));
};

describe('who looks at a part of a run', () => {
  const view = (log: TestLog) => ({ log: log.log, table: log.table, trust: log.trustAll });
  const since = async (log: TestLog, text: string, withStore = true) => {
    const files = { log: log.log, worm: log.worm };
    const { verdict, entries, findings } = await verifySince(
      withStore ? { ...files, table: log.table, lock: () => readLock(log.table) } : files,
      log.trustAll,
      { now: log.time.now, since: text },
    );
    return [
      verdict,
      entries,
      ...findings.map((found) => `${found.verdict} ${found.lane ?? '-'}.${found.seq ?? '-'}`),
    ];
  };

  it('goes on from a checkpoint in its middle, with a store and without, sealed or not', async () => {
    const { log, sealer, kept } = await cutByCheckpoints();
    const [two = '', four = ''] = kept;
    expect(await since(log, two)).toEqual(['PENDING', 4, 'PENDING -.-']);
    expect(await since(log, two, false)).toEqual(['OK', 2]);
    expect(await since(log, four)).toEqual(['PENDING', 2, 'PENDING -.-']);
    await sealer.seal();
    expect(await since(log, two)).toEqual(['OK', 4]);
    expect(await since(log, four, false)).toEqual(['OK', 2]);
  });

  it('finds from there on what was changed, and that what it goes on from is another', async () => {
    const { log, sealer, kept } = await cutByCheckpoints();
    await sealer.seal();
    const [, four = ''] = kept;
    for (const at of [3, 70, 100, 128, 160, 161, 162]) {
      const copy = await cloneLog(log);
      await spoilStored(copy, 5, at);
      expect(await since(copy, four)).toEqual(['MODIFIED', 2, 'MODIFIED 1.5']);
    }
    // The hint to the record before leads to another one: it is looked for.
    const misled = await cloneLog(log);
    for (const item of await itemsOf(misled.table, 'SEALED#00000001'))
      await overwrite(misled.table, { ...item, pk: item.pk, sk: item.sk, index: 0 });
    expect(await since(misled, four)).toEqual(['OK', 2]);
  });

  it('shows by its id, and takes for a justification, what is as it was signed', async () => {
    const { log } = await cutByCheckpoints();
    const { authorities, origin } = log.trustAll;
    const judged = (copy: TestLog, id: string) =>
      createJustifier({ table: copy.table, authorities, origin }).read(id);
    for (const seq of [1, 2, 3, 4, 5, 6]) {
      const id = `1.${seq}`;
      const shownNow = await genuineEntry({ table: log.table, trust: log.trustAll }, id);
      expect(shownNow).toMatchObject({ id, record: { v: 2 } });
      expect(await judged(log, id)).toMatchObject({ id, hash: shownNow?.record_hash });
      const copy = await cloneLog(log);
      await spoilStored(copy, seq, 64 + 20 * seq);
      expect(await genuineEntry({ table: copy.table, trust: copy.trustAll }, id)).toBeUndefined();
      expect(await judged(copy, id)).toBeUndefined();
    }
  });

  it('on patrol finds what was changed of it in the store or in the log, until it is as it was', async () => {
    const { log, sealer } = await cutByCheckpoints();
    await sealer.seal();
    const patrol = (copy: TestLog) =>
      createPatrol({ view: view(copy), notes: copy.table, pruned: sealedPrunings(view(copy)) }).bite();
    expect(await patrol(log)).toEqual({ standing: undefined });
    for (const at of [10, 80, 160, 161]) {
      const copy = await cloneLog(log);
      await spoilStored(copy, 4, at);
      expect(await patrol(copy)).toMatchObject({
        found: { verdict: 'MODIFIED', detail: 'record 1.4 is not what was sealed' },
      });
    }
  });

  it('seals nothing behind a record of it that was changed, and everything once it is as it was', async () => {
    const { log, sealer } = await cutByCheckpoints();
    const whole = (await log.table.get(laneKey(1), seqKey(5))) ?? { pk: '', sk: '' };
    await spoilStored(log, 5, 100);
    expect(await sealer.seal()).toMatchObject({ status: 'idle' });
    expect(sealer.lanes.flaw).toContain('1.5');
    await overwrite(log.table, whole);
    expect(await sealer.seal()).toMatchObject({ status: 'sealed', added: 2 });
    expect(await verified(log)).toMatchObject({ verdict: 'OK', findings: [] });
  });
});
