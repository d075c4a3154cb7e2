/** All families of routes, for a process that serves everything. */
import { AUDIT, live } from './audit/families.ts';
import { GATE } from './gate/families.ts';
import { GOVERN, notifications } from './govern/families.ts';
import { MCP } from './mcp/families.ts';
import { OBSERVE } from './observe/families.ts';
import type { RouteFamily } from './routes.ts';

const ALL = [...GATE, ...MCP, ...GOVERN, ...AUDIT, ...OBSERVE, notifications, live] as const;

/** What every one of them needs, together. */
type Needs<F> = F extends (kit: infer K) => RouteFamily ? (all: K) => void : never;
export type WholeKit = Needs<(typeof ALL)[number]> extends (all: infer K) => void ? K : never;

export function families(kit: WholeKit): readonly RouteFamily[] {
  return ALL.map((family) => family(kit));
}
