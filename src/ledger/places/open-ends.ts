/**
 * What is not sealed yet: the ends of the open lanes. Everything before them is noted (`by-time.ts`,
 * `by-execution.ts`), so a reader goes through the notes and these few ends, never through all lanes.
 */
import { laneKey, numberKey, placeOf, seqKey } from '../bytes.ts';
import { type TableReader, toEntry } from '../entry.ts';
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

/**
 * The first place of a lane's open end `end`… whose record is beyond a point in time; the next place where there is none. Found
 * by halving, since times never fall within a lane. Most ends lie wholly on one side of it.
 */
export async function startInTime(
  table: TableReader,
  lane: number,
  end: number,
  isBeyond: (time: string) => boolean,
): Promise<number> {
  const beyond = async (seq: number): Promise<boolean> => {
    const item = await table.get(laneKey(lane), seqKey(seq));
    const entry = item && toEntry(item);
    return entry !== undefined && isBeyond(entry.record.time);
  };
  if (await beyond(end)) return end;
  const head = await table.query(laneKey(lane), { from: seqKey(end), reverse: true, limit: 1 });
  let [low, high] = [end, Number(head.items[0]?.sk ?? end - 1) + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await beyond(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
