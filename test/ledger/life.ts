/**
 * One random life of a ledger that nobody tampers with: writers come and die, stores fail, sealers are killed and race, keys
 * are rotated, records pruned, people erased, the clock steps, the store is lost and restored, moved, or of an older version.
 */
import { hash } from 'node:crypto';
import { encodeTime } from 'ulid';
import { expect } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { base64 } from '../../src/ledger/bytes.ts';
import { createPatrol } from '../../src/ledger/check/patrol.ts';
import { sealedPrunings } from '../../src/ledger/check/sentinel.ts';
import { checkStart } from '../../src/ledger/check/start-check.ts';
import { verifyLedger } from '../../src/ledger/check/verify-log.ts';
import { type Entry, toEntry } from '../../src/ledger/entry.ts';
import { executePruning, planPruning } from '../../src/ledger/keep/prune.ts';
import { restoreRecords } from '../../src/ledger/keep/restore.ts';
import { LEASE_MS } from '../../src/ledger/lane/certificate.ts';
import { directory, laneItems } from '../../src/ledger/lane/directory.ts';
import type { Lane } from '../../src/ledger/lane/lane.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import { eraseSubject } from '../../src/ledger/people/erase.ts';
import { keyTrials } from '../../src/ledger/people/personal.ts';
import { recordsBetween } from '../../src/ledger/places/between.ts';
import { recordsOfExecution } from '../../src/ledger/places/execution-records.ts';
import { compare, placeOfEntry } from '../../src/ledger/places/lane-stream.ts';
import { type MergeOptions, mergedEntries } from '../../src/ledger/places/merge.ts';
import type { Receipt } from '../../src/ledger/record.ts';
import { LEASE_GRACE_MS } from '../../src/ledger/seal/gather.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import type { Sealer } from '../../src/ledger/seal/sealer.ts';
import { formatVkey, KEY_TYPE } from '../../src/ledger/tree/note.ts';
import { TILE_WIDTH } from '../../src/ledger/tree/tiles.ts';
import { openWitness, type Witness, witnessMemory } from '../../src/ledger/tree/witness.ts';
import type { Item, Signer } from '../../src/ports.ts';
import type { TamperNotice } from '../../src/terms.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { person, pseudonym } from '../support/person.ts';
import { Crash } from './blobs.ts';
import { auditLog, type TestLog, testLog } from './log-support.ts';
import { authorityKey, authoritySigner, itemsOf, note, ORIGIN, overwrite, TRACE } from './support.ts';

const HOUR_MS = 60 * 60 * 1000;
/** More than records are kept for. */
const HALF_A_YEAR_MS = 200 * 24 * HOUR_MS;

/** What happens in a life, as often as it stands here. */
const HAPPENS = [
  ...([
    'write',
    'write',
    'write',
    'write',
    'fail',
    'open',
    'die',
    'close',
    'seal',
    'seal',
    'kill',
    'kill',
    'race',
  ] as const),
  ...(['wait', 'clock', 'erase', 'restart', 'rotate', 'prune', 'lose', 'older', 'move', 'migrate'] as const),
] as const;
export type Happening = (typeof HAPPENS)[number];
export const HAPPENINGS: ReadonlySet<Happening> = new Set(HAPPENS);

/** Every item that was ever put into a table: what its port cannot list, a copy of its file has. */
async function allItems(table: FaultyTable): Promise<Item[]> {
  const partitions = new Set(
    table.calls.filter(({ operation }) => WRITES.has(operation)).map(({ pk }) => pk),
  );
  return (await Promise.all([...partitions].map((pk) => itemsOf(table, pk)))).flat();
}
const WRITES: ReadonlySet<string> = new Set(['put', 'putRun', 'add', 'merge']);

async function filled(items: readonly Item[], options: { erasing?: boolean } = {}): Promise<FaultyTable> {
  const table = new FaultyTable(openSqliteTable(':memory:', options));
  for (const item of items) await table.put(item, 'absent');
  return table;
}

/** Numbers that look random and are the same in every run: below `n`. */
function dice(seed: number): (n: number) => number {
  let throws = 0;
  return (n) => {
    throws += 1;
    return Buffer.from(hash('sha256', `${seed}/${throws}`, 'buffer')).readUInt32BE(0) % n;
  };
}

export class Life {
  /** Those that were removed, or are being removed, on record. */
  readonly #pruned = new Set<number>();
  readonly #executions = new Set<string>();
  readonly #receipts: Receipt[] = [];
  readonly #alarms: TamperNotice[] = [];
  readonly #roll: (n: number) => number;
  readonly #crash = new Crash();
  readonly #seed: number;
  #store: FaultyTable;
  #subjects: FaultyTable;
  #log: TestLog;
  #keys: Keys;
  #witness: Witness;
  #lanes: Lane[] = [];
  #sealer: Sealer;
  /** The published checkpoint of the step before, as somebody keeps it elsewhere. */
  #kept: string | undefined;
  /** A copy of the store as it was at some time. */
  #older: readonly Item[] = [];
  /** How often something was begun of which each is another: keys, copies. */
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#roll = dice(seed);
    this.#store = new FaultyTable(openSqliteTable(':memory:'));
    this.#subjects = new FaultyTable(openSqliteTable(':memory:', { erasing: true }));
    this.#log = testLog({ seed: `life ${seed}`, table: this.#store, keys: this.#subjects });
    const { authority, checkpointKey, witnessKey } = this.#log;
    this.#keys = { authority, checkpoint: checkpointKey, witness: witnessKey };
    [this.#witness, this.#sealer] = this.#ownSealer();
  }

  /** Something happens, and ten milliseconds pass. */
  async step(): Promise<Happening> {
    const happenings: Readonly<Record<Happening, () => Promise<unknown>>> = {
      write: () => this.#write(),
      fail: () => this.#failingWrite(),
      open: async () => this.#lanes.push(await this.#open()),
      die: async () => this.#lanes.pop(),
      close: async () => this.#lanes.pop()?.close(),
      seal: () => this.#sealer.seal(),
      kill: () => this.#killedSeal(),
      race: () => this.#race(),
      wait: async () => this.#pass(this.#roll(2) === 0 ? 50 : LEASE_MS + LEASE_GRACE_MS),
      clock: async () => this.#pass((this.#roll(49) - 24) * HOUR_MS),
      erase: () => this.#erase(),
      restart: async () => this.#restart(),
      rotate: () => this.#rotate(),
      prune: () => this.#prune(),
      lose: () => this.#lose(),
      older: () => this.#putOlderBack(),
      move: () => this.#move(),
      migrate: () => this.#becomeOld(),
    };
    const name = this.#lanes.length === 0 ? 'open' : (HAPPENS[this.#roll(HAPPENS.length)] ?? 'write');
    await happenings[name]();
    this.#pass(10);
    return name;
  }

  #pass(ms: number): void {
    this.#log.time.now += ms;
  }

  /** Every other one signs each record alone, as where an older sealer may be. */
  #open(): Promise<Lane> {
    const together = this.#lanes.length % 2 === 0;
    return this.#log.lane({ table: this.#store, authority: this.#keys.authority, together });
  }

  async #write(): Promise<void> {
    const lane = this.#lanes[this.#roll(this.#lanes.length)];
    const sub = ['jake', 'ann'][this.#roll(2)] ?? 'jake';
    const count = 1 + this.#roll(5);
    const records = Array.from({ length: count }, (_, index) =>
      lane?.append(
        note(`${index}`, {
          who: person(sub),
          personal: { sub },
          data: { index, execution_id: this.#execution() },
        }),
      ),
    );
    for (const result of await Promise.allSettled(records)) {
      if (result.status === 'fulfilled' && result.value !== undefined) this.#receipts.push(result.value);
    }
  }

  /** A run that began a while ago or just now, and may have begun before with another record. */
  #execution(): string {
    const began = this.#log.time.now - this.#roll(3) * 1_000;
    const id = `exe_${encodeTime(began, 10)}${'0'.repeat(15)}${this.#roll(3)}`;
    this.#executions.add(id);
    return id;
  }

  async #failingWrite(): Promise<void> {
    const fault = (['before', 'after', 'partway'] as const)[this.#roll(3)] ?? 'before';
    this.#store.fail('putRun', fault, { times: 1 + this.#roll(5) });
    await this.#write();
    this.#store.heal();
  }

  #ownSealer(): [Witness, Sealer] {
    const { witnessTable, trustAll, time } = this.#log;
    const witness = openWitness({
      table: witnessTable,
      signer: this.#keys.witness,
      name: `${ORIGIN}/witness`,
      origin: ORIGIN,
      logKeys: trustAll.log_keys,
      clock: () => time.now,
    });
    const { authority, checkpoint } = this.#keys;
    const sealer = this.#log.sealer({
      authority,
      signers: [checkpoint],
      witnesses: [witness],
      alarm: this.#hear,
    });
    return [witness, sealer];
  }

  readonly #hear = async (alarm: TamperNotice): Promise<void> => void this.#alarms.push(alarm);

  /** Another process that seals. */
  #other(): Sealer {
    return this.#ownSealer()[1];
  }

  /** One that dies where `crash` says. */
  #mortal(): Sealer {
    const { authority, checkpoint } = this.#keys;
    return this.#log.sealer({
      authority,
      signers: [checkpoint],
      table: this.#crash.wrap('table', this.#store),
      log: this.#crash.wrap('log', this.#log.log),
      worm: this.#crash.wrap('worm', this.#log.worm),
      witnesses: [this.#crash.wrap('witness', this.#witness)],
      alarm: this.#hear,
    });
  }

  async #killedSeal(): Promise<void> {
    await this.#cutOff(40, () => this.#mortal().seal());
  }

  /** Does the beginning of it. */
  async #cutOff(calls: number, work: () => Promise<unknown>): Promise<void> {
    this.#crash.plan(1 + this.#roll(calls), this.#roll(2) === 0);
    await work().catch((error: unknown) => {
      if (!this.#crash.happened) throw error;
    });
    this.#crash.heal();
  }

  async #race(): Promise<void> {
    this.#crash.plan(10 + this.#roll(60), this.#roll(2) === 0);
    await Promise.allSettled([this.#mortal().seal(), this.#sealer.seal(), this.#other().seal()]);
    this.#crash.heal();
  }

  async #erase(): Promise<void> {
    const [lane] = this.#lanes;
    const { subjects } = this.#log;
    if (lane === undefined) return;
    await eraseSubject({ ledger: lane, subjects }, { subject: pseudonym(person('ann')), trace: TRACE });
  }

  /** Nothing that a process remembers is left. */
  #restart(): void {
    this.#lanes = [];
    [this.#witness, this.#sealer] = this.#ownSealer();
  }

  /** Until an idle round: one may have closed a lane whose lease is over, and its last record waits for the next. */
  async sealAll(): Promise<void> {
    for (let idle = 0; idle < 2; ) idle = (await this.#other().seal()).status === 'idle' ? idle + 1 : 0;
  }

  /** As `ledger keys rotate` does it, while nobody writes: the old keys vouch for the new ones. */
  async #rotate(): Promise<void> {
    this.#restart();
    this.#count += 1;
    const [authority, checkpoint, witness] = ['authority', 'checkpoint', 'witness'].map((key) =>
      authoritySigner(`${key} ${this.#count}`),
    );
    if (authority === undefined || checkpoint === undefined || witness === undefined) return;
    const vouching = await this.#open();
    const named = (key: string, before: Signer, after: Signer) => ({
      key,
      before: base64(before.publicKey),
      after: base64(after.publicKey),
    });
    const { lane } = await vouching.append({
      type: 'ledger.key_rotated',
      trace: TRACE,
      data: {
        keys: [
          named('authority', this.#keys.authority, authority),
          named('checkpoint', this.#keys.checkpoint, checkpoint),
          named('witness', this.#keys.witness, witness),
        ],
      },
    });
    await vouching.close();
    await this.sealAll();
    const { authorities, log_keys, witnesses } = this.#log.trustAll;
    const last = authorities.pop();
    if (last !== undefined) authorities.push({ ...last, to_lane: lane });
    authorities.push(authorityKey(authority, { from_lane: lane + 1 }));
    log_keys.push(formatVkey(ORIGIN, KEY_TYPE.log, checkpoint.publicKey));
    witnesses.push(formatVkey(`${ORIGIN}/witness`, KEY_TYPE.cosigner, witness.publicKey));
    this.#keys = { authority, checkpoint, witness };
    this.#restart();
  }

  /** More than a year later: what is old goes, and whoever removes it may be killed. */
  async #prune(): Promise<void> {
    await this.sealAll();
    this.#pass(HALF_A_YEAR_MS);
    // Their tombstones are young.
    await this.sealAll();
    this.#pass(HALF_A_YEAR_MS);
    const { log, trustAll, time } = this.#log;
    const view = { log, table: this.#store, trust: trustAll };
    const lane = await this.#open();
    this.#lanes = [lane];
    const plan = await planPruning({ table: this.#store, ledger: lane, clock: () => time.now });
    if (plan === undefined) return;
    await this.sealAll();
    for (const { lane: going } of plan.data.lanes) this.#pruned.add(going);
    await this.#cutOff(60, () =>
      executePruning({ table: this.#crash.wrap('table', this.#store), view }, plan),
    );
    if (this.#roll(2) === 0) expect(await executePruning({ table: this.#store, view }, plan)).toBe(true);
  }

  /** The store is lost, with a part of what is in it or all, and comes back out of the sealed log. */
  async #lose(): Promise<void> {
    await this.sealAll();
    const all = await allItems(this.#store);
    const part = 1 + this.#roll(4);
    for (const [at, { pk, sk }] of all.entries()) if (at % part === 0) await this.#store.remove(pk, sk);
    await this.#restore();
  }

  /** An older copy of the store is put in its place, and brought up to what is sealed. */
  async #putOlderBack(): Promise<void> {
    await this.sealAll();
    const now = await allItems(this.#store);
    for (const { pk, sk } of now) await this.#store.remove(pk, sk);
    for (const item of this.#older) await this.#store.put(item, 'absent');
    await this.#restore();
    this.#older = now;
  }

  /** Whoever restores may be killed, and does it again. */
  async #restore(): Promise<void> {
    const { log, worm, trustAll: trust } = this.#log;
    await this.#cutOff(80, () =>
      restoreRecords({ log, worm, trust }, this.#crash.wrap('table', this.#store)),
    );
    expect(await restoreRecords({ log, worm, trust }, this.#store)).toMatchObject({
      status: 'restored',
      differing: [],
    });
    this.#restart();
  }

  /** A backup of everything at one moment, and it goes on from there. */
  async #move(): Promise<void> {
    this.#count += 1;
    this.#older = await allItems(this.#store);
    const { log, worm, witnessTable, trustAll, time } = this.#log;
    this.#store = await filled(this.#older);
    this.#subjects = await filled(await allItems(this.#subjects), { erasing: true });
    const seed = `life ${this.#seed}, copy ${this.#count}`;
    const copy = testLog({ seed, table: this.#store, keys: this.#subjects });
    copy.time.now = time.now;
    for (const item of await itemsOf(witnessTable, 'WITNESS')) await copy.witnessTable.put(item, 'absent');
    for (const [from, to] of [
      [log, copy.log],
      [worm, copy.worm],
    ] as const)
      for (const [name, bytes] of from.files) to.files.set(name, bytes);
    copy.trustAll.authorities.splice(0, 1, ...trustAll.authorities);
    copy.trustAll.log_keys.splice(0, 1, ...trustAll.log_keys);
    copy.trustAll.witnesses.splice(0, 1, ...trustAll.witnesses);
    this.#log = copy;
    this.#restart();
  }

  /** As a version left it that knew no notes of places, and whose write-once copies name no copy before them. */
  async #becomeOld(): Promise<void> {
    const lock = await this.#store.get('LOG', 'LOCK');
    if (lock === undefined) return;
    for (const { pk, sk } of await allItems(this.#store))
      if (NOTES.some((kind) => pk.startsWith(kind)) || /^(?:NOTED|PRUNED)/.test(sk))
        await this.#store.remove(pk, sk);
    await overwrite(this.#store, { ...lock, pk: 'LOG', sk: 'LOCK', noted: false });
    for (const [name, bytes] of this.#log.worm.files) {
      const lines = Buffer.from(bytes).toString().split('\n');
      const older = lines.filter((line) => !line.startsWith(`— ${ORIGIN}/before `)).join('\n');
      this.#log.worm.files.set(name, new TextEncoder().encode(older));
    }
    this.#restart();
  }

  /**
   * What is found by time and by execution is what a walk through all lanes finds, in the same order. Lanes that are being
   * removed do not count: their notes go first.
   */
  async #findEverything(): Promise<void> {
    const table = this.#store;
    const walked: Entry[] = [];
    const isPruned = (id: string) => this.#pruned.has(Number(id.split('.')[0]));
    for await (const { sk } of directory(table))
      for await (const item of isPruned(sk) ? [] : laneItems(table, Number(sk)))
        walked.push(toEntry(item) ?? expect.fail(`${sk} does not read`));
    walked.sort((left, right) => compare(placeOfEntry(left), placeOfEntry(right)));
    const ids = walked.map(({ id }) => id);
    const found = async (options: Omit<MergeOptions, 'newest'>, newest: boolean): Promise<string[]> => {
      const entries: string[] = [];
      for await (const { id } of mergedEntries(table, { ...options, newest }))
        if (!isPruned(id)) entries.push(id);
      return entries;
    };
    expect(await found({}, false)).toEqual(ids);
    expect(await found({}, true)).toEqual([...ids].reverse());
    const at = walked[this.#roll(walked.length)];
    if (at === undefined) return;
    const [after, bound] = [placeOfEntry(at), at.record.time];
    expect(await found({ after }, false)).toEqual(ids.slice(ids.indexOf(at.id) + 1));
    expect(await found({ after }, true)).toEqual(ids.slice(0, ids.indexOf(at.id)).reverse());
    expect(await found({ bound }, false)).toEqual(
      walked.filter(({ record }) => record.time >= bound).map(({ id }) => id),
    );
    expect(await found({ bound }, true)).toEqual(
      walked
        .filter(({ record }) => record.time <= bound)
        .map(({ id }) => id)
        .reverse(),
    );
    const to = walked.at(-2)?.record.time;
    for (const range of [{}, { from: bound }, { to: bound }, { from: bound, to }]) {
      const within = ({ record: { time } }: Entry) => time >= (range.from ?? '') && time <= (range.to ?? '~');
      const counted: string[] = [];
      for await (const records of recordsBetween(table, range))
        counted.push(...records.map(({ lane, seq }) => `${lane}.${seq}`).filter((id) => !isPruned(id)));
      expect(counted.sort()).toEqual(
        walked
          .filter(within)
          .map(({ id }) => id)
          .sort(),
      );
    }
    for (const execution of this.#executions) {
      const of = walked.filter(({ record }) => record.data.execution_id === execution).map(({ id }) => id);
      const there = (await recordsOfExecution(table, execution)).map(({ id }) => id);
      expect(there.filter((id) => !isPruned(id))).toEqual(of);
    }
  }

  /** What a running system finds by itself: sealers, the check at start, and the patrol through all bundles. */
  async #watch(): Promise<void> {
    const { log, worm, trustAll: trust } = this.#log;
    const table = this.#store;
    expect(this.#alarms).toEqual([]);
    const sealer = async () => undefined;
    expect(await checkStart({ table, log, worm, trust, sealer })).toEqual({ sound: true });
    const { size, noted } = await readLock(table);
    // Until they are made, the patrol takes the notes of an older version for removed.
    if (!noted) return;
    const view = { log, table, trust };
    const patrol = createPatrol({ view, notes: table, pruned: sealedPrunings(view) });
    for (let bites = 0; bites * TILE_WIDTH < size; bites += 1)
      expect(await patrol.bite()).toEqual({ standing: undefined });
  }

  /** Verification by the project's own code, and by the small audit of the tests; receipts included. */
  async audit(): Promise<string> {
    await auditLog(this.#log, this.#pruned);
    await this.#findEverything();
    await this.#watch();
    const { log, worm, witnessTable, trustAll, time } = this.#log;
    const files = {
      log,
      worm,
      lock: () => readLock(this.#store),
      lanes: tableSource(this.#store),
      tryKey: keyTrials(this.#subjects),
      witness: () => witnessMemory(witnessTable, ORIGIN),
    };
    const result = await verifyLedger(files, trustAll, {
      now: time.now,
      receipts: this.#receipts,
      ...(this.#kept === undefined ? {} : { since: this.#kept }),
    });
    // What was published is never taken back, whatever goes wrong.
    const published = log.files.get('checkpoint');
    if (published !== undefined) this.#kept = Buffer.from(published).toString();
    const wrong = result.findings.filter(({ verdict }) => verdict !== 'PENDING' && verdict !== 'ERASED');
    expect(wrong).toEqual([]);
    return result.verdict;
  }
}

/** Partitions of the notes by which sealed records are found. */
const NOTES = ['TIME#', 'PERSON#', 'DAYS', 'RUNS#', 'PRUNINGS'] as const;

interface Keys {
  readonly authority: Signer;
  readonly checkpoint: Signer;
  readonly witness: Signer;
}
