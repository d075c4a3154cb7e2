/**
 * Reading on in the ledger from a position: lane by lane, each in its order, and then the lanes that are new. It costs by
 * what is new, however many lanes were closed before; what is gone or damaged is for verification to name.
 */
import { laneKey, placeOf, seqKey } from '../bytes.ts';
import { type Entry, type TableReader, toEntry } from '../entry.ts';
import { directory, laneItems } from '../lane/directory.ts';
import { openEnds } from './open-ends.ts';

/**
 * How far a reader is: the highest lane that it has met, and of each lane that it is not done with the first record that
 * is due. A lane that was read to its end is not listed, so a position is as long as there are open lanes.
 */
export interface LedgerPosition {
  /** Lanes after this one are new. */
  readonly last: number;
  /** Lane → the first record that is due. */
  readonly next: ReadonlyMap<number, number>;
}

export interface ReadingStep {
  /** Where the reader is after it. */
  readonly position: LedgerPosition;
  /** Undefined where only the place changed: a lane was met or an item was unreadable. */
  readonly entry?: Entry;
}

/** Behind the last record of every lane that is open. */
export async function headOf(table: TableReader): Promise<LedgerPosition> {
  const next = new Map<number, number>();
  const { ends, last } = await openEnds(table);
  for (const [lane, seq] of ends) {
    const { items } = await table.query(laneKey(lane), { from: seqKey(seq), reverse: true, limit: 1 });
    const [item] = items;
    const entry = item && toEntry(item);
    if (entry?.record.type === CLOSED) continue;
    next.set(lane, item === undefined ? seq : placeOf(item.sk) + 1);
  }
  return { last, next };
}

/** The lane that says more than the ledger holds, in words: such a cursor is older than the store that is in place now. */
export async function aheadOf(
  table: TableReader,
  { last, next }: LedgerPosition,
): Promise<string | undefined> {
  const { items } = await table.query('LANES', { reverse: true, limit: 1 });
  if (last > placeOf(items[0]?.sk ?? '')) return `the ledger has no lane ${last}`;
  for (const [lane, seq] of next) {
    if (seq === 0) continue;
    const head = await table.query(laneKey(lane), { reverse: true, limit: 1 });
    const [item] = head.items;
    // Nothing is left of a lane that was pruned.
    if (item !== undefined && placeOf(item.sk) + 1 < seq) return `lane ${lane} has no record ${seq - 1}`;
  }
  return undefined;
}

/**
 * From a position on, in steps; up to another where one is given, which must not lie before it. What is appended
 * meanwhile may come along.
 */
export async function* readingOn(
  table: TableReader,
  from: LedgerPosition,
  to?: LedgerPosition,
): AsyncGenerator<ReadingStep, void, void> {
  let position = from;
  for (const lane of [...from.next.keys()].sort((a, b) => a - b))
    for await (const step of ofLane(table, lane, position, endIn(to, lane))) {
      position = step.position;
      yield step;
    }
  for await (const { sk } of directory(table, from.last + 1)) {
    const lane = placeOf(sk);
    if (lane < 1) continue;
    if (to !== undefined && lane > to.last) break;
    position = { last: lane, next: new Map(position.next).set(lane, 0) };
    yield { position };
    for await (const step of ofLane(table, lane, position, endIn(to, lane))) {
      position = step.position;
      yield step;
    }
  }
  // Records that are gone leave a reader behind where the other is.
  if (to !== undefined) yield { position: to };
}

/** A lane that the other is done with is read to its end. */
const endIn = (to: LedgerPosition | undefined, lane: number): number =>
  to?.next.get(lane) ?? Number.POSITIVE_INFINITY;

async function* ofLane(
  table: TableReader,
  lane: number,
  { last, next }: LedgerPosition,
  end: number,
): AsyncGenerator<ReadingStep, void, void> {
  for await (const item of laneItems(table, lane, next.get(lane) ?? 0)) {
    const seq = placeOf(item.sk);
    if (seq >= end) return;
    if (seq < 0) continue;
    const entry = toEntry(item);
    const after = new Map(next);
    if (entry?.record.type === CLOSED) after.delete(lane);
    else after.set(lane, seq + 1);
    yield { position: { last, next: after }, ...(entry === undefined ? {} : { entry }) };
  }
}

const CLOSED = 'ledger.lane_closed';
