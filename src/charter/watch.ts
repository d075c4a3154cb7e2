/**
 * The charter in force. It is loaded at start and looked for again at most every 30 s; what does not parse or
 * does not match its digest never replaces a good one.
 */
import type { Clock } from '../ports.ts';
import type { Charter } from './charter.ts';

/** Re-checked at most this often. */
export const CHARTER_POLL_MS = 30_000;

export interface CharterWatch {
  /** The charter in force now. Never throws: the last good one decides while a newer one cannot be read. */
  current(): Promise<Charter>;
  /** The same without looking: for what cannot wait. */
  last(): Charter;
  /** What is tried beside it: asked and recorded, never followed. */
  candidate(): Charter | undefined;
  /** When a look last succeeded (ms); undefined before the first. */
  checkedAt(): number | undefined;
  /** Looks at once, e.g. after this process activated a charter. */
  refresh(): Promise<Charter>;
}

/** What a look at the store found. */
export type Looked =
  | { readonly found: 'same'; readonly candidate?: Charter }
  | { readonly found: 'new'; readonly charter: Charter; readonly candidate?: Charter }
  | { readonly found: 'bad'; readonly reason: string };

export interface CharterWatchDeps {
  readonly shipped: Charter;
  /** Looks for the active charter, given the digest in force. May throw: then nothing changes. */
  readonly look: (inForce: string) => Promise<Looked>;
  readonly clock: Clock;
  /** Told of every look, with how long it took: for metrics, records and alerts. */
  readonly looked?: (looked: Looked, took_ms: number) => void;
}

export function createCharterWatch(deps: CharterWatchDeps): CharterWatch {
  const { look, clock } = deps;
  let charter = deps.shipped;
  let lookedAt: number | undefined;
  let checkedAt: number | undefined;
  let candidate: Charter | undefined;
  let looking: Promise<void> | undefined;

  async function lookAgain(): Promise<void> {
    const began = clock();
    lookedAt = began;
    let looked: Looked;
    try {
      looked = await look(charter.digest);
    } catch (error) {
      looked = { found: 'bad', reason: error instanceof Error ? error.message : String(error) };
    }
    if (looked.found === 'new') charter = looked.charter;
    if (looked.found !== 'bad') {
      checkedAt = began;
      candidate = looked.candidate;
    }
    deps.looked?.(looked, clock() - began);
  }

  function start(): Promise<void> {
    looking ??= lookAgain().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  return {
    async current() {
      // The first request waits for the first look: a process must not judge by a charter that was replaced.
      if (lookedAt === undefined) await start();
      // Later looks go on beside the requests: the charter in force judges meanwhile.
      else if (clock() - lookedAt >= CHARTER_POLL_MS) void start();
      return charter;
    },
    last: () => charter,
    candidate: () => candidate,
    checkedAt: () => checkedAt,
    async refresh() {
      await looking;
      await start();
      return charter;
    },
  };
}
