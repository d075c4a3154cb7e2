/** Which sessions were seen in the last 15 minutes. */
import type { Clock } from '../ports.ts';

export const SESSION_MS = 15 * 60_000;
/** An upper bound for memory; beyond it the session that was quiet longest is forgotten first. */
const MAX_SESSIONS = 100_000;

export interface Sessions {
  /** @param at milliseconds since the epoch */
  seen(session: { readonly issuer: string; readonly id: string }, at: number): void;
  /** How many are active now. */
  active(): number;
}

export function createSessions({ clock }: { readonly clock: Clock }): Sessions {
  /** In order of when they were last seen. */
  const lastSeen = new Map<string, number>();

  const forgetQuiet = (): void => {
    const since = clock() - SESSION_MS;
    for (const [session, at] of lastSeen) {
      if (at > since && lastSeen.size <= MAX_SESSIONS) return;
      lastSeen.delete(session);
    }
  };

  return {
    seen({ issuer, id }, at) {
      const session = `${issuer}\0${id}`;
      lastSeen.delete(session);
      lastSeen.set(session, at);
      if (lastSeen.size > MAX_SESSIONS) forgetQuiet();
    },
    active() {
      forgetQuiet();
      return lastSeen.size;
    },
  };
}
