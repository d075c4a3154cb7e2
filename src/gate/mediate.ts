/**
 * The story of a governed request. The door has said who is asking; from there:
 *
 *   parse the AIM → weigh it → record the decision → run → settle → record the outcome → answer
 *
 * The decision is durable before anything runs (invariant 1): `ledger.append` throws LEDGER_UNAVAILABLE when
 * it cannot promise that, and then nothing below it happens. A denial is a value, not an exception.
 */
import { parseGoverned } from '../aim/request.ts';
import type { Caller, Question } from '../decision/question.ts';
import { recordWith } from '../decision/record.ts';
import { type WeighDeps, weigh } from '../decision/weigh.ts';
import type { Reason } from '../errors.ts';
import { type ExecutionDeps, execute } from '../execution/execute.ts';
import type { GrantedApproval } from '../govern/approvals/approvals.ts';
import type { Issuers } from '../identity/issuers.ts';
import type { Json } from '../json.ts';
import { checkParameters } from '../workflow/parameters.ts';
import { checkPerson } from '../workflow/person.ts';
import { type Answer, APPROVAL_VOID, answerOf, refusal } from './answer.ts';
import { type RecordingDeps, recordDecision } from './recording.ts';

/** A body as the door read it: JSON, or what is wrong with it. */
export type Body =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: Reason };

export interface Office extends WeighDeps, RecordingDeps, ExecutionDeps {
  /** Whose tokens are trusted. */
  readonly issuers: Issuers;
}

/** Decides, records and, if allowed, runs. Throws LEDGER_UNAVAILABLE or STORE_UNAVAILABLE: then nothing ran. */
export async function mediate(
  office: Office,
  caller: Caller,
  body: Body,
  decision_id = office.ids('dec'),
): Promise<Answer> {
  const question = { ...ask(office, body), decision_id };
  const weighed = await weigh(office, caller, question);
  if (question.mode === 'enforce' && weighed.decision.outcome === 'allow') {
    return execute(office, question, weighed);
  }
  return answerOf(question, weighed, await recordDecision(office, caller, question, weighed));
}

/**
 * Judges the bound request once more now that its approval was granted, and runs it if it still stands. A
 * charter that changed meanwhile changes the action digest, so the approval no longer counts.
 */
export async function resume(office: Office, granted: GrantedApproval): Promise<Answer> {
  const { caller, approval_id, record_hash: after } = granted;
  const question = { ...ask(office, { ok: true, value: granted.body }), approved: true };
  const weighed = await weigh(office, caller, question);
  if (weighed.decision.outcome === 'allow' && weighed.action_digest === granted.action_digest) {
    return execute(office, question, weighed, { approval_id, after });
  }
  const reasons = weighed.decision.outcome === 'deny' ? weighed.decision.reasons : [APPROVAL_VOID];
  const record = recordWith(weighed, {
    approval_id,
    outcome: 'deny',
    stage: 'approval',
    reasons: [...reasons],
  });
  const refused = { ...weighed, decision: { ...weighed.decision, reasons } };
  return refusal(refused, await office.ledger.append({ ...record, after }));
}

/** The question that a governed body asks. What is wrong with its shape stands inside it: nothing is thrown. */
export function ask(
  office: Pick<Office, 'workflows' | 'issuers'>,
  body: Body,
  scope = 'workflows:execute',
): Question {
  const action = 'workflow:execute';
  const parsed = body.ok ? parseGoverned(body.value) : { ok: false as const, reasons: [body.reason] };
  if (!parsed.ok) {
    return {
      action,
      scope,
      resource: { type: 'workflow', id: 'unknown' },
      shape: parsed.reasons,
      mode: 'enforce',
    };
  }
  const { request } = parsed;
  const workflow = office.workflows.get(request.workflow_name);
  const { drag_mode, options } = request;
  const asked = {
    action,
    scope,
    request,
    drag_mode,
    mode: options.mode,
    body: body.ok ? body.value : null,
  } as const;
  if (workflow === undefined) {
    const message = `no workflow named ${request.workflow_name} is registered; GET /workflows lists them`;
    const reason = { code: 'unknown_workflow', path: '/workflow_name', message, kind: 'invalid' } as const;
    return { ...asked, resource: { type: 'workflow', id: 'unknown' }, shape: [reason] };
  }
  const { parameters } = request;
  const shape = [
    ...checkParameters(workflow, parameters),
    ...checkPerson(workflow, parameters, office.issuers),
  ];
  return { ...asked, resource: { type: 'workflow', id: workflow.name }, workflow, shape };
}
