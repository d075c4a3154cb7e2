/** What a family of routes is given, whichever process mounts it. */
import type { TableReader } from '../src/ledger/entry.ts';
import type { Clock, Meter } from '../src/ports.ts';
import type { Ctx, RouteSpec } from './routes.ts';

export interface Kit {
  readonly ledgerTable: TableReader;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly wait: (ms: number) => Promise<void>;
  /** True once start-up is over. */
  readonly started: () => boolean;
  readonly version: string;
  /** Origins of pages that may speak to the MCP server. */
  readonly origins: ReadonlySet<string>;
  /** Where this service is reached, without a slash at its end: as configured, never as a caller addressed it. */
  readonly url: (c: Ctx) => string;
  /** What this process serves, for its OpenAPI document. */
  readonly routes: () => readonly RouteSpec[];
}
