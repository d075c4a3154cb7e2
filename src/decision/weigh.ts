/**
 * Weighing a question: everything that leads to a decision and to the record of it, and nothing that follows from them. One store round
 * trip (the principal's standing: sanctions and rate windows in one item); charter and emergency state come
 * from polls that their watches cache. Executing, validating, AuthZEN and the tool gateway all go through here.
 */
import type { PhraseBook } from '../aim/phrase-book.ts';
import { screen } from '../aim/prescriptive.ts';
import { checkAim } from '../aim/rules.ts';
import { effectiveDataClasses, effectiveRisk, recordedQuestion } from '../charter/asked.ts';
import type { Charter } from '../charter/charter.ts';
import { atToolRisk } from '../charter/gateway.ts';
import { limitsFor, quotaFor, quotaKey } from '../charter/limits.ts';
import { type DecisionData, foundIn } from '../ledger/payloads.ts';
import { veilBy } from '../ledger/people/names.ts';
import type { Clock, Ids, Item } from '../ports.ts';
import type { Decision, Principal } from '../terms.ts';
import { decide, decideOnce } from './decide.ts';
import type { EmergencyState } from './emergency.ts';
import { type Facts, isScreened, neededScopes, type OverrideInForce } from './facts.ts';
import { type Caller, type Question, spanOf } from './question.ts';
import { actionDigest, decisionRecord, principalOf, type Weighed } from './record.ts';
import { countedStanding, type StandingDeps, standingKey } from './standing.ts';

export interface WeighDeps extends StandingDeps {
  /** The charter in force; polled at most every 30 s by its watch. */
  readonly charter: () => Promise<Charter>;
  /** The charter that is in memory, whether it is to be looked for again or not. */
  readonly loaded: () => Charter;
  /** A charter that is tried beside the one in force: it is asked, recorded and not followed. */
  readonly candidate?: () => Charter | undefined;
  readonly emergency: () => Promise<EmergencyState>;
  readonly draining: () => boolean;
  readonly phrases: (charter: Charter) => PhraseBook;
  /** The override that lets a principal run a workflow without an approval. */
  readonly overrides: (workflow: string, who: Principal) => Promise<OverrideInForce | undefined>;
  readonly clock: Clock;
  /** Monotonic microseconds, whole. */
  readonly micros: () => number;
  readonly ids: Ids;
}

/** Throws STORE_UNAVAILABLE when the principal's standing cannot be counted: then nothing is decided. */
export function weigh(deps: WeighDeps, caller: Caller, question: Question): Promise<Weighed> {
  return deps.tracer.span('weigh', spanOf(question), async (note) => {
    const loaded = deps.loaded();
    const weighed = await weighOnce(deps, caller, question);
    const { outcome, risk_level } = weighed.record.data;
    note({ outcome, risk_level, cache_hit: weighed.charter === loaded });
    return weighed;
  });
}

async function weighOnce(deps: WeighDeps, caller: Caller, question: Question): Promise<Weighed> {
  const began = deps.micros();
  const decision_id = question.decision_id ?? deps.ids('dec');
  const now = deps.clock();
  const [charter, emergency] = await Promise.all([deps.charter(), deps.emergency()]);
  const asked = await gather(deps, caller.principal, question, { charter, emergency, now });
  const evaluating = deps.micros();
  const first = decide(charter, asked);
  const facts = await withOverride(deps, asked, first);
  const judged = facts === asked ? first : decide(charter, facts);
  const evaluated = deps.micros();
  const decision = await withinQuota(deps, charter, facts, question, judged);
  const action_digest = actionDigest(facts.principal, question, charter.digest);
  // Hits count only where the mode is screened: grunt and execute carry out orders that were given already.
  const prescriptive = isScreened(charter, facts) ? facts.prescriptive : [];
  const data: DecisionData = {
    decision_id,
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
    principal: principalOf(facts),
    reasons: [...decision.reasons],
    counterfactual: [...decision.counterfactual],
    obligations: [...decision.obligations],
    policies: [...decision.policies],
    policy_errors: [...decision.policy_errors],
    prescriptive: foundIn(prescriptive),
    ...(isJudged(decision, facts)
      ? { asked: recordedQuestion(charter, facts, neededScopes(charter, facts)) }
      : {}),
    ...shadowOf(deps.candidate?.(), facts),
    ...(facts.override && decision.outcome === 'allow' ? { override_id: facts.override.override_id } : {}),
    ...(question.subject ? { about: deps.pseudonym(question.subject) } : {}),
    charter: decision.charter,
    action_digest,
    evaluation_us: evaluated - evaluating,
    latency_us: deps.micros() - began,
  };
  const record = decisionRecord(caller, question, charter, data, veilBy(deps.pseudonym));
  return { decision_id, decision, prescriptive, action_digest, charter, record };
}

/**
 * What would be decided of each, if it were asked now: for showing somebody what they may do. Nothing is counted, recorded or explained.
 * Throws STORE_UNAVAILABLE.
 */
export async function foresee(
  deps: WeighDeps,
  { principal }: Caller,
  questions: readonly Question[],
): Promise<readonly Decision[]> {
  const judged = questions.map(({ subject = principal }) => subject);
  const [charter, emergency, standings] = await Promise.all([
    deps.charter(),
    deps.emergency(),
    standingsOf(deps, judged),
  ]);
  return questions.map((question, index) => {
    const who = judged[index] ?? principal;
    const standing = standings.get(standingKey(deps.pseudonym(who)).pk);
    return decideOnce(
      charter,
      factsOf(deps, who, question, { charter, emergency, now: deps.clock(), standing }),
    );
  });
}

/** By partition, each read once. Who has no standing yet has done nothing that could stand against them. */
async function standingsOf(
  deps: WeighDeps,
  people: readonly Principal[],
): Promise<ReadonlyMap<string, Item>> {
  const keys = new Map(people.map((who) => standingKey(deps.pseudonym(who))).map((key) => [key.pk, key]));
  const kept = await Promise.all(
    [...keys.values()].map(
      async ({ pk, sk }): Promise<[string, Item]> => [pk, (await deps.table.get(pk, sk)) ?? { pk, sk }],
    ),
  );
  return new Map(kept);
}

/** Everything that has to be read before deciding, which is pure. */
async function gather(
  deps: WeighDeps,
  principal: Principal,
  question: Question,
  known: Known,
): Promise<Facts> {
  const { charter, now } = known;
  const { subject: judged = principal } = question;
  const { slots } = limitsFor(charter, principal, question.scope, now);
  const standing = await countedStanding(deps, { asking: principal, judged }, slots, now);
  return factsOf(deps, judged, question, { ...known, standing });
}

interface Known {
  readonly charter: Charter;
  readonly emergency: EmergencyState;
  readonly now: number;
}

function factsOf(
  deps: Pick<WeighDeps, 'phrases' | 'draining'>,
  judged: Principal,
  question: Question,
  { charter, emergency, now, standing }: Known & { readonly standing: Item | undefined },
): Facts {
  const { request } = question;
  return {
    principal: judged,
    action: question.action,
    resource: question.resource,
    scope: question.scope,
    ...(question.workflow ? { workflow: question.workflow } : {}),
    ...(question.drag_mode ? { drag_mode: question.drag_mode } : {}),
    ...(request ? { request } : {}),
    ...(question.ask ? { ask: atToolRisk(charter, question.resource, question.ask) } : {}),
    shape: question.shape,
    ...(question.withheld ? { withheld: question.withheld } : {}),
    ...(question.lacks ? { lacks: question.lacks } : {}),
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

/** Looked for only where an approval would be needed: nothing else can be set aside, and nobody else pays for it. */
async function withOverride(deps: WeighDeps, facts: Facts, { outcome }: Decision): Promise<Facts> {
  if (outcome !== 'require_approval' || facts.workflow === undefined) return facts;
  const override = await deps.overrides(facts.workflow.name, facts.principal);
  return override === undefined ? facts : { ...facts, override };
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
  const quota = limits.exceeded(await deps.table.add(pk, sk, limits.slots, 'with-the-next'));
  return quota.length === 0 ? judged : decide(charter, { ...facts, quota });
}

function shadowOf(candidate: Charter | undefined, facts: Facts): Pick<DecisionData, 'shadow'> {
  if (candidate === undefined) return {};
  return { shadow: { digest: candidate.digest, outcome: decideOnce(candidate, facts).outcome } };
}

/**
 * Whether the policies' word decided: only then is there something to replay. What the resource itself had against it (a tool that nobody
 * had reviewed) no charter changes.
 */
function isJudged({ stage, reasons }: Decision, { withheld = [] }: Facts): boolean {
  if (stage === 'forbid' && withheld.length > 0 && reasons === withheld) return false;
  return !['emergency', 'sanction', 'shape', 'aim'].includes(stage);
}
