/** Governed execution and its pre-flight check. */
import { governedRequestSchema } from '../../src/aim/request.ts';
import { digestJson } from '../../src/basics/digest.ts';
import type { Caller } from '../../src/decision/question.ts';
import { weigh } from '../../src/decision/weigh.ts';
import type { Execution } from '../../src/execution/executions.ts';
import type { Earlier, Idempotency, Keeping } from '../../src/execution/idempotency.ts';
import { type Answer, codeOf } from '../../src/gate/answer.ts';
import { type EarlierDeps, type EarlierRequest, earlierRequest } from '../../src/gate/earlier.ts';
import { ask, mediate, type Office } from '../../src/gate/mediate.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { readBody } from '../body.ts';
import { problemBody, type Sent, send } from '../problem.ts';
import { callerOf } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';
import { decisionBody, receiptBody, summaryOf } from '../views.ts';

export interface WorkflowRoutesDeps {
  readonly office: Office;
  readonly earlier: EarlierDeps;
  readonly idempotency: Idempotency;
}

export function workflowRoutes({ office, earlier, idempotency }: WorkflowRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/workflows/governed/execute',
        scope: 'workflows:execute',
        standing: 'weighed',
        summary: 'Decide, record and run a workflow',
        tag: 'workflows',
        body: governedRequestSchema,
        responses: {
          200: { description: 'It ran and succeeded; in dry-run and shadow mode, the decision' },
          202: { description: 'It waits for approval, or runs on and is found under /executions/{id}' },
          400: { description: 'The AIM rules or the shape refuse it' },
          403: { description: 'The charter denies it, or a sanction does' },
          404: { description: 'No such workflow' },
          429: { description: 'A rate limit, quota or budget is used up' },
          500: { description: 'The workflow failed' },
          503: { description: 'The ledger cannot be written, so nothing ran' },
        },
      },
      async (c) => {
        const body = await readBody(c);
        const caller = callerOf(c);
        const work = async (decision_id?: string) => {
          const answer = await mediate(office, caller, body, decision_id);
          c.set('context', contextOf(answer, office.pseudonym(caller.principal)));
          return sentOf(answer, caller);
        };
        const key = c.req.header('idempotency-key');
        if (key === undefined || !body.ok) return send(c, await work());
        const kept = await idempotency.once(
          { who: caller.principal, key, digest: digestJson(body.value) },
          { work, keep, earlier: async (id) => earlierSent(await earlierRequest(earlier, id), caller.trace) },
        );
        return send(c, kept.answer, kept.replayed ? { 'idempotency-replayed': 'true' } : {});
      },
    );

    mount(
      {
        method: 'post',
        path: '/governance/validate',
        scope: 'decisions:evaluate',
        standing: 'weighed',
        summary: 'Say whether a request would pass, and run nothing',
        tag: 'decisions',
        body: governedRequestSchema,
        responses: {
          200: { description: 'The AIM is valid; `decision` says what the charter thinks of it' },
          400: { description: 'The AIM is not valid' },
        },
      },
      async (c) => {
        const caller = callerOf(c);
        const asked = ask(office, await readBody(c));
        const question = { ...asked, mode: asked.mode === 'shadow' ? asked.mode : ('dry_run' as const) };
        const weighed = await weigh(office, caller, question);
        const receipt = await office.ledger.append(weighed.record);
        const { decision, decision_id } = weighed;
        if (decision.stage === 'shape' || decision.stage === 'aim') {
          const detail = decision.reasons[0]?.message ?? 'The request is not valid.';
          const body = problemBody(caller.trace, codeOf(weighed), detail, {
            reasons: decision.reasons,
            decision_id,
            extra: { valid: false },
          });
          return send(c, { status: body.status, body: body.document, headers: body.headers, governed: true });
        }
        const actor = question.request?.aim.actor;
        return c.json({
          valid: true,
          summary: summaryOf(weighed, actor?.name),
          drag_mode: question.drag_mode,
          actor,
          decision: decisionBody(weighed, receipt, caller.trace),
        });
      },
    );
  };
}

/** For the log: who (by pseudonym), what, how it ended. Names and texts stay in the sealed record. */
function contextOf({ weighed, ...answer }: Answer, actor: string): Record<string, string> {
  const { data } = weighed.record;
  return {
    decision_id: weighed.decision_id,
    actor,
    drag_mode: data.drag_mode,
    workflow_name: data.workflow ?? 'unknown',
    outcome: answer.kind === 'ran' ? answer.finished.data.outcome : data.outcome,
    stage: data.stage,
  };
}

/** What a later try could change is not kept under an idempotency key; what is not the end yet is followed. */
const keep = ({ status }: Sent): Keeping =>
  status === 429 || status === 503 ? 'free' : status === 202 ? 'open' : 'final';

/** The end of a request that was asked before, as far as the ledger knows it. */
function earlierSent(earlier: EarlierRequest, trace: string): Earlier<Sent> {
  switch (earlier.kind) {
    case 'nothing':
    case 'underway':
      return earlier;
    case 'ended':
      return { kind: 'ended', answer: endSent(earlier.execution, earlier.output), final: true };
    case 'unknown': {
      const { execution_id, decision_id } = earlier.execution;
      const detail = `Nothing was heard of ${execution_id} in time: it may have done what was asked, or a part. Look at the far side before asking again under another key.`;
      const body = problemBody(trace, 'EXECUTION_UNKNOWN', detail, {
        decision_id,
        extra: { success: false, execution_id, audit_logged: true },
      });
      const answer = { status: body.status, body: body.document, headers: {}, governed: true };
      return { kind: 'ended', answer, final: false };
    }
    case 'refused': {
      const { approval_id, decision_id, status } = earlier.approval;
      const detail = `The approval ${approval_id} was ${status === 'approved' ? 'granted, but what would run was no longer what was approved' : status}.`;
      const body = problemBody(trace, 'CHARTER_DENIED', detail, {
        decision_id,
        reasons: [
          { code: `approval_${status === 'approved' ? 'void' : status}`, message: detail, kind: 'forbidden' },
        ],
        extra: { success: false, outcome: 'deny', audit_logged: true, approval: { ...earlier.approval } },
      });
      const answer = { status: body.status, body: body.document, headers: {}, governed: true };
      return { kind: 'ended', answer, final: true };
    }
  }
}

function endSent({ end = {}, subject: _, status, ...execution }: Execution, output: Json): Sent {
  const success = status === 'succeeded';
  const { duration_us, decision_id: _decision, execution_id: _execution, ...rest } = end;
  const ran = {
    ...execution,
    ...rest,
    success,
    audit_logged: true,
    governance_summary: `${execution.workflow} in ${execution.drag_mode} mode ended in ${end.outcome}; told again from the ledger`,
    duration_seconds: Number(duration_us) / 1e6,
    output,
  } satisfies JsonObject;
  if (success) return { status: 200, body: ran, headers: {}, governed: false };
  const body = problemBody(execution.trace_id, 'EXECUTION_FAILED', String(end.error_type ?? 'Error'), {
    decision_id: execution.decision_id,
    extra: ran,
  });
  return { status: body.status, body: body.document, headers: {}, governed: true };
}

/** Everything but a success counts as governed: the service did its work. */
function sentOf(answer: Answer, caller: Caller): Sent {
  const { weighed, receipt } = answer;
  const { decision_id } = weighed;
  const trace_id = caller.trace;
  const actor = caller.principal.name ?? caller.principal.sub;
  const common = {
    trace_id,
    decision_id,
    audit_logged: true,
    receipt: receiptBody(receipt),
  } satisfies JsonObject;
  switch (answer.kind) {
    case 'refused': {
      const { counterfactual, obligations, charter, prescriptive } = decisionBody(weighed, receipt, trace_id);
      const extra = {
        ...common,
        success: false,
        outcome: weighed.record.data.outcome,
        counterfactual,
        obligations,
        charter,
        prescriptive,
      };
      const body = problemBody(trace_id, answer.code, answer.detail, {
        reasons: answer.reasons,
        decision_id,
        extra,
      });
      const retry = weighed.decision.retry_after_seconds;
      return {
        status: body.status,
        body: body.document,
        headers: { ...body.headers, ...(retry === undefined ? {} : { 'retry-after': String(retry) }) },
        governed: true,
      };
    }
    case 'decided':
      return {
        status: 200,
        body: { ...decisionBody(weighed, receipt, trace_id), ...common, success: true },
        headers: {},
        governed: false,
      };
    case 'approval':
      return {
        status: 202,
        body: {
          ...common,
          success: false,
          outcome: 'require_approval',
          code: 'APPROVAL_REQUIRED',
          governance_summary: summaryOf(weighed, actor, '; it waits for approval'),
          reasons: weighed.decision.reasons.map((reason) => ({ ...reason })),
          approval: { ...answer.approval },
        },
        headers: { location: `/approvals/${answer.approval.approval_id}` },
        governed: true,
      };
    case 'started':
      return {
        status: 202,
        body: {
          ...common,
          success: true,
          outcome: 'started',
          execution_id: answer.execution_id,
          governance_summary: summaryOf(weighed, actor, '; it is running'),
        },
        headers: { location: `/executions/${answer.execution_id}` },
        governed: false,
      };
    case 'ran': {
      const { data, output, receipt: outcome_receipt } = answer.finished;
      const succeeded = data.outcome === 'success';
      const ran = {
        ...common,
        success: succeeded,
        execution_id: data.execution_id,
        outcome: data.outcome,
        governance_summary: summaryOf(
          weighed,
          actor,
          `; the run ended in ${data.outcome}, mission ${data.settlement.result}`,
        ),
        duration_seconds: data.duration_us / 1e6,
        output,
        ...(data.output_ref === undefined ? {} : { output_ref: data.output_ref }),
        settlement: { ...data.settlement },
        prescriptive: { detected: data.prescriptive.first.length > 0, matches: data.prescriptive.first },
        outcome_receipt: receiptBody(outcome_receipt),
      } satisfies JsonObject;
      if (succeeded) return { status: 200, body: ran, headers: {}, governed: false };
      const detail = `${data.error_type ?? 'Error'}: ${answer.cause ?? 'the workflow gave no cause'}`;
      const body = problemBody(trace_id, 'EXECUTION_FAILED', detail, {
        reasons: [
          { code: data.error_type ?? 'workflow_failed', message: answer.cause ?? detail, kind: 'invalid' },
        ],
        decision_id,
        extra: ran,
      });
      return { status: body.status, body: body.document, headers: {}, governed: true };
    }
  }
}
