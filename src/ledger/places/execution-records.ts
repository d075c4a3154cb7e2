/** The records of one execution: through the notes where they are sealed, in the open ends of the lanes where not. */
import type { Item } from '../../ports.ts';
import { laneKey, seqKey, signedOf } from '../bytes.ts';
import { type Entry, type TableReader, toEntry } from '../entry.ts';
import type { Justifier } from '../justified.ts';
import { laneItems } from '../lane/directory.ts';
import { isExecutionId, placesOfExecution } from './by-execution.ts';
import { compare, placeOfEntry } from './lane-stream.ts';
import { openEnds } from './open-ends.ts';

/** Records whose `data.execution_id` this is, as the store has them, in the order of (time, lane, seq). None for text that is no id. */
export const recordsOfExecution = (table: TableReader, execution_id: string): Promise<readonly Entry[]> =>
  recordsOf(table, execution_id, async () => true);

/**
 * Those of them that a certified lane signed: for who acts on them. A note could lead anywhere, and a look-alike of an end
 * would be the answer to a request that never ran.
 */
export const genuineRecordsOfExecution = (
  { table, justifier }: { readonly table: TableReader; readonly justifier: Pick<Justifier, 'judge'> },
  execution_id: string,
): Promise<readonly Entry[]> =>
  recordsOf(table, execution_id, async (item) => (await justifier.judge(item)) !== undefined);

async function recordsOf(
  table: TableReader,
  execution_id: string,
  counts: (item: Item) => Promise<boolean>,
): Promise<readonly Entry[]> {
  if (!isExecutionId(execution_id)) return [];
  const { ends } = await openEnds(table);
  const found = new Map<string, Entry>();
  const keep = async (item: Item | undefined): Promise<void> => {
    const entry = item && toEntry(item);
    if (item === undefined || entry?.record.data.execution_id !== execution_id) return;
    if (await counts(item)) found.set(entry.id, entry);
  };
  for (const { lane, seq } of await placesOfExecution(table, execution_id))
    await keep(await table.get(laneKey(lane), seqKey(seq)));
  for (const [lane, end] of ends) {
    for await (const item of laneItems(table, lane, end)) {
      // Most records are of others: their bytes say so without being parsed.
      const signed = signedOf(item);
      if (
        signed !== undefined &&
        Buffer.from(signed.b.buffer, signed.b.byteOffset, signed.b.length).includes(execution_id)
      )
        await keep(item);
    }
  }
  return [...found.values()].sort((left, right) => compare(placeOfEntry(left), placeOfEntry(right)));
}
