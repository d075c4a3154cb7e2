/**
 * What the objectives had counted, every five minutes: cumulative tallies, so that any window is one
 * subtraction. Whoever comes first in a slot writes it; nobody overwrites it.
 */
import type { Item, Table } from '../../ports.ts';
import type { Tally } from './evaluate.ts';

export const SLOT_MS = 300_000;
const PARTITION = 'SLO';
const KEEP_MS = 35 * 86_400_000;

/** How far the ledger was folded: every record of lanes below `next_lane` that are not listed, and each listed lane up to its seq. */
export interface Position {
  readonly next_lane: number;
  readonly lanes: readonly (readonly [lane: number, seq: number])[];
}

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly position: Position;
  /** Records folded so far. */
  readonly records: number;
}

export interface History {
  /** The newest moment that is not later than the given time. */
  before(at: number): Promise<Moment | undefined>;
  /** The oldest moment that is kept. */
  first(): Promise<Moment | undefined>;
  /** Keeps the moment unless its slot has one. */
  keep(moment: Moment): Promise<void>;
}

const keyOf = (at: number): string => new Date(Math.floor(at / SLOT_MS) * SLOT_MS).toISOString();

export function createHistory(table: Table): History {
  const one = async (range: Parameters<Table['query']>[1]): Promise<Moment | undefined> => {
    const { items } = await table.query(PARTITION, { ...range, limit: 1 });
    return items[0] === undefined ? undefined : momentOf(items[0]);
  };
  return {
    before: (at) => one({ to: new Date(at).toISOString(), reverse: true }),
    first: () => one({}),
    async keep({ at, tallies, position, records }) {
      await table.put(
        {
          pk: PARTITION,
          sk: keyOf(at),
          at,
          records,
          tallies: JSON.stringify([...tallies]),
          position: JSON.stringify(position),
          expires: Math.ceil((at + KEEP_MS) / 1000),
        },
        'absent',
      );
    },
  };
}

/** What this file wrote; an item of another shape is no moment. */
function momentOf(item: Item): Moment | undefined {
  const { at, tallies, position, records } = item;
  if (typeof at !== 'number' || typeof tallies !== 'string' || typeof position !== 'string') return undefined;
  return {
    at,
    tallies: new Map(JSON.parse(tallies) as [string, Tally][]),
    position: JSON.parse(position) as Position,
    records: typeof records === 'number' ? records : 0,
  };
}
