/** The principal as the policies see it. */
import type { JsonObject } from '../json.ts';
import { ACTOR_TYPES, type ActorType, PRINCIPAL_KINDS, type Principal } from '../terms.ts';
import type { Charter } from './charter.ts';
import { actorsOf } from './declared.ts';

/** Everything that a schema may declare of a principal; the charter's own schema picks what it needs. */
export function subjectAttributes(charter: Charter, principal: Principal): JsonObject {
  const agent = charter.documents['gateway.yaml'].agents.find(({ id }) => id === actingAgent(principal));
  return {
    sub: calledIn(principal),
    roles: [...principal.roles],
    kind: principal.kind,
    actor_type: principal.actor_type,
    act_depth: principal.act.length,
    fresh_mfa: principal.fresh_mfa,
    scopes: [...principal.scopes],
    agent_type: agent?.type ?? 'none',
    trust: agent?.trust ?? 'untrusted',
    environment: agent?.environment ?? 'unknown',
    capabilities: agent === undefined ? [] : [...agent.capabilities],
  };
}

/** Who really acts: the nearest actor of the chain, else the subject. */
export function actingAgent(principal: Principal): string {
  return calledIn(principal, principal.act[0]);
}

/**
 * How a charter calls somebody: by `sub`, and people of another issuer than the home one with its name before, as in
 * `corp jake`. A `sub` has no blanks, so nobody can be named so as to be taken for somebody of another issuer.
 */
export function calledIn({ realm, sub }: Pick<Principal, 'realm' | 'sub'>, named = sub): string {
  return realm === undefined ? named : `${realm} ${named}`;
}

/** A person asks, or somebody asks for a person. Unknown means no. */
export function hasPerson(principal: Principal): boolean {
  return principal.person ?? (principal.kind === 'human' && principal.act.length === 0);
}

/**
 * The subject that an enforcement point asks about (AuthZEN): what it says of the subject, and nothing of the
 * caller's. What it does not say is the least that it could be.
 */
export function declaredPrincipal(
  { issuer, realm, sub }: Pick<Principal, 'issuer' | 'realm' | 'sub'>,
  properties: JsonObject,
  scopesOfRoles: (roles: readonly string[]) => readonly string[],
  expires_at: number,
): Principal {
  const act = actorsOf(properties.act) ?? [];
  const said = PRINCIPAL_KINDS.find((one) => one === properties.kind) ?? 'service';
  // Any actor in between means: not a human, though perhaps for one.
  const kind = act.length > 0 && said === 'human' ? 'agent' : said;
  const roles = [...new Set([...texts(properties.roles), ...texts([properties.role])])];
  return {
    sub,
    issuer,
    ...(realm === undefined ? {} : { realm }),
    kind,
    actor_type: typeOf(properties.actor_type, kind),
    ...(typeof properties.name === 'string' ? { name: properties.name } : {}),
    ...(typeof properties.email === 'string' ? { email: properties.email } : {}),
    roles,
    scopes: [...new Set([...texts(properties.scopes), ...scopesOfRoles(roles)])],
    act: act.slice(0, 3),
    person: said === 'human',
    fresh_mfa: properties.fresh_mfa === true,
    expires_at,
  };
}

/** A finer type is taken as said, but never one that makes a person of something that is none. */
function typeOf(said: unknown, kind: Principal['kind']): ActorType {
  const type = ACTOR_TYPES.find((known) => known === said);
  if (type !== undefined && (kind === 'human' || type !== 'human_user')) return type;
  return kind === 'human' ? 'human_user' : kind === 'agent' ? 'ai_agent' : 'system_service';
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}
