/**
 * Emergency stop: one person stops everything, two different people let it run again, and it ends by itself.
 * There is no emergency that allows everything. The state is one item that every process polls; a process
 * that cannot read it denies. Draining (finish what runs, take no new work) stands in the same item, so that
 * one poll reads both.
 */
import { ChanceryError, type Reason } from '../errors.ts';
import { type Marked, sameMarked } from '../identity/person.ts';
import type { Receipt } from '../ledger/record.ts';
import type { Clock, Item, Table, Value } from '../ports.ts';

export interface StandingStop {
  readonly state: 'stopped';
  readonly reason: string;
  /** Milliseconds, by the clock of the process that stopped. */
  readonly since: number;
  readonly until: number;
  /** People who asked for release. */
  readonly releases: number;
  /** Id of the record of the stop: absent until it is written. */
  readonly record?: string;
}

export type EmergencyState =
  | { readonly state: 'clear' }
  | StandingStop
  /** The state could not be read: deny. */
  | { readonly state: 'unreadable' };

/** A release counts only within this time of the first one: two people who agree, not two accidents. */
const RELEASE_WINDOW_MS = 15 * 60_000;
/** Polled at most this often, so that a stop holds everywhere within 5 s even when a poll is slow. */
export const EMERGENCY_POLL_MS = 2_000;
/** From weighing a request, which a drain may just have missed, to its decision in the ledger. */
const UNDER_WAY_MS = 500;

/** The one item of stop and drain. */
export const EMERGENCY = { pk: 'SYSTEM', sk: 'emergency' } as const;
const KEY = EMERGENCY;

export interface EmergencyWatch {
  /** Never throws: what cannot be read is `unreadable`. */
  current(): Promise<EmergencyState>;
  /** By what was read last; the caller polls `current` on every request anyway. */
  draining(): boolean;
  /** Forgets what was read, after this process itself changed it. */
  forget(): void;
}

export interface EmergencyWatchDeps {
  readonly table: Pick<Table, 'get'>;
  readonly clock: Clock;
  /** Told of each stop that is read. */
  readonly seen?: (stop: StandingStop) => void;
  /** Ends a stop whose time is up by our clock, if it really is (stop-end.ts). True when it was ended. */
  readonly expire?: (stop: StandingStop) => Promise<boolean>;
}

export function createEmergencyWatch(deps: EmergencyWatchDeps): EmergencyWatch {
  const { table, clock, seen = () => undefined, expire = async () => false } = deps;
  let item: Item | undefined;
  let readAt: number | undefined;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const began = clock();
    try {
      item = await table.get(KEY.pk, KEY.sk);
      const state = stateOf(item);
      if (state.state === 'stopped') {
        seen(state);
        if (began >= state.until && (await expire(state)))
          item = withoutStop(await table.get(KEY.pk, KEY.sk), state);
      }
      readAt = began;
    } catch {
      // Not swallowed: `readAt` stays old, and an old state is unreadable.
      readAt = undefined;
    } finally {
      reading = undefined;
    }
  }

  return {
    async current() {
      if (readAt === undefined || clock() - readAt >= EMERGENCY_POLL_MS || clock() < readAt) {
        reading ??= read();
        await reading;
      }
      return readAt === undefined ? { state: 'unreadable' } : stateOf(item);
    },
    draining: () => typeof item?.drain_until === 'number' && clock() < item.drain_until,
    forget() {
      readAt = undefined;
    },
  };
}

/** A stop that is over is over, also where it is for another process to write that down. */
function withoutStop(item: Item | undefined, { since, until }: StandingStop): Item | undefined {
  const now = stateOf(item);
  const same = now.state === 'stopped' && now.since === since && now.until === until;
  return item !== undefined && same ? { ...item, stopped: false } : item;
}

/** What an item says; one that is not what was written is unreadable. When a stop ends is not for a clock to say here. */
export function stateOf(item: Item | undefined): EmergencyState {
  if (item === undefined) return { state: 'clear' };
  const { stopped, reason, since, until, releases, record } = item;
  if (stopped === false || stopped === undefined) return { state: 'clear' };
  if (stopped !== true || !isTime(since) || !isTime(until) || !Array.isArray(releases)) {
    return { state: 'unreadable' };
  }
  return {
    state: 'stopped',
    reason: typeof reason === 'string' ? reason : '',
    since,
    until,
    releases: releases.length,
    ...(typeof record === 'string' ? { record } : {}),
  };
}

/** ECMA-262, 21.4.1.1: further from 1970 than this many milliseconds there is no date. */
const isTime = (value: Value | undefined): value is number =>
  typeof value === 'number' && Math.abs(value) <= 8.64e15;

export interface StopOrder {
  readonly by: Marked;
  readonly reason: string;
  readonly duration_seconds: number;
  /** The duration was asked for, and is not just what the charter has by default. */
  readonly asked: boolean;
}

export interface Emergency {
  /**
   * Stops, or prolongs a stop that is in force. Throws CONFLICT when it would shorten one: that takes two people, by
   * release. What it returns is not on record yet: `justify` says which record it is.
   */
  stop(order: StopOrder): Promise<StandingStop>;
  /** Names the record of a stop. Nothing when the stop is another one by now. */
  justify(stop: StandingStop, record: string): Promise<void>;
  /**
   * One voice for release, whose record is `record`. `voices`: the records of everybody who asked within the window.
   * Throws CONFLICT when nothing is stopped or this person has spoken already, with this account or another.
   */
  askRelease(
    by: Marked,
    record: () => Promise<Pick<Receipt, 'id' | 'time'>>,
  ): Promise<{ readonly voices: readonly string[] }>;
  /** Lets things run again, by the record that says so. */
  end(record: string): Promise<void>;
  /**
   * Takes no new work for so long, everywhere; 0 takes work again. `heard`: from this time (milliseconds) on no
   * process begins anything, for each has looked since.
   */
  drain(seconds: number): Promise<{ readonly until: number; readonly heard: number }>;
}

/** Every change is a conditional write on the version; losing a race means reading again. */
const TRIES = 8;

export function createEmergency(deps: {
  readonly table: Table;
  readonly clock: Clock;
  readonly watch: EmergencyWatch;
}): Emergency {
  const { table, clock, watch } = deps;

  async function change<T>(
    next: (item: Item | undefined, now: number) => { item: Item; result: T },
  ): Promise<T> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const stored = await table.get(KEY.pk, KEY.sk);
      const version = stored?.version;
      const { item, result } = next(stored, clock());
      const next_version = typeof version === 'number' ? version + 1 : 1;
      const condition = typeof version === 'number' ? { version } : 'absent';
      // Also when it fails: it may have been stored, and only the answer lost.
      watch.forget();
      const written = await table.put({ ...item, ...KEY, version: next_version }, condition);
      watch.forget();
      if (written.stored) return result;
    }
    throw new ChanceryError('CONFLICT', 'The emergency state is being changed by others; try again.');
  }

  return {
    stop: ({ by, reason, duration_seconds, asked }) =>
      change((stored, now) => {
        const before = stateOf(stored);
        const wanted = now + duration_seconds * 1000;
        if (before.state === 'stopped' && asked && wanted < before.until) throw shortening(before.until);
        const until = before.state === 'stopped' ? Math.max(wanted, before.until) : wanted;
        const since = before.state === 'stopped' ? before.since : now;
        const { record: _, ...kept }: Item = stored ?? KEY;
        const stop = { reason, since, until };
        return {
          item: { ...kept, ...KEY, stopped: true, by: by.by, ...stop, releases: [] },
          result: { state: 'stopped', ...stop, releases: 0 },
        };
      }),

    justify: ({ since, until }, record) =>
      change((stored) => {
        const same = stored?.stopped === true && stored.since === since && stored.until === until;
        return { item: { ...stored, ...KEY, ...(same ? { record } : {}) }, result: undefined };
      }),

    async askRelease(by, record) {
      const objected = releaseObjection(await table.get(KEY.pk, KEY.sk), by, clock());
      if (objected !== undefined) throw conflict(objected);
      // On record before it counts.
      const { id, time } = await record();
      const voice = { ...by, at: Date.parse(time), record: id };
      return change((stored, now) => {
        // Whoever keeps up with the ledger sees the own voice there already.
        const others = Array.isArray(stored?.releases)
          ? stored.releases.filter((each) => !isBy(each, id))
          : [];
        const before = { ...stored, ...KEY, releases: others };
        const again = releaseObjection(before, by, now);
        if (again !== undefined) throw conflict(again);
        // Voices that have faded stay in the item: it says what the records say.
        const voices = [...voicesOf(before, now), voice].map((each) => each.record);
        return { item: { ...before, releases: [...others, { ...voice }] }, result: { voices } };
      });
    },

    end: (record) =>
      change((stored) => ({ item: { ...stored, ...KEY, stopped: false, record }, result: undefined })),

    drain: (seconds) =>
      change((stored, now) => {
        const until = now + seconds * 1000;
        const on = typeof stored?.drain_until === 'number' && stored.drain_until > now;
        const since = on && typeof stored.drain_since === 'number' ? stored.drain_since : now;
        return {
          item: { ...stored, ...KEY, drain_since: since, drain_until: until },
          result: { until, heard: since + EMERGENCY_POLL_MS + UNDER_WAY_MS },
        };
      }),
  };
}

interface Voice extends Marked {
  readonly at: number;
  readonly record: string;
}

function voicesOf(item: Item | undefined, now: number): Voice[] {
  const voices = Array.isArray(item?.releases) ? item.releases.flatMap(voiceOf) : [];
  return voices.filter(({ at }) => now - at <= RELEASE_WINDOW_MS);
}

function voiceOf(value: Value): Voice[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    return [];
  const { by, marks, at, record } = value;
  const readable = typeof by === 'string' && typeof at === 'number' && typeof record === 'string';
  if (!readable || !Array.isArray(marks)) return [];
  return [{ by, at, record, marks: marks.filter((mark) => typeof mark === 'string') }];
}

const isBy = (voice: Value, record: string): boolean => voiceOf(voice)[0]?.record === record;

function releaseObjection(item: Item | undefined, by: Marked, now: number): Reason | undefined {
  const refuse = (code: string, message: string): Reason => ({ code, message, kind: 'not_permitted' });
  if (stateOf(item).state === 'clear') return refuse('not_stopped', 'Nothing is stopped.');
  if (voicesOf(item, now).some((voice) => sameMarked(voice, by))) {
    const message =
      'You have asked for release already, with this account or another; another person has to agree.';
    return refuse('already_asked', message);
  }
  return undefined;
}

function shortening(until: number): ChanceryError {
  const message = `A stop is in force until ${new Date(until).toISOString()}: only its release, by two people, shortens it.`;
  return conflict({ code: 'stop_not_shortened', path: '/duration', message, kind: 'not_permitted' });
}

function conflict(reason: Reason): ChanceryError {
  return new ChanceryError('CONFLICT', reason.message, { reasons: [reason] });
}
