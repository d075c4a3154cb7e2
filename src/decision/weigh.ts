/**
 * Weighing a question: everything that leads to a decision, and nothing that follows from it. One store round
 * trip (the principal's standing: sanctions and rate windows in one item); charter and emergency state come
 * from polls that their watches cache. Executing, validating, AuthZEN and the tool gateway all go through here.
 */
import { type PhraseBook, screen } from '../aim/prescriptive.ts';
import { checkAim } from '../aim/rules.ts';
import { digestJson } from '../basics/digest.ts';
import { recordedQuestion } from '../charter/asked.ts';
import type { Charter } from '../charter/charter.ts';
import { limitNamed, quotaFor, quotaKey } from '../charter/limits.ts';
import { hasPerson } from '../charter/subject.ts';
import type { Reason } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { type DecisionData, foundIn, type RateLimitData } from '../ledger/payloads.ts';
import { metaOf, type NewRecord } from '../ledger/record.ts';
import type { Clock, Ids, Item, Table, Tracer } from '../ports.ts';
import type {
  AimRequest,
  Ask,
  Decision,
  DecisionMode,
  DragMode,
  GovernedRequest,
  PrescriptiveHit,
  Principal,
  WorkflowFacts,
} from '../terms.ts';
import {
  decide,
  decideOnce,
  effectiveDataClasses,
  effectiveRisk,
  type Facts,
  isScreened,
  neededScopes,
  slotsFor,
} from './decide.ts';
import type { EmergencyState } from './emergency.ts';
import { sanctionAttributes, sanctionsOf, standingKey } from './standing.ts';

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
  /** What is asked of a tool, an agent or a thing of a governed application, instead of a workflow. */
  readonly ask?: Ask;
  /** The body the request was parsed from: an approval keeps it, to ask again once it is granted. */
  readonly body?: Json;
  readonly shape: readonly Reason[];
  readonly mode: DecisionMode;
  /** Resumed after a granted approval: the approval stage is passed, all others are judged again. */
  readonly approved?: boolean;
  /** Who is judged, when an enforcement point asks about another than itself (AuthZEN). */
  readonly subject?: Principal;
}

export interface WeighDeps {
  readonly table: Table;
  /** The charter in force; polled at most every 30 s by its watch. */
  readonly charter: () => Promise<Charter>;
  /** A charter that is tried beside the one in force: it is asked, recorded and not followed. */
  /** The charter that is in memory, whether it is to be looked for again or not. */
  readonly loaded: () => Charter;
  readonly candidate?: () => Charter | undefined;
  readonly emergency: () => Promise<EmergencyState>;
  readonly draining: () => boolean;
  readonly phrases: (charter: Charter) => PhraseBook;
  readonly pseudonym: (sub: string) => string;
  readonly clock: Clock;
  /** Monotonic microseconds, whole. */
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

/** What a span says of the question. */
export const spanOf = ({ action, resource }: Question): { action: string; resource: string } => ({
  action,
  resource: `${resource.type}/${resource.id}`,
});

/** Throws STORE_UNAVAILABLE when the principal's standing cannot be counted: then nothing is decided. */
export function weigh(deps: WeighDeps, caller: Caller, question: Question): Promise<Weighed> {
  return deps.tracer.span('weigh', spanOf(question), async (note) => {
    const loaded = deps.loaded();
    const weighed = await weighOnce(deps, caller, question);
    const { outcome, risk_level } = weighed.data;
    note({ outcome, risk_level, cache_hit: weighed.charter === loaded });
    return weighed;
  });
}

async function weighOnce(deps: WeighDeps, caller: Caller, question: Question): Promise<Weighed> {
  const began = deps.micros();
  const now = deps.clock();
  const [charter, emergency] = await Promise.all([deps.charter(), deps.emergency()]);
  const facts = await gather(deps, caller.principal, question, { charter, emergency, now });
  const evaluating = deps.micros();
  const judged = decide(charter, facts);
  const evaluated = deps.micros();
  const decision = await withinQuota(deps, charter, facts, question, judged);
  const action_digest = actionDigest(facts.principal, question, charter.digest);
  // Hits count only where the mode is screened: grunt and execute carry out orders that were given already.
  const prescriptive = isScreened(charter, facts) ? facts.prescriptive : [];
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
      data_classes: [...effectiveDataClasses(facts)],
      actor_type: facts.principal.actor_type,
      principal: principalOf(facts.principal),
      reasons: [...decision.reasons],
      counterfactual: [...decision.counterfactual],
      obligations: [...decision.obligations],
      policies: [...decision.policies],
      policy_errors: [...decision.policy_errors],
      prescriptive: foundIn(prescriptive),
      ...(isJudged(decision)
        ? { asked: recordedQuestion(charter, facts, neededScopes(charter, facts)) }
        : {}),
      ...shadowOf(deps.candidate?.(), facts),
      ...(question.subject ? { about: deps.pseudonym(question.subject.sub) } : {}),
      charter: decision.charter,
      action_digest,
      evaluation_us: evaluated - evaluating,
      latency_us: deps.micros() - began,
    },
  };
}

/** Everything that has to be read before deciding, which is pure. */
async function gather(
  deps: WeighDeps,
  principal: Principal,
  question: Question,
  known: { readonly charter: Charter; readonly emergency: EmergencyState; readonly now: number },
): Promise<Facts> {
  const { charter, emergency, now } = known;
  const { request } = question;
  const { pk, sk } = standingKey(deps.pseudonym(principal.sub));
  const counted = await deps.tracer.span('standing', {}, () =>
    deps.table.add(pk, sk, slotsFor(charter, principal, question.scope, now)),
  );
  const judged = question.subject ?? principal;
  const standing = judged === principal ? counted : await standingBeside(deps, counted, judged, now);
  return {
    principal: judged,
    action: question.action,
    resource: question.resource,
    scope: question.scope,
    ...(question.workflow ? { workflow: question.workflow } : {}),
    ...(question.drag_mode ? { drag_mode: question.drag_mode } : {}),
    ...(request ? { request } : {}),
    ...(question.ask ? { ask: question.ask } : {}),
    shape: question.shape,
    aim: request && question.shape.length === 0 ? checkAim(request, judged) : [],
    prescriptive:
      request?.output_text === undefined ? [] : screen(request.output_text, deps.phrases(charter)),
    standing,
    emergency,
    draining: deps.draining(),
    approved: question.approved ?? false,
    now,
  };
}

/** The caller is counted; a sanction on either denies. */
async function standingBeside(deps: WeighDeps, counted: Item, judged: Principal, now: number): Promise<Item> {
  const own = sanctionsOf(counted, now);
  if (!own.readable || own.active.length > 0) return counted;
  const { pk, sk } = standingKey(deps.pseudonym(judged.sub));
  return { ...counted, ...sanctionAttributes(await deps.table.get(pk, sk)) };
}

/**
 * A workflow's quota and budget are taken only for a run that is allowed otherwise: else whoever may not run it
 * could use them up. Dry run and shadow take nothing.
 */
async function withinQuota(
  deps: WeighDeps,
  charter: Charter,
  facts: Facts,
  question: Question,
  judged: Decision,
): Promise<Decision> {
  if (judged.outcome !== 'allow' || question.mode !== 'enforce' || !question.workflow) return judged;
  const limits = quotaFor(charter, question.workflow.name, facts.now);
  if (limits === undefined) return judged;
  const { pk, sk } = quotaKey(question.workflow.name);
  const quota = limits.exceeded(await deps.table.add(pk, sk, limits.slots));
  return quota.length === 0 ? judged : decide(charter, { ...facts, quota });
}

function shadowOf(candidate: Charter | undefined, facts: Facts): Pick<DecisionData, 'shadow'> {
  if (candidate === undefined) return {};
  return { shadow: { digest: candidate.digest, outcome: decideOnce(candidate, facts).outcome } };
}

/** Whether the policies were asked: only then is there something to replay. */
function isJudged({ stage }: Decision): boolean {
  return !['emergency', 'sanction', 'shape', 'aim'].includes(stage);
}

function principalOf(principal: Principal): DecisionData['principal'] {
  return {
    kind: principal.kind,
    roles: [...principal.roles],
    scopes: [...principal.scopes],
    act_depth: principal.act.length,
    fresh_mfa: principal.fresh_mfa,
    person: hasPerson(principal),
  };
}

/** Binds approvals and capabilities to exactly what was asked, by whom, under which charter. */
export function actionDigest(principal: Principal, question: Question, charter: string): string {
  const { request, ask } = question;
  return digestJson({
    sub: principal.sub,
    act: [...principal.act],
    action: question.action,
    resource: question.resource,
    mode: question.drag_mode ?? 'none',
    parameters: request?.parameters ?? {},
    aim: request ? aimJson(request.aim) : null,
    ask: ask ? { ...ask, data_classes: [...ask.data_classes] } : null,
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
  };
}

/** The ledger record of a decision. Personal values go into `personal` only. */
export function decisionRecord(
  caller: Caller,
  question: Question,
  weighed: Weighed,
  extra: Partial<DecisionData> = {},
): NewRecord {
  const { principal } = caller;
  const known = principal.roles.find((role) => weighed.charter.roles.has(role));
  return {
    type: question.mode === 'enforce' ? 'decision.made' : 'decision.dry_run',
    trace: caller.trace,
    sub: principal.sub,
    meta: { ...metaOf(caller), charter: weighed.decision.charter.digest },
    labels: {
      drag_mode: question.drag_mode ?? 'none',
      actor_role: known ?? (principal.roles.length === 0 ? 'none' : 'other'),
      workflow: question.workflow?.name ?? 'none',
      actor_type: principal.actor_type,
    },
    data: { ...weighed.data, decision_id: weighed.decision_id, ...extra },
    // Of who was revoked nothing personal is kept any more: it would need a new key.
    ...(isRevoked(weighed) ? {} : { personal: personalOf(caller, question) }),
  };
}

const isRevoked = ({ decision }: Weighed): boolean =>
  decision.reasons.some(({ code }) => code === 'sanction_revocation');

function personalOf({ principal, seen }: Caller, { request, ask }: Question): JsonObject {
  return {
    sub: principal.sub,
    ...(principal.name ? { name: principal.name } : {}),
    ...(principal.email ? { email: principal.email } : {}),
    ...seen,
    ...(request ? { aim: bySize(aimJson(request.aim)), parameters: bySize(request.parameters) } : {}),
    ...(ask ? { parameters: bySize(ask.parameters) } : {}),
  };
}

/** A record takes 60 KB: what is large stands in it by digest (design §2), and is bound all the same. */
const LARGEST_IN_RECORD = 12_000;

function bySize(value: Json): Json {
  const bytes = Buffer.byteLength(JSON.stringify(value), 'utf8');
  return bytes <= LARGEST_IN_RECORD ? value : { digest: digestJson(value), bytes };
}

/** The record of a limit that was hit, beside the decision that it led to; undefined when none was. */
export function limitRecord(caller: Caller, question: Question, weighed: Weighed): NewRecord | undefined {
  const { decision, charter } = weighed;
  const [first] = decision.reasons;
  if (decision.stage !== 'limit' || first === undefined) return undefined;
  const { name, limit, window_seconds } = limitNamed(charter, first.policy_id ?? '');
  const data: RateLimitData = { reason: name, scope: question.scope, limit, window_seconds };
  return {
    type: 'rate_limit.hit',
    trace: caller.trace,
    sub: caller.principal.sub,
    meta: { ...metaOf(caller), charter: charter.digest },
    data,
  };
}
