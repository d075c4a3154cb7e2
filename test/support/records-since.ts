/** What a store's records say from a moment on, as whoever takes turns asks for it. */
import { allEntries } from '../../src/ledger/reader.ts';
import type { Table } from '../../src/ports.ts';

export const recordsSince = (table: Table) =>
  async function* (ms: number) {
    for await (const { id, record, record_hash } of allEntries(table, { from: new Date(ms).toISOString() }))
      yield { id, record, hash: record_hash };
  };
