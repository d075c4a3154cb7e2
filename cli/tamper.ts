/** What a database administrator could do: change one byte of a record in a store. For the demo and for tests. */
import { DatabaseSync } from 'node:sqlite';
import { laneKey, seqKey } from '../src/ledger/bytes.ts';

/** Flips the lowest bit of one byte in the middle of the record's signed bytes. Throws when there is no such record. */
export function flipOneByte(storePath: string, lane: number, seq: number): void {
  const database = new DatabaseSync(storePath);
  try {
    const row = database
      .prepare('SELECT b FROM items WHERE pk = ? AND sk = ?')
      .get(laneKey(lane), seqKey(seq));
    if (!(row?.b instanceof Uint8Array)) throw new Error(`there is no record ${lane}.${seq} in ${storePath}`);
    const bytes = Uint8Array.from(row.b);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    database.prepare('UPDATE items SET b = ? WHERE pk = ? AND sk = ?').run(bytes, laneKey(lane), seqKey(seq));
  } finally {
    database.close();
  }
}
