/**
 * The door: who is asking, and may they use this route at all. Everything behind it can rely on
 * `c.get('principal')`. Refusals are recorded: scope denials one by one, bad tokens as counts per second and
 * reason, since a flood of them must not become a flood of records.
 */
import { ChanceryError } from '../src/errors.ts';
import type { Authenticator } from '../src/identity/authenticator.ts';
import { toPrincipal } from '../src/identity/principal.ts';
import { covers } from '../src/identity/scopes.ts';
import type { Lookout } from '../src/identity/suspicion.ts';
import type { AuthData } from '../src/ledger/payloads.ts';
import type { Ledger } from '../src/ledger/record.ts';
import type { Clock, Item, Meter } from '../src/ports.ts';
import { sanctionsOf } from '../src/standing.ts';
import type { Principal } from '../src/terms.ts';
import type { Ctx, RouteSpec } from './routes.ts';

export interface DoorDeps {
  readonly authenticator: Authenticator;
  /** Role → scopes under the charter in force. */
  readonly scopesOfRoles: (roles: readonly string[]) => readonly string[];
  readonly ledger: Ledger;
  /** Counts refused tokens until the next flush. */
  readonly refusals: { note(reason: string, route: string): void };
  /** Sees patterns in who knocks. */
  readonly lookout: Pick<Lookout, 'refused' | 'scopeDenied' | 'seen'>;
  /** Told of every principal that came in, for the count of active sessions. */
  readonly sessions: { seen(session: string, at: number): void };
  /** What is kept of a principal's sanctions; undefined when nothing is. */
  readonly standing: (sub: string) => Promise<Item | undefined>;
  readonly clock: Clock;
  readonly meter: Meter;
}

type AdmittedRoute = RouteSpec & { readonly scope: string };

export interface Door {
  /** Throws AUTH_REQUIRED, INVALID_TOKEN, SANCTIONED, INSUFFICIENT_SCOPE, or STORE_UNAVAILABLE. */
  admit(c: Ctx, route: AdmittedRoute): Promise<Principal>;
}

export function openDoor(deps: DoorDeps): Door {
  const { meter } = deps;

  function refuse(
    code: 'AUTH_REQUIRED' | 'INVALID_TOKEN',
    reason: string,
    message: string,
    route: string,
    address: string | undefined,
  ): never {
    deps.refusals.note(reason, route);
    deps.lookout.refused(address);
    meter.count('jwt_validations_total', { outcome: code === 'AUTH_REQUIRED' ? 'missing' : 'invalid' });
    meter.count('auth_attempts_total', { method: 'jwt', result: 'failure' });
    throw new ChanceryError(code, message, {
      reasons: [{ code: reason, path: 'header:Authorization', message, kind: 'invalid' }],
    });
  }

  async function identify(c: Ctx, route: string): Promise<Principal> {
    const token = await deps.authenticator.authenticate(c.req.header('authorization'));
    if (!token.ok) return refuse(token.code, token.reason, token.message, route, c.get('seen').ip);
    const principal = toPrincipal(token.claims, deps.scopesOfRoles, deps.clock());
    if (!principal.ok)
      return refuse('INVALID_TOKEN', principal.reason, principal.message, route, c.get('seen').ip);
    meter.count('cache_hits_total', { cache: 'jwks' });
    meter.count('jwt_validations_total', { outcome: 'valid' });
    meter.count('auth_attempts_total', { method: 'jwt', result: 'success' });
    return principal.principal;
  }

  async function denyScope(c: Ctx, principal: Principal, route: AdmittedRoute): Promise<never> {
    deps.lookout.scopeDenied(principal.sub, route.scope);
    const data: AuthData = {
      reason: 'scope',
      method: 'jwt',
      status: 403,
      route: route.path,
      scope: route.scope,
      count: 1,
    };
    await deps.ledger.append({
      type: 'auth.scope_denied',
      trace: c.get('trace'),
      sub: principal.sub,
      meta: {
        request_id: c.get('requestId'),
        ...(principal.session ? { session_id: principal.session } : {}),
      },
      data,
      personal: { sub: principal.sub, ...c.get('seen') },
    });
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

  async function isRevoked(c: Ctx, { sub }: Principal, { standing }: RouteSpec): Promise<boolean> {
    // An answer that is kept under a key is given again without being weighed.
    if (standing === 'weighed' && c.req.header('idempotency-key') === undefined) return false;
    try {
      const item = await deps.standing(sub);
      if (item === undefined) return false;
      const sanctions = sanctionsOf(item, deps.clock());
      return !sanctions.readable || sanctions.active.some(({ kind }) => kind === 'revocation');
    } catch (error) {
      if (standing === 'if-readable') return false;
      throw error;
    }
  }

  /** The record names nobody but by the pseudonym: a personal field would make a new key for who was erased. */
  async function turnAway(c: Ctx, { sub }: Principal, { path, scope }: AdmittedRoute): Promise<never> {
    const data: AuthData = { reason: 'revoked', method: 'jwt', status: 403, route: path, scope, count: 1 };
    await deps.ledger.append({
      type: 'auth.scope_denied',
      trace: c.get('trace'),
      sub,
      meta: { request_id: c.get('requestId') },
      data,
    });
    const message = 'the access of this principal was revoked';
    throw new ChanceryError('SANCTIONED', message, {
      reasons: [{ code: 'sanction_revocation', path: 'token:sub', message, kind: 'forbidden' }],
    });
  }

  return {
    async admit(c, route) {
      const principal = await identify(c, route.path);
      if (await isRevoked(c, principal, route)) return turnAway(c, principal, route);
      if (principal.session !== undefined) {
        deps.sessions.seen(principal.session, deps.clock());
        deps.lookout.seen(principal.session, c.get('seen').ip);
      }
      const covered = covers(principal.scopes, route.scope);
      meter.count('scope_checks_total', { scope: route.scope, decision: covered ? 'granted' : 'denied' });
      if (!covered) return denyScope(c, principal, route);
      return principal;
    },
  };
}
