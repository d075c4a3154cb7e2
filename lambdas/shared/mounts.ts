/**
 * Which families of routes each function mounts. The tags of their routes are in lib/functions.ts, `serves`; a
 * test holds the two together, so that no route of the API ends at a function that does not have it.
 */
import {
  alerts,
  approvals,
  authzen,
  charters,
  collection,
  decisions,
  deployments,
  emergency,
  executions,
  flags,
  ledger,
  log,
  observe,
  openapi,
  retention,
  revocations,
  sessions,
  tools,
  violations,
  workflows,
} from '../../http/families.ts';

export const GATE = [workflows, executions, decisions, authzen, tools, flags] as const;
export const GOVERN = [
  approvals,
  emergency,
  charters,
  collection,
  violations,
  revocations,
  retention,
  deployments,
  alerts,
] as const;
export const AUDIT = [ledger, sessions, log] as const;
export const OBSERVE = [observe, openapi] as const;
