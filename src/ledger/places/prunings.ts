/**
 * Where the sealed records stand that say what was pruned: `(PRUNINGS, lane.seq)`. There are few of them among millions, and
 * whoever meets a record that is gone asks for all of them. A note gives nothing: what it points at is proven to be sealed.
 */
import type { Item, Table } from '../../ports.ts';
import type { TableReader } from '../entry.ts';
import { FIRST_LANE } from '../lane/directory.ts';
import { readEntries } from '../reader.ts';
import type { Segment } from '../seal/staging.ts';
import type { Gist } from './gist.ts';

const PARTITION = 'PRUNINGS';
export const PRUNED = 'ledger.pruned';

/** The notes of a sealed segment. */
export const pruningItems = ({ lane, seq }: Pick<Segment, 'lane' | 'seq'>, gists: readonly Gist[]): Item[] =>
  gists.flatMap(({ type }, at) => (type === PRUNED ? [pruningItem(`${lane}.${seq + at}`)] : []));

/** Whether a sealed record of a pruning is noted. */
export const isPruningNoted = async (table: TableReader, id: string): Promise<boolean> =>
  (await table.get(PARTITION, id)) !== undefined;

const pruningItem = (id: string): Item => ({ pk: PARTITION, sk: id });

/** Ids of the records that are noted. */
export async function* notedPrunings(table: TableReader): AsyncGenerator<string> {
  let after: string | undefined;
  do {
    const { items, next } = await table.query(PARTITION, after === undefined ? {} : { after });
    for (const { sk } of items) yield sk;
    after = next;
  } while (after !== undefined);
}

/** Ids of all such records, newest first: it goes through the whole ledger, for one that an older version pruned. */
export async function* allPrunings(table: TableReader): AsyncGenerator<string> {
  let cursor: string | undefined;
  do {
    const page = await readEntries(
      table,
      { type: PRUNED },
      { limit: 100, ...(cursor === undefined ? {} : { cursor }) },
    );
    for (const { id } of page.entries) yield id;
    cursor = page.next;
  } while (cursor !== undefined);
}

/** Notes those that an older version left without. */
export async function noteEarlierPrunings(table: TableReader & Pick<Table, 'put'>): Promise<void> {
  for await (const id of allPrunings(table)) await table.put(pruningItem(id), 'absent');
}

/** A help for the next pruning, and for who looks for the earlier ones. */
export interface PruningMark {
  /** Below this lane nothing is left in the store. */
  readonly first: number;
  /** 0: there is none. */
  readonly version: number;
  /** Every record of a pruning is noted: false of a ledger that an older version began. */
  readonly noted: boolean;
}

const MARK = ['LOG', 'PRUNED'] as const;

export async function pruningMark(table: Pick<Table, 'get'>): Promise<PruningMark> {
  const mark = await table.get(...MARK);
  const first = Number(mark?.first);
  return {
    first: Number.isSafeInteger(first) ? first : FIRST_LANE,
    version: Number(mark?.version ?? 0),
    noted: mark?.noted === true,
  };
}

export const markItem = (mark: PruningMark): Item => ({ pk: MARK[0], sk: MARK[1], ...mark });

/** Of a ledger that begins: whatever is pruned from it will be noted. */
export const FIRST_MARK: Item = markItem({ first: FIRST_LANE, version: 1, noted: true });
