/**
 * The sessions of the last 15 minutes as the ledger knows them: the same whichever process
 * served them.
 */
import type { LedgerRecord } from '../ledger/record.ts';
import { SESSION_MS } from './sessions.ts';

/** One session; `subject` is a pseudonym. */
export type ActiveSession = {
  session_id: string;
  /** Name of the issuer that the session is of; null in records from before issuers were told apart. */
  issuer: string | null;
  subject: string | null;
  first_seen: string;
  last_seen: string;
  records: number;
  /** Refusals among them: of a scope, or by the charter and the AIM rules. */
  refused: number;
};

/** The time from which a session counts as active, RFC 3339. */
export function activeSince(now: number): string {
  return new Date(now - SESSION_MS).toISOString();
}

/** Most recently seen first. Records without a session, and those before `activeSince(now)`, say nothing. */
export function activeSessions(records: Iterable<LedgerRecord>, now: number): ActiveSession[] {
  const since = activeSince(now);
  const sessions = new Map<string, ActiveSession>();
  for (const { time, type, subject, meta, data } of records) {
    const session_id = meta?.session_id;
    if (session_id === undefined || time < since) continue;
    const refused =
      type === 'auth.scope_denied' || data.outcome === 'deny' || data.outcome === 'rejected' ? 1 : 0;
    // Two issuers may use one id: those are two sessions.
    const key = `${meta?.issuer ?? ''}\0${session_id}`;
    const known = sessions.get(key);
    if (known === undefined) {
      const issuer = meta?.issuer ?? null;
      const fresh = { session_id, issuer, subject: subject ?? null, first_seen: time, last_seen: time };
      sessions.set(key, { ...fresh, records: 1, refused });
      continue;
    }
    if (time < known.first_seen) known.first_seen = time;
    if (time > known.last_seen) known.last_seen = time;
    known.records++;
    known.refused += refused;
  }
  return [...sessions.values()].sort((a, b) => (a.last_seen < b.last_seen ? 1 : -1));
}
