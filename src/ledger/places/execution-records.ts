/** The records of one execution: through the notes where they are sealed, in the open ends of the lanes where not. */
import { signedOf } from '../bytes.ts';
import { type Entry, readEntry, type TableReader, toEntry } from '../entry.ts';
import { laneItems } from '../lane/directory.ts';
import { isExecutionId, placesOfExecution } from './by-execution.ts';
import { compare, placeOfEntry } from './lane-stream.ts';
import { openEnds } from './open-ends.ts';

/** Records whose `data.execution_id` this is, in the order of (time, lane, seq). None for text that is no id. */
export async function recordsOfExecution(
  table: TableReader,
  execution_id: string,
): Promise<readonly Entry[]> {
  if (!isExecutionId(execution_id)) return [];
  const { ends } = await openEnds(table);
  const found = new Map<string, Entry>();
  const keep = (entry: Entry | undefined): void => {
    if (entry?.record.data.execution_id === execution_id) found.set(entry.id, entry);
  };
  for (const { lane, seq } of await placesOfExecution(table, execution_id))
    keep(await readEntry(table, `${lane}.${seq}`));
  for (const [lane, end] of ends) {
    for await (const item of laneItems(table, lane, end)) {
      // Most records are of others: their bytes say so without being parsed.
      const signed = signedOf(item);
      if (
        signed !== undefined &&
        Buffer.from(signed.b.buffer, signed.b.byteOffset, signed.b.length).includes(execution_id)
      )
        keep(toEntry(item));
    }
  }
  return [...found.values()].sort((left, right) => compare(placeOfEntry(left), placeOfEntry(right)));
}
