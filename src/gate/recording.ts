/**
 * record → limit → approval: what follows the weighing of everything that is not run at once, the same for a request that is
 * refused here and for one that another carries out. The decision is durable before an approval exists that could release it.
 */

import { following } from '../basics/ids.ts';
import type { Caller, Question } from '../decision/question.ts';
import { decisionRecord, limitRecord, type Weighed } from '../decision/record.ts';
import type { Approvals, ApprovalView } from '../govern/approvals/approvals.ts';
import type { Ledger, Receipt } from '../ledger/record.ts';

export interface RecordingDeps {
  readonly ledger: Ledger;
  readonly approvals: Approvals;
}

export interface Recorded {
  readonly receipt: Receipt;
  readonly approval?: ApprovalView;
}

/**
 * Dry run and shadow leave one record and nothing else.
 * @param grants false for advice about others: it opens no approval
 * @throws ChanceryError LEDGER_UNAVAILABLE or STORE_UNAVAILABLE: then nothing was granted
 */
export async function recordDecision(
  { ledger, approvals }: RecordingDeps,
  caller: Caller,
  question: Question,
  weighed: Weighed,
  grants = true,
): Promise<Recorded> {
  const enforced = question.mode === 'enforce';
  // Only workflows are run here, so only they can wait here; others wait where they are carried out.
  const waits =
    enforced &&
    grants &&
    weighed.decision.outcome === 'require_approval' &&
    question.workflow !== undefined &&
    question.request !== undefined;
  if (!waits) {
    const receipt = await ledger.append(decisionRecord(caller, question, weighed));
    const hit = enforced ? limitRecord(caller, question, weighed) : undefined;
    if (hit !== undefined) await ledger.append(hit);
    return { receipt };
  }
  const approval_id = following(weighed.decision_id, 'apr');
  const receipt = await ledger.append(decisionRecord(caller, question, weighed, { approval_id }));
  const approval = await approvals.request({
    approval_id,
    caller,
    body: question.body ?? null,
    question,
    weighed,
    after: receipt.record_hash,
  });
  return { receipt, approval };
}
