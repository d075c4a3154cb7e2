import { describe, expect, it } from 'vitest';
import { ChanceryError } from '../../src/errors.ts';
import { laneKey, numberKey, parseRecord, placeOf, seqKey } from '../../src/ledger/bytes.ts';
import { splitEntry } from '../../src/ledger/entry.ts';
import { LEASE_MS } from '../../src/ledger/lane/certificate.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import type { NewRecord, Receipt } from '../../src/ledger/record.ts';
import { LEASE_GRACE_MS } from '../../src/ledger/seal/gather.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { sealUntilDone } from '../../src/ledger/seal/run.ts';
import { type Sealer, saidAfter } from '../../src/ledger/seal/sealer.ts';
import { wormName } from '../../src/ledger/seal/worm.ts';
import { parseNote } from '../../src/ledger/tree/note.ts';
import { cosignatures } from '../../src/ledger/tree/witness.ts';
import type { Page, Range } from '../../src/ports.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { Crash } from './blobs.ts';
import { auditLog, cloneLog, hashesOf, type TestLog, testLog } from './log-support.ts';
import { note, overwrite, verifyLanes } from './support.ts';

/** A sealer whose every call to the outside goes through `crash`. */
function crashing(log: TestLog, crash: Crash) {
  return log.sealer({
    table: crash.wrap('table', log.table),
    log: crash.wrap('log', log.log),
    worm: crash.wrap('worm', log.worm),
    witnesses: [crash.wrap('witness', log.witness)],
    signers: [crash.wrap('key', log.checkpointKey)],
    authority: log.authority,
  });
}

async function append(log: TestLog, lane: { append(record: NewRecord): Promise<Receipt> }, count: number) {
  const receipts = await Promise.all(
    Array.from({ length: count }, (_, index) => lane.append(note(`${index}`))),
  );
  log.time.now += 5;
  return receipts;
}

describe('sealing', () => {
  it('measures what each round found waiting, and for how long', async () => {
    const log = testLog();
    const found: Record<string, number[]> = {};
    const sealer = log.sealer({
      meter: {
        count: () => undefined,
        observe: () => undefined,
        set: (metric, _, value) => {
          found[metric] = [...(found[metric] ?? []), value];
        },
      },
    });
    await (await log.lane()).append(note('one'));
    log.time.now += 4_000;
    await sealer.seal();
    await sealer.seal();
    expect(found).toMatchObject({ ledger_unsealed_entries: [2, 0], ledger_seal_lag_seconds: [4, 0] });
  });

  it('brings every record of every lane into one tree, once and in its order', async () => {
    const log = testLog();
    const sealer = log.sealer();
    const [one, two] = [await log.lane(), await log.lane()];
    const receipts: Receipt[] = [];
    for (const counts of [
      [3, 0],
      [0, 5],
      [300, 290],
      [1, 1],
    ]) {
      receipts.push(...(await append(log, one, counts[0] ?? 0)), ...(await append(log, two, counts[1] ?? 0)));
      expect(await sealer.seal()).toMatchObject({ status: 'sealed', more: false });
      await auditLog(log);
    }
    expect(await sealer.seal()).toEqual({ status: 'idle', size: receipts.length + 2 });
    const { size, entries } = await auditLog(log);
    expect(size).toBe(receipts.length + 2);
    const hashes = new Set(hashesOf(entries));
    expect(receipts.every(({ record_hash }) => hashes.has(record_hash))).toBe(true);
  });

  it('stages nothing of what it read before that is settled, and nothing at all when it cannot be', async () => {
    const log = testLog();
    await append(log, await log.lane(), 3);
    const staged = () => [...log.log.files.keys()];
    const asked: number[] = [];
    const failing = log.sealer({
      settled() {
        asked.push(staged().length);
        return Promise.reject(new ChanceryError('STORE_UNAVAILABLE', 'the disk did not answer'));
      },
    });
    await expect(failing.seal()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect([asked, staged()]).toEqual([[0], []]);
    const settled = log.sealer({
      settled() {
        asked.push(staged().length);
        return Promise.resolve();
      },
    });
    expect(await settled.seal()).toMatchObject({ status: 'sealed' });
    expect(asked).toEqual([0, 0]);
  });

  it('leaves no staged bundle and no superfluous partial tile behind', async () => {
    const log = testLog();
    const sealer = log.sealer();
    const lane = await log.lane();
    for (let round = 0; round < 6; round += 1) {
      await append(log, lane, 100);
      await sealer.seal();
    }
    const names = [...log.log.files.keys()];
    expect(names.filter((name) => name.startsWith('staging/'))).toEqual([]);
    expect(names.filter((name) => name.includes('/000.p/') || name.includes('/001.p/'))).toEqual([
      'tile/1/000.p/1',
      'tile/1/000.p/2',
    ]);
  });

  it('goes on from what another process left, and takes no more than there is room for', async () => {
    const log = testLog();
    await append(log, await log.lane(), 1_000);
    const sizes = [];
    for (let more = true; more; ) {
      const result = await log.sealer({ limit: 300 }).seal();
      if (result.status !== 'sealed') throw new Error(result.status);
      sizes.push(result.size);
      more = result.more;
      await auditLog(log);
    }
    expect(sizes).toEqual([300, 600, 900, 1_001]);
  });

  it('cosigns with the time, and again while idle, so that a checkpoint never looks older than it is', async () => {
    const log = testLog();
    const sealer = log.sealer();
    await log.lane();
    await sealer.seal();
    const times = () => {
      const published = parseNote(Buffer.from(log.log.files.get('checkpoint') ?? []).toString());
      return published === undefined
        ? []
        : cosignatures(published, log.trustAll.witnesses).map(({ time }) => time);
    };
    const first = Math.floor(log.time.now / 1_000);
    expect(times()).toEqual([first]);
    log.time.now += 9_000;
    await sealer.seal();
    expect(times()).toEqual([first]);
    log.time.now += 1_000;
    await sealer.seal();
    expect(times()).toEqual([first + 10]);
  });

  it('enters a lane whose claimer died before the directory knew of it', async () => {
    const log = testLog();
    await log.lane();
    await log.table.remove('LANES', numberKey(1));
    expect(await log.sealer().seal()).toMatchObject({ status: 'sealed', added: 1 });
    expect(await log.table.get('LANES', numberKey(1))).toBeDefined();
  });

  it('closes the lane of a writer that did not come back, and a writer that does moves on', async () => {
    const log = testLog();
    const sealer = log.sealer();
    const lane = await log.lane();
    await append(log, lane, 2);
    await sealer.seal();
    log.time.now += LEASE_MS + LEASE_GRACE_MS + 1;
    await sealer.seal();
    expect(await sealer.seal()).toMatchObject({ status: 'sealed', added: 1 });
    expect((await readLock(log.table)).lanes.size).toBe(0);
    log.time.now -= LEASE_MS / 2;
    expect((await lane.append(note('still alive'))).id).toBe('2.1');
    await sealer.seal();
    await auditLog(log);
    expect((await verifyLanes(tableSource(log.table), log.trust)).verdict).toBe('OK');
  });

  it('seals the good part of a lane, stops at its flaw, alarms once and goes on with the others', async () => {
    const log = testLog();
    const [good, bad, alarms] = [await log.lane(), await log.lane(), await log.lane()];
    await append(log, bad, 4);
    const item = await log.table.get('LANE#00000002', '0000000003');
    if (item === undefined) throw new Error('no item');
    await overwrite(log.table, { ...item, pk: item.pk, sk: item.sk, b: new TextEncoder().encode('{"v":1}') });
    const sealer = log.sealer({
      alarm: (data) => alarms.append({ type: 'security.tamper_detected', trace: '0'.repeat(32), data }),
    });
    for (let round = 0; round < 4; round += 1) {
      await append(log, good, 1);
      await sealer.seal();
    }
    const { entries } = await auditLog(log).catch(() => ({ entries: [] as Uint8Array[] }));
    const records = entries.map((entry) => parseRecord(splitEntry(entry).b));
    expect(records.filter((record) => record?.lane === 2).map((record) => record?.seq)).toEqual([0, 1, 2]);
    expect(
      records.filter((record) => record?.type === 'security.tamper_detected').map((record) => record?.data),
    ).toEqual([{ kind: 'unsealable', lane: 2, seq: 3, detail: 'the signature does not match the bytes' }]);
    expect(records.filter((record) => record?.lane === 1)).toHaveLength(5);
  });
});

/** What a round says of the ledger, as a process does that lives for one round. */
async function said(sealer: Sealer) {
  return saidAfter(await sealer.seal(), sealer);
}

/** Somebody who may write to the table puts a copy of a lane's last record behind it. */
async function forgeBehind(log: TestLog, { lane, seq }: Receipt): Promise<() => Promise<void>> {
  const last = await log.table.get(laneKey(lane), seqKey(seq));
  if (last === undefined) throw new Error(`nothing at ${lane}.${seq}`);
  await log.table.put({ ...last, pk: laneKey(lane), sk: seqKey(seq + 1) }, 'absent');
  return () => log.table.remove(laneKey(lane), seqKey(seq + 1));
}

describe('what is wrong with a lane', () => {
  it('is found by each sealer that looks once, and is over for the first that finds it in order', async () => {
    const log = testLog();
    const [, last] = await append(log, await log.lane(), 2);
    if (last === undefined) throw new Error('no receipt');
    expect(await said(log.sealer())).toEqual({ standing: undefined });
    const mend = await forgeBehind(log, last);
    const found = { standing: { head: 'lane', detail: expect.stringMatching(/^1\.3: /) } };
    // A new environment each time: nothing that one of them remembers helps the next.
    for (let round = 0; round < 3; round += 1) expect(await said(log.sealer())).toEqual(found);
    const staying = log.sealer();
    expect(await said(staying)).toEqual(found);
    await mend();
    expect(await said(staying)).toEqual({ standing: undefined });
    expect(await said(log.sealer())).toEqual({ standing: undefined });
  });

  it('is found though the alarm cannot be recorded, which is tried again while it stands', async () => {
    const log = testLog();
    const [, last] = await append(log, await log.lane(), 2);
    if (last === undefined) throw new Error('no receipt');
    await forgeBehind(log, last);
    const tries: unknown[] = [];
    const sealer = log.sealer({
      alarm: async (data) => {
        tries.push(data);
        if (tries.length < 2) throw new Error('no room');
      },
    });
    for (let round = 0; round < 3; round += 1)
      expect(await said(sealer)).toMatchObject({ standing: { head: 'lane' } });
    expect(tries).toHaveLength(2);
  });

  it('is not taken for gone by a round that has no room to look that far', async () => {
    const log = testLog();
    const [busy, other] = [await log.lane(), await log.lane()];
    const [, last] = await append(log, other, 2);
    if (last === undefined) throw new Error('no receipt');
    await forgeBehind(log, last);
    await append(log, busy, 20);
    const sealer = log.sealer({ limit: 8 });
    const heard: unknown[] = [];
    for (let more = true; more; ) {
      const result = await sealer.seal();
      more = result.status === 'sealed' && result.more;
      heard.push(saidAfter(result, sealer));
    }
    expect(heard[0]).toBeUndefined();
    expect(heard.at(-1)).toMatchObject({ standing: { head: 'lane' } });
    expect(heard).not.toContainEqual({ standing: undefined });
  });

  it('is nothing that only one query shows: a record stored while it ran, and not the one before', async () => {
    const log = testLog();
    const lane = await log.lane();
    await append(log, lane, 3);
    const torn = new Set<number>();
    // Each place is missing once from a page that shows what stands behind it.
    class TornTable extends FaultyTable {
      override async query(pk: string, range?: Range): Promise<Page> {
        const page = await super.query(pk, range);
        const hidden = page.items.slice(0, -1).find(({ sk }) => !torn.has(placeOf(sk)));
        if (pk !== laneKey(1) || hidden === undefined) return page;
        torn.add(placeOf(hidden.sk));
        return { ...page, items: page.items.filter((item) => item !== hidden) };
      }
    }
    const table = new TornTable(log.table);
    const alarms: unknown[] = [];
    const sealer = log.sealer({ table, alarm: async (data) => alarms.push(data) });
    expect(await sealer.seal()).toMatchObject({ status: 'sealed', added: 4 });
    expect([torn.size, alarms]).toEqual([3, []]);
  });
});

describe('a sealer that is killed', () => {
  it('at any call, before or after it took effect, leaves what the next one completes', async () => {
    const crash = new Crash();
    const base = testLog();
    const lane = await base.lane();
    await append(base, lane, 250);
    await base.sealer().seal();
    // Crosses a tile, so that full and partial files are both written.
    const receipts = await append(base, lane, 10);
    crash.heal();
    await crashing(await cloneLog(base), crash).seal();
    const calls = [...crash.names];
    const parts = [
      'table.get',
      'table.query',
      'table.put',
      'log.get',
      'log.put',
      'log.remove',
      'worm.get',
      'worm.put',
    ];
    expect(new Set(calls)).toEqual(new Set([...parts, 'witness.newest', 'witness.add', 'key.sign']));
    for (let at = 1; at <= calls.length; at += 1) {
      for (const persisted of [false, true]) {
        const log = await cloneLog(base);
        crash.plan(at, persisted);
        const killed = await crashing(log, crash)
          .seal()
          .catch((error: Error) => error);
        expect(crash.happened, `call ${at} is made`).toBe(true);
        expect(killed).toBeInstanceOf(Error);
        await auditLog(log);
        const next = log.sealer();
        await next.seal();
        await append(log, await log.lane(), 3);
        expect(await next.seal(), `after ${calls[at - 1]} (${at})`).toMatchObject({ status: 'sealed' });
        const { size, entries } = await auditLog(log);
        expect(size).toBe(251 + 10 + 4);
        const hashes = new Set(hashesOf(entries));
        expect(receipts.every(({ record_hash }) => hashes.has(record_hash))).toBe(true);
        expect([...log.log.files.keys()].filter((name) => name.startsWith('staging/'))).toEqual([]);
      }
    }
  }, 60_000);

  it('never signs two trees of one size, even when it is killed between signing and the lock', async () => {
    const log = testLog();
    const signed: string[] = [];
    const key = {
      ...log.checkpointKey,
      sign: (message: Uint8Array) => {
        signed.push(Buffer.from(message).toString());
        return log.checkpointKey.sign(message);
      },
    };
    const crash = new Crash();
    const lane = await log.lane();
    for (let round = 0; round < 5; round += 1) {
      await append(log, lane, 2);
      crash.plan(1, false);
      const table = {
        ...log.table,
        get: log.table.get.bind(log.table),
        query: log.table.query.bind(log.table),
        put: crash.wrap('t', { put: log.table.put.bind(log.table) }).put,
      };
      await log
        .sealer({ table: Object.assign(Object.create(log.table), table), signers: [key] })
        .seal()
        .catch(() => undefined);
      await append(log, lane, 3);
      await log.sealer({ signers: [key] }).seal();
    }
    const bySize = new Map<string, Set<string>>();
    for (const text of signed) {
      const [, size = ''] = text.split('\n');
      bySize.set(size, (bySize.get(size) ?? new Set()).add(text));
    }
    expect(bySize.size).toBeGreaterThan(4);
    expect([...bySize.values()].every((texts) => texts.size === 1)).toBe(true);
    await auditLog(log);
  });
});

describe('two sealers at once', () => {
  it('make one tree', async () => {
    const log = testLog();
    const lane = await log.lane();
    const sealers = [log.sealer(), log.sealer(), log.sealer()];
    for (let round = 0; round < 20; round += 1) {
      const writing = append(log, lane, 7);
      const results = await Promise.allSettled(sealers.map((sealer) => sealer.seal()));
      expect(
        results.every((result) => result.status === 'fulfilled' && result.value.status !== 'stopped'),
      ).toBe(true);
      await writing;
      await auditLog(log);
    }
    await log.sealer().seal();
    expect((await auditLog(log)).size).toBe(141);
  });
});

describe('a sealer that finds the heads at odds', () => {
  async function sealed() {
    const log = testLog();
    const lane = await log.lane();
    const sealer = log.sealer();
    await append(log, lane, 3);
    await sealer.seal();
    const lock = await log.table.get('LOG', 'LOCK');
    const files = new Map(log.log.files);
    await append(log, lane, 3);
    await sealer.seal();
    await append(log, lane, 3);
    if (lock === undefined) throw new Error('no lock');
    return { log, lock, files };
  }

  it('does not sign from a lock that was rolled back', async () => {
    const { log, lock, files } = await sealed();
    await overwrite(log.table, lock);
    expect(await log.sealer().seal()).toMatchObject({ status: 'stopped', head: 'worm' });
    log.worm.files.clear();
    expect(await log.sealer().seal()).toMatchObject({ status: 'stopped', head: 'witness' });
    for (const [name, bytes] of files) log.log.files.set(name, bytes);
    expect(await log.sealer().seal()).toMatchObject({ status: 'stopped', head: 'witness' });
  });

  it('takes nothing that is staged for a publication under way but what the tree grew by', async () => {
    const { log } = await sealed();
    const { size, from } = await readLock(log.table);
    log.worm.files.delete(wormName(size));
    log.log.files.set(`staging/${String(from).padStart(12, '0')}`, Buffer.from('1\n1 0 1\n\u0000\u0003abc'));
    expect(await log.sealer().seal()).toMatchObject({ status: 'stopped', head: 'worm' });
  });

  it('does not go on from a lock whose size somebody changed since it signed it, and does when that is put right', async () => {
    const log = testLog();
    const lane = await log.lane();
    await append(log, lane, 3);
    const sealer = log.sealer();
    await sealer.seal();
    for (const by of [1, -1]) {
      const lock = await log.table.get('LOG', 'LOCK');
      await log.table.merge('LOG', 'LOCK', { size: Number(lock?.size) + by });
      await append(log, lane, 3);
      for (const each of [sealer, log.sealer()])
        expect(await each.seal()).toMatchObject({ status: 'stopped', head: 'lock' });
      await log.table.merge('LOG', 'LOCK', { size: Number(lock?.size) });
      expect(await sealer.seal()).toMatchObject({ status: 'sealed', added: 3 });
      await auditLog(log);
    }
  });

  it('does not start again from nothing when the lock is gone', async () => {
    const { log } = await sealed();
    await log.table.remove('LOG', 'LOCK');
    expect(await log.sealer().seal()).toMatchObject({ status: 'stopped', head: 'worm' });
  });

  it('does not go on from a lock that nobody of ours signed, or from tiles that are another tree', async () => {
    const { log } = await sealed();
    const lock = await log.table.get('LOG', 'LOCK');
    if (lock === undefined) throw new Error('no lock');
    await overwrite(log.table, {
      ...lock,
      pk: 'LOG',
      sk: 'LOCK',
      note: `${String(lock.note).replace('\n7\n', '\n8\n')}`,
    });
    expect(await log.sealer().seal()).toMatchObject({ status: 'stopped', head: 'lock' });
    for (const [name, value] of [
      ['lanes', 'x'],
      ['from', -1],
      ['from', 0.5],
      ['from', Number(lock.size) + 1],
    ] as const) {
      await overwrite(log.table, { ...lock, pk: 'LOG', sk: 'LOCK', [name]: value });
      expect(await log.sealer().seal()).toMatchObject({ status: 'stopped', head: 'lock' });
    }
    await overwrite(log.table, lock);
    const tile = log.log.files.get('tile/0/000.p/7') ?? new Uint8Array(0);
    log.log.files.set(
      'tile/0/000.p/7',
      tile.map((byte, index) => (index === 3 ? byte ^ 1 : byte)),
    );
    expect(await log.sealer().seal()).toMatchObject({ status: 'stopped', head: 'tiles' });
  });

  it('throws a poisoned staged bundle away, alarms, and seals what the lanes really hold', async () => {
    const { log } = await sealed();
    for (const bytes of [Buffer.from('1\n1 7 1\n\u0000\u0003abc'), Buffer.from('nonsense')]) {
      log.log.files.set('staging/000000000007', bytes);
      const alarms: unknown[] = [];
      const sealer = log.sealer({ alarm: async (data) => alarms.push(data) });
      expect(await sealer.seal()).toMatchObject({ status: 'overtaken' });
      expect(alarms).toEqual([{ kind: 'staged_bundle', size: 7 }]);
    }
    expect(await log.sealer().seal()).toMatchObject({ status: 'sealed', added: 3 });
    await auditLog(log);
  });

  it('goes on when the witness cannot be reached, and catches up with it later', async () => {
    const { log } = await sealed();
    const gone = {
      name: 'gone',
      newest: () => Promise.reject(new Error('gone')),
      add: () => Promise.reject(new Error('gone')),
    };
    expect(await log.sealer({ witnesses: [gone] }).seal()).toMatchObject({ status: 'sealed' });
    await append(log, await log.lane(), 2);
    expect(await log.sealer().seal()).toMatchObject({ status: 'sealed' });
    expect((await log.witness.newest?.())?.size).toBe((await auditLog(log)).size);
  });
});

describe('the witness is asked', () => {
  const asks = ({ names }: Crash) => names.filter((name) => name === 'witness.add').length;

  it('once a round, once for a checkpoint that stays fresh, and once more after a publication that was cut off', async () => {
    const log = testLog();
    const calls = new Crash();
    const sealer = crashing(log, calls);
    const lane = await log.lane();
    for (let round = 0; round < 3; round += 1) {
      calls.heal();
      await append(log, lane, 3);
      expect(await sealer.seal()).toMatchObject({ status: 'sealed' });
      expect(asks(calls)).toBe(1);
    }
    calls.heal();
    log.time.now += log.sealerDeps.heartbeatMs;
    expect(await sealer.seal()).toMatchObject({ status: 'idle' });
    expect(asks(calls)).toBe(1);

    await append(log, lane, 3);
    const dying = new Crash();
    await crashing(await cloneLog(log), dying).seal();
    // It has cosigned, and nobody heard of it.
    dying.plan(dying.names.indexOf('witness.add') + 1, true);
    await expect(crashing(log, dying).seal()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    calls.heal();
    expect(await crashing(log, calls).seal()).toMatchObject({ status: 'idle' });
    expect(asks(calls)).toBe(2);
    await auditLog(log);
  });

  it('and stops the sealer when it has seen another tree than the one that was about to be signed', async () => {
    const log = testLog();
    const lane = await log.lane();
    await append(log, lane, 3);
    await log.sealer().seal();
    await append(log, lane, 3);
    const { size } = await readLock(log.table);
    for (const [answer, detail] of [
      [{ ok: false, reason: 'conflict', size: size + 100 }, 'has seen a tree of'],
      [{ ok: false, reason: 'inconsistent', detail: 'it is another' }, 'it is another'],
    ] as const) {
      const at = await cloneLog(log);
      // What it tells of its newest it tells as it should.
      const witness = { ...at.witness, add: async () => answer };
      const run = sealUntilDone(at.sealer({ witnesses: [witness] }), async () => undefined);
      await expect(run).rejects.toMatchObject({
        code: 'LEDGER_UNAVAILABLE',
        message: expect.stringMatching(new RegExp(`^Sealing stopped: witness: .*${detail}`)),
      });
    }
  });
});
