/**
 * The directory of lanes: `(LANES, n)` is the certificate of lane n, and the numbers have no gap.
 *
 * A number is claimed by writing record 0 of the lane, which carries the certificate; the directory follows
 * (`claim.ts`). So a lane in the directory always has a first record, and one without is a deletion, never a crash. Whoever
 * meets a claimed number that the directory does not know yet (the claimer died in between) writes the entry.
 */
import type { Item, Table } from '../../ports.ts';
import { DIRECTORY, laneKey, numberKey, parseRecord, type Signed, seqKey, signedOf } from '../bytes.ts';
import { certificateOf } from './certificate.ts';

export const FIRST_LANE = 1;

export const directoryItem = (lane: number, { b, s }: Signed): Item => ({
  pk: DIRECTORY,
  sk: numberKey(lane),
  b,
  s,
});

/** The highest lane number in the directory; 0 when there is none. */
export async function lastLane(table: Pick<Table, 'query'>): Promise<number> {
  const page = await table.query(DIRECTORY, { reverse: true, limit: 1 });
  return Number(page.items[0]?.sk ?? 0);
}

/**
 * Enters a lane whose claimer died before it could, or has not come to it: `nothing` when it has no first record, `there`
 * when the directory has it already.
 */
export async function mendDirectory(table: Table, lane: number): Promise<'entered' | 'there' | 'nothing'> {
  const item = await table.get(laneKey(lane), seqKey(0));
  if (item === undefined) return 'nothing';
  const signed = signedOf(item);
  const record = signed === undefined ? undefined : parseRecord(signed.b);
  const certificate = record === undefined ? undefined : certificateOf(record);
  if (certificate === undefined) return 'there';
  const { stored } = await table.put(directoryItem(lane, certificate), 'absent');
  return stored ? 'entered' : 'there';
}

/** Every directory item in order of number. */
export async function* directory(table: Pick<Table, 'query'>, from = FIRST_LANE): AsyncGenerator<Item> {
  yield* items(table, DIRECTORY, { from: numberKey(from) });
}

/** The records of one lane from `seq` on, up to `last`, page by page: memory stays flat however long the lane. */
export async function* laneItems(
  table: Pick<Table, 'query'>,
  lane: number,
  seq = 0,
  last?: number,
): AsyncGenerator<Item> {
  const to = last === undefined ? {} : { to: seqKey(last) };
  yield* items(table, laneKey(lane), { from: seqKey(seq), ...to });
}

async function* items(
  table: Pick<Table, 'query'>,
  pk: string,
  range: { readonly from: string; readonly to?: string },
): AsyncGenerator<Item> {
  let after: string | undefined;
  do {
    const page = await table.query(pk, after === undefined ? range : { ...range, after });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
