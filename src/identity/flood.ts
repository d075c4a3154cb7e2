/**
 * Refused tokens, counted per second and reason until the next flush: whoever sends ten
 * thousand bad tokens gets a few records written, not ten thousand.
 */
import type { AuthData } from '../ledger/payloads.ts';
import type { Ledger } from '../ledger/record.ts';
import type { Clock } from '../ports.ts';

export interface Flood {
  /** Counts one refused request. Never throws, never waits. */
  note(reason: string, route: string): void;
  /**
   * Appends what was counted, oldest second first. Call it every second and before the process ends. When an
   * append fails it throws, and what is not recorded yet stays counted for the next call.
   */
  flush(): Promise<void>;
}

interface Count {
  readonly second: number;
  readonly reason: string;
  route: string;
  count: number;
}

/** These requests belong to no trace of ours: the sender chose theirs, and there are many. */
const NO_TRACE = '0'.repeat(32);
/** Kept while the ledger cannot be written. Beyond it a second is counted with an earlier one. */
const MAX_COUNTS = 3600;

export function createFlood({ clock, ledger }: { readonly clock: Clock; readonly ledger: Ledger }): Flood {
  let counts = new Map<string, Count>();
  let flushing: Promise<void> = Promise.resolve();

  const add = ({ second, reason, route, count }: Count): void => {
    const key = counts.size < MAX_COUNTS ? `${second} ${reason}` : reason;
    const known = counts.get(key);
    if (known === undefined) {
      counts.set(key, { second, reason, route, count });
      return;
    }
    known.count += count;
    if (known.route !== route) known.route = 'several';
  };

  const drain = async (): Promise<void> => {
    const due = [...counts.values()].sort((a, b) => a.second - b.second);
    counts = new Map();
    for (const [done, counted] of due.entries()) {
      try {
        await ledger.append(recordOf(counted));
      } catch (error) {
        due.slice(done).forEach(add);
        throw error;
      }
    }
  };

  return {
    note: (reason, route) => add({ second: Math.floor(clock() / 1000), reason, route, count: 1 }),
    flush() {
      // One at a time: two would write the seconds out of order.
      flushing = flushing.then(drain, drain);
      return flushing;
    },
  };
}

function recordOf({ second, reason, route, count }: Count): Parameters<Ledger['append']>[0] {
  const at = new Date(second * 1000).toISOString();
  const data: AuthData = {
    reason,
    method: 'jwt',
    status: reason === 'keys_unavailable' ? 503 : 401,
    route,
    count,
    second: at,
  };
  return { type: reason === 'missing' ? 'auth.unauthorized' : 'auth.jwt_invalid', trace: NO_TRACE, data };
}
