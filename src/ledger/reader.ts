/**
 * Reading the ledger: one entry by its id, or pages of entries over all lanes, merged by time. The order is
 * (time, lane, seq), so it is total, and a cursor is simply the last place that was looked at.
 */
import { ChanceryError } from '../errors.ts';
import type { Item, Table } from '../ports.ts';
import { base64, hex, laneKey, parseJson, parseRecord, recordHash, seqKey, signedOf } from './bytes.ts';
import { directory } from './lane/directory.ts';
import type { LedgerRecord } from './record.ts';

/** The reading half of a store. */
export type Reading = Pick<Table, 'get' | 'query'>;

export interface Entry {
  /** `{lane}.{seq}`. */
  readonly id: string;
  readonly lane: number;
  readonly seq: number;
  readonly record_hash: string;
  /** base64. */
  readonly signature: string;
  readonly record: LedgerRecord;
}

/** All given conditions must hold. */
export interface EntryFilter {
  /** An event type, or a family as `decision.*`. */
  readonly type?: string;
  readonly outcome?: string;
  readonly mode?: string;
  readonly workflow?: string;
  /** Pseudonym. */
  readonly subject?: string;
  readonly trace?: string;
  /** RFC 3339, inclusive. */
  readonly from?: string;
  readonly to?: string;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  /** Present while there may be more; a page can be short, even empty, and still have one. */
  readonly next?: string;
}

export interface PageOptions {
  readonly cursor?: string;
  readonly limit?: number;
  /** Newest first unless told otherwise. */
  readonly order?: 'newest' | 'oldest';
}

/** Records looked at per page: a rare filter over a long ledger answers in steps, never in minutes. */
const SCAN = 20_000;
/** A function's answer is at most 6 MB, in which a quote of this one may take two: a page is full at less than half. */
const PAGE_BYTES = 2_900_000;

export function toEntry(item: Item): Entry | undefined {
  const signed = signedOf(item);
  const record = signed === undefined ? undefined : parseRecord(signed.b);
  if (signed === undefined || record === undefined) return undefined;
  const [lane, seq] = [Number(item.pk.slice('LANE#'.length)), Number(item.sk)];
  return {
    id: `${lane}.${seq}`,
    lane,
    seq,
    record_hash: hex(recordHash(signed)),
    signature: base64(signed.s),
    record,
  };
}

/** `{lane}.{seq}` taken apart; undefined when it is no id. */
export function parseEntryId(id: string): { lane: number; seq: number } | undefined {
  const match = /^([1-9]\d{0,7})\.(0|[1-9]\d{0,9})$/.exec(id);
  return match === null ? undefined : { lane: Number(match[1]), seq: Number(match[2]) };
}

export async function readEntry(table: Reading, id: string): Promise<Entry | undefined> {
  const place = parseEntryId(id);
  if (place === undefined) return undefined;
  const item = await table.get(laneKey(place.lane), seqKey(place.seq));
  return item === undefined ? undefined : toEntry(item);
}

interface Place {
  readonly time: string;
  readonly lane: number;
  readonly seq: number;
}

/** One page. Throws VALIDATION_ERROR for a cursor that is not ours. */
export async function readEntries(
  table: Reading,
  wanted: EntryFilter = {},
  options: PageOptions = {},
): Promise<EntryPage> {
  const filter = { ...wanted, from: instant(wanted.from), to: instant(wanted.to) };
  const newest = (options.order ?? 'newest') === 'newest';
  const limit = options.limit ?? 100;
  const cursor = options.cursor === undefined ? undefined : parseCursor(options.cursor);
  const streams: Stream[] = [];
  for (const lane of await lanesWithin(table, filter)) {
    const start = await startOf(table, lane, filter, cursor, newest);
    const stream = new Stream(table, lane, start, newest);
    if (await stream.advance()) streams.push(stream);
  }
  const entries: Entry[] = [];
  let looked: Place | undefined;
  let bytes = 0;
  for (let scanned = 0; scanned < SCAN && entries.length < limit && bytes < PAGE_BYTES; scanned += 1) {
    const next = pick(streams, newest);
    const entry = next?.head;
    if (next === undefined || entry === undefined) return { entries };
    if (newest ? isBefore(entry, filter.from) : isAfter(entry, filter.to)) return { entries };
    looked = { time: entry.record.time, lane: entry.lane, seq: entry.seq };
    if (matches(entry, filter)) {
      entries.push(entry);
      bytes += JSON.stringify(entry.record).length;
    }
    if (!(await next.advance())) streams.splice(streams.indexOf(next), 1);
  }
  return looked === undefined || streams.length === 0 ? { entries } : { entries, next: formatCursor(looked) };
}

/** Lanes whose lease overlaps the time range: the others need not be read. */
async function lanesWithin(table: Reading, filter: EntryFilter): Promise<number[]> {
  const lanes: number[] = [];
  for await (const item of directory(table)) {
    const signed = signedOf(item);
    const certificate = signed === undefined ? undefined : parseJson(signed.b);
    const start = text(certificate, 'start');
    if (filter.to !== undefined && start !== undefined && start > filter.to) continue;
    lanes.push(Number(item.sk));
  }
  return lanes;
}

/** The place in `lane` where reading goes on: found by halving, since times never fall within a lane. */
async function startOf(
  table: Reading,
  lane: number,
  filter: EntryFilter,
  cursor: Place | undefined,
  newest: boolean,
): Promise<number | undefined> {
  if (cursor?.lane === lane) return newest ? cursor.seq - 1 : cursor.seq + 1;
  const bound = newest ? filter.to : filter.from;
  if (cursor === undefined && bound === undefined) return newest ? undefined : 0;
  const head = await table.query(laneKey(lane), { reverse: true, limit: 1 });
  const last = Number(head.items[0]?.sk ?? -1);
  // First seq that lies beyond the cursor (or the bound) in time order.
  const beyond = async (seq: number): Promise<boolean> => {
    const item = await table.get(laneKey(lane), seqKey(seq));
    const entry = item === undefined ? undefined : toEntry(item);
    if (entry === undefined) return false;
    const place = { time: entry.record.time, lane, seq };
    if (cursor !== undefined) return compare(place, cursor) > 0;
    return newest ? isAfter(entry, bound) : !isBefore(entry, bound);
  };
  let [low, high] = [0, last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await beyond(middle)) high = middle;
    else low = middle + 1;
  }
  return newest ? low - 1 : low;
}

/** One lane, read forwards or backwards a page at a time. */
class Stream {
  head: Entry | undefined;
  readonly #items: AsyncGenerator<Item>;

  constructor(table: Reading, lane: number, start: number | undefined, newest: boolean) {
    this.#items = items(table, lane, start, newest);
  }

  async advance(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#items.next();
      if (done === true) return false;
      this.head = toEntry(value);
      // An unreadable item is for verification to name; readers go on.
      if (this.head !== undefined) return true;
    }
  }
}

async function* items(
  table: Reading,
  lane: number,
  start: number | undefined,
  newest: boolean,
): AsyncGenerator<Item> {
  if (start !== undefined && start < 0) return;
  const bound = start === undefined ? {} : newest ? { to: seqKey(start) } : { from: seqKey(start) };
  let after: string | undefined;
  do {
    const page = await table.query(laneKey(lane), {
      ...bound,
      reverse: newest,
      limit: 200,
      ...(after === undefined ? {} : { after }),
    });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}

function pick(streams: readonly Stream[], newest: boolean): Stream | undefined {
  let best: Stream | undefined;
  for (const stream of streams) {
    if (stream.head === undefined) continue;
    if (best?.head === undefined) best = stream;
    else if (compare(placeOf(stream.head), placeOf(best.head)) > 0 === newest) best = stream;
  }
  return best;
}

function matches({ record }: Entry, filter: EntryFilter): boolean {
  const { type, outcome, mode, workflow, subject, trace, from, to } = filter;
  const { data, labels } = record;
  return (
    (type === undefined ||
      record.type === type ||
      (type.endsWith('.*') && record.type.startsWith(type.slice(0, -1)))) &&
    (outcome === undefined || data.outcome === outcome) &&
    (mode === undefined || (data.drag_mode ?? labels?.drag_mode) === mode) &&
    (workflow === undefined || (data.workflow ?? labels?.workflow) === workflow) &&
    (subject === undefined || record.subject === subject) &&
    (trace === undefined || record.trace === trace) &&
    (from === undefined || record.time >= from) &&
    (to === undefined || record.time <= to)
  );
}

const placeOf = ({ record, lane, seq }: Entry): Place => ({ time: record.time, lane, seq });
const isBefore = ({ record }: Entry, time: string | undefined): boolean =>
  time !== undefined && record.time < time;
const isAfter = ({ record }: Entry, time: string | undefined): boolean =>
  time !== undefined && record.time > time;

function compare(left: Place, right: Place): number {
  if (left.time !== right.time) return left.time < right.time ? -1 : 1;
  return left.lane - right.lane || left.seq - right.seq;
}

/** Times are compared as text, so a bound takes the form that records have. */
const instant = (time: string | undefined): string | undefined =>
  time === undefined || Number.isNaN(Date.parse(time)) ? undefined : new Date(time).toISOString();

const formatCursor = ({ time, lane, seq }: Place): string =>
  Buffer.from(`${time} ${lane}.${seq}`, 'utf8').toString('base64url');

function parseCursor(cursor: string): Place {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const place = parseEntryId(id);
  if (place === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time)) {
    throw new ChanceryError('VALIDATION_ERROR', 'The cursor is not one that this ledger gave', {
      reasons: [{ code: 'invalid_cursor', path: 'query:cursor', message: 'not a cursor', kind: 'invalid' }],
    });
  }
  return { time, ...place };
}

function text(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const field = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof field === 'string' ? field : undefined;
}
