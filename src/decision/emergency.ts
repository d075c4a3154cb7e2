/**
 * Emergency stop: one person stops everything, two different people let it run again, and it ends by itself.
 * There is no emergency that allows everything. The state is one item that every process polls; a process
 * that cannot read it denies. Draining (finish what runs, take no new work) stands in the same item, so that
 * one poll reads both.
 */
import { ChanceryError } from '../errors.ts';
import type { Clock, Item, Table } from '../ports.ts';

export type EmergencyState =
  | { readonly state: 'clear' }
  | {
      readonly state: 'stopped';
      readonly reason: string;
      readonly since: number;
      readonly until: number;
      readonly releases: number;
    }
  /** The state could not be read: deny. */
  | { readonly state: 'unreadable' };

/** A release counts only within this time of the first one: two people who agree, not two accidents. */
const RELEASE_WINDOW_MS = 15 * 60_000;
/** Polled at most this often, so that a stop holds everywhere within 5 s even when a poll is slow. */
export const EMERGENCY_POLL_MS = 2_000;
/** From weighing a request, which a drain may just have missed, to its decision in the ledger. */
const UNDER_WAY_MS = 500;

const KEY = { pk: 'SYSTEM', sk: 'emergency' } as const;

export interface EmergencyWatch {
  /** Never throws: what cannot be read is `unreadable`. */
  current(): Promise<EmergencyState>;
  /** By what was read last; the caller polls `current` on every request anyway. */
  draining(): boolean;
  /** Forgets what was read, after this process itself changed it. */
  forget(): void;
}

export function createEmergencyWatch(deps: { readonly table: Table; readonly clock: Clock }): EmergencyWatch {
  const { table, clock } = deps;
  let item: Item | undefined;
  let readAt: number | undefined;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const began = clock();
    try {
      item = await table.get(KEY.pk, KEY.sk);
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
      return readAt === undefined ? { state: 'unreadable' } : stateOf(item, clock());
    },
    draining: () => typeof item?.drain_until === 'number' && clock() < item.drain_until,
    forget() {
      readAt = undefined;
    },
  };
}

/** What an item says at a time. A stop that has run out is clear; an item that is not what was written is unreadable. */
export function stateOf(item: Item | undefined, now: number): EmergencyState {
  if (item === undefined) return { state: 'clear' };
  const { stopped, reason, since, until, releases } = item;
  if (stopped === false || stopped === undefined) return { state: 'clear' };
  if (
    stopped !== true ||
    typeof since !== 'number' ||
    typeof until !== 'number' ||
    !Array.isArray(releases)
  ) {
    return { state: 'unreadable' };
  }
  if (now >= until) return { state: 'clear' };
  return {
    state: 'stopped',
    reason: typeof reason === 'string' ? reason : '',
    since,
    until,
    releases: releases.length,
  };
}

export interface StopOrder {
  /** Pseudonym of who stops. */
  readonly by: string;
  readonly reason: string;
  readonly duration_seconds: number;
}

export interface Emergency {
  /** Stops, or prolongs a stop that is in force. Never shortens one. */
  stop(order: StopOrder): Promise<Extract<EmergencyState, { state: 'stopped' }>>;
  /**
   * One voice for release. `released` is true when enough different people have spoken within the window.
   * Throws CONFLICT when nothing is stopped or this person has spoken already.
   */
  release(by: string, quorum: number): Promise<{ readonly released: boolean; readonly missing: number }>;
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
      const written = await table.put(
        { ...item, ...KEY, version: typeof version === 'number' ? version + 1 : 1 },
        typeof version === 'number' ? { version } : 'absent',
      );
      if (written.stored) {
        watch.forget();
        return result;
      }
    }
    throw new ChanceryError('CONFLICT', 'The emergency state is being changed by others; try again.');
  }

  return {
    stop: ({ by, reason, duration_seconds }) =>
      change((stored, now) => {
        const before = stateOf(stored, now);
        const until = Math.max(now + duration_seconds * 1000, before.state === 'stopped' ? before.until : 0);
        const since = before.state === 'stopped' ? before.since : now;
        return {
          item: { ...stored, ...KEY, stopped: true, by, reason, since, until, releases: [] },
          result: { state: 'stopped', reason, since, until, releases: 0 },
        };
      }),

    release: (by, quorum) =>
      change((stored, now) => {
        if (stored === undefined || stateOf(stored, now).state === 'clear') {
          throw new ChanceryError('CONFLICT', 'Nothing is stopped.');
        }
        const voices = voicesOf(stored, now);
        if (voices.some((voice) => voice.by === by)) {
          throw new ChanceryError(
            'CONFLICT',
            'You have asked for release already; another person has to agree.',
          );
        }
        const all = [...voices, { by, at: now }];
        const released = all.length >= quorum;
        return {
          item: { ...stored, stopped: !released, releases: all.map((voice) => ({ ...voice })) },
          result: { released, missing: Math.max(0, quorum - all.length) },
        };
      }),

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

function voicesOf(item: Item, now: number): { readonly by: string; readonly at: number }[] {
  const { releases } = item;
  if (!Array.isArray(releases)) return [];
  return releases.flatMap((voice) => {
    if (typeof voice !== 'object' || voice === null || Array.isArray(voice) || voice instanceof Uint8Array)
      return [];
    const { by, at } = voice;
    return typeof by === 'string' && typeof at === 'number' && now - at <= RELEASE_WINDOW_MS
      ? [{ by, at }]
      : [];
  });
}
