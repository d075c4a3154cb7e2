/** What changes the rules, and what is done to people and their data. */
import type { Authenticator } from '../../src/identity/authenticator.ts';
import type { Gate } from '../../src/office/gate.ts';
import type { Govern } from '../../src/office/govern.ts';
import type { HealingWing } from '../../src/office/loop.ts';
import type { Alerting } from '../../src/watch/alerting.ts';
import type { Kit } from '../kit.ts';
import type { RouteFamily } from '../routes.ts';
import { alertRoutes, notificationRoutes } from './alerts.ts';
import { approvalRoutes } from './approvals.ts';
import { charterRoutes } from './charters.ts';
import { collectionRoutes } from './collection.ts';
import { type DeploymentRoutesDeps, deploymentRoutes } from './deployments.ts';
import { emergencyRoutes } from './emergency.ts';
import { healingRoutes } from './healing.ts';
import { overrideRoutes } from './overrides.ts';
import { type RetentionRoutesDeps, retentionRoutes } from './retention.ts';
import { revocationRoutes } from './revocations.ts';
import { sanctionRoutes } from './sanctions.ts';
import { stateRoutes } from './state.ts';
import { violationRoutes } from './violations.ts';
import { whistleblowerRoutes } from './whistleblower.ts';

interface Office {
  readonly office: Gate & Govern;
}

interface Telling {
  readonly alerting: Alerting;
  /** Tells the outbox that there is work. */
  readonly ringOutbox: () => void;
}

export const approvals = ({ office }: Office): RouteFamily => approvalRoutes({ approvals: office.approvals });

export const emergency = ({ office, wait }: Office & Pick<Kit, 'wait'>): RouteFamily =>
  emergencyRoutes({
    ...office,
    emergency: office.emergencyOrders,
    stopRecords: office.stopRecords,
    watch: office.emergencyWatch,
    wait,
  });

export const charters = ({ office, clock }: Office & Pick<Kit, 'clock'>): RouteFamily =>
  charterRoutes({ amendments: office.amendments, say: office.say, clock });

export const collection = ({ office }: Office): RouteFamily =>
  collectionRoutes({
    collection: office.collection,
    stopped: async () => (await office.emergency()).state !== 'clear',
  });

export const violations = ({ office }: Office): RouteFamily => violationRoutes(office);

export const sanctions = ({ office, clock }: Office & Pick<Kit, 'clock'>): RouteFamily =>
  sanctionRoutes({ ...office, clock });

export const healing = ({
  office,
  clock,
}: { readonly office: Gate & Govern & HealingWing } & Pick<Kit, 'clock'>): RouteFamily =>
  healingRoutes({ ...office, clock });

export const overrides = ({ office, production }: Office & { readonly production: boolean }): RouteFamily =>
  overrideRoutes({ ...office, production });

export const whistleblower = ({ office }: Office): RouteFamily => whistleblowerRoutes(office);

export const revocations = ({
  office,
  authenticator,
}: Office & { readonly authenticator: Authenticator }): RouteFamily =>
  revocationRoutes({ ...office, authenticator });

export const state = ({ office }: Office): RouteFamily =>
  stateRoutes({ check: office.power.check, ledger: office.ledger });

export const retention = ({
  office,
  ledgerTable,
  clock,
}: Office & Pick<Kit, 'clock'> & { readonly ledgerTable: RetentionRoutesDeps['table'] }): RouteFamily =>
  retentionRoutes({ ...office, table: ledgerTable, clock });

export const deployments = ({
  office,
  state,
  ids,
  clock,
}: Office &
  Pick<Kit, 'clock'> & {
    readonly state: DeploymentRoutesDeps['table'];
    readonly ids: DeploymentRoutesDeps['ids'];
  }): RouteFamily => deploymentRoutes({ ledger: office.ledger, table: state, ids, clock });

export const alerts = ({ alerting, ringOutbox }: Telling): RouteFamily =>
  alertRoutes({ ...alerting, ring: ringOutbox });

export const notifications = ({ alerting, ringOutbox }: Telling): RouteFamily =>
  notificationRoutes({ ...alerting, ring: ringOutbox });

/** What the function of this name mounts. */
export const GOVERN = [
  approvals,
  emergency,
  charters,
  collection,
  violations,
  sanctions,
  healing,
  overrides,
  whistleblower,
  revocations,
  retention,
  state,
  deployments,
  alerts,
] as const;
