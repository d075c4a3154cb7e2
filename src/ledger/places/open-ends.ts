/**
 * What is not sealed yet: the ends of the open lanes. Everything before them is noted (`by-time.ts`,
 * `by-execution.ts`), so a reader goes through the notes and these few ends, never through all lanes.
 */
import { numberKey, placeOf } from '../bytes.ts';
import type { TableReader } from '../entry.ts';
import { directory, FIRST_LANE } from '../lane/directory.ts';
import { readLock, UNLOCKED } from '../seal/lock.ts';

export interface OpenEnds {
  /** Lane → its first place that is not noted. */
  readonly ends: ReadonlyMap<number, number>;
  /** The highest lane that was met; 0 when there is none. */
  readonly last: number;
  /** Whether the notes hold this record: it is sealed. */
  isNoted(lane: number, seq: number): boolean;
}

/** Read before the notes: what is sealed meanwhile is then seen twice, never missed. */
export async function openEnds(table: TableReader): Promise<OpenEnds> {
  const lock = await readLock(table).catch((error: unknown) => {
    // A damaged lock is verification's to name; readers then go through all lanes.
    if (error instanceof TypeError) return { ...UNLOCKED, noted: false };
    throw error;
  });
  const known = lock.noted ? lock : UNLOCKED;
  const ends = new Map([...known.lanes].map(([lane, { next }]) => [lane, next]));
  for await (const { sk } of directory(table, Math.max(FIRST_LANE, known.last_lane + 1)))
    if (sk === numberKey(placeOf(sk))) ends.set(placeOf(sk), 0);
  return {
    ends,
    last: Math.max(known.last_lane, ...ends.keys()),
    isNoted: (lane, seq) => seq < (ends.get(lane) ?? (lane > known.last_lane ? 0 : Number.POSITIVE_INFINITY)),
  };
}
