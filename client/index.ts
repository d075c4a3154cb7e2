/** The client of Chancery's API. */
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './api.gen.ts';
import { type Access, openDoor } from './door.ts';
import {
  type Executed,
  type ExecuteOptions,
  type Execution,
  execute,
  type FollowOptions,
  follow,
  type GovernedRequest,
  type Ran,
  type Receipt,
} from './execute.ts';
import { problemError } from './problem.ts';
import { checkReceipt, proofOf, proveReceipt, type ReceiptAudit, trustOf } from './receipt.ts';
import type { Trust } from './verify/note.ts';
import type { PromisedEntry, ReceiptVerified } from './verify/receipt.ts';

export type { components, operations, paths } from './api.gen.ts';
export type { Access } from './door.ts';
export type {
  Executed,
  ExecuteOptions,
  Execution,
  FollowOptions,
  GovernedRequest,
  Ran,
  Receipt,
  Waits,
} from './execute.ts';
export { DISCOVERY_PATH, feedAddress } from './feed.ts';
export {
  type Problem,
  type ProblemCode,
  ProblemError,
  type ReadProblem,
  UnreachableError,
} from './problem.ts';
export type { ReceiptAudit } from './receipt.ts';
export { type ShownEntry, verifyEntry } from './verify/entry.ts';
export type { Trust } from './verify/note.ts';
export { type PromisedRecord, receiptIn, verifyPromise } from './verify/promise.ts';
export { type PromisedEntry, type ReceiptVerified, verifyReceipt } from './verify/receipt.ts';
export type { Verified, VerifySources } from './verify/sealed.ts';

export interface Chancery {
  /** Every operation by its path, as openapi-fetch has them; a refusal is thrown as ProblemError. */
  readonly api: Client<paths>;
  /** Asks for a governed run, once whatever the network does. */
  execute(request: GovernedRequest, options?: ExecuteOptions): Promise<Executed>;
  /** Waits until people had their say and the run is over. */
  follow(request: GovernedRequest, executed: Executed, options?: FollowOptions): Promise<Ran | Execution>;
  /** What the server says became of a receipt. */
  checkReceipt(receipt: Receipt): Promise<ReceiptAudit>;
  /** The `.tlog-proof` of an own entry; undefined while it is not sealed. */
  proof(id: string): Promise<string | undefined>;
  /** The public keys that the server names: keep those of your first visit. */
  trust(): Promise<Trust>;
  /** Verifies here, from the raw bytes, that what a receipt promised stands in the log. */
  proveReceipt(receipt: PromisedEntry, trust: Trust): Promise<ReceiptVerified>;
}

export function openChancery(access: Access): Chancery {
  const api = createClient<paths>({ baseUrl: access.url.replace(/\/+$/, ''), fetch: openDoor(access) });
  api.use({
    async onResponse({ response }) {
      if (!response.ok) throw problemError(response, await response.text());
    },
  });
  return {
    api,
    execute: (request, options) => execute(api, request, options),
    follow: (request, executed, options) => follow(api, request, executed, options),
    checkReceipt: (receipt) => checkReceipt(api, receipt),
    proof: (id) => proofOf(api, id),
    trust: () => trustOf(api),
    proveReceipt: (receipt, trust) => proveReceipt(api, receipt, trust),
  };
}
