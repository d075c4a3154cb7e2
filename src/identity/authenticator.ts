/**
 * From an Authorization header to verified claims.
 *
 * aws-jwt-verify checks signature, issuer and audience. It reads the time from the system and takes a token
 * without `exp`, so its time checks are switched off (infinite grace) and done here, by the clock passed in.
 */
import { hash } from 'node:crypto';
import {
  JwksNotAvailableInCacheError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureAlgorithmError,
  JwtParseError,
  KidNotFoundInJwksError,
  ParameterValidationError,
} from 'aws-jwt-verify/error';
import type { Jwks } from 'aws-jwt-verify/jwk';
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import { Cache } from '../basics/cache.ts';
import type { Clock, Meter } from '../ports.ts';
import type { AuthReason } from '../terms.ts';
import { type Claims, parseClaims } from './claims.ts';
import { unfitForDeployment } from './development.ts';
import { bearerToken, decodeObject, refusedByHeader } from './header.ts';
import { type FetchJwks, KEY_SETTINGS, KeyRings } from './keys.ts';
import { type Refusal, refuse } from './reasons.ts';
import type { IdentitySettings } from './settings.ts';

export type Authentication = { readonly ok: true; readonly claims: Claims } | Refusal;

export interface Authenticator {
  /** Never throws: what is not a good token is a refusal with its reason. */
  authenticate(authorization: string | undefined): Promise<Authentication>;
  /** For the health check: the age of each issuer's keys in milliseconds, undefined before the first fetch. */
  keyAges(): readonly { readonly issuer: string; readonly age_ms: number | undefined }[];
  /** Fetches the keys of all issuers, so that the first request does not wait for them. */
  warm(): Promise<void>;
}

type Verified = { readonly payload: JwtPayload } | { readonly reason: AuthReason };

/** Throws when the settings name no issuer, one twice, or one that a deployed stack must not trust. */
export function createAuthenticator(
  settings: IdentitySettings,
  deps: { readonly fetchJwks: FetchJwks; readonly clock: Clock; readonly meter?: Meter },
): Authenticator {
  const unfit = settings.deployed === true ? unfitForDeployment(settings.issuers) : undefined;
  if (unfit !== undefined) throw new Error(unfit);
  const issuers = new Map(settings.issuers.map((issuer) => [issuer.issuer, issuer]));
  const leeway = settings.leewaySeconds ?? 60;
  const rules = { requireAccessTokenType: settings.requireAccessTokenType ?? false };
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

  const verifier = JwtVerifier.create(
    settings.issuers.map(({ issuer, audience, jwksUri }) => ({
      issuer,
      audience: [...audience],
      jwksUri,
      graceSeconds: Number.POSITIVE_INFINITY,
    })),
  );
  const keySets = new Cache<Jwks>({
    name: 'jwks',
    most: settings.issuers.length,
    bytesOf: (issuer, keys) => issuer.length + JSON.stringify(keys).length,
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
      verifier.cacheJwks(keys, issuer);
      // A key may be gone: no token is trusted any longer for having been verified with the old set.
      remembered.clear();
    },
  );

  const verify = (token: string): Verified => {
    try {
      return { payload: verifier.verifySync(token) };
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  };

  const atTime = (claims: Claims): Authentication => {
    const now = deps.clock() / 1000;
    if (claims.exp + leeway <= now) return refuse('expired');
    if (claims.nbf !== undefined && claims.nbf - leeway > now) return refuse('not_before');
    return { ok: true, claims };
  };

  /**
   * The signature under the keys at hand, and once more under new ones if these were missing or dead. Keys that
   * age are renewed behind the request.
   */
  const verifyFresh = async (token: string): Promise<Verified> => {
    const verified = verify(token);
    const issuer = issuers.get(('payload' in verified ? verified.payload.iss : issuerOf(token)) ?? '');
    if (issuer === undefined) return { reason: 'issuer' };
    const state = rings.state(issuer.issuer);
    const unknownKey = 'reason' in verified && verified.reason === 'kid';
    if (state === 'fresh' && !unknownKey) return verified;
    const renewal = rings.refresh(issuer.issuer, issuer.jwksUri);
    if (state === 'aging' && !unknownKey) return verified;
    if (await renewal) return verify(token);
    return state === 'dead' ? { reason: 'keys_unavailable' } : verified;
  };

  const verifyAnew = async (token: string, digest: string): Promise<Authentication> => {
    const refused = refusedByHeader(token, rules);
    if (refused !== undefined) return refuse(refused);
    const verified = await verifyFresh(token);
    if ('reason' in verified) return refuse(verified.reason);
    const parsed = parseClaims(verified.payload);
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

/** What the token says, unverified: it selects whose keys are asked, and grants nothing. */
function issuerOf(token: string): string | undefined {
  const payload = decodeObject(token.split('.')[1] ?? '');
  return typeof payload?.iss === 'string' ? payload.iss : undefined;
}

function reasonOf(error: unknown): AuthReason {
  if (error instanceof KidNotFoundInJwksError || error instanceof JwksNotAvailableInCacheError) return 'kid';
  if (error instanceof JwtInvalidIssuerError || error instanceof ParameterValidationError) return 'issuer';
  if (error instanceof JwtInvalidAudienceError) return 'audience';
  if (error instanceof JwtParseError) return 'malformed';
  if (error instanceof JwtInvalidSignatureAlgorithmError) return 'alg';
  // JwtInvalidSignatureError, and whatever the crypto library throws over bytes that an attacker chose.
  return 'signature';
}
