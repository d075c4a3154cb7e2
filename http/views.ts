/** How decisions and receipts look on the wire: one shape for every route. */

import type { Weighed } from '../src/decision/record.ts';
import type { JsonObject } from '../src/json.ts';
import type { Receipt } from '../src/ledger/record.ts';

/** The native decision, without what only some routes add (approval, capability). */
export function decisionBody(weighed: Weighed, receipt: Receipt, trace: string): JsonObject {
  const { decision, prescriptive, record } = weighed;
  const { data } = record;
  return {
    decision_id: weighed.decision_id,
    trace_id: trace,
    outcome: decision.outcome,
    decision: decision.outcome === 'allow',
    mode: data.mode,
    reasons: decision.reasons.map((reason) => ({ ...reason })),
    counterfactual: decision.counterfactual.map((change) => ({ ...change })),
    obligations: decision.obligations.map(({ paths, ...rest }) => ({
      ...rest,
      ...(paths ? { paths: [...paths] } : {}),
    })),
    prescriptive: { detected: prescriptive.length > 0, matches: prescriptive.map((hit) => ({ ...hit })) },
    risk_level: data.risk_level,
    charter: { ...decision.charter },
    action_digest: weighed.action_digest,
    receipt: receiptBody(receipt),
    latency_us: data.latency_us,
  };
}

export function receiptBody(receipt: Receipt): JsonObject {
  return { ...receipt };
}

/** One sentence that a person can read in a log or a chat. */
export function summaryOf(weighed: Weighed, actor: string | undefined, then = ''): string {
  const { decision, record } = weighed;
  const { data } = record;
  const what = data.workflow ?? `${data.action} on ${data.resource.id}`;
  const why =
    decision.policies.map((policy) => policy.id).join(', ') ||
    decision.reasons.map((reason) => reason.code).join(', ');
  return `${actor ?? 'An actor'} asked for ${what} in ${data.drag_mode} mode at risk ${data.risk_level}: ${decision.outcome}${why ? ` (${why})` : ''} under charter ${decision.charter.version}${then}.`;
}
