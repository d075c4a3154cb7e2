import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEntries } from '../../src/ledger/reader.ts';
import type { Table } from '../../src/ports.ts';
import { type CallOptions, governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { person } from '../support/person.ts';

let chancery: TestRuntime;
let store: Table;
/** Moves the runtime's clock forward. */
let shift = 0;
/** Holds it still, where a test stands at the edge of a window. */
let still: number | undefined;

beforeAll(async () => {
  chancery = await startTestRuntime(
    {},
    {
      clock: () => still ?? Date.now() + shift,
      table: (table) => {
        store = table;
        return watched(table);
      },
    },
  );
});
afterAll(() => chancery.stop());

/** Partitions that were written to, with the operation. */
let writes: string[] = [];
function watched(table: Table): Table {
  const note = (operation: string, pk: string) => void writes.push(`${operation} ${pk.split('#')[0]}`);
  return {
    get: (pk, sk) => table.get(pk, sk),
    query: (pk, range) => table.query(pk, range),
    put: (item, condition) => {
      note('put', item.pk);
      return table.put(item, condition);
    },
    putRun: (items) => {
      note('putRun', items[0]?.pk ?? '');
      return table.putRun(items);
    },
    add: (pk, sk, slots) => {
      note('add', pk);
      return table.add(pk, sk, slots);
    },
    merge: (pk, sk, attributes) => {
      note('merge', pk);
      return table.merge(pk, sk, attributes);
    },
    remove: (pk, sk, condition) => {
      note('remove', pk);
      return table.remove(pk, sk, condition);
    },
  };
}

type Claims = Parameters<TestRuntime['token']>[0];
async function post(path: string, body: unknown, claims: Claims = {}, options: CallOptions = {}) {
  return chancery.call('POST', path, {
    token: await chancery.token({ ttl: '3h', ...claims } as Claims),
    body,
    ...options,
  });
}
const decide = (body: unknown, claims?: Claims) => post('/decisions', body, claims);
const tool = (id: string, more: Record<string, unknown> = {}) => ({
  action: 'gateway:tool:invoke',
  resource: { type: 'tool', id },
  ...more,
});
/** The newest record of a type. */
async function newest(type: string) {
  const { entries } = await readEntries(store, { type }, { limit: 1, order: 'newest' });
  return entries[0]?.record;
}

describe('a native decision', () => {
  it('allows with a receipt, a digest and a capability, and records what it said', async () => {
    const { status, body } = await decide(governed());
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: 'allow',
      decision: true,
      reasons: [],
      counterfactual: [],
      charter: { version: '1.0.0' },
      capability: { single_use: true, bound_to: body.action_digest },
      prescriptive: { detected: false },
    });
    const record = await newest('decision.made');
    expect(record).toMatchObject({
      data: {
        decision_id: body.decision_id,
        outcome: 'allow',
        asked: { action: 'grunt', context: { risk: 1 }, resource: { roles: ['auditor', 'operator'] } },
      },
      meta: { charter: body.charter.digest },
    });
    expect(JSON.stringify(record?.data)).not.toContain('jake');
  });

  it('denies with 200, the policy and what would do', async () => {
    const { status, body } = await decide(
      governed({
        workflow_name: 'data-export',
        drag_mode: 'execute',
        parameters: { subject: 'sub-1' },
        aim: { ...governed().aim, actor: { name: 'Robo' } },
      }),
      { sub: 'robo', name: 'Robo', kind: 'agent', roles: ['agent', 'operator'] },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: 'deny',
      decision: false,
      reasons: [
        { code: 'policy_forbids', policy_id: 'agent-never-executes-high-risk-alone', kind: 'forbidden' },
      ],
      // Nothing that the caller could write would change it: as a draft it would export all the same.
      counterfactual: [],
    });
    expect(body.capability).toBeUndefined();
  });

  it('names what is wrong with an AIM as a denial, and refuses what is no question', async () => {
    const { body } = await decide(
      governed({ aim: { ...governed().aim, mission: { objective: 'short', success_criteria: ['x'] } } }),
    );
    expect(body).toMatchObject({
      outcome: 'deny',
      reasons: [{ code: 'objective_too_short', kind: 'invalid' }],
    });
    expect((await decide(governed({ workflow_name: 'nothing-like-it' }))).body.reasons[0].code).toBe(
      'unknown_workflow',
    );
    for (const nonsense of [{}, [], 'x', { action: 'a' }, { resource: { type: 'tool', id: 'x' } }]) {
      const answer = await decide(nonsense);
      expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_ERROR']);
    }
  });

  it('opens an approval for what needs one', async () => {
    const { body } = await decide(
      governed({ workflow_name: 'deploy-to-production', drag_mode: 'execute', parameters: PRODUCTION }),
    );
    expect(body).toMatchObject({
      outcome: 'require_approval',
      decision: false,
      approval: { status: 'pending', quorum: 2 },
      counterfactual: [{ change: 'approval', to: 2, outcome: 'allow' }],
    });
  });

  it('has no effect in dry run and shadow but one count and one record', async () => {
    // Folding, sealing, sweeping and telling people go on beside it, and the last two write records; these partitions
    // are those that deciding and running write besides.
    const effects = () =>
      writes.filter((write) =>
        / (PRINCIPAL|APPROVAL|CAPABILITY|WORKFLOW|EXECUTION|RUN|IDEMPOTENCY|BOX)/.test(write),
      );
    for (const mode of ['dry_run', 'shadow']) {
      for (const [workflow_name, drag_mode, parameters, outcome] of [
        ['deploy-to-production', 'execute', PRODUCTION, 'require_approval'],
        ['compliance-report', 'grunt', {}, 'allow'],
        ['data-export', 'execute', { subject: 's', subjects: ['t'] }, 'deny'],
      ] as const) {
        writes = [];
        const { body } = await decide(governed({ workflow_name, drag_mode, parameters, options: { mode } }));
        expect([body.outcome, body.mode, body.capability, body.approval?.approval_id]).toEqual([
          outcome,
          mode,
          undefined,
          undefined,
        ]);
        expect(effects()).toEqual(['add PRINCIPAL']);
        const { entries } = await readEntries(store, { trace: body.trace_id }, { limit: 10 });
        expect(entries.map(({ record }) => record.type)).toEqual(['decision.dry_run']);
      }
    }
  });
});

const PRODUCTION = { version: '1.2.3' };

describe('a capability', () => {
  const verify = (body: unknown) => post('/decisions/verify', body, { sub: 'gateway', kind: 'service' });

  it('is good once', async () => {
    const { body } = await decide(tool('search-mcp.search', { parameters: { query: 'x' } }));
    const { token } = body.capability;
    expect((await verify({ token, keep: true })).body).toMatchObject({ valid: true, used: false });
    const answers = await Promise.all([verify({ token }), verify({ token }), verify({ token })]);
    expect(answers.map((answer) => answer.body.valid).sort()).toEqual([false, false, true]);
    expect((await verify({ token })).body).toMatchObject({ valid: false, reason: 'used' });
  });

  it('fits only what was asked', async () => {
    const asked = tool('search-mcp.search', { parameters: { query: 'x' } });
    const { body } = await decide(asked);
    const { token } = body.capability;
    for (const changed of [
      { ...asked, parameters: { query: 'y' } },
      { ...asked, resource: { type: 'tool', id: 'github-mcp.get_file' } },
      { ...asked, action: 'gateway:tool:discover' },
    ]) {
      expect((await verify({ token, request: changed })).body).toMatchObject({
        valid: false,
        reason: 'action_mismatch',
      });
    }
    expect((await verify({ token, action_digest: '0'.repeat(64) })).body.reason).toBe('action_mismatch');
    expect((await verify({ token, request: asked, action_digest: body.action_digest })).body).toMatchObject({
      valid: true,
      decision_id: body.decision_id,
      record: { id: body.receipt.id },
    });
  });

  it('is refused when forged, malformed or old', async () => {
    const { body } = await decide(tool('search-mcp.search'));
    const { token } = body.capability as { token: string };
    const [head, claims, signature] = token.split('.') as [string, string, string];
    const other = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), sub: 'me' }),
    ).toString('base64url');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'capability+jwt', kid: 'x' })).toString(
      'base64url',
    );
    expect((await verify({ token: `${head}.${other}.${signature}` })).body.reason).toBe('signature');
    expect((await verify({ token: `${none}.${claims}.` })).body.reason).toBe('malformed');
    expect((await verify({ token: 'x' })).body.reason).toBe('malformed');
    shift += 301_000;
    expect((await verify({ token })).body.reason).toBe('expired');
  });
});

describe('the tool gateway', () => {
  it('says how long a decision may be kept, by sensitivity', async () => {
    const seconds = async (id: string) => (await decide(tool(id), { roles: ['admin'] })).body.cache_ttl;
    expect([
      await seconds('search-mcp.search'),
      await seconds('github-mcp.create_issue'),
      await seconds('postgres-mcp.query'),
      await seconds('postgres-mcp.execute'),
    ]).toEqual([1800, 300, 60, 0]);
  });

  it('hands back the parameters without secrets', async () => {
    const { body } = await decide(
      tool('search-mcp.search', {
        parameters: { query: 'x', api_key: 'k', deep: [{ Secret: 's', kept: 1 }] },
      }),
    );
    expect(body).toMatchObject({
      outcome: 'allow',
      filtered_parameters: { query: 'x', deep: [{ kept: 1 }] },
      obligations: [{ id: 'strip_parameters', paths: ['/parameters/api_key', '/parameters/deep/0/Secret'] }],
    });
  });

  it('keeps destructive statements for administrators, and decides on servers and discovery', async () => {
    const drop = tool('postgres-mcp.query', { parameters: { sql: 'select 1; drop table users' } });
    expect((await decide(drop, { roles: ['analyst'] })).body.reasons[0].policy_id).toBe(
      'destructive-sql-is-for-admins',
    );
    expect((await decide(drop, { roles: ['admin'] })).body.outcome).toBe('allow');
    for (const action of ['gateway:server:list', 'gateway:server:info']) {
      expect(
        (await decide({ action, resource: { type: 'server', id: 'github-mcp' } }, { roles: ['developer'] }))
          .body.outcome,
      ).toBe('allow');
    }
    expect(
      (await decide({ ...drop, action: 'gateway:tool:discover' }, { roles: ['developer'] })).body.outcome,
    ).toBe('allow');
  });

  it('lets agents ask agents by trust, capability, environment and depth', async () => {
    const ask = async (sub: string, action: string, id: string, context = {}) => {
      const { body } = await decide(
        { action, resource: { type: 'agent', id }, context },
        { sub, name: sub, kind: 'agent', roles: ['agent'] },
      );
      return body.outcome === 'allow' ? 'allow' : (body.reasons[0].policy_id ?? body.reasons[0].code);
    };
    expect(await ask('release-agent', 'a2a:execute', 'report-agent')).toBe('allow');
    expect(await ask('release-agent', 'a2a:delegate', 'report-agent', { delegation_depth: 2 })).toBe('allow');
    expect(await ask('release-agent', 'a2a:delegate', 'report-agent', { delegation_depth: 3 })).toBe(
      'a2a-delegates-only-trusted',
    );
    expect(await ask('report-agent', 'a2a:delegate', 'release-agent')).toBe('a2a-delegates-only-trusted');
    expect(await ask('lookup-agent', 'a2a:execute', 'release-agent')).toMatch(/a2a-/);
    expect(await ask('stranger', 'a2a:query', 'release-agent')).toBe('untrusted-agents-stay-home');
    expect(await ask('release-agent', 'a2a:query', 'stranger')).toMatch(
      /a2a-needs-the-capability-to-query|untrusted-agents-stay-home/,
    );
  });
});

describe('AuthZEN', () => {
  const evaluation = {
    subject: { type: 'user', id: 'alice@example.com', properties: { roles: ['operator'] } },
    action: { name: 'execute' },
    resource: { type: 'workflow', id: 'deploy-to-staging' },
  };

  it('answers a single evaluation, and echoes the request id', async () => {
    const answer = await post(
      '/access/v1/evaluation',
      evaluation,
      {},
      { headers: { 'x-request-id': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' } },
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ decision: true, context: { outcome: 'allow' } });
    expect(answer.headers.get('x-request-id')).toBe('bfe9eb29-ab87-4ca3-be83-a1d5d8305716');
    expect(answer.body.capability ?? answer.body.context.capability).toBeUndefined();
  });

  it('takes the subject as declared, and nothing of the caller for it', async () => {
    const nobody = { ...evaluation, subject: { type: 'user', id: 'bob@example.com' } };
    expect((await post('/access/v1/evaluation', nobody)).body.decision).toBe(false);
    const self = { ...evaluation, subject: { type: 'user', id: 'jake' } };
    expect((await post('/access/v1/evaluation', self)).body.decision).toBe(true);
    expect((await post('/access/v1/evaluation', self, { roles: ['analyst'] })).body.decision).toBe(false);
  });

  it('says no, with the outcome, where approval is needed', async () => {
    const { body } = await post('/access/v1/evaluation', {
      ...evaluation,
      resource: { type: 'workflow', id: 'deploy-to-production' },
    });
    expect(body).toMatchObject({
      decision: false,
      context: { outcome: 'require_approval', approval: { quorum: 2 } },
    });
  });

  it('refuses what is no evaluation, and denies what it does not know', async () => {
    for (const broken of [
      {},
      { ...evaluation, subject: { id: 'x' } },
      { ...evaluation, action: {} },
      { subject: evaluation.subject },
    ]) {
      expect((await post('/access/v1/evaluation', broken)).status).toBe(400);
    }
    const { body } = await post('/access/v1/evaluation', {
      subject: { type: 'user', id: 'alice@example.com' },
      action: { name: 'can_read' },
      resource: { type: 'account', id: '123' },
      context: { time: '2026-11-21T09:00:00Z' },
    });
    expect(body).toMatchObject({ decision: false, context: { reasons: [{ code: 'unknown_action' }] } });
  });

  it('answers batches: defaults, short-circuits, and one broken evaluation beside good ones', async () => {
    const { resource: _, ...defaults } = evaluation;
    const on = (id: string) => ({ resource: { type: 'workflow', id } });
    const mixed = [on('deploy-to-staging'), on('deploy-to-production'), on('compliance-report')];
    const batch = async (semantic: string | undefined, evaluations: unknown[]) =>
      (
        await post('/access/v1/evaluations', {
          ...defaults,
          evaluations,
          ...(semantic ? { options: { evaluations_semantic: semantic } } : {}),
        })
      ).body.evaluations.map((one: { decision: boolean }) => one.decision);
    expect(await batch(undefined, mixed)).toEqual([true, false, true]);
    expect(await batch('execute_all', mixed)).toEqual([true, false, true]);
    expect(await batch('deny_on_first_deny', mixed)).toEqual([true, false]);
    expect(await batch('permit_on_first_permit', mixed)).toEqual([true]);
    const broken = await post('/access/v1/evaluations', {
      ...defaults,
      evaluations: [{}, on('deploy-to-staging')],
    });
    expect(broken.body.evaluations).toMatchObject([
      { decision: false, context: { error: { status: 400 } } },
      { decision: true },
    ]);
    expect((await post('/access/v1/evaluations', evaluation)).body).toMatchObject({ decision: true });
    expect((await post('/access/v1/evaluations', { ...evaluation, evaluations: [] })).body.decision).toBe(
      true,
    );
    expect(
      (await post('/access/v1/evaluations', { ...defaults, evaluations: Array(101).fill(on('x')) })).status,
    ).toBe(400);
  });

  it('publishes where its endpoints are, to everybody', async () => {
    const { status, body } = await chancery.call('GET', '/.well-known/authzen-configuration');
    expect(status).toBe(200);
    expect(body).toEqual({
      policy_decision_point: chancery.runtime.url,
      access_evaluation_endpoint: `${chancery.runtime.url}/access/v1/evaluation`,
      access_evaluations_endpoint: `${chancery.runtime.url}/access/v1/evaluations`,
      search_subject_endpoint: `${chancery.runtime.url}/access/v1/search/subject`,
      search_resource_endpoint: `${chancery.runtime.url}/access/v1/search/resource`,
      search_action_endpoint: `${chancery.runtime.url}/access/v1/search/action`,
    });
  });
});

describe('limits', () => {
  it('refuses over the limit with 429, and lets an administrator set the counter back', async () => {
    const standing = await decide(governed(), { sub: 'busy', name: 'Jake Smith' });
    expect(standing.body.outcome).toBe('allow');
    const key = { pk: `PRINCIPAL#${chancery.runtime.office.pseudonym(person('busy'))}`, sk: 'standing' };
    await store.merge(key.pk, key.sk, { rl_decisions: 120_000 });
    const over = await decide(governed(), { sub: 'busy', name: 'Jake Smith' });
    expect([over.status, over.body.code, over.body.reasons[0].policy_id]).toEqual([
      429,
      'RATE_LIMITED',
      'limits.yaml#decisions',
    ]);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    const admin = await chancery.token({ sub: 'root', roles: ['admin'] });
    expect((await chancery.call('DELETE', '/rate-limits/busy', { token: admin })).body).toMatchObject({
      reset: true,
    });
    expect((await decide(governed(), { sub: 'busy', name: 'Jake Smith' })).status).toBe(200);
    expect((await newest('admin.config_changed'))?.data).toMatchObject({ what: 'rate_limits_reset' });
  });
});

describe('what came of it', () => {
  const gateway: { sub: string; kind: 'service' } = { sub: 'gateway', kind: 'service' };

  it('is recorded for tool calls, by tool and outcome', async () => {
    const report = (body: unknown) => post('/tools/invocations', body, gateway);
    const done = await report({ tool: 'search-mcp.search', outcome: 'success', duration_ms: 12.5 });
    expect([done.status, done.body.recorded]).toEqual([201, true]);
    expect(await newest('tool.*')).toMatchObject({
      type: 'tool.invoked',
      data: { tool: 'search-mcp.search', outcome: 'success', duration_us: 12_500 },
    });
    await report({ tool: 'search-mcp.search', outcome: 'failure', error_type: 'Timeout' });
    expect((await newest('tool.*'))?.type).toBe('tool.failed');
    expect((await report({ tool: 'x', outcome: 'perhaps' })).status).toBe(400);
  });

  it('names only the decision of the same caller that allowed this very call', async () => {
    const decided = async (id: string) =>
      (await post('/decisions', { action: 'gateway:tool:invoke', resource: { type: 'tool', id } }, gateway))
        .body;
    const [allowed, denied] = [await decided('search-mcp.search'), await decided('no-such.tool')];
    expect([allowed.outcome, denied.outcome]).toEqual(['allow', 'deny']);
    const named = async (
      decision_id: string,
      tool = 'search-mcp.search',
      outcome = 'success',
      by = gateway,
    ) => {
      const { status, body } = await post('/tools/invocations', { tool, outcome, decision_id }, by);
      return `${status} ${body.reasons?.[0]?.code ?? 'ok'}`;
    };
    expect(await named(allowed.decision_id)).toBe('201 ok');
    expect(await named(allowed.decision_id, 'github-mcp.get_file')).toBe('400 another_tool');
    expect(await named(denied.decision_id, 'no-such.tool')).toBe('400 decision_not_allowed');
    expect(await named(denied.decision_id, 'no-such.tool', 'denied')).toBe('201 ok');
    expect(await named(allowed.decision_id, 'search-mcp.search', 'success', { ...gateway, sub: 'gw2' })).toBe(
      '400 unknown_decision',
    );
    for (const id of ['dec_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'dec_1', 'x'])
      expect(await named(id)).toBe('400 unknown_decision');
  });

  it('is recorded for governed applications, sealed, and only under types that are theirs', async () => {
    const event = (type: string) =>
      post('/events', { type, subject: 'ida', data: { note: 'met Bogdana at noon' } }, gateway);
    for (const type of ['memory.accessed', 'calendar.shared', 'user.profile_accessed'])
      expect((await event(type)).status).toBe(201);
    for (const kind of ['agent', 'human'] as const) {
      const spoken = await post('/events', { type: 'user.deleted', subject: 'ida' }, { sub: 'bot', kind });
      expect([spoken.status, spoken.body.reasons[0].code]).toEqual([403, 'not_your_principal']);
    }
    const record = await newest('calendar.shared');
    expect(record?.personal).toBeDefined();
    expect(JSON.stringify(record)).not.toContain('Bogdana');
    for (const type of [
      'decision.made',
      'ledger.checkpoint',
      'charter.activated',
      'system.startup',
      'made.up',
      'nothing',
    ]) {
      expect((await event(type)).status, type).toBe(400);
    }
  });
});

describe('feature flags', () => {
  it('are evaluated for the caller, and an unknown one is off', async () => {
    const get = async (path: string, roles: string[]) =>
      chancery.call('GET', path, { token: await chancery.token({ roles }) });
    expect((await get('/flags', ['operator'])).body.flags).toMatchObject({
      capability_tokens: { value: true, rule: 'default' },
    });
    expect((await get('/flags/early_features', ['operator', 'committee_member'])).body).toEqual({
      flag: 'early_features',
      value: true,
      rule: 0,
    });
    expect((await get('/flags/nothing', ['operator'])).status).toBe(404);
  });
});

describe('metric collection', () => {
  const sample = (metric_name: unknown, source: string, more: Record<string, unknown> = {}) => ({
    metric_name,
    value: 1,
    timestamp: new Date(still ?? Date.now() + shift).toISOString(),
    source,
    ...more,
  });
  const submit = async (body: unknown) =>
    (
      await post('/charter/metrics/validate', body, {
        sub: 'node',
        roles: ['node_operator'],
        kind: 'service',
      })
    ).body;

  it('allows what is listed, blocks what is not, rejects what is malformed', async () => {
    expect(await submit(sample('latency_p95', 'n1'))).toMatchObject({
      is_valid: true,
      allowed: true,
      enforcement_action: 'ALLOW',
      access_level: 'public',
      retention_days: 90,
    });
    expect(await submit(sample('shoe_size', 'n1'))).toMatchObject({
      is_valid: true,
      allowed: false,
      enforcement_action: 'BLOCK',
      reason: 'NOT_WHITELISTED',
    });
    expect(
      await submit(
        sample('latency_p95', 'n1', { timestamp: new Date(Date.now() + shift + 60_000).toISOString() }),
      ),
    ).toMatchObject({ is_valid: false, enforcement_action: 'REJECT', reason: 'FUTURE_DATED' });
    for (const bad of [
      sample(7, 'n1'),
      sample('latency_p95', ' '),
      sample('latency_p95', 'n1', { value: {} }),
      sample('latency_p95', 'n1', { timestamp: 'soon' }),
      {},
      'x',
      null,
    ]) {
      expect(await submit(bad)).toMatchObject({
        is_valid: false,
        allowed: false,
        enforcement_action: 'REJECT',
        reason: 'MALFORMED',
      });
    }
  });

  it('blocks the forbidden even when malformed, and opens a case', async () => {
    expect(await submit(sample('user_location', 'n2', { value: { lat: 1 } }))).toMatchObject({
      allowed: false,
      enforcement_action: 'BLOCK',
      reason: 'FORBIDDEN',
      priority: 'critical',
      violation: { severity: 'WARNING', attempts: 1 },
    });
    expect(await newest('metric.blocked')).toMatchObject({
      data: {
        status: 'blocked',
        violation: { severity: 'WARNING', violation_type: 'silent_collection', node_or_service: 'n2' },
        case: { change: 'opened' },
      },
    });
  });

  it('climbs the ladder within 60 seconds, to the edge and not beyond it', async () => {
    const attempt = async (source: string) =>
      (await submit(sample('browsing_history', source))).violation.severity;
    const start = Date.now() + shift;
    still = start;
    expect([await attempt('edge'), await attempt('edge')]).toEqual(['WARNING', 'WARNING']);
    expect([await attempt('past'), await attempt('past')]).toEqual(['WARNING', 'WARNING']);
    still = start + 60_000;
    expect([await attempt('edge'), await attempt('edge')]).toEqual(['SUSPENSION', 'SUSPENSION']);
    expect(await attempt('edge')).toBe('BAN');
    still = start + 60_001;
    expect(await attempt('past')).toBe('WARNING');
    still = undefined;
    shift += 61_000;
  });

  it('keeps one open case per metric and source for an hour', async () => {
    const attempt = async () => (await submit(sample('user_identity', 'hourly'))).violation;
    const first = await attempt();
    shift += 3_590_000;
    const second = await attempt();
    expect(second).toEqual({ ...first, attempts: 2 });
    shift += 20_000;
    const third = await attempt();
    expect(third.violation_id).not.toBe(first.violation_id);
  });

  it('takes up to a hundred at once, each with its own record, and counts a burst exactly', async () => {
    const answers = await submit(Array.from({ length: 100 }, () => sample('device_hardware_id', 'burst')));
    expect(answers).toHaveLength(100);
    const attempts = answers
      .map((one: { violation: { attempts: number } }) => one.violation.attempts)
      .sort((a: number, b: number) => a - b);
    expect(attempts).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(
      answers.filter((one: { violation: { severity: string } }) => one.violation.severity === 'BAN'),
    ).toHaveLength(96);
    expect(await submit(Array(101).fill(sample('latency_p50', 'x')))).toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  });
});

describe('drain and emergency stop', () => {
  const responder = { sub: 'fay', name: 'Fay Stone', roles: ['emergency_responder'] };

  it('drains: takes no new work, then takes work again', async () => {
    const maintainer = { sub: 'sre', roles: ['sre'] };
    const drained = await post('/drain', { timeout_seconds: 1 }, maintainer);
    expect(drained.body).toMatchObject({ draining: true, drained: true, running: 0 });
    const refused = await post('/workflows/governed/execute', governed());
    expect([refused.status, refused.body.code]).toEqual([503, 'DRAINING']);
    await post('/drain', { for_seconds: 0 }, maintainer);
    expect((await decide(governed())).body.outcome).toBe('allow');
  });

  it('stops everything, needs two different people to release, and neither of them an agent', async () => {
    expect((await post('/emergency-stop', { reason: 'drill' })).status).toBe(403);
    const stopped = await post('/emergency-stop', { reason: 'a drill', duration: '10m' }, responder);
    expect(stopped.body).toMatchObject({ state: 'stopped', reason: 'a drill' });
    expect((await decide(governed())).body).toMatchObject({
      outcome: 'deny',
      reasons: [{ code: 'emergency_stop' }],
    });
    const refused = await post('/workflows/governed/execute', governed());
    expect([refused.status, refused.body.code]).toEqual([503, 'EMERGENCY_STOP']);

    expect((await post('/emergency-stop/release', undefined, { ...responder, kind: 'agent' })).status).toBe(
      403,
    );
    expect((await post('/emergency-stop/release', undefined, responder)).body).toMatchObject({
      released: false,
      missing: 1,
    });
    expect((await post('/emergency-stop/release', undefined, responder)).status).toBe(409);
    expect((await decide(governed())).body.outcome).toBe('deny');
    const released = await post('/emergency-release', undefined, {
      ...responder,
      sub: 'gil',
      name: 'Gil Wood',
    });
    expect(released.body).toMatchObject({ released: true, state: 'clear' });
    expect((await decide(governed())).body.outcome).toBe('allow');
    expect((await post('/emergency-stop/release', undefined, responder)).status).toBe(409);
  });

  it('ends by itself', async () => {
    // Nobody has to explain first: without a body it holds as long as the charter says, an hour.
    expect((await post('/emergency-stop', undefined, responder)).status).toBe(200);
    shift += 3_600_000;
    expect((await decide(governed())).body.outcome).toBe('allow');
    await post('/emergency-stop', { reason: 'another drill', duration: 60 }, responder);
    expect((await decide(governed())).body.outcome).toBe('deny');
    shift += 60_000;
    expect((await decide(governed())).body.outcome).toBe('allow');
  });
});
