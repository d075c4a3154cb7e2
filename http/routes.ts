/**
 * What a route is. A family of routes (one file each in this folder) mounts its routes through this shape, so
 * that the scope that guards a route, its metric label and its OpenAPI entry cannot drift apart.
 */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type * as z from 'zod';
import type { Reason } from '../src/errors.ts';
import type { Principal } from '../src/terms.ts';

/** What the door knows of a request by the time a handler runs. */
export interface Variables {
  /** Trace id: as the caller gave it when well formed, else new. */
  trace: string;
  requestId: string;
  /** Where this service is reached, without a slash at its end. */
  base: string;
  /** The caller's own name for the request, where the route gives it back. Never recorded: it is the caller's text. */
  echoedId?: string;
  /** Set on every route with a scope. */
  principal: Principal;
  /** Where the route is told of sanctions: the one that the principal is under. */
  sanctioned?: Reason;
  /** Personal: goes into sealed fields of records only. Empty where the route keeps no identity. */
  seen: { ip?: string; user_agent?: string };
  /** The route's pattern, for metrics: never the raw path. */
  route: string;
  /** The scope that guards the route, null when public or unmatched. */
  scope: string | null;
  /** Where the metadata of the resource stands that the route is; empty for most. */
  resource: { readonly metadata?: string };
  /** Headers for the page of another origin, where it may read the answer. */
  shared: Readonly<Record<string, string>>;
  /** The answer that was written with every header, and how long its body is; another may be sent in its place. */
  whole?: { readonly answer: Response; readonly bytes: number };
  /** It is a WebSocket from here on: 101, which a response of the Fetch standard cannot say. */
  upgraded?: true;
  /** How the request ended, where the status alone does not say it. */
  governed: boolean;
  /** Governance context for the request's log line: actor (pseudonym), drag_mode, workflow_name, outcome. */
  context: Readonly<Record<string, string | number>>;
}

export type Env = { Variables: Variables };

/**
 * A request as what answers it has it. Headers and the status are given with the answer, in one place: JSON is written with all that it has
 * (`json.ts`), so that what was set before by `header`, `status` or on `res` would be lost without a word.
 */
export interface Ctx extends Omit<Context<Env>, 'header' | 'status' | 'res' | 'json'> {
  /** @param headers names in small letters */
  json(value: unknown, status?: ContentfulStatusCode, headers?: Readonly<Record<string, string>>): Response;
}

export interface RouteSpec {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Hono pattern, `/executions/:id`. */
  readonly path: string;
  /** Nothing is kept of who calls: no trace of theirs, no span, no address, no agent. Only where there is no scope. */
  readonly anonymous?: true;
  /** The one scope that guards the route; null for a public route. */
  readonly scope: string | null;
  /** Lets in who does not hold the scope, where what is asked for is the caller's own. */
  readonly own?: (c: Ctx, caller: Principal) => Promise<boolean>;
  /** For a route that is an OAuth resource of its own: the path of its metadata. */
  readonly resource?: string;
  readonly summary: string;
  readonly tag: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /**
   * Where the caller's standing is read. By default the door reads it and lets nobody in who was revoked, nor
   * anybody while it cannot be read; where the request changes something it counts it against the rate limits as
   * well. `weighed`: the handler weighs, and reads and counts then. `read`: it changes nothing, though it is no GET.
   * `if-readable`: what an operator must see while the store is away.
   */
  readonly standing?: 'weighed' | 'read' | 'if-readable';
  /** Gives a caller's `X-Request-ID` back on every answer, refusals included (AuthZEN §10.1.4). */
  readonly echoesRequestId?: true;
  /**
   * What whoever is under a sanction may do here. By default they may read and no more, and those who are banned
   * nothing. `may`: they may, as if they were not. `told`: the handler counts the attempt and refuses.
   */
  readonly sanctioned?: 'may' | 'told';
  /** Media types of its answers, where they are not JSON. */
  readonly produces?: readonly string[];
  /** Status → what it means; the answer's schema where there is one. */
  readonly responses?: Readonly<Record<number, { description: string; schema?: z.ZodType }>>;
}

export type Handler = (c: Ctx) => Promise<Response> | Response;
export type Mount = (spec: RouteSpec, handler: Handler) => void;
export type RouteFamily = (mount: Mount) => void;
