/**
 * The log's lock: one item that says which tree was signed last and how far each lane is in it. It is replaced
 * by compare-and-swap on its version, so of two sealers one wins. Whoever can write to the table can write to
 * the lock, so nothing in it is believed: the note is signed, and the tree is computed again from its tiles.
 */
import type { Item, Table } from '../../ports.ts';
import { NO_PREVIOUS } from '../bytes.ts';

/** How far a lane is sealed: the next place, and the hash of the record before it. */
export interface Watermark {
  readonly next: number;
  readonly prev: string;
}

export interface LogLock {
  readonly version: number;
  /** Size and checkpoint of the signed tree; an empty note before the first. */
  readonly size: number;
  readonly note: string;
  /** The size that this tree grew from: its bundle was staged under it. */
  readonly from: number;
  /** Lanes that are not sealed to their end. */
  readonly lanes: ReadonlyMap<number, Watermark>;
  /** The highest lane of which anything is sealed: the lanes after it are new. */
  readonly last_lane: number;
}

export const UNLOCKED: LogLock = { version: 0, size: 0, note: '', from: 0, lanes: new Map(), last_lane: 0 };
export const START_OF_LANE: Watermark = { next: 0, prev: NO_PREVIOUS };

const KEY = ['LOG', 'LOCK'] as const;

/** Throws TypeError for a lock that nobody of ours wrote. */
export async function readLock(table: Pick<Table, 'get'>): Promise<LogLock> {
  const item = await table.get(...KEY);
  if (item === undefined) return UNLOCKED;
  const { version, size, note, from, last_lane, lanes } = item;
  if (
    typeof version !== 'number' ||
    typeof size !== 'number' ||
    typeof note !== 'string' ||
    typeof from !== 'number' ||
    typeof last_lane !== 'number' ||
    typeof lanes !== 'string'
  ) {
    throw new TypeError('the lock of the log is damaged');
  }
  return { version, size, note, from, last_lane, lanes: parseLanes(lanes) };
}

/** Compare-and-swap; false when another sealer was faster. */
export async function swapLock(table: Table, lock: LogLock): Promise<boolean> {
  const [pk, sk] = KEY;
  const { version, size, note, from, last_lane } = lock;
  const lanes = [...lock.lanes].map(([lane, { next, prev }]) => `${lane} ${next} ${prev}`).join('\n');
  const item: Item = { pk, sk, version, size, note, from, last_lane, lanes };
  const put = await table.put(item, version === 1 ? 'absent' : { version: version - 1 });
  return put.stored;
}

function parseLanes(text: string): Map<number, Watermark> {
  const lines = text === '' ? [] : text.split('\n');
  return new Map(
    lines.map((line) => {
      const match = /^(\d+) (\d+) ([0-9a-f]{64})$/.exec(line);
      if (match === null) throw new TypeError('the lock of the log is damaged');
      return [Number(match[1]), { next: Number(match[2]), prev: match[3] ?? '' }];
    }),
  );
}
