/**
 * A sanction as records make it. Pure: the state that is kept, and what the power over it must be, both come from the
 * records by these functions, so that they cannot differ.
 *
 *   active → lifted (a person's word, or what was done is rolled back) | expired (its time is over)
 */

import { PERMANENT } from '../../decision/standing.ts';
import type { JsonObject } from '../../json.ts';
import { wordsShown } from '../../ledger/people/words.ts';
import type { Attributes } from '../../ports.ts';
import { type SanctionKind, SEVERITIES, type Severity } from '../../terms.ts';

export const SANCTIONS = 'SANCTIONS';
/** What a case can put somebody under; `revocation` is no sanction of a case. */
export const CASE_SANCTIONS = ['quarantine', 'suspension', 'ban'] as const satisfies readonly SanctionKind[];
export type CaseSanction = (typeof CASE_SANCTIONS)[number];

export const SANCTION_STATES = ['active', 'lifted', 'expired'] as const;
export type SanctionState = (typeof SANCTION_STATES)[number];

export type Sanction = {
  readonly sanction_id: string;
  /** Pseudonym of the principal that is under it. */
  readonly subject: string;
  readonly kind: CaseSanction;
  readonly severity: Severity;
  /** The case that it is for. */
  readonly case_id: string;
  /** Before the case is confirmed: it ends with the case at the latest. */
  readonly provisional: boolean;
  readonly status: SanctionState;
  /** Milliseconds, as `until`; PERMANENT for what does not end by itself. */
  readonly from: number;
  readonly until: number;
  readonly why: string;
  readonly ended?: number;
  readonly ended_why?: string;
  /** What somebody wrote, where `ended_why` is the digest of that. */
  readonly words?: string;
  /** What was done was undone: it may be done again. */
  readonly rolled_back?: boolean;
  /** Newest record of it. */
  readonly record: string;
};

/** The attributes by which an item gives power: all of them come from records. */
export const SANCTION_BEARS = [
  'subject',
  'kind',
  'severity',
  'case_id',
  'provisional',
  'status',
  'from',
  'until',
  'why',
  'ended',
  'ended_why',
  'rolled_back',
  'record',
] as const;

/** How long one that has ended is listed; the ledger keeps it for good. */
const KEPT_MS = 90 * 86_400_000;

/** When the store may forget it, in milliseconds; undefined while it holds. */
export const keptUntil = ({ ended }: { readonly ended?: number }): number | undefined =>
  ended === undefined ? undefined : ended + KEPT_MS;

/** @param time of the record, RFC 3339. Undefined for data that is no `sanction.applied`. */
export function applied(data: JsonObject, time: string, record: string): Sanction | undefined {
  const { sanction_id, subject, case_id, until, why } = data;
  const kind = CASE_SANCTIONS.find((known) => known === data.kind);
  const severity = SEVERITIES.find((known) => known === data.severity);
  if (
    typeof sanction_id !== 'string' ||
    typeof subject !== 'string' ||
    typeof case_id !== 'string' ||
    kind === undefined ||
    severity === undefined
  )
    return undefined;
  return {
    sanction_id,
    subject,
    kind,
    severity,
    case_id,
    provisional: data.provisional === true,
    status: 'active',
    from: Date.parse(time),
    until: typeof until === 'string' ? Date.parse(until) : PERMANENT,
    why: typeof why === 'string' ? why : '',
    record,
  };
}

/** After `sanction.lifted` or `sanction.expired`. */
export function ended(
  sanction: Sanction,
  type: string,
  data: JsonObject,
  time: string,
  record: string,
): Sanction {
  return {
    ...sanction,
    status: type === 'sanction.expired' ? 'expired' : 'lifted',
    ended: Date.parse(time),
    ...(typeof data.why === 'string' ? { ended_why: data.why } : {}),
    ...(data.rolled_back === true ? { rolled_back: true } : {}),
    record,
  };
}

/** Attributes of the item; its `sk` is the id. */
export function attributesOf({ sanction_id: _, ...sanction }: Sanction): Attributes {
  return sanction;
}

/** Undefined for an item that no sanction wrote. */
export function sanctionOf(sk: string, item: Attributes): Sanction | undefined {
  const { subject, case_id, from, until, why, record, ended, ended_why, words } = item;
  const kind = CASE_SANCTIONS.find((known) => known === item.kind);
  const severity = SEVERITIES.find((known) => known === item.severity);
  const status = SANCTION_STATES.find((known) => known === item.status);
  if (
    kind === undefined ||
    severity === undefined ||
    status === undefined ||
    typeof subject !== 'string' ||
    typeof case_id !== 'string' ||
    typeof from !== 'number' ||
    typeof until !== 'number'
  )
    return undefined;
  return {
    sanction_id: sk,
    subject,
    kind,
    severity,
    case_id,
    provisional: item.provisional === true,
    status,
    from,
    until,
    why: String(why ?? ''),
    ...(typeof ended === 'number' ? { ended } : {}),
    ...(typeof ended_why === 'string' ? { ended_why } : {}),
    ...(typeof words === 'string' ? { words } : {}),
    ...(item.rolled_back === true ? { rolled_back: true } : {}),
    record: String(record ?? ''),
  };
}

/** The one of this kind that holds longest; undefined when none is in force. */
export function longest(sanctions: Iterable<Sanction>, kind: SanctionKind): Sanction | undefined {
  let last: Sanction | undefined;
  for (const each of sanctions)
    if (each.kind === kind && each.status === 'active' && each.until > (last?.until ?? 0)) last = each;
  return last;
}

/** What `GET /sanctions` shows. */
export type SanctionView = {
  readonly id: string;
  readonly sanction_id: string;
  readonly subject: string;
  readonly kind: CaseSanction;
  readonly severity: Severity;
  readonly violation_id: string;
  readonly provisional: boolean;
  readonly status: SanctionState;
  readonly from: string;
  /** Null: it does not end by itself. */
  readonly until: string | null;
  readonly reason: string;
  readonly ended_at?: string;
  readonly ended_reason?: string;
  readonly record: string;
};

/** @param now milliseconds: one whose time is over is `expired`, also before that is on record */
export function viewOf(sanction: Sanction, now: number): SanctionView {
  const {
    sanction_id,
    case_id,
    from,
    until,
    ended,
    ended_why,
    why,
    rolled_back: _,
    words,
    status,
    ...rest
  } = sanction;
  const over = status === 'active' && until <= now;
  const at = over ? until : ended;
  return {
    id: sanction_id,
    sanction_id,
    ...rest,
    violation_id: case_id,
    status: over ? 'expired' : status,
    from: new Date(from).toISOString(),
    until: until >= PERMANENT ? null : new Date(until).toISOString(),
    reason: why,
    ...(at === undefined ? {} : { ended_at: new Date(at).toISOString() }),
    ...(ended_why === undefined ? {} : { ended_reason: wordsShown(ended_why, words) }),
  };
}
