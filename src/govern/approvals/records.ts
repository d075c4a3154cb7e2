/** What the ledger says of an approval: one record for each step, and one for each attempt that should worry. */

import type { Caller } from '../../decision/question.ts';
import type { Reason } from '../../errors.ts';
import type { Marked } from '../../identity/person.ts';
import type { ApprovalData } from '../../ledger/payloads.ts';
import { metaOf, type NewRecord } from '../../ledger/record.ts';
import type { PrincipalId } from '../../terms.ts';
import type { Approval } from './approval.ts';

type ApprovalEvent = 'approval.requested' | 'approval.approved' | 'approval.rejected' | 'approval.expired';

export function recordOf(
  type: ApprovalEvent,
  approval: Approval,
  now: number,
  by: { who?: PrincipalId; person?: Caller; marked?: Marked; comment?: string } = {},
): NewRecord {
  const final = approval.status !== 'pending';
  const data: ApprovalData = {
    approval_id: approval.approval_id,
    decision_id: approval.decision_id,
    action_digest: approval.action_digest,
    ...(approval.workflow === undefined ? {} : { workflow: approval.workflow }),
    ...(approval.tool === undefined ? {} : { tool: approval.tool }),
    risk_level: approval.risk_level,
    priority: approval.priority,
    quorum: approval.quorum,
    votes: approval.votes.filter((vote) => vote.verdict === 'approve').length,
    expires_at: new Date(approval.expires_at).toISOString(),
    final,
    ...(by.marked === undefined ? {} : { voter: { ...by.marked } }),
    ...(final ? { waited_us: (now - approval.requested_at) * 1000 } : {}),
  };
  const { person, comment } = by;
  const principal = person?.principal;
  return {
    type,
    trace: person?.trace ?? approval.trace,
    after: approval.after,
    meta: { ...(person ? metaOf(person) : {}), charter: approval.charter.digest },
    data,
    ...(by.who === undefined ? {} : { who: by.who }),
    ...(person === undefined || principal === undefined
      ? {}
      : {
          personal: {
            sub: principal.sub,
            ...(principal.name === undefined ? {} : { name: principal.name }),
            ...(principal.email === undefined ? {} : { email: principal.email }),
            ...(comment === undefined ? {} : { comment }),
            ...person.seen,
          },
        }),
  };
}

/** An attempt to decide by somebody who may not. */
export function suspicion(approval: Approval, person: Caller, reason: Reason): NewRecord {
  return {
    type: 'security.suspicious_activity',
    trace: person.trace,
    who: person.principal,
    meta: metaOf(person),
    data: { pattern: reason.code, approval_id: approval.approval_id },
    personal: { sub: person.principal.sub, ...person.seen },
  };
}

/** A word that came after the end, a second time, or for something else than what is asked: it changed nothing. */
export function tooLate(approval: Approval, person: Caller, reason: Reason): NewRecord {
  const { approval_id, status } = approval;
  return {
    type: 'api.request',
    trace: person.trace,
    who: person.principal,
    meta: metaOf(person),
    data: { what: 'approval', result: 'refused', reason: reason.code, approval_id, status },
    personal: { sub: person.principal.sub, ...person.seen },
  };
}

/** It is due within the hour: seen wherever records are seen (live, SIEM, the ledger). */
export function warning({ approval_id, priority, expires_at, trace, after, workflow }: Approval): NewRecord {
  return {
    type: 'alert.fired',
    trace,
    after,
    data: {
      alert: 'approval_expiring',
      severity: 'warning',
      approval_id,
      priority,
      expires_at: new Date(expires_at).toISOString(),
      ...(workflow === undefined ? {} : { workflow }),
    },
  };
}
