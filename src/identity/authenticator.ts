/**
 * From an Authorization header to verified claims. The order: what the header says of itself, whose
 * token it is, its signature, whom it is meant for, its claims, its times. Nothing in a token is believed before its
 * signature verified, but for whose keys are asked.
 */
import { hash } from 'node:crypto';
import { Cache } from '../basics/cache.ts';
import type { Clock, Meter } from '../ports.ts';
import { audienceOf, type Claims, parseClaims } from './claims.ts';
import { unfitForDeployment } from './development.ts';
import { acceptsType, bearerToken, type TokenParts, takeApart } from './header.ts';
import { knownIssuers } from './issuers.ts';
import { type FetchJwks, KEY_SETTINGS, KeyRings } from './keys.ts';
import { PRESETS } from './mapping.ts';
import { keysUnavailable, type Refusal, refuse } from './reasons.ts';
import type { IdentitySettings, IssuerSettings } from './settings.ts';
import { type Checked, checkSignature, type PublicKey } from './signature.ts';

export type Authentication = { readonly ok: true; readonly claims: Claims } | Refusal;

export interface Authenticator {
  /** Never throws: what is not a good token is a refusal with its reason. */
  authenticate(authorization: string | undefined): Promise<Authentication>;
  /** For the health check: the age of each issuer's keys in milliseconds, undefined before the first fetch. */
  keyAges(): readonly { readonly issuer: string; readonly age_ms: number | undefined }[];
  /** Fetches the keys of all issuers, so that the first request does not wait for them. */
  warm(): Promise<void>;
}

/** Throws when the settings name one issuer twice, or one that a deployed stack must not trust. */
export function createAuthenticator(
  settings: IdentitySettings,
  deps: { readonly fetchJwks: FetchJwks; readonly clock: Clock; readonly meter?: Meter },
): Authenticator {
  if (settings.issuers.length === 0) throw new Error('no issuer is trusted: nobody could be let in');
  knownIssuers(settings.issuers);
  const unfit = settings.deployed === true ? unfitForDeployment(settings.issuers) : undefined;
  if (unfit !== undefined) throw new Error(unfit);
  const issuers = new Map(settings.issuers.map((issuer) => [issuer.issuer, issuer]));
  const leeway = settings.leewaySeconds ?? 60;
  /**
   * Tokens whose signature verified under the keys now in force. Expiry is still judged on every request, and the whole
   * set is dropped when keys change, so remembering widens nothing.
   */
  const remembered = new Cache<Claims>({
    name: 'tokens',
    most: settings.rememberTokens ?? 4096,
    bytesOf: (digest, claims) => digest.length + JSON.stringify(claims).length,
    clock: deps.clock,
    meter: deps.meter,
  });
  const looked = (found: 'cache_hits_total' | 'cache_misses_total') =>
    deps.meter?.count(found, { cache: 'tokens' });

  const keySets = new Cache<readonly PublicKey[]>({
    name: 'jwks',
    most: settings.issuers.length,
    bytesOf: (issuer, keys) => issuer.length + keys.length * KEY_BYTES,
    clock: deps.clock,
    meter: deps.meter,
  });
  const rings = new KeyRings(
    (uri) => {
      deps.meter?.count('cache_misses_total', { cache: 'jwks' });
      return deps.fetchJwks(uri);
    },
    deps.clock,
    { ...KEY_SETTINGS, ...settings.keys },
    (issuer, keys, afterFailure) => {
      if (afterFailure) deps.meter?.count('error_recoveries_total', { component: 'identity' });
      keySets.invalidate(issuer);
      keySets.set(issuer, keys);
      // A key may be gone: no token is trusted any longer for having been verified with the old set.
      remembered.clear();
    },
  );

  const atTime = (claims: Claims): Authentication => {
    const now = deps.clock() / 1000;
    if (claims.exp + leeway <= now) return refuse('expired');
    if (claims.nbf !== undefined && claims.nbf - leeway > now) return refuse('not_before');
    return { ok: true, claims };
  };

  /**
   * The signature under the keys at hand, and once more under new ones where these are missing, dead, or not the ones
   * that it was made with: a key may have been added, or replaced under its id, also by one of another kind. Keys that age are renewed behind the
   * request.
   */
  const verify = async (
    token: TokenParts,
    { issuer, jwksUri }: IssuerSettings,
  ): Promise<Checked | 'away'> => {
    const check = () => checkSignature(keySets.get(issuer) ?? [], token, token.input, token.signature);
    const checked = check();
    const state = rings.state(issuer);
    const doubtful = checked !== 'good';
    if (state === 'fresh' && !doubtful) return checked;
    const renewal = rings.refresh(issuer, jwksUri);
    if (state === 'aging' && !doubtful) return checked;
    if (await renewal) return check();
    if (state === 'dead') return 'away';
    return checked === 'kid' && rings.isAway(issuer) ? 'away' : checked;
  };

  const verifyAnew = async (text: string, digest: string): Promise<Authentication> => {
    const token = takeApart(text);
    if ('reason' in token) return refuse(token.reason);
    const { payload } = token;
    const issuer = typeof payload.iss === 'string' ? issuers.get(payload.iss) : undefined;
    if (issuer === undefined) return refuse('issuer');
    const mapping = issuer.claims ?? PRESETS.plain;
    const requireAccessTokenType =
      settings.requireAccessTokenType === true || mapping.requireAccessTokenType === true;
    if (!acceptsType(token.typ, { requireAccessTokenType })) return refuse('typ');
    const checked = await verify(token, issuer);
    if (checked === 'away') return keysUnavailable(rings.waits(issuer.issuer));
    if (checked !== 'good') return refuse(checked);
    const meant = audienceOf(payload, mapping);
    if ('claim' in meant) return refuse('claims', meant.claim);
    if (!issuer.audience.some((audience) => meant.includes(audience))) return refuse('audience');
    const parsed = parseClaims(payload, mapping);
    if (!parsed.ok) return refuse('claims', parsed.claim);
    // A bad token is no miss: whoever sends a thousand of them would make the cache look broken.
    looked('cache_misses_total');
    remembered.set(digest, parsed.claims);
    return atTime(parsed.claims);
  };

  return {
    async authenticate(authorization) {
      const bearer = bearerToken(authorization);
      if ('reason' in bearer) return refuse(bearer.reason);
      // By digest, so that no usable token lies in memory for longer than its request.
      const digest = hash('sha256', bearer.token, 'base64url');
      const known = remembered.get(digest);
      if (known !== undefined && rings.state(known.iss) === 'fresh') {
        looked('cache_hits_total');
        return atTime(known);
      }
      return verifyAnew(bearer.token, digest);
    },
    keyAges: () => settings.issuers.map(({ issuer }) => ({ issuer, age_ms: rings.age(issuer) })),
    async warm() {
      await Promise.all(settings.issuers.map(({ issuer, jwksUri }) => rings.refresh(issuer, jwksUri)));
    },
  };
}

/** About what a public key takes in memory. */
const KEY_BYTES = 500;
