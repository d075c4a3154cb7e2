/**
 * The projector: ledger → counters. The stream or doorbell only wakes it; it folds every open lane from its
 * watermark to the head. So lost, doubled or late rings change nothing, and several projectors may run: all fold,
 * and of those who have something to store one has the turn (it stands in the base) while the others wait. The turn
 * only saves them from writing in vain; what makes it right is that each write is conditional.
 *
 * What is stored, one item each: every cell with the marks of the lanes that it is ahead of the base in, and
 * the base: marks up to which all cells are complete. Cells are written first, then the base; each write is
 * conditional on the version that was read. A crash between two writes leaves cells ahead of the base, and
 * they skip what they hold already. A refused write means that another projector was faster: everything in
 * memory is forgotten and read again.
 */
import { ChanceryError } from '../../errors.ts';
import type { Clock, Item, Table } from '../../ports.ts';
import { Accumulators, type Held, type Marks, scrapeAt } from './accumulators.ts';
import { isProven } from './cell.ts';
import type { Ride } from './ride.ts';
import type { Tail } from './tail.ts';

export const PARTITION = 'METRICS';
export const BASE = 'base';
/** Records read and folded before anyone else gets a turn. */
export const CHUNK = 250;
/** Records that are folded before they are stored and whoever waits has the memory: what is behind may be years. */
export const BITE = 10_000;
/** Lanes that are taken up at once: each is remembered until all are stored. */
const LANES_AT_ONCE = 500;
const MAX_TRIES = 8;
/** Between two looks at a turn that another has, and how long one that does not move is respected: its holder died. */
const PAUSE_MS = 40;
const LOST_MS = 2_000;
/** Those who wake together take the turn one after the other: within so long, longer where they meet all the same. */
const SPREAD_MS = { least: 20, first: 60, most: 1_000 };
/** After so long a run gives up, and says so. */
const PATIENCE_MS = 20_000;
/** Marks of lanes in one cell: more come only of a long catch-up. */
const MANY_MARKS = 64;
/** Empty reads after which a lane is no longer busy. */
const IDLE_READS = 100;

export interface ProjectorDeps {
  readonly table: Pick<Table, 'query' | 'put'>;
  readonly tail: Tail;
  readonly clock: Clock;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** Lets other work run between two chunks of a long catch-up. */
  readonly breathe?: () => Promise<void>;
  /** Records that are folded before they are stored; `BITE` when absent. */
  readonly bite?: number;
  /** A stored item whose bytes are no record: nothing behind it in its lane is counted. */
  readonly onBroken?: (lane: number, seq: number) => void;
}

export interface Projector {
  /**
   * Folds to the head: the given lanes and new ones, all, or those in which something moved lately. Memory only. False
   * when that would be more than a bite: `run` stores it, and goes on.
   */
  catchUp(lanes?: Iterable<number> | 'busy'): Promise<boolean>;
  /**
   * Catches up and stores, bite by bite, after whoever else is at it; where `goOn` says no after one, what is stored so far
   * stands. Throws when the store fails, and CONFLICT when others had the turn all the time: then nothing is lost, and it
   * is to be run again. `own` gives figures of this process, once there is something to store: they are stored with it.
   */
  run(lanes?: Iterable<number>, goOn?: () => boolean, own?: () => Ride): Promise<void>;
  /** Takes in figures of this process and stores them, so that what a scrape shows outlives a crash. */
  absorb(ride: Ride): Promise<void>;
  /** The same, for a process that shows no figures: it folds nothing. */
  leave(ride: Ride): Promise<void>;
  /** Reads what is stored now; folds nothing. For a process that only shows the figures. */
  reload(): Promise<void>;
  /** The accumulators as they are; never kept across an await by readers. */
  state(): Accumulators;
  /** Seconds that the last folded record was old when it was folded, if there was more to fold; else 0. */
  lag(): number;
}

export function createProjector(deps: ProjectorDeps): Projector {
  const { table, tail } = deps;
  let state = new Accumulators();
  let stored: Stored = { version: 0, marks: new Map(), next: 0 };
  /** The version of the base with which this projector took the turn. */
  let turn: number | undefined;
  /** The version of the base that this projector wrote last. */
  let written: number | undefined;
  let spreadMs = SPREAD_MS.first;
  /** Somebody else stores too, as far as is known. */
  let shared = false;
  let loaded = false;
  let lag = 0;
  const idle = new Map<number, number>();
  /** Memory: who folds, reads anew or stores has it alone. */
  const one = mutex();
  /** Storing: one run after the other, each of which lets go of the memory while it waits for its turn. */
  const storing = mutex();

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
    stored = { version: numberOf(base?.version), marks, next: state.nextLane };
    loaded = true;
  }

  async function catchUp(lanes?: Iterable<number> | 'busy'): Promise<boolean> {
    if (!loaded) await load();
    const bite = { left: deps.bite ?? BITE };
    for (const lane of lanes === 'busy' ? busy() : (lanes ?? [...state.marks.keys()])) {
      if (state.marks.has(lane) && !state.ended.has(lane)) await foldLane(lane, bite);
      if (bite.left <= 0) return false;
    }
    const fresh = await tail.lanes(state.nextLane, LANES_AT_ONCE);
    for (const lane of fresh) {
      state.marks.set(lane, -1);
      state.nextLane = lane + 1;
      await foldLane(lane, bite);
      if (bite.left <= 0) return false;
    }
    if (fresh.length === LANES_AT_ONCE) return false;
    lag = 0;
    return true;
  }

  /** Many lanes may wait for their tombstone; asking each of them on every ring would cost more than the fold. */
  const busy = (): number[] => [...state.marks.keys()].filter((lane) => (idle.get(lane) ?? 0) < IDLE_READS);

  async function foldLane(lane: number, bite: { left: number }): Promise<void> {
    const before = state.marks.get(lane);
    await foldToHead(lane, bite);
    idle.set(lane, state.marks.get(lane) === before ? (idle.get(lane) ?? 0) + 1 : 0);
  }

  async function foldToHead(lane: number, bite: { left: number }): Promise<void> {
    for (;;) {
      const from = (state.marks.get(lane) ?? -1) + 1;
      const { entries, broken } = await tail.read(lane, from, CHUNK);
      for (const entry of entries) state.fold(entry);
      if (broken !== undefined) deps.onBroken?.(lane, broken);
      bite.left -= entries.length;
      const last = entries.at(-1);
      if (last === undefined) return;
      const more = entries.length === CHUNK && broken === undefined;
      if (more || bite.left <= 0) lag = Math.max(0, (deps.clock() - Date.parse(last.record.time)) / 1000);
      if (!more || bite.left <= 0) return;
      await deps.breathe?.();
    }
  }

  /** The base says less than, or exactly, what every cell holds: its marks are taken before any cell is. */
  async function persist(): Promise<boolean> {
    const marks: Marks = new Map([...state.marks].filter(([lane]) => !state.ended.has(lane)));
    const ended = new Set(state.ended);
    const { nextLane } = state;
    if (!(await storeCells(() => true))) return forget();
    if (!(await storeBase({ version: stored.version + 1, marks, next: nextLane }))) return forget();
    for (const lane of ended) {
      state.ended.delete(lane);
      state.marks.delete(lane);
    }
    for (const held of state.cells.values()) {
      // A cell that was stored with very many marks is stored once more without: each reader would read them.
      if (held.ahead.size > MANY_MARKS) held.dirty = true;
      for (const [lane, seq] of held.ahead)
        if (seq <= (marks.get(lane) ?? Number.POSITIVE_INFINITY)) held.ahead.delete(lane);
    }
    return true;
  }

  /** Writes the base, and so gives the turn back, or takes it. */
  async function storeBase(next: Stored, taking = false): Promise<boolean> {
    const item = {
      pk: PARTITION,
      sk: BASE,
      version: next.version,
      next: next.next,
      m: encodeMarks(next.marks),
    };
    if (!(await put(taking ? { ...item, turn: true } : item, stored.version))) return false;
    stored = next;
    written = next.version;
    turn = taking ? next.version : undefined;
    return true;
  }

  const readBase = async (): Promise<Item | undefined> =>
    (await table.query(PARTITION, { from: BASE, to: BASE })).items[0];

  /** Waits for the turn. `stale`: others have written since what is in memory was read. */
  async function takeTurn(): Promise<'mine' | 'stale'> {
    let seen: { version: number; waited: number } | undefined;
    let spread = false;
    for (let waited = 0; waited < PATIENCE_MS; ) {
      const base = await readBase();
      const version = numberOf(base?.version);
      const theirs = base?.turn === true && version !== turn;
      if (theirs && (seen?.version !== version || seen.waited < LOST_MS)) {
        const pause = PAUSE_MS * (1 + Math.random());
        seen = { version, waited: (seen?.version === version ? seen.waited : 0) + pause };
        waited += pause;
        await deps.wait(pause);
        continue;
      }
      if (version !== stored.version) return 'stale';
      if (version !== written && !spread) {
        // Somebody else wrote last, and others may be about to take the turn as well.
        spread = true;
        await deps.wait(spreadMs * Math.random());
        continue;
      }
      const taken = await storeBase({ ...stored, version: version + 1 }, true);
      spreadMs = taken ? Math.max(SPREAD_MS.least, spreadMs * 0.9) : Math.min(SPREAD_MS.most, spreadMs * 2);
      return taken ? 'mine' : 'stale';
    }
    throw new ChanceryError('CONFLICT', 'Other projectors had the turn all the time; run this one again.');
  }

  /** Whether memory holds anything that is not stored. */
  function isAhead(): boolean {
    return (
      state.ended.size > 0 ||
      state.nextLane !== stored.next ||
      !same(state.marks, stored.marks) ||
      [...state.cells.values()].some(({ dirty }) => dirty)
    );
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

  async function run(lanes?: Iterable<number>, goOn = () => true, own?: () => Ride): Promise<void> {
    const wanted = lanes === undefined ? undefined : [...lanes];
    let whole = false;
    let ride: Ride | undefined;
    do {
      await inTurn(
        async () => {
          whole = await catchUp(wanted);
          return isAhead();
        },
        async () => {
          ride ??= own?.();
          if (ride !== undefined) takeIn(ride);
          if (!(await persist())) return false;
          ride = undefined;
          return true;
        },
      );
    } while (!whole && goOn());
  }

  const takeIn = (ride: Ride): void => state.ride(ride, scrapeAt(new Date(deps.clock()).toISOString()));

  async function storeOwn(ride: Ride, read: () => Promise<unknown>): Promise<void> {
    if (ride.counts.length + ride.observed.length + ride.set.length === 0) return;
    await inTurn(
      async () => {
        if (!loaded) await read();
        return true;
      },
      async () => {
        takeIn(ride);
        // What the ledger proves can always be folded again; only what nobody else has must be stored now.
        if (!(await storeCells((name) => !isProven(name)))) return forget();
        return (await storeBase({ ...stored, version: stored.version + 1 })) || forget();
      },
    );
  }

  /**
   * Reads what there is until this projector has the turn for it, and stores it. `read` says whether there is anything to
   * store; `store`, whether it could.
   */
  function inTurn(read: () => Promise<boolean>, store: () => Promise<boolean>): Promise<void> {
    return storing(async () => {
      // Where others have stored since, all that would be folded now would be folded in vain.
      if (shared && loaded && numberOf((await readBase())?.version) !== stored.version) forget();
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        if (!(await one(read))) return;
        // Whoever shows figures folds on meanwhile: a turn may be long in coming.
        if ((await takeTurn()) === 'stale') {
          shared = true;
          forget();
        } else if (await one(store)) return;
      }
      throw new ChanceryError('CONFLICT', 'Other projectors were faster each time; run this one again.');
    });
  }

  return {
    catchUp: (lanes) => one(() => catchUp(lanes)),
    run,
    absorb: (ride) => storeOwn(ride, catchUp),
    leave: (ride) => storeOwn(ride, load),
    reload: () => one(load),
    state: () => state,
    lag: () => lag,
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

interface Stored {
  readonly version: number;
  readonly marks: Marks;
  /** The first lane that was not met. */
  readonly next: number;
}

/** `step:seq` in base 36, steps from the lane before: six bytes each, since there may be thousands. */
function encodeMarks(marks: Marks): string {
  let before = 0;
  return [...marks]
    .sort(([left], [right]) => left - right)
    .map(([lane, seq]) => {
      const step = lane - before;
      before = lane;
      return `${step.toString(36)}:${seq.toString(36)}`;
    })
    .join(' ');
}

function marksOf(value: unknown): Marks {
  const text = textOf(value, '');
  // As an older version wrote them.
  if (text.startsWith('[')) return new Map(JSON.parse(text) as [number, number][]);
  const marks: Marks = new Map();
  let lane = 0;
  for (const mark of text === '' ? [] : text.split(' ')) {
    const [step = '', seq = ''] = mark.split(':');
    lane += Number.parseInt(step, 36);
    marks.set(lane, Number.parseInt(seq, 36));
  }
  return marks;
}

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
