/**
 * What the last 24 hours of the ledger hold, counted as they grow: whoever asks again waits for what is new only. Each run
 * of a report would otherwise read the whole day, and a thousand runs a thousand days.
 *
 * Counted by minute, in memory, so that minutes go as the day moves on; one that the day's beginning cuts is read. What is counted is not looked at again: whether it is still as it was is for verification to tell.
 */
import type { TableReader } from '../../ledger/entry.ts';
import { headOf, type LedgerPosition, readingOn } from '../../ledger/places/reading-on.ts';
import { allEntries } from '../../ledger/reader.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { Clock } from '../../ports.ts';
import { addTally, countRecord, emptyTally, type RecordTally } from './tally.ts';

export interface LastDay {
  /** RFC 3339 UTC, both inclusive. */
  readonly from: string;
  readonly to: string;
  readonly tally: RecordTally;
}

export interface LastDayDeps {
  readonly table: TableReader;
  readonly clock: Clock;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** For whoever asked that much earlier and still waits. */
const GRACE_MINUTES = 10;

/** A function that counts, up to the moment in which it answers. It throws as the store does; nothing is lost by that. */
export function countLastDay({ table, clock }: LastDayDeps): () => Promise<LastDay> {
  const minutes = new Map<number, RecordTally>();
  let position: LedgerPosition | undefined;
  let reading: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function take(record: LedgerRecord, hash: string): void {
    const minute = Math.floor(Date.parse(record.time) / MINUTE_MS);
    const tally = minutes.get(minute) ?? emptyTally();
    minutes.set(minute, tally);
    countRecord(tally, record, hash);
  }

  /** The day that lies behind the head, once; and a minute more, as the caller's day began before this one. */
  async function begin(): Promise<LedgerPosition> {
    minutes.clear();
    const head = await headOf(table);
    for await (const { lane, seq, record, record_hash } of allEntries(table, {
      from: iso(clock() - DAY_MS - MINUTE_MS),
    })) {
      // What came since the head was taken is read on from there.
      if (lane > head.last || seq >= (head.next.get(lane) ?? Number.POSITIVE_INFINITY)) continue;
      take(record, record_hash);
    }
    return head;
  }

  async function readOn(): Promise<void> {
    position ??= await begin();
    for await (const { position: reached, entry } of readingOn(table, position)) {
      position = reached;
      if (entry !== undefined) take(entry.record, entry.record_hash);
    }
  }

  /** One reads at a time; whoever asks meanwhile gets what is read after it. */
  function upToNow(): Promise<void> {
    const start = (): Promise<void> => {
      next = undefined;
      reading = readOn().finally(() => {
        reading = undefined;
      });
      return reading;
    };
    if (reading === undefined) return start();
    next ??= reading.then(start, start);
    return next;
  }

  return async () => {
    const from = clock() - DAY_MS;
    const first = Math.ceil(from / MINUTE_MS);
    const tally = emptyTally();
    await upToNow();
    // Where the day begins within a minute, only a part of that minute belongs to it.
    const rest = { from: iso(from), to: iso(first * MINUTE_MS - 1) };
    if (from < first * MINUTE_MS && minutes.has(first - 1))
      for await (const { record, record_hash } of allEntries(table, rest))
        countRecord(tally, record, record_hash);
    const to = iso(clock());
    for (const [minute, counted] of minutes) {
      if (minute >= first) addTally(tally, counted);
      else if (minute < first - GRACE_MINUTES) minutes.delete(minute);
    }
    return { from: iso(from), to, tally };
  };
}

const iso = (at: number): string => new Date(at).toISOString();
