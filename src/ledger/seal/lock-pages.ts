/**
 * Open lanes for which the lock's own item has no room: pages `(LOG, LANES#n)` of so many lanes each. A lane keeps
 * its page while it is open, and gives up its place when it ends, so there are only as many pages as were ever
 * needed at once, and a seal writes only those in which something moved.
 *
 * A page is written before the lock is swapped and tells what holds for the tree of two sizes: the one that is about
 * to be signed, and the one before. Readers take what fits the lock; a run that died in between has changed nothing.
 */
import type { Item, Table } from '../../ports.ts';
/** How far a lane is sealed: the next place, and the hash of the record before it. */
export interface Watermark {
  readonly next: number;
  readonly prev: string;
}

/** What pages need of a lock. */
interface Holding {
  readonly size: number;
  readonly lanes: Lanes;
}

type Lanes = ReadonlyMap<number, Watermark>;

export interface LockPage {
  /** Version of the stored item. */
  readonly version: number;
  /** The lanes in it, as of the lock that it was read with. */
  readonly lanes: Lanes;
  /** A run that did not come to its swap has left something in it, which must not come to hold later. */
  readonly orphaned: boolean;
}

export const NO_PAGES: readonly LockPage[] = [];

/** 128 lanes are 10 KB. */
const LANES_A_PAGE = 128;
const PARTITION = 'LOG';
const PREFIX = 'LANES#';
const keyOf = (page: number): string => `${PREFIX}${String(page).padStart(6, '0')}`;

/** The first `count` pages as of the tree of `size`; undefined when they have moved on since the lock was read. */
export async function readPages(
  table: Pick<Table, 'query'>,
  count: number,
  size: number,
): Promise<LockPage[] | undefined> {
  const pages: LockPage[] = [];
  let after: string | undefined;
  while (pages.length < count) {
    const range = { from: PREFIX, to: `${PREFIX}~`, ...(after === undefined ? {} : { after }) };
    const { items, next } = await table.query(PARTITION, range);
    for (const item of items.slice(0, count - pages.length)) {
      const page = item.sk === keyOf(pages.length) ? pageOf(item, size) : undefined;
      if (page === undefined) return undefined;
      pages.push(page);
    }
    after = next;
    if (after === undefined) break;
  }
  return pages.length === count ? pages : undefined;
}

function pageOf(item: Item, size: number): LockPage | undefined {
  const version = Number(item.version);
  if (Number(item.size) <= size) return { version, lanes: parseLanes(String(item.lanes)), orphaned: false };
  if (Number(item.before_size) > size) return undefined;
  return { version, lanes: parseLanes(String(item.before)), orphaned: true };
}

/**
 * Gives each open lane its place and writes the pages that changed. `own`: the lanes that stand in the lock itself.
 * Undefined when another sealer wrote one of them meanwhile.
 */
export async function writePages(
  table: Pick<Table, 'get' | 'put'>,
  before: Holding & { readonly pages: readonly LockPage[] },
  next: Holding,
): Promise<{ own: Lanes; pages: readonly LockPage[] } | undefined> {
  const [own = new Map(), ...placed] = place(before, next.lanes);
  const pages: LockPage[] = [];
  for (const [index, lanes] of placed.entries()) {
    const old = before.pages[index];
    const [text, was] = [formatLanes(lanes), formatLanes(old?.lanes ?? new Map())];
    if (old !== undefined && !old.orphaned && text === was) {
      pages.push(old);
      continue;
    }
    const sizes = { size: next.size, before_size: before.size };
    const item = { pk: PARTITION, sk: keyOf(index), ...sizes, lanes: text, before: was };
    const stored = await write(table, item, old?.version, next.size);
    if (stored === undefined) return undefined;
    pages.push({ version: stored, lanes, orphaned: false });
  }
  return { own, pages };
}

/** The version that the page has now; undefined when another sealer was faster. */
async function write(
  table: Pick<Table, 'get' | 'put'>,
  item: Item,
  known: number | undefined,
  size: number,
): Promise<number | undefined> {
  let version = known;
  if (version === undefined) {
    // A page that the lock does not count yet is of a run that died, or of a faster one.
    const there = await table.get(item.pk, item.sk);
    if (there !== undefined && Number(there.size) > size) return undefined;
    if (there !== undefined) version = Number(there.version);
  }
  const next = { ...item, version: (version ?? 0) + 1 };
  const { stored } = await table.put(next, version === undefined ? 'absent' : { version });
  return stored ? next.version : undefined;
}

/** The lanes of the lock itself, then of each page: where they were, and new ones where there is room first. */
function place(
  before: Holding & { readonly pages: readonly LockPage[] },
  lanes: Lanes,
): Map<number, Watermark>[] {
  const paged = new Set(before.pages.flatMap((page) => [...page.lanes.keys()]));
  const were = [
    [...before.lanes.keys()].filter((lane) => !paged.has(lane)),
    ...before.pages.map((page) => [...page.lanes.keys()]),
  ];
  const left = new Map(lanes);
  const places = were.map((known) => {
    const here = new Map<number, Watermark>();
    for (const lane of known) {
      const watermark = left.get(lane);
      // A log of an older version may hold more in its lock than has room.
      if (watermark === undefined || here.size >= LANES_A_PAGE) continue;
      here.set(lane, watermark);
      left.delete(lane);
    }
    return here;
  });
  let at = 0;
  for (const [lane, watermark] of left) {
    while ((places[at]?.size ?? 0) >= LANES_A_PAGE) at += 1;
    const here = places[at] ?? new Map<number, Watermark>();
    places[at] = here.set(lane, watermark);
  }
  return places;
}

/** One line a lane: number, next place, hash of the record before it. */
export const formatLanes = (lanes: Lanes): string =>
  [...lanes].map(([lane, { next, prev }]) => `${lane} ${next} ${prev}`).join('\n');

/** Throws TypeError for what nobody of ours wrote. */
export function parseLanes(text: string): Map<number, Watermark> {
  const lines = text === '' ? [] : text.split('\n');
  return new Map(
    lines.map((line) => {
      const match = /^(\d+) (\d+) ([0-9a-f]{64})$/.exec(line);
      if (match === null) throw new TypeError('the lock of the log is damaged');
      return [Number(match[1]), { next: Number(match[2]), prev: match[3] ?? '' }];
    }),
  );
}
