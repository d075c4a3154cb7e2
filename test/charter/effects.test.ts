/**
 * Whatever the manifest, the mode, the principal and the data: a run outside of the manifest's roles and modes, or
 * with effects in a mode without, never starts, and following what we offer does not start it either.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/decision/counterfactual.ts';
import { decide, decideOnce } from '../../src/decision/decide.ts';
import type { Facts } from '../../src/decision/facts.ts';
import {
  ACTOR_TYPES,
  DATA_CLASSES,
  DRAG_MODES,
  type RiskLevel,
  type WorkflowFacts,
} from '../../src/terms.ts';
import { facts, person, shipped, WORKFLOWS } from './world.ts';

const ROLES = [...shipped.roles.keys()];
const RISKS: readonly RiskLevel[] = [1, 2, 3, 4, 5];
const PREPARING: readonly string[] = ['draft', 'research', 'analysis'];

const manifest = fc.record({
  name: fc.constantFrom('mine', 'data-export', 'compliance-report', 'deploy-to-staging'),
  risk_level: fc.constantFrom(...RISKS),
  data_classes: fc.uniqueArray(fc.constantFrom(...DATA_CLASSES), { maxLength: 2 }),
  sensitivity: fc.constantFrom('low' as const, 'medium' as const, 'high' as const, 'critical' as const),
  modes: fc.uniqueArray(fc.constantFrom(...DRAG_MODES), { minLength: 1 }),
  roles: fc.uniqueArray(fc.constantFrom(...ROLES), { maxLength: 3 }),
  effects: fc.boolean(),
}) satisfies fc.Arbitrary<WorkflowFacts>;

const given = fc
  .record({
    workflow: fc.oneof(fc.constantFrom(...Object.values(WORKFLOWS)), manifest),
    mode: fc.constantFrom(...DRAG_MODES),
    risk: fc.option(fc.constantFrom(...RISKS), { nil: undefined }),
    data_classes: fc.uniqueArray(fc.constantFrom(...DATA_CLASSES), { maxLength: 2 }),
    approved: fc.boolean(),
    own: fc.boolean(),
    who: fc.record({
      kind: fc.constantFrom('human' as const, 'agent' as const, 'service' as const),
      actor_type: fc.constantFrom(...ACTOR_TYPES),
      roles: fc.uniqueArray(fc.constantFrom(...ROLES), { maxLength: 3 }),
      act: fc.uniqueArray(fc.constantFrom('helper', 'release-agent'), { maxLength: 2 }),
      person: fc.boolean(),
      fresh_mfa: fc.boolean(),
    }),
    explains: fc.boolean(),
  })
  .map(({ workflow, mode, risk, data_classes, approved, own, who, explains }): Facts => {
    // Half of them have a role of the manifest, else next to nothing would ever be allowed.
    const roles = own ? [...who.roles, ...(workflow.roles ?? []).slice(0, 1)] : who.roles;
    const one = person(roles, { ...who, roles });
    const scopes = [...one.scopes, 'workflows:execute', ...(explains ? ['charter:read'] : [])];
    const asked = facts({ who: { ...one, scopes }, workflow: 'compliance-report', mode, data_classes });
    const request = asked.request && {
      ...asked.request,
      workflow_name: workflow.name,
      parameters: { subject: 's-1' },
      ...(risk ? { risk_level: risk } : {}),
    };
    const resource = { type: 'workflow', id: workflow.name };
    return { ...asked, workflow, resource, approved, ...(request ? { request } : {}) };
  });

function mustNotStart({ workflow, principal, drag_mode }: Facts): boolean {
  if (workflow === undefined || drag_mode === undefined) return true;
  const roles = workflow.roles ?? [];
  const outside = roles.length > 0 && !roles.some((role) => principal.roles.includes(role));
  return (
    outside || !workflow.modes.includes(drag_mode) || (workflow.effects && PREPARING.includes(drag_mode))
  );
}

describe('whatever the manifest, the mode and the principal', () => {
  it('what is outside of the manifest, or has effects in a mode without, never starts', () => {
    let started = 0;
    fc.assert(
      fc.property(given, (asked) => {
        const { outcome } = decideOnce(shipped, asked);
        if (outcome !== 'deny') started += 1;
        if (mustNotStart(asked)) expect(outcome).toBe('deny');
      }),
      { numRuns: 1500 },
    );
    expect(started).toBeGreaterThan(50);
  });

  it('following what is offered never does what was denied', () => {
    let followed = 0;
    fc.assert(
      fc.property(given, (asked) => {
        const decision = decide(shipped, asked);
        if (decision.outcome !== 'deny' || decision.counterfactual.length === 0) return;
        followed += 1;
        const then = apply(shipped, asked, decision);
        expect(mustNotStart(then)).toBe(false);
        // Nothing is offered by which the request would say less of itself.
        expect(then.request?.risk_level).toBe(asked.request?.risk_level);
        expect(then.request?.data_classes).toEqual(asked.request?.data_classes);
        // Who is denied something with effects gets to it only as somebody else, whom the issuer vouches for.
        if (asked.workflow?.effects === true && then.principal === asked.principal)
          expect(decideOnce(shipped, then).outcome).toBe('deny');
      }),
      { numRuns: 1500 },
    );
    expect(followed).toBeGreaterThan(20);
  });

  it('a forbid on what the data are holds in every mode', () => {
    for (const mode of DRAG_MODES) {
      const workflow = { ...WORKFLOWS['data-export'], effects: false, modes: DRAG_MODES } as WorkflowFacts;
      const who = person(['operator'], { fresh_mfa: true });
      const asked = facts({ who, workflow: 'data-export', mode, data_classes: ['credentials'] });
      expect(decide(shipped, { ...asked, workflow })).toMatchObject({
        outcome: 'deny',
        stage: 'forbid',
        reasons: [{ policy_id: 'credentials-are-not-exported' }],
        counterfactual: [],
      });
    }
  });
});
