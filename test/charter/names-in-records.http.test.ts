/** Whatever callers call things: a name that can be a person's stands in no open part of a record. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { governed, OPERATOR, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

const JANE = 'jane.roe@example.org';
const TOOL = { action: 'gateway:tool:invoke', resource: { type: 'tool', id: 'search-mcp.search' } };
const EVALUATION = {
  subject: { type: 'user', id: 'jake' },
  action: { name: 'gateway:tool:invoke' },
  resource: { type: 'tool', id: 'search-mcp.search' },
};
const sample = (changes: object) => ({
  metric_name: 'latency_p50',
  value: 1,
  timestamp: new Date().toISOString(),
  source: 'node-7',
  ...changes,
});

let runtime: TestRuntime;
beforeAll(async () => {
  runtime = await startTestRuntime();
});
afterAll(() => runtime?.stop());

describe('a name that can be a person’s', () => {
  /** What the newest record of the type says in the open, as text. */
  async function newest(type: string): Promise<string> {
    const token = await runtime.token({ sub: 'ada', roles: ['auditor'] });
    const { body } = await runtime.call('GET', `/ledger/entries?type=${type}&limit=500`, { token });
    const { sealed: _, ...open } = body.entries.at(0).record;
    return JSON.stringify(open);
  }
  const ask = async (path: string, body: unknown, claims: object = {}) =>
    runtime.call('POST', path, { token: await runtime.token({ ...OPERATOR, ...claims }), body });

  it.each([
    ['the id of a tool', '/decisions', { ...TOOL, resource: { type: 'tool', id: JANE } }],
    ['the id of a document', '/decisions', { ...TOOL, resource: { type: 'document', id: JANE } }],
    ['the type of a resource', '/decisions', { ...TOOL, resource: { type: JANE, id: 'x' } }],
    ['an action', '/decisions', { ...TOOL, action: JANE }],
    ['a member', '/decisions', { ...TOOL, [JANE]: 1 }],
    ['an environment', '/decisions', { ...TOOL, parameters: { environment: JANE } }],
    [
      'the environment of a server',
      '/decisions',
      {
        action: 'gateway:server:info',
        resource: { type: 'server', id: 'x', properties: { environment: JANE } },
      },
    ],
    [
      'a resource of AuthZEN',
      '/access/v1/evaluation',
      { ...EVALUATION, resource: { type: 'calendar', id: JANE } },
    ],
    ['an action of AuthZEN', '/access/v1/evaluation', { ...EVALUATION, action: { name: JANE } }],
    [
      'a member of an AIM',
      '/workflows/governed/execute',
      governed({ aim: { ...governed().aim, [JANE]: 1 } }),
    ],
    ['a parameter', '/workflows/governed/execute', governed({ parameters: { [JANE]: JANE } })],
    ['a workflow', '/workflows/governed/execute', governed({ workflow_name: JANE })],
  ])('%s, is not in the record of the decision', async (_, path, body) => {
    await ask(path, body);
    expect(await newest('decision.made')).not.toContain('jane');
  });

  it.each([
    ['metric.allowed', {}],
    ['metric.blocked', { metric_name: 'user_location' }],
    ['metric.rejected', { value: null }],
  ])('a source, is not in %s', async (type, changes) => {
    await ask('/charter/metrics/validate', sample({ ...changes, source: JANE }));
    expect(await newest(type)).not.toContain('jane');
  });

  it('a node, is not in the case against it, and is shown to who may decide it', async () => {
    const report = { violation_type: 'other', node_or_service: JANE, description: 'it reads along' };
    const { body } = await ask('/violations', report, { sub: 'rita', name: 'Rita', roles: ['admin'] });
    expect(await newest('violation.reported')).not.toContain('jane');
    const token = await runtime.token({ sub: 'cora', name: 'Cora', roles: ['committee_member'] });
    const opened = await runtime.call('GET', `/violations/${body.violation_id}`, { token });
    expect(opened.body.history[0]).toMatchObject({ node_or_service: JANE });
    const listed = await runtime.call('GET', `/violations?node_or_service=${JANE}`, { token });
    expect(listed.body.violations).toContainEqual(
      expect.objectContaining({
        violation_id: body.violation_id,
        node_or_service: expect.stringMatching(/^name-[0-9a-f]{32}$/),
      }),
    );
  });

  it('in what people write of their own accord, is in no record’s open part, and is shown to who may read it', async () => {
    const why = `${JANE} has asked for it`;
    const as = async (sub: string, role: string, method: string, path: string, body?: unknown) =>
      runtime.call(method, path, {
        token: await runtime.token({ sub, name: `${sub} ${role}`, roles: [role] }),
        body,
      });
    const stop = await as('eve', 'emergency_responder', 'POST', '/emergency-stop', { reason: why });
    expect(stop.body.reason).toBe(why);
    expect((await as('eve', 'emergency_responder', 'GET', '/emergency-stop')).body.reason).toBe(why);
    for (const sub of ['eve', 'ewa']) await as(sub, 'emergency_responder', 'POST', '/emergency-release');

    const hold = (await as('ada', 'admin', 'POST', '/ledger/holds', { subject: 'zed', reason: why })).body;
    expect((await as('ada', 'admin', 'GET', '/ledger/holds')).body.holds).toMatchObject([{ reason: why }]);
    expect((await as('ada', 'admin', 'DELETE', `/ledger/holds/${hold.hold_id}`)).body.reason).toBe(why);

    const justified = { reason: 'risk_accepted', justification: why, workflow_name: 'deploy-to-staging' };
    const override = (await as('cora', 'committee_member', 'POST', '/overrides', justified)).body;
    const ended = [
      'committee_member',
      'POST',
      `/overrides/${override.override_id}/end`,
      { reason: why },
    ] as const;
    expect((await as('cora', ...ended)).body).toMatchObject({ ended_reason: why, justification: why });

    const report = { violation_type: 'data_extraction', node_or_service: 'zoe', description: why };
    const { violation_id } = (await as('rita', 'auditor', 'POST', '/violations', report)).body;
    await as('cora', 'committee_member', 'POST', `/violations/${violation_id}/confirm`, { reason: why });
    const { sanctions } = (await as('cora', 'committee_member', 'GET', '/sanctions?status=active')).body;
    expect(sanctions.length).toBeGreaterThan(0);
    for (const { sanction_id } of sanctions) {
      const lifted = await as('ada', 'admin', 'POST', `/sanctions/${sanction_id}/lift`, { reason: why });
      expect(lifted.body).toMatchObject({ status: 'lifted', ended_reason: why });
    }

    const token = await runtime.token({ sub: 'ada', roles: ['auditor'] });
    const state = await runtime.call('POST', '/state/verify', { token, body: {} });
    expect(state.body).toMatchObject({ verdict: 'OK', findings: [] });
    const { body } = await runtime.call('GET', '/ledger/entries?limit=500', { token });
    const said = body.entries.filter(({ record }: { record: object }) =>
      JSON.stringify(record).includes('"said-'),
    );
    expect(said.length).toBeGreaterThan(4);
    // Nor does a round that heals what was kept by halves pass for tampering.
    expect(body.entries.map(({ record }: { record: { type: string } }) => record.type)).not.toContain(
      'security.tamper_detected',
    );
    for (const { record } of body.entries) {
      const { sealed: _, ...open } = record;
      expect(JSON.stringify(open)).not.toContain('jane');
    }
  });

  it('a tool, is not in the record of its call', async () => {
    await ask('/tools/invocations', { tool: JANE, outcome: 'success' });
    expect(await newest('tool.invoked')).not.toContain('jane');
  });
});

describe('a machine’s name', () => {
  it('stands in records as it is', async () => {
    const token = await runtime.token(OPERATOR);
    await runtime.call('POST', '/charter/metrics/validate', { token, body: sample({}) });
    await runtime.call('POST', '/decisions', {
      token,
      body: { ...TOOL, resource: { type: 'tool', id: 'shell.run_anything' } },
    });
    const auditor = await runtime.token({ sub: 'ada', roles: ['auditor'] });
    const { body } = await runtime.call('GET', '/ledger/entries?limit=100', { token: auditor });
    const text = JSON.stringify(body.entries);
    expect(text).toContain('"source":"node-7"');
    expect(text).toContain('"id":"shell.run_anything"');
  });
});
