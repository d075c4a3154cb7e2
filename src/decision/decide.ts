/**
 * The order of decision. First hit wins, and the decision says at which stage it fell:
 *
 *   emergency → sanction → shape → AIM → scope → forbid → prescriptive → limit → permit → approval
 *
 * Pure: everything that had to be read was read before, in `facts`. A denial is a value.
 */
import { isPersonPresent } from '../aim/rules.ts';
import { actionOf, effectiveRisk, questionOf } from '../charter/asked.ts';
import type { Charter } from '../charter/charter.ts';
import { gatewayAttributes } from '../charter/gateway.ts';
import { type Judgement, judge } from '../charter/judge.ts';
import { limitsFor } from '../charter/limits.ts';
import { isOutsideManifest } from '../charter/manifest.ts';
import { filterParameters } from '../charter/secrets.ts';
import type { Reason } from '../errors.ts';
import { covers } from '../identity/scopes.ts';
import type { Decision, FailureReason, Obligation, PrescriptiveHit, Stage } from '../terms.ts';
import { flip } from './counterfactual.ts';
import { type Facts, isScreened, neededScopes, type OverrideInForce } from './facts.ts';
import { TOOL_CALL } from './question.ts';
import { sanctionReason, sanctionsOf } from './standing.ts';

/** Phrases that are named as reasons: a megabyte of them must still fit a record. */
const MAX_PHRASES = 20;

export function decide(charter: Charter, facts: Facts): Decision {
  const decision = decideOnce(charter, facts);
  if (decision.outcome === 'allow' || facts.request?.options.explain === 'none') return decision;
  return { ...decision, counterfactual: flip(charter, facts, decision, decideOnce) };
}

/** The decision without its counterfactual. */
export function decideOnce(charter: Charter, facts: Facts): Decision {
  const risk = effectiveRisk(facts);
  const base = {
    reasons: [] as readonly Reason[],
    counterfactual: [],
    obligations: [] as readonly Obligation[],
    policies: [] as Decision['policies'],
    policy_errors: [] as readonly string[],
    charter: { version: charter.version, digest: charter.digest },
  };
  const deny = (stage: Stage, reasons: readonly Reason[], more: Partial<Decision> = {}): Decision => ({
    ...base,
    outcome: 'deny',
    stage,
    reasons,
    ...more,
  });

  const stopped = emergencyReasons(facts);
  if (stopped.length > 0) return deny('emergency', stopped);

  const sanctioned = sanctionReasons(facts);
  if (sanctioned.length > 0) return deny('sanction', sanctioned);

  if (facts.shape.length > 0) return deny('shape', facts.shape);
  const lacking = facts.lacks === undefined ? [] : [facts.lacks.reason];
  const aim = [...facts.aim, ...lacking, ...modeReasons(charter, facts)];
  if (aim.length > 0) return deny('aim', aim);

  const unscoped = scopeReasons(charter, facts);
  if (unscoped.length > 0) return deny('scope', unscoped);

  const judgement = judge(charter, questionOf(charter, facts));
  const forbidden = forbidReasons(charter, facts, judgement);
  if (forbidden.length > 0) {
    return deny('forbid', forbidden, {
      policies: judgement.forbids.map((id) => ({ id, effect: 'forbid' })),
      policy_errors: judgement.errors,
    });
  }

  if (isScreened(charter, facts) && facts.prescriptive.length > 0) {
    return deny('prescriptive', facts.prescriptive.slice(0, MAX_PHRASES).map(prescriptiveReason));
  }

  const limited = limitReasons(charter, facts);
  if (limited.reasons.length > 0) {
    return deny('limit', limited.reasons, { retry_after_seconds: limited.retry_after_seconds });
  }

  if (judgement.permits.length === 0 || isOutside(facts)) return deny('permit', [notPermitted(facts)]);

  const allowed = {
    ...base,
    policies: judgement.permits.map((id) => ({ id, effect: 'permit' as const })),
    obligations: obligationsOf(charter, facts),
  };
  const approval = approvalFor(charter, risk);
  if (approval === undefined) return { ...allowed, outcome: 'allow', stage: 'permit' };
  if (facts.approved) return { ...allowed, outcome: 'allow', stage: 'approval' };
  if (facts.override !== undefined)
    return {
      ...allowed,
      outcome: 'allow',
      stage: 'approval',
      reasons: [overriddenReason(facts.override, risk)],
    };
  const reason: Reason = {
    code: 'approval_required',
    policy_id: `charter.yaml#approval_at_risk.${charter.documents['charter.yaml'].policy_mode}`,
    path: '/risk_level',
    message: `risk ${risk} needs the approval of ${approval.quorum} ${approval.quorum === 1 ? 'person' : 'people'}`,
    kind: 'not_permitted',
  };
  return { ...allowed, outcome: 'require_approval', stage: 'approval', reasons: [reason], approval };
}

/** What an allowed request of this risk still waits for under the charter's policy mode. */
export function approvalFor(charter: Charter, risk: number): Decision['approval'] {
  const { policy_mode, approval_at_risk, approvals } = charter.documents['charter.yaml'];
  const threshold = approval_at_risk[policy_mode];
  if (threshold === 'never' || risk < threshold) return undefined;
  const row = approvals.find((candidate) => candidate.risk === risk);
  return row === undefined
    ? { quorum: 2, priority: 'critical' }
    : { quorum: row.quorum, priority: row.priority };
}

function emergencyReasons({ emergency, draining }: Facts): Reason[] {
  if (emergency.state === 'unreadable') {
    return [reason('emergency_unreadable', 'whether an emergency stop is in force could not be read')];
  }
  if (emergency.state === 'stopped') {
    const until = new Date(emergency.until).toISOString();
    return [
      reason(
        'emergency_stop',
        `an emergency stop is in force until ${until}, or until two people release it`,
      ),
    ];
  }
  return draining ? [reason('draining', 'the service finishes what runs and takes no new work')] : [];
}

function sanctionReasons({ standing, now }: Facts): Reason[] {
  const sanctions = sanctionsOf(standing, now);
  if (!sanctions.readable) {
    return [reason('sanction_unreadable', 'whether the principal is under a sanction could not be read')];
  }
  return sanctions.active.map(sanctionReason);
}

/**
 * What the charter says of the mode, whatever a policy permits: one without effects starts nothing that has some, and one for
 * people only is refused to all others. That analysis is for people is a rule of AIM, which no charter changes.
 */
function modeReasons(charter: Charter, facts: Facts): Reason[] {
  const { workflow, request, principal, resource } = facts;
  const mode = request?.drag_mode ?? facts.drag_mode;
  if (mode === undefined) return [];
  const { effects, human_only } = charter.documents['modes.yaml'].modes[mode];
  const invalid = (code: FailureReason, message: string): Reason => ({
    code,
    path: '/drag_mode',
    message,
    kind: 'invalid',
  });
  const reasons: Reason[] = [];
  const isTool = resource.type === 'tool';
  // Of a declared AIM its own rules say so; of a workflow without one, a policy.
  const kept = request === undefined ? isTool : mode !== 'analysis';
  if (human_only && kept && !isPersonPresent(principal)) {
    const who = 'a person who signed in with a second factor within 15 minutes, acting in person';
    const code = mode === 'analysis' ? 'analysis_human_only' : 'mode_human_only';
    reasons.push(invalid(code, `this charter keeps ${mode} for ${who}`));
  }
  if (!effects && (workflow?.effects === true || writes(charter, facts))) {
    const message = `${workflow?.name ?? resource.id} changes or discloses something, and ${mode} does neither`;
    reasons.push(invalid('effects_in_mode', message));
  }
  return reasons;
}

/** Whether a tool is called that changes something: by the charter's word, or graver by the caller's. */
function writes(charter: Charter, { action, resource: { type, id }, ask }: Facts): boolean {
  if (action !== TOOL_CALL || type !== 'tool') return false;
  const { listed, writes } = gatewayAttributes(charter, type, id, ask?.properties ?? {}, false);
  return listed === true && writes === true;
}

const isOutside = ({ workflow, request, drag_mode, principal }: Facts): boolean =>
  workflow !== undefined && isOutsideManifest(workflow, principal.roles, request?.drag_mode ?? drag_mode);

function scopeReasons(charter: Charter, facts: Facts): Reason[] {
  return neededScopes(charter, facts)
    .filter((one) => !covers(facts.principal.scopes, one))
    .map((one) => ({
      code: 'insufficient_scope',
      path: 'token:scope',
      message: `the token does not cover ${one}`,
      kind: 'not_permitted',
    }));
}

function forbidReasons(
  charter: Charter,
  { principal, withheld = [] }: Facts,
  judgement: Judgement,
): readonly Reason[] {
  if (charter.status === 'pending' || charter.status === 'suspended') {
    return [reason('charter_not_active', `the charter is ${charter.status}: it decides nothing`)];
  }
  if (judgement.refused !== undefined) return [judgement.refused];
  if (withheld.length > 0) return withheld;
  if (judgement.errors.length > 0) {
    return judgement.errors.map((id) => ({
      code: 'policy_error',
      policy_id: id,
      message: `the policy ${id} could not be evaluated, so nothing is allowed`,
      kind: 'forbidden',
    }));
  }
  if (judgement.forbids.length === 0) return [];
  const explained = covers(principal.scopes, 'charter:read');
  return judgement.forbids.map((id) => forbiddenBy(charter, id, explained));
}

function limitReasons(charter: Charter, { principal, scope, standing, quota, now }: Facts) {
  const exceeded = standing === undefined ? [] : limitsFor(charter, principal, scope, now).exceeded(standing);
  const all = [...exceeded, ...(quota ?? [])];
  return {
    reasons: all.map((limit) => limit.reason),
    retry_after_seconds: Math.max(0, ...all.map((limit) => limit.retry_after_seconds)),
  };
}

function prescriptiveReason(hit: PrescriptiveHit): Reason {
  return {
    code: 'prescriptive_language',
    policy_id: `phrases.yaml#${hit.phrase_type}`,
    path: '/output_text',
    message: `"${hit.phrase}" at ${hit.start} decides for the reader; try "${hit.suggestion}"`,
    kind: 'forbidden',
  };
}

function notPermitted(facts: Facts): Reason {
  const path = facts.workflow === undefined ? '/action' : '/drag_mode';
  return {
    code: 'not_permitted',
    path,
    message: `no policy permits ${actionOf(facts)} on ${facts.resource.type} ${facts.resource.id} to this principal`,
    kind: 'not_permitted',
  };
}

/** An allow that says by whose word it needed no approval. */
function overriddenReason({ override_id, reason, until }: OverrideInForce, risk: number): Reason {
  return {
    code: 'overridden',
    policy_id: `override#${override_id}`,
    path: '/risk_level',
    message: `risk ${risk} needs an approval, which the override ${override_id} (${reason}) sets aside until ${new Date(until).toISOString()}`,
    kind: 'not_permitted',
  };
}

function obligationsOf(charter: Charter, facts: Facts): Obligation[] {
  const parameters = facts.request?.parameters ?? facts.ask?.parameters ?? {};
  const obligations: Obligation[] = [];
  if (facts.resource.type === 'tool') {
    const { paths } = filterParameters(charter, parameters);
    if (paths.length > 0) obligations.push({ id: 'strip_parameters', paths: [...paths], on_fail: 'deny' });
  }
  if (isScreened(charter, facts))
    obligations.push({ id: 'screen_output', paths: ['/output'], on_fail: 'deny' });
  return obligations;
}

/** A forbid as a reason: its words, the field that its `@path` names, and for those who may read it its clause. */
function forbiddenBy(charter: Charter, id: string, explained: boolean): Reason {
  const policy = charter.policies.find((one) => one.id === id);
  const path = policy?.json.annotations?.path;
  const clause = explained ? policy?.clause : undefined;
  return {
    code: 'policy_forbids',
    policy_id: id,
    ...(path === undefined ? {} : { path }),
    ...(clause === undefined ? {} : { clause }),
    message: policy?.description || `the policy ${id} forbids this`,
    kind: 'forbidden',
  };
}

function reason(code: string, message: string): Reason {
  return { code, message, kind: 'forbidden' };
}
