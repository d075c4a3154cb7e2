/**
 * When a stop is over. No process ends one by its own clock alone, which may be wrong by hours: either it is the one
 * whose clock set the end, or another writer's record says that the end has come, or it has itself watched the stop
 * for as long as it was to last. So a stop may outlast its end a little, and never ends early. That it ended is a record,
 * and everybody follows that.
 */

import { laneKey } from '../ledger/bytes.ts';
import type { Justifier } from '../ledger/justified.ts';
import { lastLane } from '../ledger/lane/directory.ts';
import type { Table } from '../ports.ts';
import type { StandingStop } from './emergency.ts';

export interface StopEndDeps {
  readonly ledgerTable: Pick<Table, 'get' | 'query'>;
  readonly justifier: Pick<Justifier, 'judge'>;
  /** Whether this process writes or wrote the lane. */
  readonly isOwn: (lane: number) => boolean;
  /** Monotonic microseconds. */
  readonly micros: () => number;
}

/** Lanes that are asked for the time, the newest first: one that agrees is enough. */
const ASKED_LANES = 50;

/** Says of a stop whose end has come by our own clock whether it really has. Throws STORE_UNAVAILABLE. */
export function createStopEnd(deps: StopEndDeps): {
  /** Told of each stop that is seen, from when on it is watched. */
  watch(stop: StandingStop): void;
  isOver(stop: StandingStop): Promise<boolean>;
  /** Whether another writer's record is of this time (milliseconds) or later. */
  anotherSays(ms: number): Promise<boolean>;
} {
  const { ledgerTable, justifier, isOwn, micros } = deps;
  let watched: { readonly name: string; readonly from: number } | undefined;
  const nameOf = ({ since, until }: StandingStop) => `${since} ${until}`;

  async function anotherSays(until: number): Promise<boolean> {
    const last = await lastLane(ledgerTable);
    for (let lane = last; lane > Math.max(0, last - ASKED_LANES); lane -= 1) {
      if (isOwn(lane)) continue;
      const { items } = await ledgerTable.query(laneKey(lane), { reverse: true, limit: 1 });
      const [head] = items;
      const found = head && (await justifier.judge(head));
      if (found !== undefined && Date.parse(found.record.time) >= until) return true;
    }
    return false;
  }

  return {
    anotherSays,
    watch(stop) {
      if (watched?.name !== nameOf(stop)) watched = { name: nameOf(stop), from: micros() };
    },
    async isOver(stop) {
      const lane = Number(stop.record?.split('.')[0]);
      if (isOwn(lane)) return true;
      const length_ms = stop.until - stop.since;
      const seen = watched?.name === nameOf(stop) ? micros() - watched.from : 0;
      return seen >= length_ms * 1_000 || (await anotherSays(stop.until));
    },
  };
}
