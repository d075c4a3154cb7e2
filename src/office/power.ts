/** Working state as the office sees it: what gives power says what the ledger says, and what does not is found. */
import { createStateCheck, type StateCheck } from '../govern/power/check.ts';
import { createPowerFold, type PowerFold } from '../govern/power/fold.ts';
import { guardTable } from '../govern/power/guard.ts';
import type { JsonObject } from '../json.ts';
import type { Justifier } from '../ledger/justified.ts';
import type { Blobs, Clock, Item, Table } from '../ports.ts';

export interface PowerWorld {
  /** Where the fold is saved and bundles of charters are copied: outside of the tables. */
  readonly documents: Blobs;
  /** Keys of the working state that were written since it was last asked, by whomever. */
  readonly touched?: () => Promise<readonly { readonly pk: string; readonly sk: string }[]>;
}

export interface PowerDeps extends PowerWorld {
  readonly ledgerTable: Table;
  readonly state: Table;
  readonly justifier: Justifier;
  /** Seals the saved fold. */
  readonly key: Uint8Array;
  readonly alarm: (data: JsonObject) => Promise<unknown>;
  readonly recordStop: (stop: Item) => Promise<unknown>;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

export interface PowerWing {
  readonly fold: PowerFold;
  readonly check: StateCheck;
  /** The working state as the records have it: for a process that keeps the fold up. */
  readonly guarded: Table;
}

export function openPower(deps: PowerDeps): PowerWing {
  const { ledgerTable, state, documents, justifier, key, touched, alarm, recordStop, clock, wait } = deps;
  const fold = createPowerFold({ table: ledgerTable, justifier, saved: documents, key });
  const check = createStateCheck({
    table: state,
    fold,
    alarm,
    recordStop,
    bundles: documents,
    ...(touched === undefined ? {} : { touched }),
    clock,
    wait,
  });
  const { powers, catchUp } = fold;
  const { suspect, wrote } = check;
  return { fold, check, guarded: guardTable({ table: state, powers, catchUp, suspect, wrote, clock }) };
}
