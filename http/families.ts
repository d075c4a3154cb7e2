/** Every family of routes, by name: the local runtime mounts them all, each Lambda its own. */

import type { ExecutionsDeps } from '../src/execution/executions.ts';
import { readEntry } from '../src/ledger/entry.ts';
import type { Observatory } from '../src/office/observatory.ts';
import type { OpenOffice } from '../src/office/office.ts';
import type { Clock, Meter } from '../src/ports.ts';
import type { Alerting } from '../src/watch/alerting.ts';
import { type LedgerRoutesDeps, ledgerRoutes } from './audit/ledger.ts';
import { type LogRoutesDeps, logRoutes } from './audit/log.ts';
import { sessionRoutes } from './audit/sessions.ts';
import { authzenRoutes } from './gate/authzen.ts';
import { decisionRoutes } from './gate/decisions.ts';
import { executionRoutes } from './gate/executions.ts';
import { flagRoutes } from './gate/flags.ts';
import { toolRoutes } from './gate/tools.ts';
import { workflowRoutes } from './gate/workflows.ts';
import { alertRoutes, notificationRoutes } from './govern/alerts.ts';
import { approvalRoutes } from './govern/approvals.ts';
import { charterRoutes } from './govern/charters.ts';
import { collectionRoutes } from './govern/collection.ts';
import { type DeploymentRoutesDeps, deploymentRoutes } from './govern/deployments.ts';
import { emergencyRoutes } from './govern/emergency.ts';
import { type RetentionRoutesDeps, retentionRoutes } from './govern/retention.ts';
import { revocationRoutes } from './govern/revocations.ts';
import { violationRoutes } from './govern/violations.ts';
import { observeRoutes } from './observe/observe.ts';
import { openApiRoutes } from './openapi.ts';
import type { RouteFamily, RouteSpec } from './routes.ts';

export interface FamiliesDeps {
  readonly office: OpenOffice;
  readonly observatory: Observatory;
  readonly ledgerTable: LedgerRoutesDeps['table'];
  readonly clock: Clock;
  readonly meter: Meter;
  readonly wait: (ms: number) => Promise<void>;
  /** True once start-up is over. */
  readonly started: () => boolean;
  readonly version: string;
  /** What this process serves, for its OpenAPI document. */
  readonly routes: () => readonly RouteSpec[];
}

/** For the function that takes notifications and records deployments. */
export interface AlertingRoutesDeps {
  readonly alerting: Alerting;
  /** Tells the outbox that there is work. */
  readonly ringOutbox: () => void;
  readonly state: DeploymentRoutesDeps['table'];
  readonly ids: DeploymentRoutesDeps['ids'];
}

/** For the function that serves the sealed log. */
export interface SealedLogDeps {
  /** Where the log is published. */
  readonly logBlobs: LogRoutesDeps['view']['log'];
  readonly trust: LogRoutesDeps['trust'];
  /** Re-derives the whole ledger, off the event loop. */
  readonly verify: LedgerRoutesDeps['verify'];
}

type Deps<K extends keyof FamiliesDeps> = Pick<FamiliesDeps, K>;

// One function each, so that a Lambda's bundle holds the families that it mounts and no others.
const recordIn =
  (table: FamiliesDeps['ledgerTable']): ExecutionsDeps['record'] =>
  async (id) =>
    (await readEntry(table, id))?.record;

export const workflows = ({ office, ledgerTable }: Deps<'office' | 'ledgerTable'>): RouteFamily =>
  workflowRoutes({
    office,
    idempotency: office.idempotency,
    earlier: { ...office, record: recordIn(ledgerTable) },
  });

export const executions = ({ office, ledgerTable }: Deps<'office' | 'ledgerTable'>): RouteFamily =>
  executionRoutes({ ...office, record: recordIn(ledgerTable) });

export const approvals = ({ office }: Deps<'office'>): RouteFamily =>
  approvalRoutes({ approvals: office.approvals });

export const decisions = ({ office }: Deps<'office'>): RouteFamily =>
  decisionRoutes({ office, capabilities: office.capabilities });

export const authzen = ({ office }: Deps<'office'>): RouteFamily => authzenRoutes({ office });

export const emergency = ({ office, wait }: Deps<'office' | 'wait'>): RouteFamily =>
  emergencyRoutes({
    ...office,
    emergency: office.emergencyOrders,
    watch: office.emergencyWatch,
    wait,
  });

export const charters = ({ office, clock }: Deps<'office' | 'clock'>): RouteFamily =>
  charterRoutes({ amendments: office.amendments, clock });

export const collection = ({ office }: Deps<'office'>): RouteFamily =>
  collectionRoutes({
    collection: office.collection,
    stopped: async () => (await office.emergency()).state !== 'clear',
  });

export const tools = ({ office }: Deps<'office'>): RouteFamily => toolRoutes(office);

export const flags = ({ office, meter }: Deps<'office' | 'meter'>): RouteFamily =>
  flagRoutes({ charter: office.charter, meter });

export const ledger = ({
  office,
  ledgerTable,
  verify,
}: Deps<'office' | 'ledgerTable'> & Pick<SealedLogDeps, 'verify'>): RouteFamily =>
  ledgerRoutes({ ...office, ledger: office.lane, table: ledgerTable, verify });

export const sessions = ({
  office,
  ledgerTable,
  clock,
}: Deps<'office' | 'ledgerTable' | 'clock'>): RouteFamily =>
  sessionRoutes({ ledger: office.lane, table: ledgerTable, clock });

export const log = ({
  office,
  ledgerTable,
  logBlobs,
  trust,
}: Deps<'office' | 'ledgerTable'> & SealedLogDeps): RouteFamily =>
  logRoutes({ ledger: office.lane, view: { log: logBlobs, table: ledgerTable, trust }, trust });

export const observe = ({
  office,
  observatory,
  started,
  clock,
}: Deps<'office' | 'observatory' | 'started' | 'clock'>): RouteFamily =>
  observeRoutes({
    exposition: observatory.exposition,
    health: observatory.health,
    objectives: observatory.objectives,
    started,
    draining: office.draining,
    clock,
  });

export const violations = ({ office }: Deps<'office'>): RouteFamily => violationRoutes(office);

export const revocations = ({ office }: Deps<'office'>): RouteFamily => revocationRoutes(office);

export const retention = ({
  office,
  ledgerTable,
  clock,
}: Deps<'office' | 'clock'> & { readonly ledgerTable: RetentionRoutesDeps['table'] }): RouteFamily =>
  retentionRoutes({ ...office, table: ledgerTable, clock });

export const openapi = ({ routes, version }: Deps<'routes' | 'version'>): RouteFamily =>
  openApiRoutes(routes, version);

type Telling = Pick<AlertingRoutesDeps, 'alerting' | 'ringOutbox'>;

export const alerts = ({ alerting, ringOutbox }: Telling): RouteFamily =>
  alertRoutes({ ...alerting, ring: ringOutbox });

export const notifications = ({ alerting, ringOutbox }: Telling): RouteFamily =>
  notificationRoutes({ ...alerting, ring: ringOutbox });

export const deployments = ({
  office,
  state,
  ids,
  clock,
}: Deps<'office' | 'clock'> & Pick<AlertingRoutesDeps, 'state' | 'ids'>): RouteFamily =>
  deploymentRoutes({ ledger: office.ledger, table: state, ids, clock });

/** All of them, for a process that serves everything. */
export function families(deps: FamiliesDeps & SealedLogDeps & AlertingRoutesDeps): readonly RouteFamily[] {
  return [
    workflows,
    executions,
    approvals,
    decisions,
    authzen,
    emergency,
    charters,
    collection,
    violations,
    revocations,
    retention,
    flags,
    tools,
    ledger,
    sessions,
    log,
    observe,
    alerts,
    notifications,
    deployments,
    openapi,
  ].map((family) => family(deps));
}
