/** How a decision reads in the ledger: what of it is open, what is sealed under the person's key, what stands by digest. */
import { digestJson } from '../basics/digest.ts';
import { depthOf } from '../charter/asked.ts';
import type { Charter } from '../charter/charter.ts';
import { limitNamed } from '../charter/limits.ts';
import { calledIn, hasPerson } from '../charter/subject.ts';
import type { Refused } from '../identity/flood.ts';
import type { Json, JsonObject } from '../json.ts';
import type { DecisionData, RateLimitData } from '../ledger/payloads.ts';
import type { Veil } from '../ledger/people/names.ts';
import { metaOf, type NewRecord } from '../ledger/record.ts';
import type { AimRequest, Decision, PrescriptiveHit, Principal } from '../terms.ts';
import type { Facts } from './facts.ts';
import { openly } from './openly.ts';
import type { Caller, Question } from './question.ts';

export interface Weighed {
  readonly decision_id: string;
  readonly decision: Decision;
  readonly prescriptive: readonly PrescriptiveHit[];
  readonly action_digest: string;
  readonly charter: Charter;
  /** What the ledger will say of it; whoever appends it names what follows (`recordWith`). */
  readonly record: DecisionRecord;
}

/** The one place where who asks, through which request, becomes part of a decision: what follows reads it here. */
export type DecisionRecord = NewRecord & {
  readonly who: Principal;
  readonly meta: NonNullable<NewRecord['meta']>;
  readonly data: DecisionData;
};

export function principalOf({ principal, ask }: Facts): DecisionData['principal'] {
  return {
    kind: principal.kind,
    roles: [...principal.roles],
    scopes: [...principal.scopes],
    act_depth: depthOf(principal, ask),
    fresh_mfa: principal.fresh_mfa,
    person: hasPerson(principal),
  };
}

/** Binds approvals and capabilities to exactly what was asked, by whom, under which charter. */
export function actionDigest(principal: Principal, question: Question, charter: string): string {
  const { request, ask } = question;
  return digestJson({
    sub: calledIn(principal),
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

/** The ledger record of a decision. Personal values, and words that may be, go into `personal` only. */
export function decisionRecord(
  caller: Caller,
  question: Question,
  charter: Charter,
  said: DecisionData,
  veil: Veil,
): DecisionRecord {
  const data = openly(charter, said, veil);
  const { principal, trace } = caller;
  const known = principal.roles.find((role) => charter.roles.has(role));
  return {
    type: question.mode === 'enforce' ? 'decision.made' : 'decision.dry_run',
    trace,
    who: principal,
    // Of who was revoked nothing personal is kept any more: it would need a new key.
    ...(isRevoked(data) ? {} : { personal: { ...personalOf(caller, question), ...unveiled(said, data) } }),
    meta: { ...metaOf(caller), charter: charter.digest },
    labels: {
      drag_mode: question.drag_mode ?? 'none',
      actor_role: known ?? (principal.roles.length === 0 ? 'none' : 'other'),
      workflow: question.workflow?.name ?? 'none',
      actor_type: principal.actor_type,
    },
    data,
  };
}

/** The record of a decision, with what only the next step knows: which run it starts, which approval it waits for. */
export function recordWith({ record }: Weighed, more: Partial<DecisionData>): DecisionRecord {
  return { ...record, data: { ...record.data, ...more } };
}

const isRevoked = ({ reasons }: DecisionData): boolean =>
  reasons.some(({ code }) => code === 'sanction_revocation');

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

/** As it was said, where the open part says it otherwise. */
function unveiled(said: DecisionData, open: DecisionData): JsonObject {
  const differs = (name: 'action' | 'resource' | 'reasons'): boolean =>
    JSON.stringify(said[name]) !== JSON.stringify(open[name]);
  return {
    ...(differs('action') ? { action: said.action } : {}),
    ...(differs('resource') ? { resource: { ...said.resource } } : {}),
    ...(differs('reasons') ? { reasons: bySize(said.reasons.map((reason) => ({ ...reason }))) } : {}),
  };
}

/** A record takes 60 KB: what is large stands in it by digest, and is bound all the same. */
const LARGEST_IN_RECORD = 12_000;

function bySize(value: Json): Json {
  const bytes = Buffer.byteLength(JSON.stringify(value), 'utf8');
  return bytes <= LARGEST_IN_RECORD ? value : { digest: digestJson(value), bytes };
}

/** The record of a limit that was hit, beside the decision that it led to; undefined when none was. */
export function limitRecord(
  { scope }: Question,
  { decision, charter, record }: Weighed,
): (NewRecord & Refused) | undefined {
  const [first] = decision.reasons;
  if (decision.stage !== 'limit' || first === undefined) return undefined;
  const { name, limit, window_seconds } = limitNamed(charter, first.policy_id ?? '');
  const data: RateLimitData = { reason: name, scope, limit, window_seconds };
  const { trace, who, meta } = record;
  return { type: 'rate_limit.hit', trace, who, meta, data };
}
