/** `chancery ledger tail`: the newest entries and those to come, out of a store, an export, or over the API. */
import type { Command } from 'commander';
import * as z from 'zod';
import { parseRecord, recordItem } from '../src/ledger/bytes.ts';
import { publishedCheckpoint, readLogEntry } from '../src/ledger/check/proof.ts';
import { type Entry, splitEntry, type TableReader, toEntry } from '../src/ledger/entry.ts';
import { headOf, readingOn } from '../src/ledger/places/reading-on.ts';
import { type EntryFilter, matches, readEntries } from '../src/ledger/reader.ts';
import { type Listing, list, tell } from './answer.ts';
import { succeeded } from './client.ts';
import { pause, type UntilEnded, untilInterrupted } from './interrupted.ts';
import { type LedgerSource, readable, type Where, withSource } from './ledger-source.ts';
import { listing } from './listing.ts';
import { followFeed } from './live-feed.ts';
import { countFrom } from './number.ts';
import { inOneLine } from './visible.ts';
import type { CliWorld } from './world.ts';

type Shown = Pick<Entry, 'id' | 'record' | 'record_hash'>;

/** The entries that match, in this order. */
type Read = (
  filter: EntryFilter,
  options: { limit: number; order: 'newest' | 'oldest' },
) => Promise<readonly Shown[]>;

interface TailFlags extends Where {
  readonly lines: number;
  readonly type?: string;
  readonly follow?: boolean;
}

export function registerTail(ledger: Command, world: (command: Command) => CliWorld): void {
  listing(readable(ledger.command('tail')))
    .description('the newest entries; with --follow, those to come as well')
    .option('-n, --lines <count>', 'how many', countFrom(1, 10_000), 20)
    .option('--type <type>', 'an event type, or a family as decision.*')
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
  const filter = flags.type === undefined ? {} : { type: flags.type };
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
    case 'api':
      return async (ended) => {
        const isFed = await followFeed(
          {
            reach: async () => (await source.renew()).reached,
            query: new URLSearchParams(of.filter.type === undefined ? {} : { type: of.filter.type }),
            listening: async () => void (await of.newest()),
            // What the API says is shown, not believed.
            told: ({ kind: _, cursor: __, ...entry }) => of.print(entry as unknown as Shown),
            waiting: (why) => of.cli.err(`${why}; waiting for the service.`),
          },
          ended,
        );
        if (!isFed) await byTime(of, ended);
      };
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

const answerSchema = z.object({
  entries: z.array(z.looseObject({ id: z.string(), record_hash: z.string(), record: z.unknown() })),
});

function readOf(source: LedgerSource): Read {
  switch (source.kind) {
    case 'api':
      return async (filter, { limit, order }) => {
        const query = new URLSearchParams({
          order,
          limit: String(limit),
          ...(filter as Record<string, string>),
        });
        const answer = succeeded(await source.client.call('GET', `/ledger/entries?${query}`));
        // What the API says is shown, not believed.
        return answerSchema.parse(answer).entries as readonly Shown[];
      };
    case 'export':
      return (filter, { limit, order }) => ofLog(source, filter, limit, order);
    default:
      return async (filter, options) => (await readEntries(source.table, filter, options)).entries;
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
  const found: Entry[] = [];
  for (let step = 0; step < size && found.length < limit; step += 1) {
    const bytes = await readLogEntry(log, order === 'newest' ? size - 1 - step : step, size);
    const signed = bytes && splitEntry(bytes);
    const record = signed && parseRecord(signed.b);
    const entry = record && toEntry(recordItem(record.lane, record.seq, signed));
    if (entry !== undefined && matches(entry, filter)) found.push(entry);
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
