/** Who asks most and who is refused most, as the ledger knows it: users are never a label of a metric. */
import type { LedgerRecord } from '../ledger/record.ts';

/** What one principal did in a stretch of time; `subject` is a pseudonym. */
export type UserCounts = {
  subject: string;
  /** Decisions in force. */
  decisions: number;
  /** Denied by the charter or rejected by the AIM rules. */
  denied: number;
  /** Scopes that the token lacked. */
  scope_denied: number;
  /** Requests over a limit. */
  limited: number;
  /** Runs and tool calls that failed. */
  failed: number;
  /** The sum of what was denied, lacked its scope, was over a limit or failed. */
  unsuccessful: number;
};

export const ORDERS = ['decisions', 'unsuccessful'] as const;
export type Order = (typeof ORDERS)[number];

/** The first `limit` by one of the counts; whoever has none of what is asked for is left out. */
export function busiestUsers(records: Iterable<LedgerRecord>, by: Order, limit: number): UserCounts[] {
  const users = new Map<string, UserCounts>();
  for (const { type, subject, data } of records) {
    const kind = KINDS[type];
    if (kind === undefined || subject === undefined) continue;
    const user = users.get(subject) ?? fresh(subject);
    users.set(subject, user);
    // A flood is one record with its count.
    const times = typeof data.count === 'number' ? data.count : 1;
    user[kind] += times;
    const denied = type === 'decision.made' && (data.outcome === 'deny' || data.outcome === 'rejected');
    if (denied) user.denied += 1;
    if (denied || kind !== 'decisions') user.unsuccessful += times;
  }
  return [...users.values()]
    .filter((user) => user[by] > 0)
    .sort((left, right) => right[by] - left[by] || (left.subject < right.subject ? -1 : 1))
    .slice(0, limit);
}

const KINDS: Readonly<Record<string, 'decisions' | 'scope_denied' | 'limited' | 'failed'>> = {
  'decision.made': 'decisions',
  'auth.scope_denied': 'scope_denied',
  'rate_limit.hit': 'limited',
  'workflow.failed': 'failed',
  'tool.failed': 'failed',
};

const fresh = (subject: string): UserCounts => ({
  subject,
  decisions: 0,
  denied: 0,
  scope_denied: 0,
  limited: 0,
  failed: 0,
  unsuccessful: 0,
});
