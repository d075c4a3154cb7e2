/**
 * The projector: ledger → counters. The stream or doorbell only wakes it; it folds every lane from its
 * watermark to the head. So lost, doubled or late rings change nothing, and several projectors may run.
 *
 * What is stored, one item each: every cell with the marks of the lanes that it is ahead of the base in, and
 * the base: marks up to which all cells are complete. Cells are written first, then the base; each write is
 * conditional on the version that was read. A crash between two writes leaves cells ahead of the base, and
 * they skip what they hold already. A refused write means that another projector was faster: everything in
 * memory is forgotten and read again.
 */
import type { Clock, Item, Table } from '../../ports.ts';
import { Accumulators, type Held, type Marks, scrapeAt } from './accumulators.ts';
import { isProven } from './cell.ts';
import type { Ride } from './ride.ts';
import type { Tail } from './tail.ts';

export const PARTITION = 'METRICS';
export const BASE = 'base';
/** Records read and folded before anyone else gets a turn. */
const CHUNK = 250;
const MAX_TRIES = 8;
/** Empty reads after which a lane is no longer busy. */
const IDLE_READS = 100;

export interface ProjectorDeps {
  readonly table: Pick<Table, 'query' | 'put' | 'remove'>;
  readonly tail: Tail;
  readonly clock: Clock;
  /** Lets other work run between two chunks of a long catch-up. */
  readonly breathe?: () => Promise<void>;
  /** A stored item whose bytes are no record: nothing behind it in its lane is counted. */
  readonly onBroken?: (lane: number, seq: number) => void;
}

export interface Projector {
  /** Folds to the head: the given lanes, all, or those in which something moved lately. Memory only. */
  catchUp(lanes?: Iterable<number> | 'busy'): Promise<void>;
  /** Stores what is new. `false`: another projector was faster, and what is in memory is theirs. */
  persist(): Promise<boolean>;
  /** Catches up and stores, however often others are faster. Throws when the store fails. */
  run(lanes?: Iterable<number>): Promise<void>;
  /** Takes in figures of this process and stores them, so that what a scrape shows outlives a crash. */
  absorb(ride: Ride): Promise<void>;
  /** Reads what is stored now; folds nothing. For a process that only shows the figures. */
  reload(): Promise<void>;
  /** The accumulators as they are; never kept across an await by readers. */
  state(): Accumulators;
  /** Seconds that the last folded record was old when it was folded, if there was more to fold; else 0. */
  lag(): number;
  /** Folds the whole ledger anew and replaces the proven cells, in memory and in the store. */
  rebuild(): Promise<void>;
}

export function createProjector(deps: ProjectorDeps): Projector {
  const { table, tail } = deps;
  let state = new Accumulators();
  let stored: { version: number; marks: Marks } = { version: 0, marks: new Map() };
  let loaded = false;
  let lag = 0;
  const idle = new Map<number, number>();
  const one = mutex();

  async function load(): Promise<void> {
    const fresh = new Accumulators();
    let base: Item | undefined;
    for await (const item of items(table)) {
      if (item.sk === BASE) base = item;
      else fresh.restore(item.sk, numberOf(item.version), textOf(item.d, '[]'), marksOf(item.m));
    }
    const marks = marksOf(base?.m);
    for (const [lane, seq] of marks) fresh.marks.set(lane, seq);
    fresh.nextLane = numberOf(base?.next);
    state = fresh;
    stored = { version: numberOf(base?.version), marks };
    loaded = true;
  }

  async function catchUp(lanes?: Iterable<number> | 'busy'): Promise<void> {
    if (!loaded) await load();
    for (const lane of await tail.lanes(state.nextLane)) {
      state.marks.set(lane, -1);
      state.nextLane = lane + 1;
    }
    for (const lane of lanes === 'busy' ? busy() : (lanes ?? [...state.marks.keys()])) {
      if (state.marks.has(lane) && !state.ended.has(lane)) await foldLane(lane);
    }
    lag = 0;
  }

  /** Many lanes may wait for their tombstone; asking each of them on every ring would cost more than the fold. */
  const busy = (): number[] => [...state.marks.keys()].filter((lane) => (idle.get(lane) ?? 0) < IDLE_READS);

  async function foldLane(lane: number): Promise<void> {
    const before = state.marks.get(lane);
    await foldToHead(lane);
    idle.set(lane, state.marks.get(lane) === before ? (idle.get(lane) ?? 0) + 1 : 0);
  }

  async function foldToHead(lane: number): Promise<void> {
    for (;;) {
      const from = (state.marks.get(lane) ?? -1) + 1;
      const { entries, broken } = await tail.read(lane, from, CHUNK);
      for (const entry of entries) state.fold(entry);
      if (broken !== undefined) deps.onBroken?.(lane, broken);
      const last = entries.at(-1);
      if (last === undefined || entries.length < CHUNK || broken !== undefined) return;
      lag = Math.max(0, (deps.clock() - Date.parse(last.record.time)) / 1000);
      await deps.breathe?.();
    }
  }

  /** The base says less than, or exactly, what every cell holds: its marks are taken before any cell is. */
  async function persist(): Promise<boolean> {
    const marks: Marks = new Map([...state.marks].filter(([lane]) => !state.ended.has(lane)));
    const ended = new Set(state.ended);
    const { nextLane } = state;
    if (!(await storeCells(() => true))) return forget();
    if (same(marks, stored.marks) && ended.size === 0) return true;
    const version = stored.version + 1;
    const item = { pk: PARTITION, sk: BASE, version, next: nextLane, m: encodeMarks(marks) };
    if (!(await put(item, stored.version))) return forget();
    stored = { version, marks };
    for (const lane of ended) {
      state.ended.delete(lane);
      state.marks.delete(lane);
    }
    for (const { ahead } of state.cells.values()) {
      for (const [lane, seq] of ahead)
        if (seq <= (marks.get(lane) ?? Number.POSITIVE_INFINITY)) ahead.delete(lane);
    }
    return true;
  }

  /** All at once: an embedded store makes one transaction of it. Every write has ended when this returns. */
  async function storeCells(chosen: (name: string) => boolean): Promise<boolean> {
    const dirty = [...state.cells].filter(([name, held]) => held.dirty && chosen(name));
    const outcomes = await Promise.allSettled(dirty.map(([name, held]) => storeCell(name, held)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return outcomes.every((outcome) => outcome.status === 'fulfilled' && outcome.value);
  }

  async function storeCell(name: string, held: Held): Promise<boolean> {
    const version = held.version + 1;
    for (const [lane, seq] of state.marks) {
      if (seq > (stored.marks.get(lane) ?? -1))
        held.ahead.set(lane, Math.max(seq, held.ahead.get(lane) ?? -1));
    }
    const item = { pk: PARTITION, sk: name, version, m: encodeMarks(held.ahead), d: held.cell.encode() };
    held.dirty = false;
    if (!(await put(item, held.version))) return false;
    held.version = version;
    return true;
  }

  /** A failure leaves open whether the write happened, so memory is no longer known to agree with the store. */
  async function put(item: Item, expected: number): Promise<boolean> {
    try {
      return (await table.put(item, expected === 0 ? 'absent' : { version: expected })).stored;
    } catch (error) {
      loaded = false;
      throw error;
    }
  }

  function forget(): false {
    loaded = false;
    return false;
  }

  async function run(lanes?: Iterable<number>): Promise<void> {
    const wanted = lanes === undefined ? undefined : [...lanes];
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      await catchUp(wanted);
      if (await persist()) return;
    }
  }

  async function absorb(ride: Ride): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      if (!loaded) await catchUp();
      state.ride(ride, scrapeAt(new Date(deps.clock()).toISOString()));
      // What the ledger proves can always be folded again; only what nobody else has must be stored now.
      if (await storeCells((name) => !isProven(name))) return;
      forget();
    }
  }

  async function rebuild(): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      await load();
      const before = state;
      state = before.twin();
      await catchUp();
      for (const [name, held] of state.cells) held.version = before.cells.get(name)?.version ?? 0;
      if (!(await persist())) continue;
      // What another projector stored under the name since is newer than what we found there, and stays.
      for (const [name, { version }] of before.cells) {
        if (!state.cells.has(name)) await table.remove(PARTITION, name, { version });
      }
      return;
    }
  }

  return {
    catchUp: (lanes) => one(() => catchUp(lanes)),
    persist: () => one(async () => loaded && (await persist())),
    run: (lanes) => one(() => run(lanes)),
    absorb: (ride) => one(() => absorb(ride)),
    reload: () => one(load),
    state: () => state,
    lag: () => lag,
    rebuild: () => one(rebuild),
  };
}

async function* items(table: Pick<Table, 'query'>): AsyncIterable<Item> {
  let after: string | undefined;
  do {
    const page = await table.query(PARTITION, after ? { after } : {});
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}

const encodeMarks = (marks: Marks): string =>
  JSON.stringify([...marks].sort(([left], [right]) => left - right));
const marksOf = (value: unknown): Marks => new Map(JSON.parse(textOf(value, '[]')) as [number, number][]);
const textOf = (value: unknown, fallback: string): string => (typeof value === 'string' ? value : fallback);
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

const same = (left: Marks, right: Marks): boolean =>
  left.size === right.size && [...left].every(([lane, seq]) => right.get(lane) === seq);

/** One at a time, in order of asking; a failure is the asker's and stops nobody else. */
function mutex(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
