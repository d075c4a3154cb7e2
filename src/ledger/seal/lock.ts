/**
 * The log's lock: one item that says which tree was signed last and how far each open lane is in it. It is
 * replaced by compare-and-swap on its version, so of two sealers one wins. Whoever can write to the table can
 * write to the lock, so nothing in it is believed: the note is signed, and the tree is computed again from its
 * tiles.
 *
 * Only lanes that are not sealed to their end stand in it, and of these only so many in the item itself: the
 * others are in pages (`lock-pages.ts`), so that no item grows with the number of writers.
 */
import type { Item, Table } from '../../ports.ts';
import { NO_PREVIOUS } from '../bytes.ts';
import {
  formatLanes,
  type LockPage,
  NO_PAGES,
  parseLanes,
  readPages,
  type Watermark,
  writePages,
} from './lock-pages.ts';

export type { Watermark } from './lock-pages.ts';

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
  /** Where every sealed record is, is noted (`places/`). False of a log that an older version sealed last. */
  readonly noted: boolean;
  /** The lanes for which the item has no room. */
  readonly pages: readonly LockPage[];
}

/** Which notes there are: the first (in the item: `true`) were by time and execution; these are by person as well. */
export const NOTES = 2;

export const UNLOCKED: LogLock = {
  version: 0,
  size: 0,
  note: '',
  from: 0,
  lanes: new Map(),
  last_lane: 0,
  noted: true,
  pages: NO_PAGES,
};
export const START_OF_LANE: Watermark = { next: 0, prev: NO_PREVIOUS };

const KEY = ['LOG', 'LOCK'] as const;
/** A page may have moved on twice while it was read. */
const TRIES = 10;

/** Throws TypeError for a lock that nobody of ours wrote. */
export async function readLock(table: Pick<Table, 'get' | 'query'>): Promise<LogLock> {
  for (let tries = 1; ; tries += 1) {
    const item = await table.get(...KEY);
    if (item === undefined) return UNLOCKED;
    const own = parseLock(item);
    const pages = await readPages(table, Number(item.pages ?? 0), own.size);
    if (pages !== undefined)
      return { ...own, pages, lanes: new Map([own, ...pages].flatMap(({ lanes }) => [...lanes])) };
    if (tries === TRIES) throw new TypeError('the pages of the log’s lock are damaged');
  }
}

/** The version of the lock, in one small read: it moves with each seal. */
export async function lockVersion(table: Pick<Table, 'get'>): Promise<number> {
  const version = (await table.get(...KEY))?.version;
  return typeof version === 'number' ? version : UNLOCKED.version;
}

/** The highest lane of which anything is sealed; 0 before the first. What the lock says, proven by nobody. */
export async function lastSealedLane(table: Pick<Table, 'get'>): Promise<number> {
  const last = (await table.get(...KEY))?.last_lane;
  return typeof last === 'number' ? last : 0;
}

/** What the next lock says; its pages are worked out when it is swapped in. */
export type NextLock = Omit<LogLock, 'version' | 'pages'>;

/**
 * Compare-and-swap of the lock that was read for the next one; undefined when another sealer was faster. Pages are
 * written first and say for which size they hold, so that until the swap the lock before is still whole.
 */
export async function swapLock(table: Table, before: LogLock, next: NextLock): Promise<LogLock | undefined> {
  const written = await writePages(table, before, next);
  if (written === undefined) return undefined;
  const [pk, sk] = KEY;
  const { size, note, from, last_lane, noted } = next;
  const version = before.version + 1;
  const lanes = formatLanes(written.own);
  const item: Item = {
    pk,
    sk,
    version,
    size,
    note,
    from,
    last_lane,
    noted: noted ? NOTES : false,
    lanes,
    pages: written.pages.length,
  };
  const put = await table.put(item, before.version === 0 ? 'absent' : { version: before.version });
  return put.stored ? { ...next, version, pages: written.pages } : undefined;
}

function parseLock(item: Item): Omit<LogLock, 'pages'> {
  const { version, size, note, from, last_lane, lanes } = item;
  if (
    typeof version !== 'number' ||
    typeof size !== 'number' ||
    typeof note !== 'string' ||
    typeof from !== 'number' ||
    typeof last_lane !== 'number' ||
    typeof lanes !== 'string' ||
    // A proof begins there.
    !Number.isSafeInteger(from) ||
    from < 0 ||
    from > size
  ) {
    throw new TypeError('the lock of the log is damaged');
  }
  return { version, size, note, from, last_lane, lanes: parseLanes(lanes), noted: item.noted === NOTES };
}
