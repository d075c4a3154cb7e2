/** Whoever moves a charter: how their steps are put on record, and how one that may not be taken is refused. */
import type { CharterWatch } from '../charter/watch.ts';
import { ChanceryError, type Reason } from '../errors.ts';
import { notAPerson } from '../identity/person.ts';
import type { JsonObject } from '../json.ts';
import type { Ledger, NewRecord, Receipt } from '../ledger/record.ts';
import type { Principal } from '../terms.ts';

export interface Mover {
  readonly principal: Principal;
  readonly trace: string;
  readonly meta?: NewRecord['meta'];
  /** Personal: sealed. */
  readonly seen?: JsonObject;
}

/** Appends what somebody did, beside the charter that was in force. */
export const recorder =
  ({ ledger, watch }: { readonly ledger: Ledger; readonly watch: Pick<CharterWatch, 'last'> }) =>
  (type: NewRecord['type'], by: Mover, data: JsonObject, personal: JsonObject = {}): Promise<Receipt> =>
    ledger.append({
      type,
      trace: by.trace,
      who: by.principal,
      meta: { charter: watch.last().digest, ...by.meta },
      data,
      personal: { sub: by.principal.sub, ...by.seen, ...personal },
    });

/** Throws CHARTER_DENIED for a machine, and for whoever acts for another. */
export function onlyPeople({ principal }: Mover, what: string): void {
  const reason = notAPerson(principal, what);
  if (reason !== undefined) throw refusal('CHARTER_DENIED', reason);
}

export function refusal(code: 'CONFLICT' | 'CHARTER_DENIED', reason: Reason): ChanceryError {
  return new ChanceryError(code, reason.message, { reasons: [reason] });
}

/** What stands in the way of a step just now. */
export const conflict = (code: string, message: string): ChanceryError =>
  refusal('CONFLICT', { code, message, kind: 'not_permitted' });
