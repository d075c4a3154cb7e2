/** `chancery ledger tail`: the newest entries and those to come, out of a store, an export, or over the API. */
import type { Command } from 'commander';
import * as z from 'zod';
import { parseRecord, recordItem } from '../src/ledger/bytes.ts';
import { publishedCheckpoint, readBundle } from '../src/ledger/check/proof.ts';
import { type Entry, splitEntry, type TableReader, toEntry } from '../src/ledger/entry.ts';
import { headOf, readingOn } from '../src/ledger/places/reading-on.ts';
import { type EntryFilter, matches, readEntries } from '../src/ledger/reader.ts';
import { TILE_WIDTH } from '../src/ledger/tree/tiles.ts';
import { type Listing, list, tell } from './answer.ts';
import { queryOf, succeeded } from './client.ts';
import { filtered, filterOf, onlyPseudonyms } from './entry-filter.ts';
import { pause, type UntilEnded, untilInterrupted } from './interrupted.ts';
import { type LedgerSource, readable, type Where, withSource } from './ledger-source.ts';
import { listing } from './listing.ts';
import { followFeed } from './live-feed.ts';
import { countFrom } from './number.ts';
import { inOneLine } from './visible.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface Shown {
  readonly id: string;
  readonly record_hash: string;
  readonly record: {
    readonly type: string;
    readonly time: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly subject?: string | undefined;
    readonly trace?: string | undefined;
  };
}

/** The entries that match, in this order. */
type Read = (
  filter: EntryFilter,
  options: { limit: number; order: 'newest' | 'oldest' },
) => Promise<readonly Shown[]>;

interface TailFlags extends Where, EntryFilter {
  readonly lines: number;
  readonly follow?: boolean;
}

export function registerTail(ledger: Command, world: (command: Command) => CliWorld): void {
  listing(filtered(readable(ledger.command('tail'))))
    .description('the newest entries; with --follow, those to come as well')
    .option('-n, --lines <count>', 'how many', countFrom(1, 10_000), 20)
    .option('--follow', 'go on until interrupted')
    .action(async (flags: TailFlags, command: Command) => {
      const cli = world(command);
      await withSource(cli, flags, (source) => tail(cli, source, flags));
    });
}

const FOLLOW_EVERY_MS = 500;
const PAGE = 100;

interface Tail {
  readonly cli: CliWorld;
  readonly filter: EntryFilter;
  readonly read: Read;
  /** Shows an entry, but the same one only once while what was there meets what comes. */
  readonly print: (entry: Shown) => void;
  /** Shows what is there. */
  readonly newest: () => Promise<readonly Shown[]>;
}

async function tail(cli: CliWorld, source: LedgerSource, flags: TailFlags): Promise<void> {
  const filter = filterOf(flags);
  if (source.kind !== 'api') onlyPseudonyms(filter);
  const read = readOf(source);
  const shown = new Set<string>();
  const show = (entry: Shown): void => tell(cli, entry, () => summary(entry));
  const newest = async (): Promise<readonly Shown[]> => {
    const found = await read(filter, { limit: flags.lines, order: 'newest' });
    const inOrder = found.toReversed();
    for (const { id } of inOrder) shown.add(id);
    // Lines that come one by one have no common width, and for programs each is one object.
    if (cli.json || flags.follow === true) for (const entry of inOrder) show(entry);
    else list(cli, { ...LISTED, answer: inOrder, rows: inOrder });
    return found;
  };
  const print = (entry: Shown): void => {
    if (!shown.has(entry.id)) show(entry);
  };
  if (flags.follow === true) await untilInterrupted(following({ cli, filter, read, print, newest }, source));
  else await newest();
}

/** What comes: by the feed of a service that has one, by place out of a store, and by time where neither is. */
function following(of: Tail, source: LedgerSource): UntilEnded {
  switch (source.kind) {
    case 'api': {
      // Which subject is meant the service knows, and tells of no other.
      const { subject, ...ofRecord } = of.filter;
      const { type } = ofRecord;
      return async (ended) => {
        const isFed = await followFeed(
          {
            reach: async () => (await source.renew()).reached,
            query: queryOf({ type, subject }),
            listening: async () => void (await of.newest()),
            // What the API says is shown, not believed.
            told: ({ kind: _, cursor: __, ...told }) => {
              const entry = told as unknown as Entry;
              if (matches(entry, ofRecord)) of.print(entry);
            },
            waiting: (why) => of.cli.err(`${why}; waiting for the service.`),
          },
          ended,
        );
        if (!isFed) await byTime(of, ended);
      };
    }
    case 'export':
      return (ended) => byTime(of, ended);
    default:
      return (ended) => byPlace(of, source.table, ended);
  }
}

async function byPlace(
  { filter, print, newest }: Tail,
  table: TableReader,
  ended: AbortSignal,
): Promise<void> {
  let position = await headOf(table);
  await newest();
  for (; !ended.aborted; await pause(FOLLOW_EVERY_MS, ended))
    for await (const step of readingOn(table, position)) {
      position = step.position;
      if (step.entry !== undefined && matches(step.entry, filter)) print(step.entry);
    }
}

async function byTime({ filter, read, print, newest }: Tail, ended: AbortSignal): Promise<void> {
  const [last] = await newest();
  let from = last?.record.time;
  /** Of this moment: the next reading begins with it. */
  let told = new Set<string>();
  while (!ended.aborted) {
    await pause(FOLLOW_EVERY_MS, ended);
    const since = from === undefined ? filter : { ...filter, from };
    for (const entry of await read(since, { limit: PAGE, order: 'oldest' })) {
      if (told.has(entry.id)) continue;
      print(entry);
      if (entry.record.time !== from) told = new Set();
      told.add(entry.id);
      from = entry.record.time;
    }
  }
}

const record = z.looseObject({
  type: z.string(),
  time: z.string(),
  data: z.record(z.string(), z.unknown()),
  subject: z.string().optional(),
  trace: z.string().optional(),
});
const answerSchema = z.object({
  entries: z.array(z.looseObject({ id: z.string(), record_hash: z.string(), record })),
  next: z.string().optional(),
});

function pageIn(answer: unknown): Page {
  const read = answerSchema.safeParse(answer);
  if (read.success) return read.data;
  throw new CommandEnd('The service gives no entries that can be read.', EXIT.unavailable);
}

/** The API gives no more at once. */
const MOST_OF_PAGE = 1_000;

interface Page {
  readonly entries: readonly Shown[];
  readonly next?: string | undefined;
}

/** Each is of 20,000 records that do not match. */
const MOST_EMPTY_PAGES = 500;

/** A page can be short, even empty, with more behind it: what matches may be far away. */
async function allOf(
  limit: number,
  page: (limit: number, cursor: string | undefined) => Promise<Page>,
): Promise<readonly Shown[]> {
  const found: Shown[] = [];
  let cursor: string | undefined;
  let empty = 0;
  do {
    const { entries, next } = await page(Math.min(limit - found.length, MOST_OF_PAGE), cursor);
    found.push(...entries);
    empty = entries.length === 0 ? empty + 1 : 0;
    if (empty > MOST_EMPTY_PAGES)
      throw new CommandEnd('Page after page is empty, and there is always another.', EXIT.unavailable);
    cursor = next;
  } while (cursor !== undefined && found.length < limit);
  return found;
}

function readOf(source: LedgerSource): Read {
  switch (source.kind) {
    case 'api':
      return (filter, { limit, order }) =>
        allOf(limit, async (most, cursor) => {
          const query = queryOf({ order, limit: most, ...filter, cursor });
          const answer = succeeded(await source.client.call('GET', `/ledger/entries?${query}`));
          // What the API says is shown, not believed.
          return pageIn(answer);
        });
    case 'export':
      return (filter, { limit, order }) => ofLog(source, filter, limit, order);
    default:
      return (filter, { limit, order }) =>
        allOf(limit, (most, cursor) =>
          readEntries(source.table, filter, {
            limit: most,
            order,
            ...(cursor === undefined ? {} : { cursor }),
          }),
        );
  }
}

/** An export has no index by time: the order of the tree is that of time, within a merge delay. */
async function ofLog(
  { log, trust }: Exclude<LedgerSource, { kind: 'api' }>,
  filter: EntryFilter,
  limit: number,
  order: 'newest' | 'oldest',
): Promise<readonly Shown[]> {
  const size = (await publishedCheckpoint({ log, trust }))?.checkpoint.size ?? 0;
  const bundles = Math.ceil(size / TILE_WIDTH);
  const found: Entry[] = [];
  for (let step = 0; step < bundles && found.length < limit; step += 1) {
    const n = order === 'newest' ? bundles - 1 - step : step;
    const read = (await readBundle(log, n, size)).slice(0, size - n * TILE_WIDTH).flatMap((bytes) => {
      const signed = splitEntry(bytes);
      const record = parseRecord(signed.b);
      return (record && toEntry(recordItem(record.lane, record.seq, signed))) ?? [];
    });
    for (const entry of order === 'newest' ? read.reverse() : read)
      if (found.length < limit && matches(entry, filter)) found.push(entry);
  }
  return found;
}

function saidIn({ record: { data } }: Shown): string {
  return [data.outcome, data.workflow].filter((word) => typeof word === 'string').join(' ');
}

const LISTED: Omit<Listing<Shown>, 'answer' | 'rows'> = {
  name: ({ id }) => id,
  columns: [
    { head: 'entry', cell: ({ id }) => id },
    { head: 'time', cell: ({ record }) => record.time },
    { head: 'type', cell: ({ record }) => record.type },
    { head: 'said', cell: saidIn },
    { head: 'hash', cell: ({ record_hash }) => record_hash.slice(0, 12) },
    { head: 'subject', cell: ({ record }) => record.subject?.slice(0, 12), wide: true },
    { head: 'trace', cell: ({ record }) => record.trace, wide: true },
  ],
  empty: 'no entry',
};

function summary(entry: Shown): string {
  const { id, record, record_hash } = entry;
  return inOneLine(
    `${record.time} ${id.padEnd(8)} ${record.type.padEnd(24)} ${record_hash.slice(0, 12)} ${saidIn(entry)}`.trimEnd(),
  );
}
