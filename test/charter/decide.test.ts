import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decision/decide.ts';
import { sanctioned } from '../../src/decision/standing.ts';
import type { DragMode, WorkflowFacts } from '../../src/terms.ts';
import {
  agent,
  charterWith,
  edited,
  facts,
  NOW,
  person,
  STANDING,
  shipped,
  type Wish,
  WORKFLOWS,
} from './world.ts';

const operator = person(['operator']);

function outcome(wish: Wish) {
  const decision = decide(shipped, facts(wish));
  return [
    decision.outcome,
    decision.stage,
    ...decision.reasons.map((reason) => reason.policy_id ?? reason.code),
  ];
}

describe('the shipped workflows', () => {
  it('lets auditors and operators make compliance reports, in grunt and execute', () => {
    for (const role of ['auditor', 'operator']) {
      for (const mode of ['grunt', 'execute'] as const) {
        expect(outcome({ who: person([role]), workflow: 'compliance-report', mode })).toEqual([
          'allow',
          'permit',
        ]);
      }
    }
    expect(outcome({ who: person(['developer']), workflow: 'compliance-report', mode: 'execute' })).toEqual([
      'deny',
      'permit',
      'not_permitted',
    ]);
    expect(outcome({ who: operator, workflow: 'compliance-report', mode: 'draft' })[0]).toBe('deny');
  });

  it('exports the data of one subject, for operators', () => {
    const wish = { who: operator, workflow: 'data-export', mode: 'execute' } as const;
    expect(outcome(wish)).toEqual(['allow', 'permit']);
    expect(outcome({ ...wish, parameters: { subjects: ['a', 'b'] } })).toEqual([
      'deny',
      'forbid',
      'export-is-for-one-subject',
    ]);
    expect(outcome({ ...wish, who: person(['auditor']) })[1]).toBe('permit');
  });

  it('deploys to staging for operators and developers', () => {
    for (const role of ['developer', 'operator']) {
      expect(outcome({ who: person([role]), workflow: 'deploy-to-staging', mode: 'execute' })).toEqual([
        'allow',
        'permit',
      ]);
    }
    expect(outcome({ who: operator, workflow: 'deploy-to-staging', mode: 'grunt' })[0]).toBe('deny');
  });

  it('asks two people before deploying to production', () => {
    const decision = decide(
      shipped,
      facts({ who: operator, workflow: 'deploy-to-production', mode: 'execute' }),
    );
    expect(decision).toMatchObject({
      outcome: 'require_approval',
      stage: 'approval',
      approval: { quorum: 2, priority: 'critical' },
    });
    expect(decision.counterfactual).toEqual([{ change: 'approval', to: 2, outcome: 'allow' }]);
  });

  it('lets agents draft and research, and never execute at risk 3 alone', () => {
    const bot = agent(['agent']);
    for (const mode of ['draft', 'research'] as const) {
      const glossary = facts({ who: bot, workflow: 'compliance-report', mode });
      const workflow = { ...WORKFLOWS['compliance-report'], roles: [], modes: [mode] } as WorkflowFacts;
      expect(decide(shipped, { ...glossary, workflow }).outcome).toBe('allow');
      expect(outcome({ who: bot, workflow: 'deploy-to-staging', mode })).toEqual([
        'deny',
        'aim',
        'effects_in_mode',
      ]);
    }
    const wish = { who: agent(['agent', 'operator']), workflow: 'data-export', mode: 'execute' } as const;
    expect(outcome(wish)).toEqual(['deny', 'forbid', 'agent-never-executes-high-risk-alone']);
    const forAda = agent(['agent', 'operator'], { sub: 'ada', act: ['bot'], person: true });
    expect(outcome({ ...wish, who: forAda })[0]).toBe('allow');
    expect(outcome({ ...wish, workflow: 'deploy-to-staging' })[0]).toBe('allow');
    expect(outcome({ ...wish, workflow: 'deploy-to-staging', risk: 3 })[0]).toBe('deny');
  });
});

it('keeps a mode for people where the charter says so, whatever a policy permits', () => {
  const people = charterWith({
    'modes.yaml': edited(
      'modes.yaml',
      /execute: \{ screened: false, human_only: false/,
      'execute: { screened: false, human_only: true',
    ),
  });
  const codes = (who: Wish['who']) =>
    decide(people, facts({ who, workflow: 'deploy-to-staging', mode: 'execute' })).reasons.map(
      ({ code }) => code,
    );
  expect(codes(agent(['agent', 'operator']))).toEqual(['mode_human_only']);
  expect(codes(person(['operator']))).toEqual(['mode_human_only']);
  expect(codes(person(['operator'], { fresh_mfa: true, act: ['bot'] }))).toEqual(['mode_human_only']);
  expect(codes(person(['operator'], { fresh_mfa: true }))).toEqual([]);
});

describe('a tool in a mode', () => {
  function codes(id: string, mode: DragMode, who = person(['developer'])): string[] {
    const { workflow: _, request: __, ...asked } = facts({ who, workflow: 'compliance-report', mode });
    const ask = { parameters: {}, properties: {}, context: {}, data_classes: [] };
    const call = { ...asked, action: 'gateway:tool:invoke', resource: { type: 'tool', id }, ask };
    return decide(shipped, { ...call, scope: 'decisions:evaluate', drag_mode: mode }).reasons.map(
      ({ code }) => code,
    );
  }

  it('without effects is not called when it writes', () => {
    for (const mode of ['draft', 'research'] as const) {
      expect(codes('github-mcp.create_issue', mode)).toEqual(['effects_in_mode']);
      expect(codes('github-mcp.get_file', mode)).toEqual([]);
    }
    expect(codes('github-mcp.create_issue', 'execute')).toEqual([]);
  });

  it('for people is called by them only', () => {
    expect(codes('github-mcp.get_file', 'analysis')).toEqual(['analysis_human_only']);
    expect(codes('github-mcp.get_file', 'analysis', person(['developer'], { fresh_mfa: true }))).toEqual([]);
  });
});

describe('the order of decision', () => {
  const denied = { ...facts({ who: agent(['agent']), workflow: 'data-export', mode: 'execute' }) };
  const shape = [{ code: 'schema_error', message: 'x', kind: 'invalid' }] as const;
  const aim = [{ code: 'objective_too_short', message: 'x', kind: 'invalid' }] as const;
  const everything = {
    ...denied,
    emergency: { state: 'stopped', reason: 'x', since: NOW, until: NOW + 1000, releases: 0 },
    standing: { ...STANDING, ...sanctioned('ban', NOW + 1000) },
    shape,
    aim,
    scope: 'ledger:read',
  } as const;

  it('stops at the first stage that has something against the request', () => {
    const clear = { state: 'clear' } as const;
    const steps = [
      [everything, 'emergency'],
      [{ ...everything, emergency: clear }, 'sanction'],
      [{ ...everything, emergency: clear, standing: STANDING }, 'shape'],
      [{ ...everything, emergency: clear, standing: STANDING, shape: [] }, 'aim'],
      [{ ...everything, emergency: clear, standing: STANDING, shape: [], aim: [] }, 'scope'],
      [denied, 'forbid'],
    ] as const;
    for (const [given, stage] of steps)
      expect(decide(shipped, given)).toMatchObject({ outcome: 'deny', stage });
  });

  it('screens drafts before it counts, and counts before it permits', () => {
    const hit = {
      phrase: 'You should',
      phrase_type: 'directive',
      start: 0,
      end: 10,
      suggestion: 'options include',
    } as const;
    const draft = facts({
      who: agent(['developer']),
      workflow: 'compliance-report',
      mode: 'draft',
      text: 'You should go',
    });
    const over = { ...STANDING, rl_executions: 60_001, rl_executions_w: Math.floor(NOW / 60_000) };
    expect(decide(shipped, { ...draft, prescriptive: [hit], standing: over }).stage).toBe('prescriptive');
    const limited = decide(shipped, { ...draft, standing: over });
    expect(limited).toMatchObject({ stage: 'limit', retry_after_seconds: 60 });
    expect(limited.reasons[0]).toMatchObject({ code: 'rate_limited', policy_id: 'limits.yaml#executions' });
    expect(decide(shipped, draft).stage).toBe('permit');
  });

  it('denies what it cannot read: emergency state, sanctions, standing', () => {
    const fine = facts({ who: operator, workflow: 'deploy-to-staging', mode: 'execute' });
    expect(decide(shipped, { ...fine, emergency: { state: 'unreadable' } }).reasons[0]?.code).toBe(
      'emergency_unreadable',
    );
    expect(decide(shipped, { ...fine, standing: undefined }).reasons[0]?.code).toBe('sanction_unreadable');
    expect(
      decide(shipped, { ...fine, standing: { ...STANDING, s_ban: 'yes', s_ban_w: 1 } }).reasons[0]?.code,
    ).toBe('sanction_unreadable');
    expect(decide(shipped, { ...fine, draining: true }).reasons[0]?.code).toBe('draining');
  });

  it('lets a sanction end by itself', () => {
    const until = NOW + 5000;
    const fine = facts(
      { who: operator, workflow: 'deploy-to-staging', mode: 'execute' },
      { standing: { ...STANDING, ...sanctioned('suspension', until) } },
    );
    expect(decide(shipped, fine).reasons[0]?.code).toBe('sanction_suspension');
    expect(decide(shipped, { ...fine, now: until }).outcome).toBe('allow');
  });

  it('asks for approval by policy mode: paranoid from 3, strict from 5, permissive never', () => {
    const risky = facts({ who: operator, workflow: 'data-export', mode: 'execute' });
    const production = facts({ who: operator, workflow: 'deploy-to-production', mode: 'execute' });
    const inMode = (mode: string) =>
      charterWith({ 'charter.yaml': edited('charter.yaml', 'policy_mode: strict', `policy_mode: ${mode}`) });
    expect(decide(inMode('paranoid'), risky)).toMatchObject({
      outcome: 'require_approval',
      approval: { quorum: 1 },
    });
    expect(decide(shipped, risky).outcome).toBe('allow');
    expect(decide(inMode('permissive'), production).outcome).toBe('allow');
    expect(decide(shipped, { ...production, approved: true })).toMatchObject({
      outcome: 'allow',
      stage: 'approval',
    });
  });

  it('decides nothing by a charter that is suspended or pending', () => {
    const suspended = charterWith({
      'charter.yaml': edited('charter.yaml', 'status: active', 'status: suspended'),
    });
    const fine = facts({ who: operator, workflow: 'deploy-to-staging', mode: 'execute' });
    expect(decide(suspended, fine)).toMatchObject({
      outcome: 'deny',
      stage: 'forbid',
      reasons: [{ code: 'charter_not_active' }],
    });
  });
});

describe('a policy that errors', () => {
  it('denies, although Cedar would skip it', () => {
    // An overflow is the one error that a validated policy can still make.
    const overflow =
      '@id("overflows")\nforbid (principal, action, resource is Chancery::Workflow)\nwhen { resource.risk * 9223372036854775807 < 0 };\n';
    const charter = charterWith({ 'policies/overflow.cedar': overflow });
    const decision = decide(charter, facts({ who: operator, workflow: 'data-export', mode: 'execute' }));
    expect(decision).toMatchObject({
      outcome: 'deny',
      stage: 'forbid',
      policy_errors: ['overflows'],
      reasons: [{ code: 'policy_error', policy_id: 'overflows' }],
    });
  });
});

describe('why not', () => {
  const wish: Omit<Wish, 'who'> = {
    workflow: 'data-export',
    mode: 'execute',
    parameters: { subjects: ['a', 'b'] },
  };

  it('names policy and field, and its clause to those who may read the charter', () => {
    const [reason] = decide(shipped, facts({ who: operator, ...wish })).reasons;
    expect(reason).toEqual({
      code: 'policy_forbids',
      policy_id: 'export-is-for-one-subject',
      path: '/parameters/subject',
      message: 'A data export names exactly one data subject.',
      kind: 'forbidden',
    });
    const reader = person(['operator', 'developer']);
    const [explained] = decide(shipped, facts({ who: reader, ...wish })).reasons;
    expect(explained).toEqual({ ...reason, clause: 'unless { context.subjects == 1 }' });
  });

  it('is said of every forbid: words, a field and a clause', () => {
    const forbids = shipped.policies.filter(({ effect }) => effect === 'forbid');
    for (const { id, description, clause, json } of forbids) {
      expect([id, description !== '', clause !== undefined, json.annotations?.path !== undefined]).toEqual([
        id,
        true,
        true,
        true,
      ]);
    }
  });
});

describe('actions beyond workflows', () => {
  const tool = (who = operator, id = 'search-mcp.search', parameters = {}, properties = {}) =>
    decide(shipped, {
      ...facts({ who, workflow: 'deploy-to-staging', mode: 'execute' }),
      workflow: undefined,
      request: undefined,
      drag_mode: undefined,
      action: 'gateway:tool:invoke',
      scope: 'decisions:evaluate',
      resource: { type: 'tool', id },
      ask: { parameters, properties, context: {}, data_classes: [] },
    } as never);

  it('refuses an action and a resource that the charter does not know', () => {
    const base = facts({ who: operator, workflow: 'deploy-to-staging', mode: 'execute' });
    const { workflow: _w, request: _r, drag_mode: _d, ...rest } = base;
    expect(decide(shipped, { ...rest, action: 'fly' }).reasons[0]).toMatchObject({
      code: 'unknown_action',
      kind: 'invalid',
    });
    expect(
      decide(shipped, { ...rest, action: 'gateway:tool:invoke', resource: { type: 'ship', id: 'x' } })
        .reasons[0]?.code,
    ).toBe('unknown_resource_type');
    expect(
      decide(shipped, { ...rest, action: 'memory:read', resource: { type: 'asset', id: 'x' } }).stage,
    ).toBe('scope');
  });

  it('strips secrets from tool parameters and says where they were', () => {
    const decision = tool(operator, 'search-mcp.search', {
      query: 'x',
      Password: 'p',
      nested: { 'api-key': 'k' },
    });
    expect(decision).toMatchObject({
      outcome: 'allow',
      obligations: [
        {
          id: 'strip_parameters',
          paths: ['/parameters/Password', '/parameters/nested/api-key'],
          on_fail: 'deny',
        },
      ],
    });
  });

  it('keeps destructive statements and tools for administrators', () => {
    const analyst = person(['analyst']);
    const query = (sql: string) => tool(analyst, 'postgres-mcp.query', { sql });
    expect(query("select * from reports where title = 'drop table'").outcome).toBe('allow');
    for (const sql of [
      'select 1; drop table users',
      'SELECT 1;\nDrOp/**/TABLE users',
      'with gone as (delete from users returning *) select * from gone',
      'select 1 /*! drop table users */',
      "select 'it\\'; drop table users; --'",
      "select * from t where a = 'x",
      'ＤＲＯＰ TABLE users',
    ]) {
      expect(query(sql).reasons[0]?.policy_id, sql).toBe('destructive-sql-is-for-admins');
    }
    expect(tool(operator, 'github-mcp.close_issue').reasons[0]?.policy_id).toBe(
      'delete-and-close-are-for-admins',
    );
    expect(tool(person(['admin']), 'github-mcp.close_issue').outcome).toBe('allow');
  });

  it('believes a raised sensitivity and not a lowered one', () => {
    expect(tool(operator, 'search-mcp.search', {}, { sensitivity: 'critical' }).outcome).toBe('deny');
    expect(tool(operator, 'postgres-mcp.execute', {}, { sensitivity: 'low' }).outcome).toBe('deny');
    // What cannot be read is no reason to believe that a tool is harmless.
    expect(tool(operator, 'search-mcp.search', {}, { sensitivity: 'CRITICAL' }).outcome).toBe('deny');
  });
});
