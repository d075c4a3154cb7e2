/** The records of a stretch of time that ends now, as far as one request may look. */
import type { TableReader } from '../../src/ledger/entry.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';

export interface Stretch {
  /** Newest first. */
  readonly records: readonly LedgerRecord[];
  /** False: there are older ones in the stretch that were not looked at. */
  readonly complete: boolean;
}

const MOST = 20_000;
const PAGE = 1_000;

/** @param from RFC 3339 */
export async function recordsSince(table: TableReader, from: string): Promise<Stretch> {
  const records: LedgerRecord[] = [];
  let cursor: string | undefined;
  while (records.length < MOST) {
    const page = await readEntries(table, { from }, { limit: PAGE, ...(cursor ? { cursor } : {}) });
    records.push(...page.entries.map(({ record }) => record));
    cursor = page.next;
    if (cursor === undefined) return { records, complete: true };
  }
  return { records, complete: false };
}
