/** What the outside gives an office, wing by wing: a function names the wings that it opens, and needs no more. */
import type { Charter } from '../charter/charter.ts';
import type { BundleReading } from '../govern/reading.ts';
import type { ReplayReport } from '../govern/replay.ts';
import type { Issuers } from '../identity/issuers.ts';
import type { MakeKeyPair } from '../ledger/ed25519.ts';
import type { AskHold } from '../ledger/hold.ts';
import type { AuthorityKey } from '../ledger/lane/certificate.ts';
import type { WrittenRecord } from '../ledger/lane/writer.ts';
import type { Blobs, Clock, Doorbell, Ids, Log, Random, Signer, Table, Tracer } from '../ports.ts';
import type { ProcessMeter } from '../watch/metrics/meter.ts';
import type { Registry } from '../workflow/workflow.ts';
import type { PowerWorld } from './power.ts';

/** What every door needs of the outside. On AWS ledger and state are two tables; locally they are one. */
export interface FrontWorld {
  /** Lanes and their directory: written once, read by everybody, changed by nobody. */
  readonly ledgerTable: Table;
  /** Working state: standings, approvals, idempotency keys, metrics. */
  readonly state: Table;
  /** Keys of data subjects. */
  readonly subjects: Table;
  readonly authority: Signer;
  /** Whoever certified lanes of this log, keys that were rotated away included; by default the present one alone. */
  readonly authorities?: readonly AuthorityKey[];
  readonly pseudonymKey: Uint8Array;
  /** Whose tokens are trusted. */
  readonly issuers: Issuers;
  readonly origin: string;
  readonly code: string;
  readonly region: string;
  readonly max_merge_delay_seconds: number;
  /** The charter that came with the code, in force until another was activated. */
  readonly shipped: Charter;
  /** Milliseconds that loading it took. */
  readonly shipped_ms: number;
  readonly clock: Clock;
  readonly micros: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly ids: Ids;
  readonly random: Random;
  /** By whom lanes sign; by default `node:crypto`. */
  readonly keyPair?: MakeKeyPair;
  /** Whether records that are committed together share a signature: see `LaneDeps`. */
  readonly together?: boolean;
  readonly log: Log;
  readonly meter: ProcessMeter;
  readonly tracer: Tracer;
  readonly doorbell?: Doorbell;
  /** For a process that keeps up with the ledger, and so need not believe the store where it gives power. */
  readonly power?: PowerWorld;
  /** Reads bundles of charters; by default in this thread. */
  readonly reading?: BundleReading;
  /** What stands against appending; by default nothing. */
  readonly held?: AskHold;
  /** False where a stop whose time is up is for another process to end in the state. */
  readonly endsStops?: boolean;
  /** Told of records once they are durable, in lane order: EMF on AWS. */
  readonly appended?: (entries: readonly WrittenRecord[]) => void;
}

/** What deciding and running need besides. */
export interface GateWorld extends FrontWorld {
  readonly documents: Blobs;
  readonly workflows: Registry;
}

/** What changing the rules needs besides. */
export interface GovernWorld extends GateWorld {
  /** Replays recorded decisions; by default in this thread, a batch at a time. */
  readonly replay?: (base: Charter, candidate: Charter, since: number) => Promise<ReplayReport>;
}

/** All of it, for a process that does everything. */
export interface World extends GovernWorld {
  /** Signs capability tokens. */
  readonly capabilityKey: Signer;
}
