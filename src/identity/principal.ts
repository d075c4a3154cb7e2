/**
 * From verified claims to the principal. Pure: the same claims, charter and time give the
 * same principal, and nothing but the token has a say in it.
 */
import { ACTOR_TYPES, type ActorType, type Principal } from '../terms.ts';
import type { Claims } from './claims.ts';
import { isRecord } from './header.ts';
import { type Issuers, isSub } from './issuers.ts';
import { type Refusal, refuse } from './reasons.ts';

/** A second factor counts for this long. */
export const MFA_FRESH_MS = 15 * 60_000;
/** How far ahead an issuer's clock may run. */
const LEEWAY_MS = 60_000;
const MAX_ACT_DEPTH = 2;

export type Identified = { readonly ok: true; readonly principal: Principal } | Refusal;

/**
 * @param scopesOfRoles what the active charter gives to roles
 * @param now milliseconds since the epoch
 * @param realmOf how a charter tells the issuer's people from the home issuer's; by default they are the home issuer's
 */
export function toPrincipal(
  claims: Claims,
  scopesOfRoles: (roles: readonly string[]) => readonly string[],
  now: number,
  realmOf: Issuers['realmOf'] = () => undefined,
): Identified {
  const act = actChain(claims, realmOf);
  if (!Array.isArray(act)) return act;
  const kind = kindOf(claims, act);
  const { roles, session } = claims;
  const realm = realmOf(claims.iss);
  const scopes = new Set([...claims.scopes, ...scopesOfRoles(roles)]);
  return {
    ok: true,
    principal: {
      sub: claims.sub,
      issuer: claims.iss,
      ...(realm === undefined ? {} : { realm }),
      kind,
      person: claims.person,
      actor_type: actorType(claims.actor_type, kind),
      ...(claims.name === undefined ? {} : { name: claims.name }),
      ...(claims.email === undefined ? {} : { email: claims.email }),
      roles,
      scopes: [...scopes],
      act,
      fresh_mfa: hasSecondFactor(claims.amr ?? []) && isFresh(claims.auth_time, now),
      ...(session === undefined ? {} : { session }),
      expires_at: claims.exp * 1000,
    },
  };
}

/**
 * RFC 8693 §4.1, nearest actor first. Walks one level further than is allowed and no deeper. An actor of another issuer
 * than the token's goes by both names, so that it has nothing of a namesake's.
 */
function actChain({ act, iss }: Claims, realmOf: Issuers['realmOf']): string[] | Refusal {
  const chain: string[] = [];
  let actor = act;
  while (actor !== undefined) {
    if (chain.length === MAX_ACT_DEPTH) return refuse('act_depth');
    if (!isRecord(actor) || typeof actor.sub !== 'string' || !isSub(actor.sub))
      return refuse('claims', 'act');
    const { sub, iss: of = iss } = actor;
    if (typeof of !== 'string' || !isSub(of)) return refuse('claims', 'act');
    chain.push(of === iss ? sub : `${realmOf(of) ?? of} ${sub}`);
    actor = actor.act;
  }
  return chain;
}

/** Who acts. Any actor in the chain means: not a human, whatever the token calls its subject. */
function kindOf(claims: Claims, act: readonly string[]): Principal['kind'] {
  if (act.length > 0) return claims.kind === 'service' ? 'service' : 'agent';
  return claims.kind ?? (claims.person ? 'human' : 'service');
}

/** A finer type is taken from the token, but never one that makes a person of something that is none. */
function actorType(claimed: string | undefined, kind: Principal['kind']): ActorType {
  const type = ACTOR_TYPES.find((known) => known === claimed);
  if (type !== undefined && (kind === 'human' || type !== 'human_user')) return type;
  return kind === 'human' ? 'human_user' : kind === 'agent' ? 'ai_agent' : 'system_service';
}

/** RFC 8176 values by the kind of factor that they prove. */
const FACTORS: Readonly<Record<string, 'knowledge' | 'possession' | 'inherence'>> = {
  pwd: 'knowledge',
  pin: 'knowledge',
  kba: 'knowledge',
  otp: 'possession',
  hwk: 'possession',
  swk: 'possession',
  sc: 'possession',
  sms: 'possession',
  tel: 'possession',
  face: 'inherence',
  fpt: 'inherence',
  iris: 'inherence',
  retina: 'inherence',
  vbm: 'inherence',
};

/** `mfa`, or methods of two different kinds: two passwords are one factor. */
function hasSecondFactor(amr: readonly string[]): boolean {
  if (amr.includes('mfa')) return true;
  const kinds = new Set(
    amr.filter((method) => Object.hasOwn(FACTORS, method)).map((method) => FACTORS[method]),
  );
  return kinds.size >= 2;
}

function isFresh(authTime: number | undefined, now: number): boolean {
  if (authTime === undefined) return false;
  const age = now - authTime * 1000;
  return age <= MFA_FRESH_MS && age >= -LEEWAY_MS;
}
