/**
 * An approval: a person's word, bound to a digest of exactly what was asked. Pure: the states, who may
 * decide, what a decision changes. How it is kept and recorded is in `approvals.ts`.
 *
 *   pending → approved (a quorum of different people) | rejected (one is enough) | expired (nobody in time)
 */

import { calledIn } from '../../charter/subject.ts';
import type { Caller } from '../../decision/question.ts';
import type { Reason } from '../../errors.ts';
import {
  handlesOf,
  type Known,
  type Marked,
  notAPerson,
  sameMarked,
  samePerson,
} from '../../identity/person.ts';
import type { Json } from '../../json.ts';
import type { DragMode, Principal, PrincipalId, Priority, RiskLevel } from '../../terms.ts';

export const APPROVAL_STATES = ['pending', 'approved', 'rejected', 'expired'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** The more pressing an approval, the sooner it expires unheard. */
export const EXPIRES_AFTER_HOURS: Readonly<Record<Priority, number>> = {
  low: 72,
  medium: 24,
  high: 8,
  critical: 2,
};
export const WARNING_BEFORE_MS = 3_600_000;
const HOUR_MS = 3_600_000;

/** Pseudonyms of who voted: the name stands, sealed, in the vote's record. */
export interface Vote extends Marked {
  readonly verdict: 'approve' | 'reject';
  readonly comment?: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly at: number;
}

export interface Approval {
  readonly approval_id: string;
  readonly decision_id: string;
  /** The state is kept sealed under this person's key. */
  readonly requester: PrincipalId;
  readonly status: ApprovalState;
  readonly priority: Priority;
  readonly quorum: number;
  readonly votes: readonly Vote[];
  readonly requested_at: number;
  readonly expires_at: number;
  readonly warned: boolean;
  readonly workflow?: string;
  /** What is to be called, where that is a tool. */
  readonly tool?: string;
  readonly drag_mode: DragMode | 'none';
  readonly risk_level: RiskLevel;
  /** Over subject, actor chain, workflow, mode, parameters, AIM and charter (`weigh.ts`). */
  readonly action_digest: string;
  readonly charter: { readonly version: string; readonly digest: string };
  readonly trace: string;
  /** Record hash that the approval's next record follows. */
  readonly after: string;
  /** What runs when it is granted. Dropped once it can't be any more: it holds personal values. */
  readonly bound?: { readonly caller: Caller; readonly body: Json };
  /** Granted: what came of the run; `starting` since `at` until that is known. */
  readonly execution?: { readonly execution_id?: string; readonly outcome: string; readonly at: number };
}

/** Why this person's word does not count here; undefined when it does. */
export function objection(
  approval: Approval,
  person: Principal,
  marked: Marked,
  now: number,
  digest?: string,
): Reason | undefined {
  const refuse = (code: string, message: string): Reason => ({ code, message, kind: 'forbidden' });
  if (approval.status !== 'pending') return refuse('approval_ended', `the approval is ${approval.status}`);
  if (now >= approval.expires_at) return refuse('approval_expired', 'the approval has expired; ask again');
  if (notAPerson(person, 'a decision') !== undefined)
    return refuse('approver_not_human', 'only a person who acts for themselves can decide this');
  if (digest !== undefined && digest !== approval.action_digest)
    return refuse('digest_mismatch', 'what you looked at is not what is asked');
  const { caller, body } = approval.bound ?? {};
  if (caller === undefined || samePerson(caller.principal, person))
    return refuse('approver_is_requester', 'who asks cannot decide, with no account');
  const { act, issuer } = caller.principal;
  if (act.some((sub) => samePerson({ sub, issuer }, person) || sub === calledIn(person)))
    return refuse('approver_is_requester', 'who acts for the requester cannot decide');
  if (isNamed(body, person)) return refuse('approver_is_actor', 'the person named as actor cannot decide');
  if (approval.votes.some((vote) => sameMarked(vote, marked)))
    return refuse('already_decided', 'you have decided this already, with this account or another');
  return undefined;
}

/** Is this the person that `aim.actor` names? Any one field is enough to keep them out, a name that is a `sub` too. */
function isNamed(body: Json | undefined, person: Known): boolean {
  const actor = member(member(body, 'aim'), 'actor');
  const [name, email] = [text(member(actor, 'name')), text(member(actor, 'email'))];
  const named = handlesOf({ sub: name ?? '', name, email });
  const own = new Set([...handlesOf(person), ...handlesOf({ sub: '', name: person.sub })]);
  return named.some((handle) => own.has(handle));
}

const member = (value: Json | undefined, name: string): Json | undefined =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value[name] : undefined;

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

export function opened(asked: Omit<Approval, 'status' | 'votes' | 'expires_at' | 'warned'>): Approval {
  const expires_at = asked.requested_at + EXPIRES_AFTER_HOURS[asked.priority] * HOUR_MS;
  return { ...asked, status: 'pending', votes: [], expires_at, warned: false };
}

/** The approval after a vote that nothing objects to. */
export function voted(approval: Approval, vote: Vote): Approval {
  const votes = [...approval.votes, vote];
  if (vote.verdict === 'reject') return ended({ ...approval, votes, status: 'rejected' });
  const status = votes.length >= approval.quorum ? 'approved' : 'pending';
  return { ...approval, votes, status };
}

/** The approval once its run was started or refused: what was bound to it has had its use. */
export function done(approval: Approval, execution: NonNullable<Approval['execution']>): Approval {
  return ended({ ...approval, execution });
}

export function expired(approval: Approval): Approval {
  return ended({ ...approval, status: 'expired' });
}

/** Nothing will run any more, so what would have is forgotten. */
function ended({ bound: _, ...approval }: Approval): Approval {
  return approval;
}

/** What `GET /approvals` shows: all that a person needs to decide, and the digest that binds it. */
export type ApprovalView = {
  /** The same as `approval_id`, which says in other answers what it is. */
  readonly id: string;
  readonly approval_id: string;
  readonly decision_id: string;
  readonly status: ApprovalState;
  readonly priority: Priority;
  readonly quorum: number;
  /** How many have approved. */
  readonly approvals: number;
  readonly requested_at: string;
  readonly expires_at: string;
  /** It was said that it expires within the hour. */
  readonly warned: boolean;
  readonly workflow?: string;
  readonly tool?: string;
  readonly drag_mode: string;
  readonly risk_level: RiskLevel;
  readonly action_digest: string;
  readonly charter: { readonly version: string; readonly digest: string };
  readonly trace_id: string;
  readonly votes: { by: string; verdict: Vote['verdict']; at: string; comment?: string }[];
  /** While it can still run. */
  readonly requested_by?: { sub: string; name?: string; act: string[] };
  readonly request?: Json;
  readonly execution?: { execution_id?: string; outcome: string };
};

export function viewOf(approval: Approval): ApprovalView {
  const {
    bound,
    votes,
    after: _after,
    requester: _requester,
    execution,
    trace,
    requested_at,
    expires_at,
    ...plainly
  } = approval;
  const principal = bound?.caller.principal;
  return {
    id: approval.approval_id,
    ...plainly,
    approvals: votes.filter((vote) => vote.verdict === 'approve').length,
    requested_at: new Date(requested_at).toISOString(),
    expires_at: new Date(expires_at).toISOString(),
    trace_id: trace,
    votes: votes.map(({ by, verdict, at, comment }) => ({
      by,
      verdict,
      at: new Date(at).toISOString(),
      ...(comment === undefined ? {} : { comment }),
    })),
    ...(principal === undefined
      ? {}
      : {
          requested_by: {
            sub: principal.sub,
            ...(principal.name === undefined ? {} : { name: principal.name }),
            act: [...principal.act],
          },
        }),
    ...(bound === undefined ? {} : { request: bound.body }),
    ...(execution === undefined ? {} : { execution: runOf(execution) }),
  };
}

function runOf({ execution_id, outcome }: NonNullable<Approval['execution']>) {
  return execution_id === undefined ? { outcome } : { execution_id, outcome };
}
