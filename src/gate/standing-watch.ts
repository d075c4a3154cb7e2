/**
 * A call can outlast its caller's standing. Who is revoked or put under a sanction while it runs gets nothing of it any more: the call is
 * stopped, whatever stream is open, and its outcome says why.
 */
import { sanctionsOf } from '../decision/standing.ts';
import type { Clock, Item, Log } from '../ports.ts';
import type { PrincipalId } from '../terms.ts';

export interface StandingWatch {
  /** From here on the caller is looked at until `leave`; `lost` is aborted when it may call no more. */
  enter(who: PrincipalId): { readonly lost: AbortSignal; leave(): void };
}

export interface StandingWatchDeps {
  /** What is kept of a principal, sanctions included. */
  readonly standing: (who: PrincipalId) => Promise<Item | undefined>;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
  readonly log: Log;
}

/** How long a call goes on unlooked at: most are over by then, and cost no look at all. */
const LOOK_MS = 2_000;

export function createStandingWatch({ standing, clock, wait, log }: StandingWatchDeps): StandingWatch {
  const running = new Map<AbortController, PrincipalId>();
  let looking = false;

  async function look(): Promise<void> {
    looking = true;
    for (await wait(LOOK_MS); running.size > 0; await wait(LOOK_MS))
      for (const [stop, who] of running)
        try {
          if (!isGood(await standing(who), clock())) stop.abort();
        } catch (error) {
          // Looked at again in a moment: that the store is away stops no call that was allowed.
          log.write('warn', 'tools', 'the standing of a caller cannot be read', { error: String(error) });
        }
    looking = false;
  }

  return {
    enter(who) {
      const stop = new AbortController();
      running.set(stop, who);
      if (!looking) void look();
      return { lost: stop.signal, leave: () => void running.delete(stop) };
    },
  };
}

function isGood(item: Item | undefined, now: number): boolean {
  // Who has none has done nothing that could stand against them.
  if (item === undefined) return true;
  const sanctions = sanctionsOf(item, now);
  return sanctions.readable && sanctions.active.length === 0;
}
