/** Every family of routes, by name: the local runtime mounts them all, each Lambda its own. */

import { readEntry } from '../src/ledger/reader.ts';
import type { Observatory } from '../src/observatory.ts';
import type { OpenOffice } from '../src/office.ts';
import type { Clock, Meter } from '../src/ports.ts';
import { approvalRoutes } from './approvals.ts';
import { authzenRoutes } from './authzen.ts';
import { collectionRoutes } from './collection.ts';
import { decisionRoutes } from './decisions.ts';
import { emergencyRoutes } from './emergency.ts';
import { executionRoutes } from './executions.ts';
import { flagRoutes } from './flags.ts';
import { type LedgerRoutesDeps, ledgerRoutes } from './ledger.ts';
import { observeRoutes } from './observe.ts';
import { openApiRoutes } from './openapi.ts';
import type { RouteFamily, RouteSpec } from './routes.ts';
import { workflowRoutes } from './workflows.ts';

export interface FamiliesDeps {
  readonly office: OpenOffice;
  readonly observatory: Observatory;
  readonly ledgerTable: LedgerRoutesDeps['table'];
  /** Re-derives the whole ledger, off the event loop. */
  readonly verify: LedgerRoutesDeps['verify'];
  readonly clock: Clock;
  readonly meter: Meter;
  readonly wait: (ms: number) => Promise<void>;
  /** True once start-up is over. */
  readonly started: () => boolean;
  readonly version: string;
  /** What this process serves, for its OpenAPI document. */
  readonly routes: () => readonly RouteSpec[];
}

export type FamilyName = keyof ReturnType<typeof families>;

export function families(deps: FamiliesDeps) {
  const { office, observatory } = deps;
  return {
    workflows: workflowRoutes({ office, idempotency: office.idempotency }),
    executions: executionRoutes({
      ...office,
      record: async (id) => (await readEntry(deps.ledgerTable, id))?.record,
    }),
    approvals: approvalRoutes({ approvals: office.approvals }),
    decisions: decisionRoutes({ office, capabilities: office.capabilities }),
    authzen: authzenRoutes({ office }),
    emergency: emergencyRoutes({
      ...office,
      emergency: office.emergencyOrders,
      watch: office.emergencyWatch,
      wait: deps.wait,
    }),
    collection: collectionRoutes({
      collection: office.collection,
      stopped: async () => (await office.emergency()).state !== 'clear',
    }),
    flags: flagRoutes({ charter: office.charter, meter: deps.meter }),
    ledger: ledgerRoutes({ ledger: office.lane, table: deps.ledgerTable, verify: deps.verify }),
    observe: observeRoutes({
      exposition: observatory.exposition,
      health: observatory.health,
      objectives: observatory.objectives,
      started: deps.started,
      draining: office.draining,
      clock: deps.clock,
    }),
    openapi: openApiRoutes(deps.routes, deps.version),
  } satisfies Record<string, RouteFamily>;
}
