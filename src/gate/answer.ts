/** What comes of a governed request, and how a refusal is said: the code and the sentence that go with a stage. */

import type { Question } from '../decision/question.ts';
import type { Weighed } from '../decision/record.ts';
import type { ErrorCode, Reason } from '../errors.ts';
import type { Run } from '../execution/ended.ts';
import type { ApprovalView } from '../govern/approvals/approvals.ts';
import type { Receipt } from '../ledger/record.ts';
import type { Recorded } from './recording.ts';

export type Answer =
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly detail: string;
      readonly reasons: readonly Reason[];
      readonly weighed: Weighed;
      readonly receipt: Receipt;
    }
  | {
      readonly kind: 'approval';
      readonly weighed: Weighed;
      readonly receipt: Receipt;
      readonly approval: ApprovalView;
    }
  /** Dry run and shadow: decided and recorded, nothing else. */
  | { readonly kind: 'decided'; readonly weighed: Weighed; readonly receipt: Receipt }
  | Run;

/** What is said of a decision that ran nothing. */
export function answerOf(
  { mode }: Question,
  weighed: Weighed,
  { receipt, approval }: Recorded,
): Exclude<Answer, Run> {
  if (mode !== 'enforce') return { kind: 'decided', weighed, receipt };
  if (approval !== undefined) return { kind: 'approval', weighed, receipt, approval };
  return refusal(weighed, receipt);
}

export function refusal(weighed: Weighed, receipt: Receipt): Extract<Answer, { kind: 'refused' }> {
  const { reasons } = weighed.decision;
  const first = reasons[0];
  return {
    kind: 'refused',
    code: codeOf(weighed),
    detail: first ? first.message : 'The charter does not permit this.',
    reasons,
    weighed,
    receipt,
  };
}

/** An approval counts for exactly what was approved, under the charter of then. */
export const APPROVAL_VOID: Reason = {
  code: 'approval_void',
  message: 'what would run now is not what was approved: the request or the charter has changed; ask again',
  kind: 'forbidden',
};

/** The code of a body that could not be read for what it is rather than for what it says. */
export function bodyFault({ code }: Reason): ErrorCode | undefined {
  switch (code) {
    case 'body_too_large':
      return 'BODY_TOO_LARGE';
    case 'unsupported_media_type':
    case 'unsupported_encoding':
      return 'UNSUPPORTED_MEDIA_TYPE';
    default:
      return undefined;
  }
}

/** The error code of the stage at which the decision fell. */
export function codeOf(weighed: Weighed): ErrorCode {
  const [first] = weighed.decision.reasons;
  const code = first?.code;
  switch (weighed.decision.stage) {
    case 'emergency':
      return code === 'draining' ? 'DRAINING' : 'EMERGENCY_STOP';
    case 'sanction':
      return 'SANCTIONED';
    case 'shape':
      if (code === 'unknown_workflow') return 'WORKFLOW_NOT_FOUND';
      return (
        (first && bodyFault(first)) ??
        (code === 'schema_error' ? 'GOVERNANCE_ERROR' : 'GOVERNANCE_VALIDATION_FAILED')
      );
    case 'aim':
      return 'GOVERNANCE_VALIDATION_FAILED';
    case 'scope':
      return 'INSUFFICIENT_SCOPE';
    case 'limit':
      return 'RATE_LIMITED';
    default:
      return 'CHARTER_DENIED';
  }
}
