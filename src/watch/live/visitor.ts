/** Who asks to listen, and the place that is held for them: wherever the connections are. */
import type { LedgerPosition } from '../../ledger/places/reading-on.ts';
import type { LedgerRecord, NewRecord } from '../../ledger/record.ts';
import type { Principal } from '../../terms.ts';
import type { WantedRecords } from './wanted.ts';

/** Why somebody may not listen any more. */
export type Lapse = { readonly ending: 'token_over' | 'not_allowed'; readonly reason: string };

export interface Visitor {
  readonly who: Pick<Principal, 'issuer' | 'sub' | 'roles'>;
  /** Whose connections are counted together. */
  readonly pseudonym: string;
  /** Tells its token from others; never the token. */
  readonly token: string;
  readonly trace: string;
  readonly meta: NonNullable<LedgerRecord['meta']>;
  /** Sealed with the record of the connection. */
  readonly personal: NonNullable<NewRecord['personal']>;
  readonly wanted: WantedRecords;
  readonly from: LedgerPosition | undefined;
  readonly expires_at: number;
  /** What the same token would be told now. Throws where that cannot be read: it is asked again. */
  readonly check: () => Promise<Lapse | undefined>;
}

/** A place that is held for who comes in. */
export interface Reservation {
  readonly connection_id: string;
  /** Puts the connection on record: nobody listens without. Throws LEDGER_UNAVAILABLE; the place is free then. */
  record(): Promise<void>;
}

/** The place, or whose limit is reached. */
export type Seating<R extends Reservation> =
  | { readonly seat: R }
  | { readonly full: 'process' | 'principal'; readonly limit: number };

export interface LiveLimits {
  readonly connections: number;
  readonly perPrincipal: number;
}
