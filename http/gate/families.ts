/** What asks and runs: workflows, executions, decisions, AuthZEN, tools, flags. */
import type { Capabilities } from '../../src/decision/capability.ts';
import type { ExecutionsDeps } from '../../src/execution/executions.ts';
import type { Justifier } from '../../src/ledger/justified.ts';
import type { Gate } from '../../src/office/gate.ts';
import type { Kit } from '../kit.ts';
import type { RouteFamily } from '../routes.ts';
import { authzenRoutes } from './authzen.ts';
import { decisionRoutes } from './decisions.ts';
import { eventRoutes } from './events.ts';
import { executionRoutes } from './executions.ts';
import { flagRoutes } from './flags.ts';
import { toolRoutes } from './tools.ts';
import { workflowRoutes } from './workflows.ts';

interface Office {
  readonly office: Gate & {
    readonly capabilities: Capabilities;
    readonly justifier: Pick<Justifier, 'read'>;
  };
}

const genuine =
  (justifier: Pick<Justifier, 'read'>): ExecutionsDeps['record'] =>
  async (id) =>
    (await justifier.read(id))?.record;

export const workflows = ({ office }: Office): RouteFamily =>
  workflowRoutes({
    office,
    idempotency: office.idempotency,
    earlier: { ...office, record: genuine(office.justifier) },
  });

export const executions = ({ office }: Office): RouteFamily =>
  executionRoutes({ ...office, record: genuine(office.justifier) });

export const decisions = ({ office }: Office): RouteFamily =>
  decisionRoutes({ office, capabilities: office.capabilities });

export const authzen = ({ office, url }: Office & Pick<Kit, 'url'>): RouteFamily =>
  authzenRoutes({ office, url });

export const tools = ({ office }: Office): RouteFamily => toolRoutes(office);

export const events = ({ office }: Office): RouteFamily => eventRoutes(office);

export const flags = ({ office, meter }: Office & Pick<Kit, 'meter'>): RouteFamily =>
  flagRoutes({ charter: office.charter, meter });

/** What the function of this name mounts. */
export const GATE = [workflows, executions, decisions, authzen, tools, events, flags] as const;
