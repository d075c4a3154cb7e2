/**
 * Notes where the records of a sealed batch are, for readers who ask by time, person or execution, or for prunings. Written
 * before the lock is swapped: what the lock says is sealed, is noted. Writing them again changes nothing.
 */
import { inBatches } from '../../basics/batches.ts';
import type { Item, Table } from '../../ports.ts';
import type { Segment } from '../seal/staging.ts';
import { executionItems } from './by-execution.ts';
import { dayItem, daysOf, stretchItems } from './by-time.ts';
import type { Gist } from './gist.ts';
import { FIRST_MARK, pruningItems } from './prunings.ts';

/** A batch of the tree: it grew by these segments, of whose records these are the gists. */
export interface Batch {
  /** Size of the tree before. */
  readonly from: number;
  readonly segments: readonly Segment[];
  readonly gists: readonly Gist[];
}

/** Where nothing of it was noted yet, or this was cut off. */
export async function notePlaces(table: Pick<Table, 'put'>, batch: Batch): Promise<void> {
  const marks = batch.from === 0 ? [FIRST_MARK] : [];
  await write(table, batch, async (item) => void (await table.put(item, 'absent')), marks);
}

/**
 * Notes the records of prunings in it, and nothing else: also those that a later pruning took out of the store, since what they
 * removed is still asked for.
 */
export async function notePrunings(table: Pick<Table, 'put'>, batch: Batch): Promise<void> {
  for (const { segment, own } of runsOf(batch))
    await inBatches(pruningItems(segment, own), (item) => table.put(item, 'absent'));
}

/**
 * Notes again what is gone or was changed, under names of their own: what is left under the old ones may speak of other records
 * as well, and what stands under these already may have been changed in its turn.
 */
export async function noteAgain(table: Pick<Table, 'put' | 'get'>, batch: Batch): Promise<void> {
  await write(table, batch, async (item) => {
    for (let sk = `${item.sk}+`; ; sk += '+') {
      const there = await table.get(item.pk, sk);
      if (there !== undefined && saysSame(there, item)) return;
      if (there === undefined && (await table.put({ ...item, pk: item.pk, sk }, 'absent')).stored) return;
    }
  });
}

const saysSame = (there: Item, item: Item): boolean =>
  Object.entries(item).every(([name, value]) => name === 'sk' || there[name] === value);

async function write(
  table: Pick<Table, 'put'>,
  batch: Batch,
  place: (item: Item) => Promise<void>,
  marks: readonly Item[] = [],
): Promise<void> {
  const { from, segments, gists } = batch;
  const runs = runsOf(batch);
  const days = [...new Set(runs.flatMap(({ segment, own }) => daysOf(segment, own)))].map(dayItem);
  const prunings = runs.flatMap(({ segment, own }) => pruningItems(segment, own));
  const places = runs.flatMap(({ segment, own }) => stretchItems(segment, own));
  // The day first: a day that is not listed hides what is in it. These say nothing but their names.
  await inBatches([...days, ...prunings, ...marks], (item) => table.put(item, 'absent'));
  await inBatches([...places, ...executionItems(from, segments, gists)], place);
}

function runsOf({
  segments,
  gists,
}: Pick<Batch, 'segments' | 'gists'>): { segment: Segment; own: readonly Gist[] }[] {
  let at = 0;
  return segments.map((segment) => {
    const own = gists.slice(at, at + segment.count);
    at += segment.count;
    return { segment, own };
  });
}
