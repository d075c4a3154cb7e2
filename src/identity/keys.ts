/**
 * The public keys of the trusted issuers: fetched when first needed, again when a token names a key that is
 * not among them, and when they have grown old, but never more often than once per `cooldown` and issuer.
 * A flood of tokens with invented key ids therefore costs the issuer one request per cooldown.
 */
import { createPublicKey } from 'node:crypto';
import type { Jwk, Jwks } from 'aws-jwt-verify/jwk';
import type { Clock } from '../ports.ts';
import { isRecord } from './header.ts';

/** Fetches the JSON behind a JWKS address. Throws when it cannot. */
export type FetchJwks = (uri: string) => Promise<unknown>;

export interface KeySettings {
  /** Milliseconds between two fetches for one issuer, whatever tokens ask for. */
  readonly cooldown: number;
  /** Milliseconds after which keys in use are fetched again, in the background. */
  readonly maxAge: number;
  /** Milliseconds after which keys that could not be fetched again are no longer trusted. */
  readonly maxStale: number;
}

export const KEY_SETTINGS: KeySettings = { cooldown: 10_000, maxAge: 600_000, maxStale: 6 * 3_600_000 };

export type KeyState = 'fresh' | 'aging' | 'dead';

interface Ring {
  fetchedAt: number | undefined;
  attemptedAt: number | undefined;
  /** One fetch at a time: who comes meanwhile waits for the same. */
  inFlight: Promise<boolean> | undefined;
  /** The last attempt brought nothing. */
  failed: boolean;
}

type Accept = (issuer: string, keys: Jwks, afterFailure: boolean) => void;

/** When keys were fetched and when they may be fetched again. `accept` gets each new set. */
export class KeyRings {
  readonly #rings = new Map<string, Ring>();
  readonly #fetch: FetchJwks;
  readonly #clock: Clock;
  readonly #settings: KeySettings;
  readonly #accept: Accept;

  constructor(fetch: FetchJwks, clock: Clock, settings: KeySettings, accept: Accept) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#settings = settings;
    this.#accept = accept;
  }

  state(issuer: string): KeyState {
    const fetchedAt = this.#rings.get(issuer)?.fetchedAt;
    if (fetchedAt === undefined) return 'dead';
    const age = this.#clock() - fetchedAt;
    if (age >= this.#settings.maxStale) return 'dead';
    return age >= this.#settings.maxAge ? 'aging' : 'fresh';
  }

  /** Milliseconds since the keys of an issuer were last fetched; undefined before the first time. */
  age(issuer: string): number | undefined {
    const fetchedAt = this.#rings.get(issuer)?.fetchedAt;
    return fetchedAt === undefined ? undefined : this.#clock() - fetchedAt;
  }

  /** True when a new set was accepted; false when it is too soon to ask, or the issuer did not answer well. */
  refresh(issuer: string, uri: string): Promise<boolean> {
    const ring = this.#ring(issuer);
    if (ring.inFlight !== undefined) return ring.inFlight;
    const now = this.#clock();
    if (ring.attemptedAt !== undefined && now - ring.attemptedAt < this.#settings.cooldown) {
      return Promise.resolve(false);
    }
    ring.attemptedAt = now;
    ring.inFlight = this.#load(issuer, uri, ring).finally(() => {
      ring.inFlight = undefined;
    });
    return ring.inFlight;
  }

  async #load(issuer: string, uri: string, ring: Ring): Promise<boolean> {
    const keys = await this.#fetched(uri);
    if (keys.length === 0) {
      ring.failed = true;
      return false;
    }
    ring.fetchedAt = this.#clock();
    this.#accept(issuer, { keys }, ring.failed);
    ring.failed = false;
    return true;
  }

  async #fetched(uri: string): Promise<Jwk[]> {
    try {
      return usableKeys(await this.#fetch(uri));
    } catch {
      // The state says it: `age` grows, and without keys every token is refused as keys_unavailable.
      return [];
    }
  }

  #ring(issuer: string): Ring {
    const existing = this.#rings.get(issuer);
    if (existing !== undefined) return existing;
    const ring: Ring = {
      fetchedAt: undefined,
      attemptedAt: undefined,
      inFlight: undefined,
      failed: false,
    };
    this.#rings.set(issuer, ring);
    return ring;
  }
}

const MAX_KEYS = 64;

/**
 * The keys of a JWKS that can verify one of our algorithms, each pinned to that algorithm, so that a token
 * cannot have an RSA key used as something else. Symmetric and private keys, short RSA keys, keys for
 * encryption and keys without an id are left out.
 */
export function usableKeys(answer: unknown): Jwk[] {
  if (!isRecord(answer) || !Array.isArray(answer.keys)) return [];
  const keys: Jwk[] = [];
  for (const key of answer.keys.slice(0, MAX_KEYS)) {
    const usable = isRecord(key) ? pinned(key) : undefined;
    if (usable !== undefined) keys.push(usable);
  }
  return keys;
}

function pinned(key: Record<string, unknown>): Jwk | undefined {
  const { kid, kty, use, alg, crv, n, e, x, y } = key;
  if (typeof kid !== 'string' || kid === '' || 'd' in key || 'k' in key) return undefined;
  if (use !== undefined && use !== 'sig') return undefined;
  const pin = (algorithm: string, members: Record<string, unknown>): Jwk | undefined => {
    if (alg !== undefined && alg !== algorithm) return undefined;
    const texts: Record<string, string> = {};
    for (const [name, value] of Object.entries(members)) {
      if (typeof value !== 'string') return undefined;
      texts[name] = value;
    }
    const jwk = { ...texts, kty: String(kty), kid, alg: algorithm };
    return isSound(jwk) ? jwk : undefined;
  };
  if (kty === 'RSA') return pin('RS256', { n, e });
  if (kty === 'EC' && crv === 'P-256') return pin('ES256', { crv, x, y });
  if (kty === 'OKP' && crv === 'Ed25519') return pin('EdDSA', { crv, x });
  return undefined;
}

/** A point that is not on its curve or a modulus under 2048 bits would only fail later, or not at all. */
function isSound(jwk: Record<string, string>): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key: jwk, format: 'jwk' });
    return asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  } catch {
    // Not a key at all: left out like the others that cannot be used.
    return false;
  }
}
