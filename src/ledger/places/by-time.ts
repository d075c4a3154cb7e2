/**
 * Sealed records by time. `(TIME#day, time of the last#lane.seq of the last)` notes a stretch of one lane: records
 * that follow each other there, at most so many and within so many seconds. So whoever reads a time range finds the
 * lanes that have something in it, however many there are beside them. `(DAYS, day)` tells which days have any.
 * `(PERSON#pseudonym, …)` notes the same of one person: from the first to the last record of theirs in a stretch.
 *
 * Notes are a help and nobody believes them: what they point at is signed, and they can be made again from the log.
 */
import type { Item, Table } from '../../ports.ts';
import type { TableReader } from '../entry.ts';
import type { Segment } from '../seal/staging.ts';
import type { Gist } from './gist.ts';

/** Records `first`…`last` of a lane, and the times of these two. */
export interface Stretch {
  readonly lane: number;
  readonly first: number;
  readonly last: number;
  readonly from: string;
  readonly to: string;
}

const STRETCH_RECORDS = 256;
/** A stretch is no longer: so readers who go by its end know how far back it can begin. */
export const STRETCH_MS = 10_000;

const DAYS = 'DAYS';
const DAY_MS = 86_400_000;
const partitionOf = (day: string): string => `TIME#${day}`;
const personOf = (subject: string): string => `PERSON#${subject}`;
const dayOf = (time: string): string => time.slice(0, 10);
const digits = (value: number, width: number): string => String(value).padStart(width, '0');

/** The stretches of a segment whose records are these. */
function* stretchesOf(
  { lane, seq }: Pick<Segment, 'lane' | 'seq'>,
  gists: readonly Gist[],
): Generator<Stretch> {
  let begun = 0;
  for (let at = 1; at <= gists.length; at += 1) {
    const [head, next, end] = [gists[begun], gists[at], gists[at - 1]];
    if (head === undefined || end === undefined) return;
    const full = at - begun >= STRETCH_RECORDS;
    if (next !== undefined && !full && Date.parse(next.time) - Date.parse(head.time) <= STRETCH_MS) continue;
    yield { lane, first: seq + begun, last: seq + at - 1, from: head.time, to: end.time };
    begun = at;
  }
}

/** A stretch for each person of whom there are records in this one. */
function* ofPeople(
  { lane, first }: Stretch,
  gists: readonly Gist[],
): Generator<Stretch & { readonly subject: string }> {
  const people = new Map<string, { first: number; last: number; from: string; to: string }>();
  for (const [at, { subject, time }] of gists.entries()) {
    if (subject === undefined) continue;
    const own = people.get(subject) ?? { first: first + at, last: first + at, from: time, to: time };
    people.set(subject, { ...own, last: first + at, to: time });
  }
  for (const [subject, own] of people) yield { subject, lane, ...own };
}

export const dayItem = (day: string): Item => ({ pk: DAYS, sk: day });

/** The notes of a segment's stretches, by time and by person. */
export function stretchItems(segment: Pick<Segment, 'lane' | 'seq'>, gists: readonly Gist[]): Item[] {
  return [...stretchesOf(segment, gists)].flatMap((stretch) => {
    const within = gists.slice(stretch.first - segment.seq, stretch.last + 1 - segment.seq);
    const people = [...ofPeople(stretch, within)].map((own) => stretchItem(personOf(own.subject), own));
    return [stretchItem(partitionOf(dayOf(stretch.to)), stretch), ...people];
  });
}

const stretchItem = (pk: string, { lane, first, last, from, to }: Stretch): Item => ({
  pk,
  sk: `${to}#${digits(lane, 8)}.${digits(last, 10)}`,
  lane,
  first,
  last,
  from,
  to,
});

/** The days that a segment's stretches end on. */
export const daysOf = (segment: Pick<Segment, 'lane' | 'seq'>, gists: readonly Gist[]): string[] => [
  ...new Set([...stretchesOf(segment, gists)].map(({ to }) => dayOf(to))),
];

/** What a lane holds: from when to when, and pseudonyms of whom. */
export interface Extent {
  readonly from: string;
  readonly to: string;
  readonly subjects: ReadonlySet<string>;
}

/** Takes back the notes of a lane that leaves the store: readers of what is oldest would look for each of its kind. */
export async function forgetStretches(
  table: Pick<Table, 'get' | 'query' | 'remove'>,
  lane: number,
  { from, to, subjects }: Extent,
): Promise<void> {
  const days: string[] = [];
  for (let at = Date.parse(dayOf(from)); at <= Date.parse(to); at += DAY_MS)
    days.push(dayOf(new Date(at).toISOString()));
  for (const pk of [...days.map(partitionOf), ...[...subjects].map(personOf)])
    for await (const item of pages(table, pk, { from, to: `${to}~`, reverse: false }))
      if (item.lane === lane) await table.remove(pk, item.sk);
  for (const day of days)
    if ((await table.query(partitionOf(day), { limit: 1 })).items.length === 0) await table.remove(DAYS, day);
}

function parseStretch({ lane, first, last, from, to }: Item): Stretch | undefined {
  const numbers = [lane, first, last].every(Number.isSafeInteger);
  if (!numbers || typeof from !== 'string' || typeof to !== 'string') return undefined;
  return { lane: Number(lane), first: Number(first), last: Number(last), from, to };
}

export interface StretchOptions {
  readonly newest: boolean;
  readonly bound?: string | undefined;
  /** Pseudonym. */
  readonly subject?: string | undefined;
  /** So many are read at first, 50 by default. */
  readonly few?: number;
}

/**
 * Stretches in the order of their ends, from `bound` (a time; inclusive) on: backwards when `newest`. Those that
 * reach over the bound are among them. Of one person, where a pseudonym is given.
 */
export async function* stretches(
  table: TableReader,
  { newest, bound, subject, few }: StretchOptions,
): AsyncGenerator<Stretch> {
  const edge = bound === undefined ? undefined : newest ? later(bound, STRETCH_MS) : bound;
  const range = (key: string | undefined) => (key === undefined ? {} : newest ? { to: key } : { from: key });
  // '~' sorts after everything that follows a time.
  const withinEdge = edge === undefined ? {} : range(newest ? `${edge}~` : edge);
  if (subject !== undefined) {
    yield* parsed(pages(table, personOf(subject), { ...withinEdge, reverse: newest }, few));
    return;
  }
  for await (const { sk: day } of pages(table, DAYS, { ...range(edge && dayOf(edge)), reverse: newest })) {
    const within = edge !== undefined && day === dayOf(edge) ? withinEdge : {};
    yield* parsed(pages(table, partitionOf(day), { ...within, reverse: newest }, few));
  }
}

async function* parsed(items: AsyncIterable<Item>): AsyncGenerator<Stretch> {
  for await (const item of items) {
    const stretch = parseStretch(item);
    if (stretch !== undefined) yield stretch;
  }
}

/** A time so many milliseconds later; the text itself where it is none. */
export function later(time: string, ms: number): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : new Date(at + ms).toISOString();
}

async function* pages(
  table: TableReader,
  pk: string,
  range: { from?: string; to?: string; reverse: boolean },
  few = 50,
): AsyncGenerator<Item> {
  let after: string | undefined;
  // Most readers want the first few.
  for (let limit = few; ; limit = 500) {
    const { items, next } = await table.query(pk, {
      ...range,
      limit,
      ...(after === undefined ? {} : { after }),
    });
    yield* items;
    if (next === undefined) return;
    after = next;
  }
}
