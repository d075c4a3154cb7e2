/**
 * record → limit → approval: what follows the weighing of everything that is not run at once, the same for a request that is
 * refused here and for one that another carries out. The decision is durable before an approval exists that could release it.
 */

import { following } from '../basics/ids.ts';
import type { Caller, Question } from '../decision/question.ts';
import { limitRecord, recordWith, type Weighed } from '../decision/record.ts';
import { ChanceryError } from '../errors.ts';
import type { Approvals, ApprovalView } from '../govern/approvals/approvals.ts';
import type { Flood } from '../identity/flood.ts';
import type { Ledger, Receipt } from '../ledger/record.ts';

export interface RecordingDeps {
  readonly ledger: Ledger;
  readonly approvals: Approvals;
  /** Bounds the records of what one principal is refused over and over. */
  readonly refusals: Pick<Flood, 'single'>;
}

export interface Recorded {
  readonly receipt: Receipt;
  readonly approval?: ApprovalView;
}

/**
 * Dry run and shadow leave one record and nothing else.
 * @param grants false for advice about others: it opens no approval
 * @throws ChanceryError LEDGER_UNAVAILABLE or STORE_UNAVAILABLE: then nothing was granted; RATE_LIMITED: the limit was hit so often in
 *   this second that the hit is counted and not recorded by itself
 */
export async function recordDecision(
  { ledger, approvals, refusals }: RecordingDeps,
  caller: Caller,
  question: Question,
  weighed: Weighed,
  grants = true,
): Promise<Recorded> {
  const enforced = question.mode === 'enforce';
  // Only what is carried out here can wait here, and that has a body; others wait where they are carried out.
  const waits =
    enforced && grants && weighed.decision.outcome === 'require_approval' && question.body !== undefined;
  if (!waits) {
    const hit = limitRecord(question, weighed);
    if (hit !== undefined && !refusals.single(hit)) throw tooMany(weighed);
    const receipt = await ledger.append(weighed.record);
    if (hit !== undefined && enforced) await ledger.append(hit);
    return { receipt };
  }
  const approval_id = following(weighed.decision_id, 'apr');
  const receipt = await ledger.append(recordWith(weighed, { approval_id }));
  const approval = await approvals.request({
    approval_id,
    caller,
    body: question.body,
    question,
    weighed,
    after: receipt.record_hash,
  });
  return { receipt, approval };
}

function tooMany({ decision }: Weighed): ChanceryError {
  const { reasons, retry_after_seconds } = decision;
  return new ChanceryError('RATE_LIMITED', reasons[0]?.message ?? 'A limit is used up.', {
    reasons,
    headers: { 'retry-after': String(retry_after_seconds ?? 1) },
  });
}
