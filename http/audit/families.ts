/** What reads the ledger, its sessions and the published log, and records that it was read. */
import type { Front } from '../../src/office/front.ts';
import type { Reservation } from '../../src/watch/live/visitor.ts';
import type { Kit } from '../kit.ts';
import type { RouteFamily } from '../routes.ts';
import { type LedgerRoutesDeps, ledgerRoutes } from './ledger.ts';
import { type LiveRoutesDeps, liveRoutes } from './live.ts';
import { type LogRoutesDeps, logRoutes } from './log.ts';
import { quarterlyRoutes } from './quarterly.ts';
import { receiptRoutes } from './receipts.ts';
import { sessionRoutes } from './sessions.ts';
import { userRoutes } from './users.ts';

interface Office {
  readonly office: Front;
}

interface SealedLog {
  /** Where the log is published. */
  readonly logBlobs: LogRoutesDeps['view']['log'];
  readonly trust: LogRoutesDeps['trust'];
  /** Re-derives the whole ledger, off the event loop. */
  readonly verify: LedgerRoutesDeps['verify'];
}

export const ledger = ({
  office,
  ledgerTable,
  trust,
  verify,
}: Office & Pick<Kit, 'ledgerTable'> & Pick<SealedLog, 'trust' | 'verify'>): RouteFamily =>
  ledgerRoutes({ ...office, ledger: office.lane, table: ledgerTable, trust, verify });

export const sessions = ({
  office,
  ledgerTable,
  clock,
}: Office & Pick<Kit, 'ledgerTable' | 'clock'>): RouteFamily =>
  sessionRoutes({ ledger: office.lane, table: ledgerTable, clock });

export const users = ({
  office,
  ledgerTable,
  clock,
}: Office & Pick<Kit, 'ledgerTable' | 'clock'>): RouteFamily =>
  userRoutes({ ledger: office.lane, table: ledgerTable, clock });

export const log = ({
  office,
  ledgerTable,
  logBlobs,
  trust,
}: Office & Pick<Kit, 'ledgerTable'> & SealedLog): RouteFamily =>
  logRoutes({
    ledger: office.lane,
    pseudonym: office.pseudonym,
    view: { log: logBlobs, table: ledgerTable, trust },
    trust,
  });

export const receipts = ({
  office,
  ledgerTable,
  logBlobs,
  trust,
  clock,
}: Office & Pick<Kit, 'ledgerTable' | 'clock'> & SealedLog): RouteFamily =>
  receiptRoutes({ ledger: office.lane, view: { log: logBlobs, table: ledgerTable, trust }, clock });

export const quarterly = ({
  office,
  logBlobs,
  trust,
  clock,
}: Office & Pick<Kit, 'clock'> & Pick<SealedLog, 'logBlobs' | 'trust'>): RouteFamily =>
  quarterlyRoutes({ ledger: office.lane, sealed: { log: logBlobs, trust }, clock });

/** For whoever holds connections, or keeps those that a gateway holds. */
export const live = <R extends Reservation>({
  office,
  ledgerTable,
  trust,
  clock,
  origins,
  desk,
  liveDoor,
}: Office &
  Pick<Kit, 'ledgerTable' | 'clock' | 'origins'> & {
    readonly trust: { readonly origin: string };
    readonly desk: LiveRoutesDeps<R>['desk'];
    readonly liveDoor: LiveRoutesDeps<R>['door'];
  }): RouteFamily =>
  liveRoutes({
    ...office,
    ledger: office.lane,
    table: ledgerTable,
    log: trust.origin,
    door: liveDoor,
    desk,
    origins,
    clock,
  });

/** What the function of this name mounts. */
export const AUDIT = [ledger, sessions, users, log, receipts, quarterly] as const;
