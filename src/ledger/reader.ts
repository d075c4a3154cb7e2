/**
 * Reading the ledger in pages over all lanes, merged by time. The order is (time, lane, seq), so it is total, and a
 * cursor is simply the last place that was looked at.
 */
import { ChanceryError } from '../errors.ts';
import { type Entry, parseEntryId, type TableReader } from './entry.ts';
import { type PlaceInTime, placeOfEntry } from './places/lane-stream.ts';
import { mergedEntries } from './places/merge.ts';

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

/** One page. Throws VALIDATION_ERROR for a cursor that is not ours. */
export async function readEntries(
  table: TableReader,
  wanted: EntryFilter = {},
  options: PageOptions = {},
): Promise<EntryPage> {
  const filter = inInstants(wanted);
  const newest = (options.order ?? 'newest') === 'newest';
  const limit = options.limit ?? 100;
  const after = options.cursor === undefined ? undefined : parseCursor(options.cursor);
  const entries: Entry[] = [];
  let looked: PlaceInTime | undefined;
  let [scanned, bytes] = [0, 0];
  for await (const entry of within(table, filter, newest, after)) {
    if (looked !== undefined && (scanned >= SCAN || entries.length >= limit || bytes >= PAGE_BYTES))
      return { entries, next: formatCursor(looked) };
    looked = placeOfEntry(entry);
    scanned += 1;
    if (!matches(entry, filter)) continue;
    entries.push(entry);
    bytes += JSON.stringify(entry.record).length;
  }
  return { entries };
}

/** Every entry that matches, oldest first. What is appended meanwhile may be among them. */
export async function* allEntries(table: TableReader, wanted: EntryFilter): AsyncGenerator<Entry> {
  const filter = inInstants(wanted);
  for await (const entry of within(table, filter, false)) if (matches(entry, filter)) yield entry;
}

/** The entries in the filter's time range, after a place. */
async function* within(
  table: TableReader,
  { from, to, subject }: EntryFilter,
  newest: boolean,
  after?: PlaceInTime,
): AsyncGenerator<Entry> {
  const bound = newest ? to : from;
  const options = {
    ...(after === undefined ? {} : { after }),
    ...(bound === undefined ? {} : { bound }),
    ...(subject === undefined ? {} : { subject }),
  };
  for await (const entry of mergedEntries(table, { newest, ...options })) {
    if (newest ? isBefore(entry, from) : isAfter(entry, to)) return;
    yield entry;
  }
}

/** Whether an entry meets every condition; times of the filter in the form that records have. */
export function matches({ record }: Entry, filter: EntryFilter): boolean {
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

const isBefore = ({ record }: Entry, time: string | undefined): boolean =>
  time !== undefined && record.time < time;
const isAfter = ({ record }: Entry, time: string | undefined): boolean =>
  time !== undefined && record.time > time;

/** Times are compared as text, so bounds take the form that records have. */
export const inInstants = ({ from, to, ...rest }: EntryFilter): EntryFilter => {
  const [first, last] = [instant(from), instant(to)];
  return {
    ...rest,
    ...(first === undefined ? {} : { from: first }),
    ...(last === undefined ? {} : { to: last }),
  };
};

const instant = (time: string | undefined): string | undefined =>
  time === undefined || Number.isNaN(Date.parse(time)) ? undefined : new Date(time).toISOString();

const formatCursor = ({ time, lane, seq }: PlaceInTime): string =>
  Buffer.from(`${time} ${lane}.${seq}`, 'utf8').toString('base64url');

function parseCursor(cursor: string): PlaceInTime {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const place = parseEntryId(id);
  if (place === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time)) {
    throw new ChanceryError('VALIDATION_ERROR', 'The cursor is not one that this ledger gave', {
      reasons: [{ code: 'invalid_cursor', path: 'query:cursor', message: 'not a cursor', kind: 'invalid' }],
    });
  }
  return { time, ...place };
}
