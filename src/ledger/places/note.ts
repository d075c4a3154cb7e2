/**
 * Notes where the records of a sealed batch are, for readers who ask by time, person or execution, or for prunings. Written
 * before the lock is swapped: what the lock says is sealed, is noted. Writing them again changes nothing.
 */
import { inBatches } from '../../basics/batches.ts';
import type { Table } from '../../ports.ts';
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

/**
 * @param again true: for notes that are gone or were changed. They get names of their own, as what is left under the old
 * ones may speak of other records as well
 */
export async function notePlaces(
  table: Pick<Table, 'put'>,
  { from, segments, gists }: Batch,
  again = false,
): Promise<void> {
  let at = 0;
  const runs = segments.map((segment) => {
    const own = gists.slice(at, at + segment.count);
    at += segment.count;
    return { segment, own };
  });
  // The day first: a day that is not listed hides what is in it.
  const days = [...new Set(runs.flatMap(({ segment, own }) => daysOf(segment, own)))].map(dayItem);
  await inBatches(days, (item) => table.put(item, 'absent'));
  const items = [
    ...runs.flatMap(({ segment, own }) => [...stretchItems(segment, own), ...pruningItems(segment, own)]),
    ...executionItems(from, segments, gists),
    ...(from === 0 && !again ? [FIRST_MARK] : []),
  ];
  await inBatches(items, (item) => table.put(again ? { ...item, sk: `${item.sk}+` } : item, 'absent'));
}
