/**
 * The door: who is asking, and may they use this route at all. Everything behind it can rely on
 * `c.get('principal')`. Refusals are recorded, a flood of them as counts per second and reason (`flood.ts`).
 */
import type { Exceeded } from '../src/charter/limits.ts';
import { sanctionReason, sanctionsOf } from '../src/decision/standing.ts';
import { ChanceryError, type Reason } from '../src/errors.ts';
import type { Authenticator } from '../src/identity/authenticator.ts';
import type { Flood, Refused } from '../src/identity/flood.ts';
import type { Issuers } from '../src/identity/issuers.ts';
import { toPrincipal } from '../src/identity/principal.ts';
import type { Refusal } from '../src/identity/reasons.ts';
import { covers } from '../src/identity/scopes.ts';
import type { Sessions } from '../src/identity/sessions.ts';
import type { Lookout } from '../src/identity/suspicion.ts';
import type { JsonObject } from '../src/json.ts';
import type { AuthData, RateLimitData } from '../src/ledger/payloads.ts';
import { type Ledger, metaOf } from '../src/ledger/record.ts';
import type { Clock, Item, Meter } from '../src/ports.ts';
import type { Principal, PrincipalId } from '../src/terms.ts';
import type { Ctx, RouteSpec } from './routes.ts';

export interface DoorDeps {
  readonly issuers: Issuers;
  readonly authenticator: Authenticator;
  /** Role → scopes under the charter in force. */
  readonly scopesOfRoles: (roles: readonly string[]) => readonly string[];
  readonly ledger: Ledger;
  /** Counts refused tokens, and refusals that are too many for a record each, until the next flush. */
  readonly refusals: Pick<Flood, 'note' | 'single'>;
  /** Sees patterns in who knocks. */
  readonly lookout: Pick<Lookout, 'refused' | 'scopeDenied' | 'seen'>;
  /** Told of every principal that came in, for the count of active sessions. */
  readonly sessions: Pick<Sessions, 'seen'>;
  /** What is kept of a principal's sanctions; undefined when nothing is. */
  readonly standing: (who: PrincipalId) => Promise<Item | undefined>;
  /** The same, with this request counted behind its scope, and the limits that it is over. */
  readonly count: (principal: Principal, scope: string) => Promise<Standing>;
  readonly clock: Clock;
  readonly meter: Meter;
}

interface Standing {
  readonly item: Item | undefined;
  readonly exceeded: readonly Exceeded[];
}

type AdmittedRoute = RouteSpec & { readonly scope: string };

export interface Door {
  /** Throws AUTH_REQUIRED, INVALID_TOKEN, SANCTIONED, INSUFFICIENT_SCOPE, RATE_LIMITED, or STORE_UNAVAILABLE. */
  admit(c: Ctx, route: AdmittedRoute): Promise<Principal>;
  /**
   * Whether a token that came in would still come in to a route that reads: for what outlasts its request. Throws
   * STORE_UNAVAILABLE while nobody can say.
   */
  stillAdmits(authorization: string, scope: string): Promise<Lapsed | undefined>;
}

/** Why it would not, in words: `token`, it is no good any more; `standing`, who holds it is. */
export type Lapsed = { readonly of: 'token' | 'standing'; readonly why: string };

export function openDoor(deps: DoorDeps): Door {
  const { meter } = deps;

  function refuse(
    { code, reason, message, retry_after_seconds }: Refusal,
    route: string,
    address: string | undefined,
  ): never {
    deps.refusals.note(reason, route);
    // Whoever comes while keys cannot be had has guessed at nothing.
    if (code !== 'KEYS_UNAVAILABLE') deps.lookout.refused(address);
    meter.count('jwt_validations_total', { outcome: code === 'AUTH_REQUIRED' ? 'missing' : 'invalid' });
    meter.count('auth_attempts_total', { method: 'jwt', result: 'failure' });
    throw new ChanceryError(code, message, {
      reasons: [{ code: reason, path: 'header:Authorization', message, kind: 'invalid' }],
      ...(retry_after_seconds === undefined
        ? {}
        : { headers: { 'retry-after': String(retry_after_seconds) } }),
    });
  }

  async function identify(c: Ctx, route: string): Promise<Principal> {
    const token = await deps.authenticator.authenticate(c.req.header('authorization'));
    if (!token.ok) return refuse(token, route, c.get('seen').ip);
    const principal = toPrincipal(token.claims, deps.scopesOfRoles, deps.clock(), deps.issuers.realmOf);
    if (!principal.ok) return refuse(principal, route, c.get('seen').ip);
    meter.count('cache_hits_total', { cache: 'jwks' });
    meter.count('jwt_validations_total', { outcome: 'valid' });
    meter.count('auth_attempts_total', { method: 'jwt', result: 'success' });
    return principal.principal;
  }

  async function record(
    c: Ctx,
    refused: Refused & { readonly who: Principal },
    personal?: JsonObject,
  ): Promise<void> {
    if (!deps.refusals.single(refused)) return;
    const [trace, request_id, principal] = [c.get('trace'), c.get('requestId'), refused.who];
    const meta = metaOf({ principal, request_id });
    await deps.ledger.append({ ...refused, trace, meta, ...(personal ? { personal } : {}) });
  }

  async function denyScope(c: Ctx, principal: Principal, route: AdmittedRoute): Promise<never> {
    deps.lookout.scopeDenied(principal, route.scope);
    const data: AuthData = {
      reason: 'scope',
      method: 'jwt',
      status: 403,
      route: route.path,
      scope: route.scope,
      count: 1,
    };
    const personal = { sub: principal.sub, ...c.get('seen') };
    await record(c, { type: 'auth.scope_denied', who: principal, data }, personal);
    throw new ChanceryError('INSUFFICIENT_SCOPE', `This route needs the scope ${route.scope}.`, {
      reasons: [
        {
          code: 'insufficient_scope',
          path: 'token:scope',
          message: `the token does not cover ${route.scope}; ask for that scope or a role that holds it`,
          kind: 'not_permitted',
        },
      ],
    });
  }

  /**
   * The caller's standing, counted where the request changes something. Undefined where the handler weighs, or
   * where the door may do without what it cannot read.
   */
  async function standingOf(
    c: Ctx,
    principal: Principal,
    route: AdmittedRoute,
  ): Promise<Standing | undefined> {
    // An answer that is kept under a key is given again without being weighed.
    const replayable = c.req.header('idempotency-key') !== undefined;
    if (route.standing === 'weighed' && !replayable) return undefined;
    const changes = route.method !== 'get' && route.standing !== 'weighed' && route.standing !== 'read';
    try {
      if (changes) return await deps.count(principal, route.scope);
      return { item: await deps.standing(principal), exceeded: [] };
    } catch (error) {
      if (route.standing === 'if-readable') return undefined;
      throw error;
    }
  }

  function isRevoked({ item }: Standing): boolean {
    if (item === undefined) return false;
    const sanctions = sanctionsOf(item, deps.clock());
    return !sanctions.readable || sanctions.active.some(({ kind }) => kind === 'revocation');
  }

  /** What the principal is under that keeps it from this route. */
  function heldBack(c: Ctx, standing: Standing | undefined, route: AdmittedRoute): readonly Reason[] {
    const sanctions = sanctionsOf(standing?.item ?? NO_STANDING, deps.clock());
    if (!sanctions.readable || route.sanctioned === 'may') return [];
    const reasons = sanctions.active.map(sanctionReason);
    if (route.sanctioned === 'told') {
      const [first] = reasons;
      if (first !== undefined) c.set('sanctioned', first);
      return [];
    }
    const reads = route.method === 'get' || route.standing === 'read';
    return reads && !sanctions.active.some(({ kind }) => kind === 'ban') ? [] : reasons;
  }

  async function slowDown(
    c: Ctx,
    principal: Principal,
    { scope }: AdmittedRoute,
    { rule, reason, limit, window_seconds, retry_after_seconds }: Exceeded,
  ): Promise<never> {
    const data: RateLimitData = { reason: rule, scope, limit, window_seconds };
    await record(c, { type: 'rate_limit.hit', who: principal, data });
    throw new ChanceryError('RATE_LIMITED', reason.message, {
      reasons: [reason],
      headers: { 'retry-after': String(retry_after_seconds) },
    });
  }

  /** The record names nobody but by the pseudonym: a personal field would make a new key for who was erased. */
  async function turnAway(
    c: Ctx,
    principal: Principal,
    { path, scope }: AdmittedRoute,
    reason: 'revoked' | 'sanctioned',
    reasons: readonly Reason[],
  ): Promise<never> {
    const data: AuthData = { reason, method: 'jwt', status: 403, route: path, scope, count: 1 };
    await record(c, { type: 'auth.scope_denied', who: principal, data });
    throw new ChanceryError('SANCTIONED', reasons[0]?.message ?? 'the principal is under a sanction', {
      reasons,
    });
  }

  return {
    async admit(c, route) {
      const principal = await identify(c, route.path);
      const standing = await standingOf(c, principal, route);
      if (standing !== undefined && isRevoked(standing))
        return turnAway(c, principal, route, 'revoked', [REVOKED]);
      if (principal.session !== undefined) {
        const session = { issuer: principal.issuer, id: principal.session };
        deps.sessions.seen(session, deps.clock());
        deps.lookout.seen(session, c.get('seen').ip);
      }
      const covered = covers(principal.scopes, route.scope) || (await route.own?.(c, principal)) === true;
      meter.count('scope_checks_total', { scope: route.scope, decision: covered ? 'granted' : 'denied' });
      if (!covered) return denyScope(c, principal, route);
      const held = heldBack(c, standing, route);
      if (held.length > 0) return turnAway(c, principal, route, 'sanctioned', held);
      const [exceeded] = standing?.exceeded ?? [];
      if (exceeded !== undefined) return slowDown(c, principal, route, exceeded);
      return principal;
    },

    async stillAdmits(authorization, scope) {
      const token = await deps.authenticator.authenticate(authorization);
      // It verified before; that its keys cannot be had now says nothing against it.
      if (!token.ok && token.code === 'KEYS_UNAVAILABLE') return undefined;
      if (!token.ok) return { of: 'token', why: token.message };
      const found = toPrincipal(token.claims, deps.scopesOfRoles, deps.clock(), deps.issuers.realmOf);
      if (!found.ok) return { of: 'token', why: found.message };
      const { principal } = found;
      if (!covers(principal.scopes, scope))
        return { of: 'standing', why: `the token does not cover ${scope} any more` };
      const sanctions = sanctionsOf((await deps.standing(principal)) ?? NO_STANDING, deps.clock());
      if (!sanctions.readable) return undefined;
      const [against] = sanctions.active.filter(({ kind }) => kind === 'revocation' || kind === 'ban');
      return against && { of: 'standing', why: `the principal is under ${against.kind}` };
    },
  };
}

const NO_STANDING: Item = { pk: '', sk: '' };

const REVOKED: Reason = {
  code: 'sanction_revocation',
  path: 'token:sub',
  message: 'the access of this principal was revoked',
  kind: 'forbidden',
};
