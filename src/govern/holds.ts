/**
 * Legal holds: what must not leave, however old it is and whoever asks. A hold is on record
 * before it is in force, and is kept until somebody lifts it, on record as well. Pruning and erasure ask here.
 */

import type { JsonObject } from '../json.ts';
import type { LegalHold } from '../ledger/keep/prune.ts';
import { type Said, sealedWords, wordsShown } from '../ledger/people/words.ts';
import type { Ledger, NewRecord, Receipt } from '../ledger/record.ts';
import type { Clock, Ids, Item, Table } from '../ports.ts';

export interface Hold extends LegalHold {
  readonly hold_id: string;
  readonly reason: string;
  readonly placed_at: string;
}

export interface HoldsDeps {
  readonly table: Table;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** The record of a change of holds, as far as the caller makes it: who, in which request. */
export type OnRecord = (data: JsonObject, personal?: JsonObject) => NewRecord;

export interface Holds {
  place(
    hold: LegalHold & { readonly reason: Said },
    record: OnRecord,
  ): Promise<{ hold: Hold; receipt: Receipt }>;
  /** Undefined when there is no such hold. */
  lift(hold_id: string, record: OnRecord): Promise<{ hold: Hold; receipt: Receipt } | undefined>;
  /** Those in force, oldest first. */
  list(): Promise<readonly Hold[]>;
}

const PARTITION = 'HOLDS';

export function createHolds({ table, ledger, clock, ids }: HoldsDeps): Holds {
  return {
    async place(hold, record) {
      const { reason, ...what } = hold;
      const placed_at = new Date(clock()).toISOString();
      const placed = { hold_id: ids('hold'), ...what, placed_at, reason: reason.open };
      const receipt = await ledger.append(
        record({ what: 'legal_hold_placed', ...placed }, sealedWords('reason', reason)),
      );
      const item: Item = {
        pk: PARTITION,
        sk: placed.hold_id,
        version: 1,
        ...placed,
        words: reason.kept ?? null,
        record: receipt.id,
      };
      await table.put(item, 'absent');
      return { hold: holdOf(item), receipt };
    },

    async lift(hold_id, record) {
      const item = await table.get(PARTITION, hold_id);
      if (item === undefined) return undefined;
      const hold = holdOf(item);
      const receipt = await ledger.append(
        record({ what: 'legal_hold_lifted', ...hold, reason: String(item.reason) }),
      );
      await table.remove(PARTITION, hold_id);
      return { hold, receipt };
    },

    async list() {
      const holds: Hold[] = [];
      let after: string | undefined;
      do {
        const page = await table.query(PARTITION, after === undefined ? {} : { after });
        holds.push(...page.items.map(holdOf));
        after = page.next;
      } while (after !== undefined);
      return holds;
    },
  };
}

function holdOf({ hold_id, reason, words, placed_at, subject, from, to }: Item): Hold {
  return {
    hold_id: String(hold_id),
    reason: wordsShown(String(reason), words),
    placed_at: String(placed_at),
    ...(typeof subject === 'string' ? { subject } : {}),
    ...(typeof from === 'string' ? { from } : {}),
    ...(typeof to === 'string' ? { to } : {}),
  };
}
