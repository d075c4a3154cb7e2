import { describe, expect, it } from 'vitest';
import { countInto } from '../../src/basics/slots.ts';
import { evaluateFlag } from '../../src/charter/flags.ts';
import { limitNamed, limitsFor, quotaFor, resetCounters, toUnits, usage } from '../../src/charter/limits.ts';
import { charterWith, edited, NOW, STANDING, shipped } from './world.ts';

const strict = charterWith({
  'limits.yaml': `rate_limits:
  - { id: few, scope: workflows:execute, limit: 2, window: 60s }
  - { id: agents, kind: agent, limit: 1, window: 1h }
quotas:
  - { workflow: w, limit: 2, window: 24h }
budgets:
  - { workflow: w, cost_dollars: 0.3, budget_dollars: 0.5, window: 24h, warn_at: 0.8 }
`,
});
const human = { kind: 'human' } as const;

describe('a rate limit', () => {
  it('lets through what it allows and refuses the next, until its window turns', () => {
    const window = Math.floor(NOW / 60_000) * 60_000;
    let item = STANDING;
    const ask = (now: number) => {
      const limits = limitsFor(strict, human, 'workflows:execute', now);
      item = countInto(item, limits.slots);
      return limits
        .exceeded(item)
        .map(({ reason, retry_after_seconds }) => [reason.policy_id, retry_after_seconds]);
    };
    expect([ask(window), ask(window + 59_999)]).toEqual([[], []]);
    expect(ask(window + 59_999)).toEqual([['limits.yaml#few', 1]]);
    expect(ask(window + 59_000)).toEqual([['limits.yaml#few', 1]]);
    expect(ask(window + 60_000)).toEqual([]);
  });

  it('holds for its scope and its kind of principal, and counts something even where nothing is limited', () => {
    const names = (kind: 'human' | 'agent', scope: string) =>
      limitsFor(strict, { kind }, scope, NOW).slots.map(({ name }) => name);
    expect(names('human', 'workflows:execute')).toEqual(['rl_few']);
    expect(names('agent', 'workflows:execute')).toEqual(['rl_few', 'rl_agents']);
    expect(names('agent', 'ledger:read')).toEqual(['rl_agents']);
    expect(names('human', 'ledger:read')).toEqual(['seen']);
  });

  it('never refuses late when a clock is behind', () => {
    const now = Math.floor(NOW / 60_000) * 60_000;
    const ahead = limitsFor(strict, human, 'workflows:execute', now);
    const behind = limitsFor(strict, human, 'workflows:execute', now - 1);
    const item = [ahead, ahead, behind].reduce((counted, { slots }) => countInto(counted, slots), STANDING);
    expect(behind.exceeded(item)).toHaveLength(1);
    expect(ahead.exceeded(item)).toHaveLength(1);
  });

  it('is set back by an administrator', () => {
    expect(resetCounters(strict)).toEqual({ rl_few: 0, rl_few_w: 0, rl_agents: 0, rl_agents_w: 0 });
  });
});

describe('quota and budget of a workflow', () => {
  it('refuse the run that would exceed either, and say which', () => {
    let item = { pk: 'WORKFLOW#w', sk: 'quota' };
    const run = () => {
      const limits = quotaFor(strict, 'w', NOW);
      item = countInto(item, limits?.slots ?? []);
      return limits?.exceeded(item).map(({ reason }) => reason.code);
    };
    expect(run()).toEqual([]);
    expect(usage(strict, 'w', item, NOW)).toEqual({ quota: 0.5, budget: 0.6 });
    expect(run()).toEqual(['budget_exceeded']);
    expect(run()).toEqual(['quota_exceeded', 'budget_exceeded']);
    expect(usage(strict, 'w', item, NOW + 24 * 3_600_000)).toEqual({ quota: 0, budget: 0 });
  });

  it('are absent where the charter has none, and money is counted in whole units', () => {
    expect(quotaFor(strict, 'other', NOW)).toBeUndefined();
    expect(usage(strict, 'other', STANDING, NOW)).toEqual({});
    expect(toUnits(0.1) + toUnits(0.2)).toBe(toUnits(0.3));
  });

  it('have short names for records and metrics', () => {
    expect(limitNamed(strict, 'limits.yaml#few')).toEqual({ name: 'few', limit: 2, window_seconds: 60 });
    expect(limitNamed(strict, 'limits.yaml#quotas.w')).toEqual({
      name: 'quota',
      limit: 2,
      window_seconds: 86_400,
    });
    expect(limitNamed(strict, 'limits.yaml#budgets.w')).toEqual({
      name: 'budget',
      limit: 0.5,
      window_seconds: 86_400,
    });
  });
});

describe('a feature flag', () => {
  const flagged = charterWith({
    'flags.yaml': `flags:
  tenth: { description: x, default: false, rules: [{ percent: 10, value: true }] }
  some: { description: x, default: true, rules: [{ subjects: [ada], value: false }, { kinds: [agent], value: false }] }
`,
  });
  const who = (sub: string, kind: 'human' | 'agent' = 'human') => ({ sub, kind, roles: [] });

  it('puts about its share of subjects in, the same at every evaluation', () => {
    const subs = Array.from({ length: 2_000 }, (_, index) => `sub-${index}`);
    const on = subs.filter((sub) => evaluateFlag(flagged, 'tenth', who(sub)).value);
    expect(on.length).toBeGreaterThan(140);
    expect(on.length).toBeLessThan(260);
    expect(subs.filter((sub) => evaluateFlag(flagged, 'tenth', who(sub)).value)).toEqual(on);
  });

  it('takes the first rule that matches, else its default; one that nobody declared is off', () => {
    expect(evaluateFlag(flagged, 'some', who('ada'))).toEqual({ ok: true, value: false, rule: 0 });
    expect(evaluateFlag(flagged, 'some', who('bot', 'agent'))).toEqual({ ok: true, value: false, rule: 1 });
    expect(evaluateFlag(flagged, 'some', who('bob'))).toEqual({ ok: true, value: true, rule: 'default' });
    for (const name of ['none', '__proto__', 'constructor']) {
      expect(evaluateFlag(flagged, name, who('ada'))).toEqual({
        ok: false,
        value: false,
        error: 'unknown_flag',
      });
    }
  });
});

describe('the shipped limits', () => {
  it('name only scopes that exist', () => {
    expect(() =>
      charterWith({
        'limits.yaml': edited('limits.yaml', 'scope: decisions:evaluate', 'scope: decisions:evalute'),
      }),
    ).toThrow(/unknown_scope/);
    expect(limitsFor(shipped, human, 'decisions:evaluate', NOW).slots.map(({ name }) => name)).toEqual([
      'rl_decisions',
      'rl_everything',
    ]);
  });
});
