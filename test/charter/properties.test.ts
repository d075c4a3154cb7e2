import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBundle } from '../../src/charter/bundle.ts';
import type { Charter } from '../../src/charter/charter.ts';
import { prepare } from '../../src/charter/engine.ts';
import { readPolicies } from '../../src/charter/policies.ts';
import { apply, MAX_EVALUATIONS } from '../../src/decision/counterfactual.ts';
import { decide, decideOnce } from '../../src/decision/decide.ts';
import type { Facts } from '../../src/decision/facts.ts';
import type { JsonObject } from '../../src/json.ts';
import { ACTOR_TYPES, DRAG_MODES, type RiskLevel } from '../../src/terms.ts';
import { bundleWith, facts, person, STANDING, shipped, shippedFiles, WORKFLOWS } from './world.ts';

const RUNS = { numRuns: 100 };
const ROLES = [...shipped.roles.keys()];

const principal = fc
  .record({
    kind: fc.constantFrom('human' as const, 'agent' as const, 'service' as const),
    actor_type: fc.constantFrom(...ACTOR_TYPES),
    roles: fc.uniqueArray(fc.constantFrom(...ROLES), { maxLength: 3 }),
    act: fc.uniqueArray(fc.constantFrom('helper', 'release-agent'), { maxLength: 2 }),
    person: fc.boolean(),
    fresh_mfa: fc.boolean(),
    explains: fc.boolean(),
  })
  .map(({ explains, ...who }) => {
    const one = person(who.roles, who);
    return explains ? { ...one, scopes: [...one.scopes, 'charter:read'] } : one;
  });

const hit = {
  phrase: 'you should',
  phrase_type: 'directive',
  start: 0,
  end: 10,
  suggestion: 'options include',
} as const;

const workflowFacts = fc
  .record({
    who: principal,
    workflow: fc.constantFrom(...Object.keys(WORKFLOWS)),
    mode: fc.constantFrom(...DRAG_MODES),
    risk: fc.constantFrom<RiskLevel | undefined>(undefined, 1, 2, 3, 4, 5),
    data_classes: fc.uniqueArray(fc.constantFrom('internal', 'personal', 'credentials', 'special_category'), {
      maxLength: 2,
    }),
    parameters: fc.constantFrom<JsonObject>(
      {},
      { subject: 's-1' },
      { subjects: ['a', 'b'] },
      { environment: 'production' },
    ),
    prescribes: fc.boolean(),
    over: fc.boolean(),
  })
  .map(({ risk, prescribes, over, ...wish }) =>
    facts(
      { ...wish, ...(risk ? { risk } : {}), ...(prescribes ? { text: 'you should go' } : {}) },
      {
        prescriptive: prescribes ? [hit] : [],
        ...(over
          ? {
              standing: {
                ...STANDING,
                rl_executions: 1e9,
                rl_executions_w: Math.floor(Date.UTC(2026, 10, 21, 9) / 60_000),
              },
            }
          : {}),
      },
    ),
  );

const toolFacts = fc
  .record({
    who: principal,
    action: fc.constantFrom(
      'gateway:tool:invoke',
      'gateway:tool:discover',
      'gateway:server:info',
      'a2a:query',
      'memory:read',
      'fly',
    ),
    type: fc.constantFrom('tool', 'server', 'agent', 'asset', 'ship'),
    id: fc.constantFrom(
      'postgres-mcp.query',
      'github-mcp.close_issue',
      'search-mcp.search',
      'report-agent',
      'ada',
      'other',
    ),
    parameters: fc.constantFrom({}, { sql: 'drop table x' }, { query: 'x', password: 'y' }),
    properties: fc.constantFrom({}, { sensitivity: 'low' }, { sensitivity: 'critical' }, { owner: 'ada' }),
  })
  .map(({ who, action, type, id, parameters, properties }): Facts => {
    const {
      workflow: _w,
      request: _r,
      drag_mode: _d,
      ...rest
    } = facts({ who, workflow: 'data-export', mode: 'execute' });
    return {
      ...rest,
      action,
      scope: 'decisions:evaluate',
      resource: { type, id },
      ask: { parameters, properties, context: {}, data_classes: [] },
    };
  });

const anyFacts = fc.oneof({ weight: 3, arbitrary: workflowFacts }, toolFacts);

describe('for any request', () => {
  it('a counterfactual, applied, gives exactly what it promised', () => {
    let promised = 0;
    fc.assert(
      fc.property(anyFacts, (given) => {
        const decision = decide(shipped, given);
        const { counterfactual } = decision;
        if (counterfactual.length === 0) return;
        promised += 1;
        const outcomes = new Set(counterfactual.map(({ outcome }) => outcome));
        expect(outcomes.size).toBe(1);
        expect(decideOnce(shipped, apply(shipped, given, decision)).outcome).toBe(counterfactual[0]?.outcome);
        expect(counterfactual[0]?.outcome).not.toBe('deny');
      }),
      { numRuns: 2_000 },
    );
    // The property would hold of a charter that never explains anything.
    expect(promised).toBeGreaterThan(8);
  });

  it('a change that is offered names no rule to callers who may not read the charter', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const decision = decide(shipped, given);
        if (given.principal.scopes.some((scope) => scope === 'charter:read') || decision.stage === 'scope')
          return;
        for (const { change } of decision.counterfactual) expect(change.startsWith('token:')).toBe(false);
      }),
      RUNS,
    );
  });

  it('a counterfactual costs at most twenty evaluations', () => {
    const asked = { count: 0 };
    const counting: Charter = {
      ...shipped,
      engine: {
        ...shipped.engine,
        ask: (request) => {
          asked.count += 1;
          return shipped.engine.ask(request);
        },
      },
    };
    fc.assert(
      fc.property(anyFacts, (given) => {
        asked.count = 0;
        decide(counting, given);
        expect(asked.count).toBeLessThanOrEqual(MAX_EVALUATIONS + 1);
      }),
      RUNS,
    );
  });

  it('a forbid that is added never turns a denial into an allow', () => {
    const extra = FORBIDS.map((text) => {
      const { policies } = readPolicies('policies/extra.cedar', text);
      const all = [...shipped.policies, ...policies];
      return { ...shipped, policies: all, engine: prepare(all, shipped.schema) };
    });
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...extra), (given, stricter) => {
        if (decideOnce(shipped, given).outcome !== 'deny') return;
        expect(decideOnce(stricter, given).outcome).toBe('deny');
      }),
      RUNS,
    );
  });

  it('an attribute that is removed never turns a denial into an allow', () => {
    const removals: readonly ((given: Facts) => Facts)[] = [
      ({ drag_mode: _, ...rest }) => rest,
      ({ workflow: _, ...rest }) => rest,
      ({ request: _, drag_mode: __, ...rest }) => rest,
      (given) => (given.ask ? { ...given, ask: { ...given.ask, properties: {} } } : given),
      (given) => (given.ask ? { ...given, ask: { ...given.ask, parameters: {} } } : given),
      (given) => ({ ...given, standing: undefined }),
      (given) => ({ ...given, principal: { ...given.principal, roles: [], scopes: [] } }),
      (given) => {
        const { person: _, ...principal } = given.principal;
        return { ...given, principal };
      },
      (given) => ({ ...given, principal: { ...given.principal, fresh_mfa: false } }),
    ];
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...removals), (given, remove) => {
        const before = decideOnce(shipped, given);
        const after = decideOnce(shipped, remove(given));
        // Secrets and statements are attributes of the call: without them it is another, harmless call.
        const harmless =
          given.ask !== undefined &&
          Object.keys(given.ask.parameters).length > 0 &&
          remove(given).ask?.parameters !== given.ask.parameters;
        // Sensitivity that a caller declared for an unlisted tool falls back to `high`, which can only be more.
        if (before.outcome === 'deny' && !harmless && !raisedByCaller(given))
          expect(after.outcome).toBe('deny');
      }),
      { numRuns: 200 },
    );
  });

  it('the same facts give the same decision', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        expect(decide(shipped, given)).toEqual(decide(shipped, given));
      }),
      { numRuns: 50 },
    );
  });

  it('an emergency stop denies, whoever asks for whatever', () => {
    const emergency = {
      state: 'stopped',
      reason: 'drill',
      since: 0,
      until: Number.MAX_SAFE_INTEGER / 4,
      releases: 1,
    } as const;
    fc.assert(
      fc.property(anyFacts, (given) => {
        expect(decide(shipped, { ...given, emergency })).toMatchObject({
          outcome: 'deny',
          stage: 'emergency',
          counterfactual: [],
        });
      }),
      { numRuns: 50 },
    );
  });

  it('nothing that is allowed was allowed by fewer than one permit, and every reason of a denial has words', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const decision = decideOnce(shipped, given);
        if (decision.outcome === 'deny') {
          expect(decision.reasons.length).toBeGreaterThan(0);
          for (const { code, message } of decision.reasons) expect([code, message]).not.toContain('');
        } else {
          expect(decision.policies.some(({ effect }) => effect === 'permit')).toBe(true);
        }
      }),
      RUNS,
    );
  });
});

/** A caller may declare a resource more sensitive than it is; to take that back is no removal of a fact. */
function raisedByCaller({ ask }: Facts): boolean {
  return ask?.properties.sensitivity === 'critical';
}

const FORBIDS = [
  '@id("x")\nforbid (principal, action, resource);',
  '@id("x")\nforbid (principal in Chancery::Role::"operator", action, resource);',
  '@id("x")\nforbid (principal, action, resource is Chancery::Workflow) when { context.risk > 1 };',
];

describe('a charter that is empty or broken', () => {
  const given = facts({ who: person(['operator']), workflow: 'deploy-to-staging', mode: 'execute' });

  it('denies everything when it has no policies', () => {
    const empty = { ...shipped, policies: [], engine: prepare([], shipped.schema) };
    expect(decide(shipped, given).outcome).toBe('allow');
    fc.assert(
      fc.property(anyFacts, (any) => {
        expect(decideOnce(empty, any).outcome).toBe('deny');
      }),
      { numRuns: 100 },
    );
  });

  it('is never made from files that were cut off anywhere', () => {
    const names = [...shippedFiles.keys()].filter((name) => !name.startsWith('tests/'));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.double({ min: 0, max: 0.98, noNaN: true }), (name, share) => {
        const text = shippedFiles.get(name) ?? '';
        const cut = text.slice(0, Math.floor(text.length * share));
        const parsed = parseBundle(bundleWith({ [name]: cut }));
        // A file that was cut between two policies is whole: it forbids or permits less, and its digest says so.
        if (parsed.ok) expect(parsed.charter.digest).not.toBe(shipped.digest);
      }),
      { numRuns: 12 },
    );
  });
});
