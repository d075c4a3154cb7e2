/**
 * Refusals in bounds: whoever sends ten thousand bad tokens, or ten thousand requests that their token does not cover, gets a few
 * records written, not ten thousand. Bad tokens are counted per second and reason; of what a known principal is refused, the first
 * twenty a second are recorded one by one, and the others counted with them.
 */
import type { AuthData, RateLimitData } from '../ledger/payloads.ts';
import type { Ledger, NewRecord } from '../ledger/record.ts';
import type { Clock } from '../ports.ts';
import type { PrincipalId } from '../terms.ts';

/** What a known principal was refused, as its record says it. */
export type Refused =
  | { readonly type: 'auth.scope_denied'; readonly who: PrincipalId; readonly data: AuthData }
  | { readonly type: 'rate_limit.hit'; readonly who: PrincipalId; readonly data: RateLimitData };

export interface Flood {
  /** Counts one request without a good token. Never throws, never waits. */
  note(reason: string, route: string): void;
  /** True: record this refusal by itself. False: it was one too many in this second, and is counted until the next flush. */
  single(refused: Refused): boolean;
  /**
   * Appends what was counted, oldest second first. Call it every second and before the process ends. When an
   * append fails it throws, and what is not recorded yet stays counted for the next call.
   */
  flush(): Promise<void>;
}

interface Count {
  readonly second: number;
  /** Type, reason and, where they are known, who. */
  readonly of: string;
  readonly record: NewRecord;
  route?: string;
  count: number;
}

/** These requests belong to no trace of ours: the sender chose theirs, and there are many. */
const NO_TRACE = '0'.repeat(32);
/** Kept while the ledger cannot be written. Beyond it a second is counted with an earlier one. */
const MAX_COUNTS = 3600;
/** Refusals of one principal for one reason that are records of their own, a second. */
export const SINGLE_PER_SECOND = 20;

export function createFlood({ clock, ledger }: { readonly clock: Clock; readonly ledger: Ledger }): Flood {
  let counts = new Map<string, Count>();
  let flushing: Promise<void> = Promise.resolve();
  /** Of this second only, so that it holds no more than one second's principals. */
  let singles = { second: 0, of: new Map<string, number>() };

  const add = (counted: Count): void => {
    const { second, of, route, count } = counted;
    const key = counts.size < MAX_COUNTS ? `${second} ${of}` : of;
    const known = counts.get(key);
    if (known === undefined) {
      counts.set(key, { ...counted });
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

  const now = () => Math.floor(clock() / 1000);

  return {
    note(reason, route) {
      const type = reason === 'missing' ? 'auth.unauthorized' : 'auth.jwt_invalid';
      const data = { reason, method: 'jwt', status: reason === 'keys_unavailable' ? 503 : 401 };
      add({ second: now(), of: reason, record: { type, trace: NO_TRACE, data }, route, count: 1 });
    },
    single({ type, who, data }) {
      const second = now();
      if (singles.second !== second) singles = { second, of: new Map() };
      const of = JSON.stringify([type, data.reason, who.issuer, who.sub]);
      const before = singles.of.get(of) ?? 0;
      if (before < SINGLE_PER_SECOND) {
        singles.of.set(of, before + 1);
        return true;
      }
      const { issuer, sub } = who;
      const record = { type, trace: NO_TRACE, who: { issuer, sub }, data };
      add({ second, of, record, ...('route' in data ? { route: data.route } : {}), count: 1 });
      return false;
    },
    flush() {
      // One at a time: two would write the seconds out of order.
      flushing = flushing.then(drain, drain);
      return flushing;
    },
  };
}

function recordOf({ second, record, route, count }: Count): NewRecord {
  const at = new Date(second * 1000).toISOString();
  return {
    ...record,
    data: { ...record.data, ...(route === undefined ? {} : { route }), count, second: at },
  };
}
