/** Which records a feed shows. */
import type { Entry } from '../../ledger/entry.ts';
import { matches } from '../../ledger/reader.ts';

export interface WantedRecords {
  /** Event types, or families as `decision.*`; none: all but what feeds themselves are recorded as. */
  readonly types: readonly string[];
  /** Pseudonym. */
  readonly subject?: string;
}

/** What somebody wants; the same key for the same. */
export interface Wish {
  readonly key: string;
  readonly wanted: WantedRecords;
}

export const wishOf = (wanted: WantedRecords): Wish => ({
  key: JSON.stringify([wanted.subject ?? null, ...wanted.types]),
  wanted,
});

/** What a feed causes is no news to a feed, or connections would be told of one another for ever; ask for it by name. */
const OF_FEEDS = 'ws.';

export function isWanted(entry: Entry, { types, subject }: WantedRecords): boolean {
  if (subject !== undefined && entry.record.subject !== subject) return false;
  if (types.length === 0) return !entry.record.type.startsWith(OF_FEEDS);
  return types.some((type) => matches(entry, { type }));
}
