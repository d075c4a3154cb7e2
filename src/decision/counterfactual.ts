/**
 * What would have been allowed: the smallest change that flips a denial, found by deciding again with the change
 * made. Nothing is promised that was not evaluated.
 */
import type { Charter } from '../charter/charter.ts';
import { covers } from '../identity/scopes.ts';
import type { Json } from '../json.ts';
import type { Counterfactual, Decision, Principal } from '../terms.ts';
import { type Facts, neededScopes } from './facts.ts';

/** Evaluations spent on one denial. */
export const MAX_EVALUATIONS = 20;

interface Change {
  /** JSON Pointer into the request, `token:…`, `approval` or `retry_after_seconds`. */
  readonly change: string;
  readonly to: Json;
  readonly apply: (facts: Facts) => Facts;
}

type Decide = (charter: Charter, facts: Facts) => Decision;

/**
 * At most one change, or one pair of changes. Changes of the token name rules (which role would do), so they
 * are offered only to callers who may read the charter.
 */
export function flip(charter: Charter, facts: Facts, decision: Decision, decide: Decide): Counterfactual[] {
  if (decision.outcome === 'require_approval') {
    const approved = decide(charter, { ...facts, approved: true });
    return approved.outcome === 'allow'
      ? [{ change: 'approval', to: decision.approval?.quorum ?? 1, outcome: 'allow' }]
      : [];
  }
  if (decision.stage === 'limit') {
    const later = decide(charter, afterWindow(facts));
    return later.outcome === 'deny'
      ? []
      : [{ change: 'retry_after_seconds', to: decision.retry_after_seconds ?? 1, outcome: later.outcome }];
  }
  if (decision.stage === 'aim' && facts.lacks !== undefined) {
    const { lacks, ...supplied } = facts;
    const { outcome } = decide(charter, supplied);
    return outcome === 'deny' ? [] : [{ change: lacks.change, to: lacks.to, outcome }];
  }
  if (!['scope', 'forbid', 'prescriptive', 'permit'].includes(decision.stage)) return [];

  let left = MAX_EVALUATIONS;
  const outcomeOf = (changed: Facts): Decision['outcome'] | undefined =>
    left-- > 0 ? decide(charter, changed).outcome : undefined;
  const changes = changesFor(charter, facts, decision);
  const waiting: Counterfactual[] = [];
  for (const { change, to, apply } of changes) {
    const outcome = outcomeOf(apply(facts));
    if (outcome === 'allow') return [{ change, to, outcome }];
    if (outcome === 'require_approval') waiting.push({ change, to, outcome });
  }
  const [first] = waiting;
  if (first !== undefined) return [first];
  for (const [a, b] of pairs(changes)) {
    const outcome = outcomeOf(b.apply(a.apply(facts)));
    if (outcome === undefined) break;
    if (outcome !== 'deny') return [a, b].map(({ change, to }) => ({ change, to, outcome }));
  }
  return [];
}

/** The facts as they would be with the changes that were promised made. For tests and for explaining. */
export function apply(charter: Charter, facts: Facts, decision: Decision): Facts {
  const changes = changesFor(charter, facts, decision);
  let changed = facts;
  for (const { change, to } of decision.counterfactual) {
    if (change === 'approval') changed = { ...changed, approved: true };
    else if (change === 'retry_after_seconds') changed = afterWindow(changed);
    else {
      const found = changes.find(
        (one) => one.change === change && JSON.stringify(one.to) === JSON.stringify(to),
      );
      changed = found === undefined ? changed : found.apply(changed);
    }
  }
  return changed;
}

/**
 * Candidates, smallest first: what the caller writes, then how they sign in, then who they are. What a request
 * says of its own risk and data is none: a caller who is told to say less does what was denied.
 */
function changesFor(charter: Charter, facts: Facts, decision: Decision): Change[] {
  const explained = covers(facts.principal.scopes, 'charter:read');
  return [
    ...modeChanges(charter, facts),
    ...textChanges(facts),
    ...(explained || decision.stage === 'scope' ? scopeChanges(charter, facts) : []),
    ...(explained ? principalChanges(facts) : []),
    ...(explained ? roleChanges(charter, facts) : []),
  ];
}

/** To prepare instead: never to a mode with effects, nor for a workflow that has some in every mode. */
function modeChanges(charter: Charter, { request, workflow, principal }: Facts): Change[] {
  if (request === undefined || workflow === undefined || workflow.effects) return [];
  const { modes } = charter.documents['modes.yaml'];
  // Analysis is an AIM rule's to grant: offer it only where that rule would.
  const mayAnalyse = principal.kind === 'human' && principal.act.length === 0 && principal.fresh_mfa;
  return workflow.modes
    .filter((mode) => mode !== request.drag_mode && !modes[mode].effects)
    .filter((mode) => mode !== 'analysis' || mayAnalyse)
    .map((mode) => ({
      change: '/drag_mode',
      to: mode,
      apply: (facts) =>
        facts.request ? { ...facts, drag_mode: mode, request: { ...facts.request, drag_mode: mode } } : facts,
    }));
}

function textChanges({ request, prescriptive }: Facts): Change[] {
  const text = request?.output_text;
  if (text === undefined || prescriptive.length === 0) return [];
  let rewritten = '';
  let from = 0;
  for (const hit of [...prescriptive].sort((a, b) => a.start - b.start)) {
    if (hit.start < from) continue;
    rewritten += text.slice(from, hit.start) + hit.suggestion;
    from = hit.end;
  }
  rewritten += text.slice(from);
  return [
    {
      change: '/output_text',
      to: rewritten,
      apply: (facts) =>
        facts.request
          ? { ...facts, prescriptive: [], request: { ...facts.request, output_text: rewritten } }
          : facts,
    },
  ];
}

function scopeChanges(charter: Charter, facts: Facts): Change[] {
  return neededScopes(charter, facts)
    .filter((one) => !covers(facts.principal.scopes, one))
    .map((one) => ({
      change: 'token:scope',
      to: one,
      apply: withPrincipal((who) => ({ ...who, scopes: [...who.scopes, one] })),
    }));
}

function principalChanges({ principal }: Facts): Change[] {
  const changes: Change[] = [];
  if (!principal.fresh_mfa && principal.kind === 'human') {
    changes.push({
      change: 'token:amr',
      to: 'mfa',
      apply: withPrincipal((who) => ({ ...who, fresh_mfa: true })),
    });
  }
  if (principal.kind === 'agent' && principal.person !== true) {
    changes.push({
      change: 'token:act',
      to: 'a person as the subject',
      apply: withPrincipal((who) => ({ ...who, person: true })),
    });
  }
  return changes;
}

/** Roles that could matter: those that the workflow names, then those that the policies name. */
function roleChanges(charter: Charter, { principal, workflow, request, action }: Facts): Change[] {
  const asked = workflow === undefined ? action : (request?.drag_mode ?? action);
  const ids = new Set(charter.engine.policiesOf(asked));
  const named = charter.policies
    .filter(({ id, effect }) => effect === 'permit' && ids.has(id))
    .flatMap(({ text }) => [...text.matchAll(/Role::"([^"]+)"/g)].map((match) => match[1]));
  const roles = [...new Set([...(workflow?.roles ?? []), ...named])];
  return roles
    .filter((role) => role !== undefined)
    .filter((role) => !principal.roles.includes(role) && charter.roles.has(role))
    .slice(0, 6)
    .map((role) => ({
      change: 'token:roles',
      to: role,
      apply: withPrincipal((who) => ({
        ...who,
        roles: [...who.roles, role],
        scopes: [...new Set([...who.scopes, ...(charter.roles.get(role)?.scopes ?? [])])],
      })),
    }));
}

function withPrincipal(change: (principal: Principal) => Principal): (facts: Facts) => Facts {
  return (facts) => ({ ...facts, principal: change(facts.principal) });
}

/** Two changes of different things. */
function* pairs(changes: readonly Change[]): Generator<readonly [Change, Change]> {
  for (const [index, a] of changes.entries()) {
    for (const b of changes.slice(index + 1)) if (a.change !== b.change) yield [a, b];
  }
}

/** As it will be when the windows have turned. Sanctions do not matter here: their stage was passed. */
function afterWindow(facts: Facts): Facts {
  const { standing } = facts;
  return { ...facts, standing: standing && { pk: standing.pk, sk: standing.sk }, quota: [] };
}
