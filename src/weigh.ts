/**
 * Weighing a question: everything that leads to a decision, and nothing that follows from it. One store round
 * trip (the principal's standing: sanctions and rate windows in one item); charter and emergency state come
 * from polls that their watches cache. Executing, validating, AuthZEN and the tool gateway all go through here.
 */

import { type PhraseBook, screen } from './aim/prescriptive.ts';
import { checkAim } from './aim/rules.ts';
import type { Charter } from './charter/charter.ts';
import { decide, effectiveRisk, type Facts, slotsFor } from './decide.ts';
import { digestJson } from './digest.ts';
import type { EmergencyState } from './emergency.ts';
import type { Reason } from './errors.ts';
import type { DecisionData } from './ledger/payloads.ts';
import type { NewRecord } from './ledger/record.ts';
import type { Clock, Ids, Json, JsonObject, Table, Tracer } from './ports.ts';
import type {
  AimRequest,
  Decision,
  DragMode,
  GovernedRequest,
  PrescriptiveHit,
  Principal,
  WorkflowFacts,
} from './terms.ts';

/** Who is asking, and through which request. */
export interface Caller {
  readonly principal: Principal;
  readonly trace: string;
  readonly request_id?: string;
  /** Personal: sealed in records, never logged. */
  readonly seen: { readonly ip?: string; readonly user_agent?: string };
}

/** What is asked, after parsing. `shape` holds what is wrong with the request itself, first problem first. */
export interface Question {
  readonly action: string;
  readonly resource: { readonly type: string; readonly id: string };
  /** The scope that guards the route asked through. */
  readonly scope: string;
  readonly workflow?: WorkflowFacts;
  readonly drag_mode?: DragMode;
  readonly request?: GovernedRequest;
  /** The body the request was parsed from: an approval keeps it, to ask again once it is granted. */
  readonly body?: Json;
  readonly shape: readonly Reason[];
  readonly mode: 'enforce' | 'dry_run' | 'shadow';
  /** Resumed after a granted approval: the approval stage is passed, all others are judged again. */
  readonly approved?: boolean;
  /** Attributes for the charter beyond the request: tool names, agents, environments. */
  readonly context?: JsonObject;
}

export interface WeighDeps {
  readonly table: Table;
  /** The charter in force; polled at most every 30 s by its watch. */
  readonly charter: () => Promise<Charter>;
  readonly emergency: () => Promise<EmergencyState>;
  readonly draining: () => boolean;
  readonly phrases: (charter: Charter) => PhraseBook;
  readonly pseudonym: (sub: string) => string;
  readonly clock: Clock;
  /** Monotonic microseconds. */
  readonly micros: () => number;
  readonly ids: Ids;
  readonly tracer: Tracer;
}

export interface Weighed {
  readonly decision_id: string;
  readonly decision: Decision;
  readonly prescriptive: readonly PrescriptiveHit[];
  readonly action_digest: string;
  readonly charter: Charter;
  /** What the ledger will hold of this decision; the caller adds execution or approval ids. */
  readonly data: DecisionData;
}

export async function weigh(deps: WeighDeps, caller: Caller, question: Question): Promise<Weighed> {
  const began = deps.micros();
  const now = deps.clock();
  const { principal } = caller;
  const [charter, emergency] = await Promise.all([deps.charter(), deps.emergency()]);
  const standing = await deps.tracer.span('standing', {}, () =>
    deps.table.add(
      `PRINCIPAL#${deps.pseudonym(principal.sub)}`,
      'standing',
      slotsFor(charter, principal, question.scope, now),
    ),
  );
  const { request } = question;
  const prescriptive =
    request?.output_text === undefined || !isScreened(request.drag_mode)
      ? []
      : screen(request.output_text, deps.phrases(charter));
  const facts: Facts = {
    principal,
    action: question.action,
    resource: question.resource,
    scope: question.scope,
    ...(question.workflow ? { workflow: question.workflow } : {}),
    ...(question.drag_mode ? { drag_mode: question.drag_mode } : {}),
    ...(request ? { request } : {}),
    ...(question.context ? { context: question.context } : {}),
    shape: question.shape,
    aim: request && question.shape.length === 0 ? checkAim(request, principal) : [],
    prescriptive,
    standing,
    emergency,
    draining: deps.draining(),
    approved: question.approved ?? false,
    now,
  };
  const evaluating = deps.micros();
  const decision = decide(charter, facts);
  const evaluated = deps.micros();
  const action_digest = actionDigest(caller, question, charter.digest);
  return {
    decision_id: deps.ids('dec'),
    decision,
    prescriptive,
    action_digest,
    charter,
    data: {
      decision_id: '',
      outcome: decision.stage === 'shape' || decision.stage === 'aim' ? 'rejected' : decision.outcome,
      stage: decision.stage,
      mode: question.mode,
      ...(question.workflow ? { workflow: question.workflow.name } : {}),
      action: question.action,
      resource: question.resource,
      drag_mode: question.drag_mode ?? 'none',
      risk_level: effectiveRisk(facts),
      data_classes: [
        ...new Set([...(question.workflow?.data_classes ?? []), ...(request?.data_classes ?? [])]),
      ],
      actor_type: principal.actor_type,
      principal: {
        kind: principal.kind,
        roles: [...principal.roles],
        scopes: [...principal.scopes],
        act_depth: principal.act.length,
        fresh_mfa: principal.fresh_mfa,
      },
      reasons: [...decision.reasons],
      counterfactual: [...decision.counterfactual],
      obligations: [...decision.obligations],
      policies: [...decision.policies],
      policy_errors: [...decision.policy_errors],
      prescriptive: prescriptive.map(({ phrase_type, start, end }) => ({ phrase_type, start, end })),
      charter: decision.charter,
      action_digest,
      evaluation_us: evaluated - evaluating,
      latency_us: deps.micros() - began,
    },
  };
}

/** Draft, research and analysis must not prescribe; grunt and execute are orders already given. */
export function isScreened(mode: DragMode): boolean {
  return mode === 'draft' || mode === 'research' || mode === 'analysis';
}

/** Binds approvals and capabilities to exactly what was asked, by whom, under which charter. */
function actionDigest(caller: Caller, question: Question, charter: string): string {
  const { principal } = caller;
  const { request } = question;
  return digestJson({
    sub: principal.sub,
    act: [...principal.act],
    action: question.action,
    resource: question.resource,
    mode: question.drag_mode ?? 'none',
    parameters: request?.parameters ?? {},
    aim: request ? aimJson(request.aim) : null,
    charter,
  });
}

/** The declared AIM as JSON: what digests bind and records seal. */
export function aimJson(aim: AimRequest): Json {
  const { actor, input, mission } = aim;
  return {
    actor: { ...actor },
    input: { sources: input.sources.map((source) => ({ ...source })), constraints: [...input.constraints] },
    mission: {
      objective: mission.objective,
      success_criteria: [...mission.success_criteria],
      checks: mission.checks.map((check) => ({ ...check })),
    },
  } as Json;
}

/** The ledger record of a decision. Personal values go into `personal` only. */
export function decisionRecord(
  caller: Caller,
  question: Question,
  weighed: Weighed,
  extra: Partial<DecisionData> = {},
): NewRecord {
  const { principal } = caller;
  const { request } = question;
  const known = principal.roles.find((role) => weighed.charter.roles.has(role));
  return {
    type: question.mode === 'enforce' ? 'decision.made' : 'decision.dry_run',
    trace: caller.trace,
    sub: principal.sub,
    meta: {
      ...(caller.request_id ? { request_id: caller.request_id } : {}),
      ...(principal.session ? { session_id: principal.session } : {}),
      charter: weighed.decision.charter.digest,
    },
    labels: {
      drag_mode: question.drag_mode ?? 'none',
      actor_role: known ?? (principal.roles.length === 0 ? 'none' : 'other'),
      workflow: question.workflow?.name ?? 'none',
      actor_type: principal.actor_type,
    },
    data: { ...weighed.data, decision_id: weighed.decision_id, ...extra },
    personal: {
      sub: principal.sub,
      ...(principal.name ? { name: principal.name } : {}),
      ...(principal.email ? { email: principal.email } : {}),
      ...caller.seen,
      ...(request ? { aim: aimJson(request.aim), parameters: request.parameters } : {}),
    },
  };
}
