/**
 * The public keys of the trusted issuers: fetched when first needed, again when a token names a key that is
 * not among them or does not verify under the one it names, and when they have grown old, but never more often than once per `cooldown` and issuer.
 * A flood of tokens with invented key ids therefore costs the issuer one request per cooldown.
 */
import type { Clock } from '../ports.ts';
import { type PublicKey, usableKeys } from './signature.ts';

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

type Accept = (issuer: string, keys: readonly PublicKey[], afterFailure: boolean) => void;

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

  /** Whether the last attempt to fetch keys brought none: what is not among those at hand may still be there. */
  isAway(issuer: string): boolean {
    return this.#rings.get(issuer)?.failed ?? false;
  }

  /** Milliseconds until the keys of an issuer may be fetched again. */
  waits(issuer: string): number {
    const attemptedAt = this.#rings.get(issuer)?.attemptedAt;
    return attemptedAt === undefined ? 0 : Math.max(0, attemptedAt + this.#settings.cooldown - this.#clock());
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
    this.#accept(issuer, keys, ring.failed);
    ring.failed = false;
    return true;
  }

  async #fetched(uri: string): Promise<PublicKey[]> {
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
