/**
 * The records of a time range in no order, a page of the store at a time: for those who count. To merge lanes, to hash each
 * record and to hand them on one by one costs three times what reading them does.
 */
import { laneKey, parseRecord, placeOf, seqKey, signedOf } from '../bytes.ts';
import type { TableReader } from '../entry.ts';
import type { LedgerRecord } from '../record.ts';
import { later, STRETCH_MS, stretches } from './by-time.ts';
import { END_OF_LANE } from './lane-stream.ts';
import { type OpenEnds, openEnds, startInTime } from './open-ends.ts';

/** Times as records have them (RFC 3339 UTC with milliseconds), inclusive. */
export interface TimeRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Places `first`…`last` of a lane. */
interface Run {
  readonly first: number;
  readonly last: number;
}

/** Each record once; what is appended meanwhile may be among them. Throws STORE_UNAVAILABLE. */
export async function* recordsBetween(
  table: TableReader,
  { from, to }: TimeRange,
): AsyncGenerator<readonly LedgerRecord[]> {
  const ends = await openEnds(table);
  const isWithin = ({ time }: LedgerRecord): boolean =>
    (from === undefined || time >= from) && (to === undefined || time <= to);
  for (const [lane, runs] of await notedRuns(table, ends, { from, to }))
    for (const run of inOrder(runs))
      for await (const records of recordsOf(table, lane, run)) yield records.filter(isWithin);
  for (const [lane, end] of ends.ends) {
    const first = from === undefined ? end : await startInTime(table, lane, end, (time) => time >= from);
    for await (const records of recordsOf(table, lane, { first, last: END_OF_LANE })) {
      yield records.filter(isWithin);
      // Times never fall within a lane.
      const last = records.at(-1);
      if (to !== undefined && last !== undefined && last.time > to) break;
    }
  }
}

/** Lane → its noted places that may lie in the range. */
async function notedRuns(
  table: TableReader,
  ends: OpenEnds,
  { from, to }: TimeRange,
): Promise<Map<number, Run[]>> {
  const lanes = new Map<number, Run[]>();
  const beyond = to === undefined ? undefined : later(to, STRETCH_MS);
  for await (const stretch of stretches(table, { newest: false, bound: from })) {
    // None of those that come behind it begins before the end of the range.
    if (beyond !== undefined && stretch.to > beyond) break;
    if (to !== undefined && stretch.from > to) continue;
    const { lane, first } = stretch;
    const last = ends.isNoted(lane, stretch.last) ? stretch.last : (ends.ends.get(lane) ?? 0) - 1;
    if (last < first) continue;
    const runs = lanes.get(lane) ?? [];
    const before = runs.at(-1);
    if (before !== undefined && before.last === first - 1) runs[runs.length - 1] = { ...before, last };
    else runs.push({ first, last });
    lanes.set(lane, runs);
  }
  return lanes;
}

/** Notes that overlap show nothing twice. */
function inOrder(runs: readonly Run[]): readonly Run[] {
  const apart: Run[] = [];
  for (const run of [...runs].sort((left, right) => left.first - right.first)) {
    const before = apart.at(-1);
    if (before === undefined || run.first > before.last + 1) apart.push(run);
    else apart[apart.length - 1] = { first: before.first, last: Math.max(before.last, run.last) };
  }
  return apart;
}

async function* recordsOf(
  table: TableReader,
  lane: number,
  { first, last }: Run,
): AsyncGenerator<readonly LedgerRecord[]> {
  let after: string | undefined;
  do {
    const range = { from: seqKey(first), to: seqKey(last), ...(after === undefined ? {} : { after }) };
    const { items, next } = await table.query(laneKey(lane), range);
    yield items.flatMap((item) => {
      const signed = placeOf(item.sk) < first ? undefined : signedOf(item);
      return (signed && parseRecord(signed.b)) ?? [];
    });
    after = next;
  } while (after !== undefined);
}
