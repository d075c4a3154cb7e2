/** Which families of routes each function mounts. The tags of their routes are in lib/functions.ts, `serves`. */
import {
  approvals,
  authzen,
  charters,
  collection,
  decisions,
  emergency,
  executions,
  flags,
  observe,
  openapi,
  workflows,
} from '../../http/families.ts';

export const GATE = [workflows, executions, decisions, authzen, flags] as const;
export const GOVERN = [approvals, emergency, charters, collection] as const;
export const OBSERVE = [observe, openapi] as const;
