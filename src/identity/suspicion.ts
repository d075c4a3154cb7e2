/**
 * Patterns in who knocks: somebody who tries tokens, a caller who tries doors, a session that is used from
 * many places. `Suspicions` is the rule, `createLookout` records it.
 */
import type { Ledger, NewRecord } from '../ledger/record.ts';
import type { Clock } from '../ports.ts';
import type { PrincipalId } from '../terms.ts';

/** How many different things within which time, by one key, make each pattern. */
export const PATTERNS = {
  /** Refused tokens from one address. */
  brute_force: { count: 30, window_ms: 60_000 },
  /** Different scopes that one subject was refused. */
  scope_probing: { count: 4, window_ms: 300_000 },
  /** Different addresses that one session came from. */
  session_sharing: { count: 4, window_ms: 300_000 },
} as const;

export type SuspicionPattern = keyof typeof PATTERNS;

export interface Suspicion {
  readonly pattern: SuspicionPattern;
  /** The address, subject or session. */
  readonly key: string;
  readonly count: number;
  readonly window_seconds: number;
}

/** Keys watched for each pattern; beyond it the one that was quiet longest is let go. */
const MAX_KEYS = 10_000;

interface Watch {
  since: number;
  readonly seen: Set<string>;
  told: boolean;
}

export class Suspicions {
  readonly #watches: Readonly<Record<SuspicionPattern, Map<string, Watch>>> = {
    brute_force: new Map(),
    scope_probing: new Map(),
    session_sharing: new Map(),
  };

  /**
   * Notes one thing that `key` did. Answers when it completes a pattern, once for each window.
   * @param thing what is counted once however often it comes
   */
  note(pattern: SuspicionPattern, key: string, thing: string, now: number): Suspicion | undefined {
    const { count, window_ms } = PATTERNS[pattern];
    const watches = this.#watches[pattern];
    const before = watches.get(key);
    const watch = before !== undefined && now - before.since < window_ms ? before : fresh(now);
    // To the end of the map: the first one in it is the one that was quiet longest.
    watches.delete(key);
    watches.set(key, watch);
    if (watches.size > MAX_KEYS) forgetFirst(watches);
    if (watch.told) return undefined;
    watch.seen.add(thing);
    if (watch.seen.size < count) return undefined;
    watch.told = true;
    watch.seen.clear();
    return { pattern, key, count, window_seconds: window_ms / 1000 };
  }
}

const fresh = (now: number): Watch => ({ since: now, seen: new Set(), told: false });

function forgetFirst(watches: Map<string, unknown>): void {
  const first = watches.keys().next();
  if (first.done !== true) watches.delete(first.value);
}

export interface Lookout {
  /** A token was refused. */
  refused(address: string | undefined): void;
  /** A known caller lacked the scope of a route. */
  scopeDenied(who: PrincipalId, scope: string): void;
  /** A session was used; session ids are an issuer's own, as subjects are. */
  seen(session: { readonly issuer: string; readonly id: string }, address: string | undefined): void;
  /** Appends what was found. When an append fails it throws, and the rest waits for the next call. */
  flush(): Promise<void>;
}

const NO_TRACE = '0'.repeat(32);

export function createLookout({
  clock,
  ledger,
}: {
  readonly clock: Clock;
  readonly ledger: Ledger;
}): Lookout {
  const suspicions = new Suspicions();
  const found: Found[] = [];
  let attempts = 0;
  let flushing: Promise<void> = Promise.resolve();

  const note = (pattern: SuspicionPattern, of: PrincipalId, thing: string): void => {
    const suspicion = suspicions.note(pattern, `${of.issuer}\0${of.sub}`, thing, clock());
    if (suspicion !== undefined) found.push({ ...suspicion, of });
  };
  const drain = async (): Promise<void> => {
    for (let next = found[0]; next !== undefined; next = found[0]) {
      await ledger.append(recordOf(next));
      found.shift();
    }
  };

  return {
    refused(address) {
      // Each refusal counts by itself: whoever tries a thousand tokens tries a thousand different ones.
      if (address !== undefined)
        note('brute_force', { issuer: OBSERVED.address, sub: address }, String(++attempts));
    },
    scopeDenied: ({ issuer, sub }, scope) => note('scope_probing', { issuer, sub }, scope),
    seen(session, address) {
      if (address === undefined) return;
      note('session_sharing', { issuer: `${OBSERVED.session} ${session.issuer}`, sub: session.id }, address);
    },
    flush() {
      flushing = flushing.then(drain, drain);
      return flushing;
    },
  };
}

/** Whom the pattern is of. */
type Found = Suspicion & { readonly of: PrincipalId };

/** In the place of an issuer where the pattern is of no person: nobody's `sub` can be taken for one of these. */
const OBSERVED = { address: 'urn:chancery:observed:address', session: 'urn:chancery:observed:session' };

/** The key is personal: it stands in the record as a pseudonym, and sealed. */
function recordOf({ pattern, of, count, window_seconds }: Found): NewRecord {
  return {
    type: pattern === 'brute_force' ? 'security.brute_force_attempt' : 'security.suspicious_activity',
    trace: NO_TRACE,
    who: of,
    labels: { pattern },
    data: { pattern, count, window_seconds },
    personal: { key: of.sub },
  };
}
