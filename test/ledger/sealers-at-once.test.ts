/** Several sealers at one log: what they write beyond what one would, and what is left when one of them dies. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { openFolderBlobs } from '../../adapters/local/folder-blobs.ts';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { ChanceryError } from '../../src/errors.ts';
import { verifyLedger } from '../../src/ledger/check/verify-log.ts';
import { checkOnPool } from '../../src/ledger/ed25519.ts';
import { LEASE_MS } from '../../src/ledger/lane/certificate.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import type { Receipt } from '../../src/ledger/record.ts';
import { LEASE_GRACE_MS } from '../../src/ledger/seal/gather.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { sealUntilDone } from '../../src/ledger/seal/run.ts';
import type { Sealer, SealerDeps, SealResult } from '../../src/ledger/seal/sealer.ts';
import type { Blobs, Table } from '../../src/ports.ts';
import { type Dynalite, makeTable, startDynalite } from '../support/dynamo.ts';
import { seededNumbers, virtualTime } from '../support/virtual-time.ts';
import { Crash, memoryBlobs } from './blobs.ts';
import { auditLog, cloneLog, hashesOf, type TestLog, testLog } from './log-support.ts';
import { note } from './support.ts';

const AT_ONCE = 8;

/** Stores of a log. */
interface Place {
  readonly table: Table;
  /** The same log as another process has it. */
  readonly parts: () => Promise<Pick<SealerDeps, 'table' | 'log' | 'worm'>>;
  readonly close: () => Promise<void>;
}

const WRITES: ReadonlySet<string> = new Set(['put', 'putRun', 'remove', 'add', 'merge', 'sign']);

/** Everything that changes something, and every signature. */
function counter() {
  let total = 0;
  return {
    total: () => total,
    count: <T extends object>(part: T): T =>
      new Proxy(part, {
        get(target, method) {
          const value: unknown = Reflect.get(target, method);
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            if (WRITES.has(String(method))) total += 1;
            return value.apply(target, given);
          };
        },
      }),
  };
}

/** So many sealers are woken by each of the rounds' records. Then the writer of a lane does not come back. */
async function sealedBy(sealers: number, rounds: number, place: Place) {
  const log = testLog({ table: place.table });
  const { total, count } = counter();
  const { later, really, during, farAway } = virtualTime();
  const all: Sealer[] = [];
  for (let at = 0; at < sealers; at += 1) {
    const { table, log: files, worm } = await place.parts();
    all.push(
      log.sealer({
        table: count(farAway(table, 4)),
        log: count(farAway(files, 20)),
        worm: count(farAway(worm, 20)),
        witnesses: [count(farAway(log.witness, 30))],
        signers: [count(farAway(log.checkpointKey, 30))],
        authority: count(farAway(log.authority, 30)),
        check: (shown) => really(() => checkOnPool(shown)),
        wait: later,
        chance: seededNumbers(at),
      }),
    );
  }
  const lane = await log.lane();
  // Its writer does not come back.
  await log.lane();
  const wake = () => during(all.map((sealer) => sealUntilDone(sealer, later)));
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all(Array.from({ length: 7 }, (_, at) => lane.append(note(`${round} ${at}`))));
    log.time.now += 5;
    await wake();
  }
  await lane.close();
  await wake();
  log.time.now += LEASE_MS + LEASE_GRACE_MS + 1;
  await wake();
  await wake();
  const { size, lanes } = await readLock(log.table);
  expect([size, lanes.size]).toEqual([7 * rounds + 4, 0]);
  await place.close();
  return total();
}

async function inMemory(): Promise<Place> {
  const [table, log, worm] = [openSqliteTable(':memory:'), memoryBlobs(), memoryBlobs()];
  return { table, parts: async () => ({ table, log, worm }), close: async () => table.close() };
}

describe('eight sealers at once', () => {
  let dynalite: Dynalite;
  let folder = '';
  let made = 0;
  beforeAll(async () => {
    dynalite = await startDynalite();
    folder = await mkdtemp(join(tmpdir(), 'chancery-sealers-'));
  });
  afterAll(async () => {
    await dynalite.close();
    await rm(folder, { recursive: true });
  });

  async function onSqlite(): Promise<Place> {
    made += 1;
    const at = join(folder, String(made));
    const log: Blobs = await openFolderBlobs(join(at, 'log'));
    const worm = await openFolderBlobs(join(at, 'worm'));
    const opened = [openSqliteTable(join(at, 'store.sqlite'))];
    const [table] = opened;
    if (table === undefined) throw new Error('no table');
    return {
      table,
      async parts() {
        const own = openSqliteTable(join(at, 'store.sqlite'));
        opened.push(own);
        return { table: own, log, worm };
      },
      async close() {
        for (const one of opened) one.close();
      },
    };
  }

  async function onDynamo(): Promise<Place> {
    made += 1;
    const name = await makeTable(dynalite.client, `sealers-${made}`);
    const [log, worm] = [memoryBlobs(), memoryBlobs()];
    const open = () => openDynamoTable(dynalite.client, name);
    return {
      table: open(),
      parts: async () => ({ table: open(), log, worm }),
      close: async () => {},
    };
  }

  it.each([
    ['in memory', 20, inMemory],
    ['on SQLite', 6, onSqlite],
    ['on DynamoDB', 6, onDynamo],
  ] as const)(
    'write hardly more than one does, %s',
    async (_, rounds, open) => {
      const one = await sealedBy(1, rounds, await open());
      const eight = await sealedBy(AT_ONCE, rounds, await open());
      expect(eight / one).toBeLessThanOrEqual(1.05);
    },
    120_000,
  );
});

/** 251 sealed records and ten new ones, so that full and partial files are both written. */
async function withNewRecords() {
  const log = testLog();
  const lane = await log.lane();
  const append = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, at) => lane.append(note(`${at}`))));
  await append(250);
  await log.sealer().seal();
  const receipts = await append(10);
  return { log, receipts };
}

describe('sealers that wait for each other', () => {
  /** Each of them goes through its own `crash`, or all through one. */
  function openAll(log: TestLog, crashes: readonly Crash[]) {
    const { later, really, during, farAway } = virtualTime();
    const alarms: unknown[] = [];
    const sealers = crashes.map((crash, at) =>
      log.sealer({
        table: farAway(crash.wrap('table', log.table), 4),
        log: farAway(crash.wrap('log', log.log), 4),
        worm: farAway(crash.wrap('worm', log.worm), 4),
        witnesses: [farAway(crash.wrap('witness', log.witness), 4)],
        signers: [farAway(crash.wrap('key', log.checkpointKey), 4)],
        check: (shown) => really(() => checkOnPool(shown)),
        wait: later,
        // The first does not stand back: it makes the round.
        chance: at === 0 ? () => 0 : seededNumbers(at),
        alarm: async (data) => alarms.push(data),
      }),
    );
    /** As it is woken again by the same records when it threw. */
    const run = async (sealer: Sealer): Promise<void> => {
      for (let tries = 0; tries < 3; tries += 1) {
        try {
          return await sealUntilDone(sealer, later);
        } catch (error) {
          expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
        }
      }
    };
    return { sealers, run, later, during, alarms };
  }

  async function expectWhole(log: TestLog, receipts: readonly Receipt[], alarms: readonly unknown[]) {
    const { size, entries } = await auditLog(log);
    expect([size, (await readLock(log.table)).size, alarms]).toEqual([261, 261, []]);
    const hashes = new Set(hashesOf(entries));
    expect(receipts.every(({ record_hash }) => hashes.has(record_hash))).toBe(true);
    expect([...log.log.files.keys()].filter((name) => name.startsWith('staging/'))).toEqual([]);
    const { findings } = await verifyLedger(
      { log: log.log, worm: log.worm, lanes: tableSource(log.table) },
      log.trustAll,
      { now: log.time.now },
    );
    expect(findings).toEqual([]);
  }

  /** Runs so many, the first of whom makes the round, and returns what they asked for. */
  async function life(base: TestLog, crashes: readonly Crash[]) {
    const log = await cloneLog(base);
    const { sealers, run, later, during, alarms } = openAll(log, crashes);
    await during(sealers.map((sealer, at) => later(at).then(() => run(sealer))));
    return { log, alarms };
  }

  it('complete what one began that died at any of its calls, before or after it took effect', async () => {
    const { log: base, receipts } = await withNewRecords();
    const others = () => Array.from({ length: 3 }, () => new Crash());
    const mortal = new Crash();
    await life(base, [mortal, ...others()]);
    const calls = [...mortal.names];
    expect(calls).toEqual(expect.arrayContaining(['key.sign', 'witness.add', 'worm.put', 'log.remove']));
    for (let at = 1; at <= calls.length; at += 1) {
      for (const persisted of [false, true]) {
        mortal.plan(at, persisted);
        const { log, alarms } = await life(base, [mortal, ...others()]);
        expect(mortal.happened, `${calls[at - 1]} (${at})`).toBe(true);
        await expectWhole(log, receipts, alarms);
      }
    }
  }, 120_000);

  it('lose nothing and raise no alarm when a write of any of them fails, whether or not it happened', async () => {
    const { log: base, receipts } = await withNewRecords();
    const crash = new Crash();
    await life(base, [crash, crash, crash]);
    const calls = [...crash.names];
    const writes = calls.flatMap((name, at) => (/(?:put|remove|add|sign)$/.test(name) ? [at + 1] : []));
    expect(writes.length).toBeGreaterThan(12);
    for (const at of writes) {
      for (const persisted of [false, true]) {
        crash.plan(at, persisted, true);
        const { log, alarms } = await life(base, [crash, crash, crash]);
        expect(crash.happened, `${calls[at - 1]} (${at})`).toBe(true);
        await expectWhole(log, receipts, alarms);
      }
    }
  }, 120_000);

  it('go on at once from a bundle that one of them staged and could not sign', async () => {
    const { log } = await withNewRecords();
    const waits: number[] = [];
    let signs = 0;
    const sealer = log.sealer({
      wait: async (ms) => void waits.push(ms),
      signers: [
        {
          ...log.checkpointKey,
          sign(message) {
            signs += 1;
            if (signs === 1) throw new ChanceryError('STORE_UNAVAILABLE', 'the key cannot be reached');
            return log.checkpointKey.sign(message);
          },
        },
      ],
    });
    await expect(sealer.seal()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(waits.splice(0)).toHaveLength(1);
    expect(await sealer.seal()).toMatchObject({ status: 'sealed', size: 261 });
    expect(waits).toEqual([]);
  });

  it('put right a published checkpoint that somebody replaced, though its publication had come to its end', async () => {
    const { log } = await withNewRecords();
    const before = log.log.files.get('checkpoint');
    await log.sealer().seal();
    const published = log.log.files.get('checkpoint');
    if (before === undefined || published === undefined) throw new Error('nothing is published');
    for (const bytes of [before, Buffer.from('nonsense')]) {
      log.log.files.set('checkpoint', bytes);
      expect(await log.sealer({ wait: async () => undefined }).seal()).toMatchObject({ status: 'idle' });
      expect(log.log.files.get('checkpoint')).toEqual(published);
    }
  });
});

describe('a run of a sealer', () => {
  const answers = (results: readonly SealResult[]) => {
    const left = [...results];
    return { seal: async () => left.shift() ?? { status: 'idle' as const, size: 1 } };
  };
  const overtaken = { status: 'overtaken' } as const;

  it('looks again after those who were faster, and goes on while there is more', async () => {
    const heard: string[] = [];
    const sealed = { status: 'sealed', size: 9, added: 4, more: true } as const;
    await sealUntilDone(
      answers([overtaken, sealed, { ...sealed, more: false }]),
      async () => undefined,
      async ({ status }) => void heard.push(status),
    );
    expect(heard).toEqual(['overtaken', 'sealed', 'sealed']);
  });

  it('says so when it gives up, so that it is run again', async () => {
    const run = sealUntilDone(answers(Array.from({ length: 9 }, () => overtaken)), async () => undefined);
    await expect(run).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('says what stopped it', async () => {
    const run = sealUntilDone(
      answers([{ status: 'stopped', head: 'worm', detail: 'gone' }]),
      async () => undefined,
    );
    await expect(run).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      message: expect.stringContaining('worm: gone'),
    });
  });
});
