/**
 * Cedar, prepared. Policies are parsed once per charter and sorted by action, so that a question is put only
 * to those that can speak of it (a hundred policies about other actions cost nothing).
 */
import { createHash } from 'node:crypto';
import {
  type CedarValueJson,
  preparsePolicySet,
  statefulIsAuthorized,
  type TypeAndId,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { Policy } from './policies.ts';
import type { CharterSchema } from './schema.ts';

export interface CedarRequest {
  readonly principal: CedarEntity;
  readonly action: string;
  readonly resource: CedarEntity;
  readonly context: Readonly<Record<string, CedarValueJson>>;
}

export interface CedarEntity {
  readonly uid: TypeAndId;
  readonly attrs: Readonly<Record<string, CedarValueJson>>;
  readonly parents: readonly TypeAndId[];
}

/** What the policies say. `determining` are forbids when `effect` is forbid, permits when it is permit. */
export interface Verdict {
  readonly effect: 'permit' | 'forbid' | 'none';
  readonly determining: readonly string[];
  /** Ids of policies that could not be evaluated. Cedar skips them; the caller must not. */
  readonly errors: readonly string[];
}

export interface Engine {
  ask(request: CedarRequest): Verdict;
  /** Policies that can speak of an action. */
  policiesOf(action: string): readonly string[];
}

/** Throws when a policy does not parse: check the bundle first. */
export function prepare(policies: readonly Policy[], schema: CharterSchema): Engine {
  const sets = new Map<string, { readonly name: string; readonly ids: readonly string[] }>();
  for (const action of schema.actions.values()) {
    const chosen = policies.filter(
      (policy) => policy.actions === 'all' || policy.actions.some((id) => action.groups.has(id)),
    );
    const staticPolicies = Object.fromEntries(chosen.map((policy) => [policy.id, policy.text]));
    // Named by content: Cedar's cache of prepared sets is per thread and never shrinks, so equal sets share one.
    const name = createHash('sha256').update(JSON.stringify(staticPolicies)).digest('hex');
    const answer = preparsePolicySet(name, { staticPolicies });
    if (answer.type === 'failure')
      throw new TypeError(answer.errors.map(({ message }) => message).join('; '));
    sets.set(action.id, {
      name,
      ids: chosen.map(({ id }) => id),
    });
  }
  const actionType = `${schema.prefix}Action`;

  return {
    policiesOf: (action) => sets.get(action)?.ids ?? [],
    ask({ principal, action, resource, context }) {
      const set = sets.get(action);
      if (set === undefined) return { effect: 'none', determining: [], errors: [] };
      const answer = statefulIsAuthorized({
        principal: principal.uid,
        action: { type: actionType, id: action },
        resource: resource.uid,
        context: { ...context },
        preparsedPolicySetId: set.name,
        entities: [principal, resource].map(({ uid, attrs, parents }) => ({
          uid,
          attrs: { ...attrs },
          parents: [...parents],
        })),
      });
      if (answer.type === 'failure') return { effect: 'none', determining: [], errors: ['*'] };
      const { decision, diagnostics } = answer.response;
      const determining = [...diagnostics.reason].sort();
      return {
        effect: decision === 'allow' ? 'permit' : determining.length > 0 ? 'forbid' : 'none',
        determining,
        errors: diagnostics.errors.map(({ policyId }) => policyId).sort(),
      };
    },
  };
}
