/** Overrides on the running system: who may start one, what it sets aside, and that it cannot outlive its limit. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { governed, OPERATOR, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

const MEMBER = (name: string) =>
  ({ sub: name, name: `${name} Member`, email: `${name}@example.org`, roles: ['committee_member'] }) as const;
const WHY = 'The payment provider rotates its certificates tonight';
const DEPLOY = governed({
  workflow_name: 'deploy-to-production',
  drag_mode: 'execute',
  parameters: { version: 'v1.2.3' },
});

describe('an override', () => {
  let it_: TestRuntime;
  let late = 0;
  beforeAll(async () => {
    it_ = await startTestRuntime({}, { clock: () => Date.now() + late });
  });
  afterAll(() => it_.stop());

  const as = async (name: string, method: string, path: string, body?: unknown) =>
    it_.call(method, path, { token: await it_.token(MEMBER(name)), ...(body === undefined ? {} : { body }) });
  const start = (body: Record<string, unknown> = {}, name = 'mia') =>
    as(name, 'POST', '/overrides', {
      reason: 'time_limited_exception',
      justification: WHY,
      workflow_name: 'data-export',
      ...body,
    });
  const started = async () => {
    const asked = await start({ workflow_name: 'deploy-to-production', reason: 'risk_accepted' });
    expect(asked).toMatchObject({ status: 202, body: { status: 'waiting', production: true, quorum: 3 } });
    const path = `/overrides/${asked.body.override_id}`;
    expect((await as('noa', 'POST', `${path}/approve`)).body.status).toBe('waiting');
    const last = await as('oli', 'POST', `${path}/approve`);
    expect(last.body.status).toBe('active');
    return { path, view: last.body };
  };

  it('that bypasses everything is not offered, nor one without a reason that says something', async () => {
    expect(await start({ reason: 'emergency_bypass' })).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_ERROR', error: expect.stringContaining('not offered') },
    });
    expect((await start({ justification: 'TLS certs rotate' })).body.reasons[0].code).toBe(
      'justification_too_short',
    );
    expect((await start({ justification: `  ${'a'.repeat(19)}  ` })).status).toBe(400);
    for (const unseen of ['\u200b', '\u2800', '\u3164', ' '])
      expect((await start({ justification: unseen.repeat(60) })).body.reasons[0].path, unseen).toBe(
        '/justification',
      );
    expect(
      (await start({ justification: 'urgent business need, please approve' })).body.reasons[0].code,
    ).toBe('justification_generic');
    expect(
      (
        await start({
          justification: 'urgent business need, please approve this request now, it is required',
        })
      ).status,
    ).toBe(201);
    expect((await start({ workflow_name: 'no-such' })).body.reasons[0].code).toBe('unknown_workflow');
  });

  it('is for people, and not for the one whom it is for', async () => {
    const token = await it_.token({ ...MEMBER('mia'), act: ['bot'] });
    const body = { reason: 'risk_accepted', justification: WHY, workflow_name: 'data-export' };
    expect((await it_.call('POST', '/overrides', { token, body })).body.reasons[0].code).toBe('people_only');
    expect((await start({ subject: 'mia' })).body.reasons[0].code).toBe('own_override');
    expect((await it_.call('POST', '/overrides', { token: await it_.token(OPERATOR), body })).status).toBe(
      403,
    );
  });

  it('for somebody is not for whoever gave their word for it with another account', async () => {
    const run = async (claims: Parameters<TestRuntime['token']>[0]) => {
      const token = await it_.token({ ...claims, roles: ['operator'] });
      const body = { ...DEPLOY, aim: { ...DEPLOY.aim, actor: { name: claims?.name ?? '' } } };
      return (await it_.call('POST', '/workflows/governed/execute', { token, body })).body.outcome;
    };
    const [second, other] = [
      { sub: 'mia-2', name: 'Second Account', email: 'MIA+ops@example.org' },
      { sub: 'pat', name: 'Pat Other', email: 'pat@example.org' },
    ];
    const paths: string[] = [];
    for (const [subject, first] of [
      ['mia-2', 'mia'],
      ['mia-2', 'noa'],
      ['pat', 'mia'],
    ] as const) {
      const { body } = await start({ workflow_name: 'deploy-to-production', subject }, first);
      paths.push(`/overrides/${body.override_id}`);
      const left = ['mia', 'noa', 'oli'].filter((name) => name !== first);
      for (const name of left) await as(name, 'POST', `${paths.at(-1)}/approve`);
      expect((await as('noa', 'GET', `${paths.at(-1)}`)).body.status).toBe('active');
    }
    // What she started, and what she agreed to; what is for somebody else holds.
    expect([await run(second), await run(other)]).toEqual(['require_approval', 'started']);
    for (const path of paths) await as('noa', 'POST', `${path}/end`, { reason: 'the test is over' });
  });

  it('outside production lasts 24 h unless it says otherwise, and 90 days at most', async () => {
    const { body } = await start({}, 'noa');
    expect(body).toMatchObject({ status: 'active', production: false, quorum: 1, justification: WHY });
    expect(Date.parse(body.until) - Date.parse(body.started_at)).toBe(24 * 3_600_000);
    expect((await start({ duration: '91d' })).body.reasons[0].code).toBe('duration_too_long');
    expect((await start({ environment: 'production', duration: '3h' })).body.reasons[0].code).toBe(
      'duration_too_long',
    );
  });

  it('in production takes 67 % of the committee, lasts half an hour, and says of each run that it let it', async () => {
    const { path, view } = await started();
    expect(Date.parse(view.until) - Date.parse(view.started_at)).toBe(30 * 60_000);
    expect((await as('oli', 'POST', `${path}/approve`)).body.reasons[0].code).toBe('nothing_to_decide');
    const ran = await it_.execute(DEPLOY);
    expect(ran.body.approval).toBeUndefined();
    expect(ran.body.execution_id).toMatch(/^exe_/);
    const token = await it_.token({ sub: 'audra', roles: ['auditor'] });
    const { body } = await it_.call('GET', `/ledger/entries?type=decision.made&trace=${ran.body.trace_id}`, {
      token,
    });
    expect(body.entries[0].record.data).toMatchObject({
      outcome: 'allow',
      stage: 'approval',
      override_id: view.override_id,
      reasons: [{ code: 'overridden', policy_id: `override#${view.override_id}` }],
    });
    const ended = await as('mia', 'POST', `${path}/end`, { reason: 'the deployment is through' });
    expect(ended.body.status).toBe('ended');
    expect((await it_.execute(DEPLOY)).body.approval).toMatchObject({ status: 'pending' });
  });

  it('is over at its end, before anybody has written that down, and its renewals with its limit', async () => {
    const { path } = await started();
    late += 29 * 60_000;
    expect((await as('mia', 'POST', `${path}/renew`, { duration: '2h' })).body.reasons[0].code).toBe(
      'beyond_the_limit',
    );
    for (const name of ['mia', 'noa', 'oli'])
      await as(
        name,
        'POST',
        name === 'mia' ? `${path}/renew` : `${path}/approve`,
        name === 'mia' ? { duration: '1h' } : undefined,
      );
    const { body } = await as('mia', 'GET', path);
    expect(Date.parse(body.until) - Date.parse(body.started_at)).toBeLessThanOrEqual(2 * 3_600_000);
    late += 59 * 60_000;
    expect((await it_.execute(DEPLOY)).body.execution_id).toMatch(/^exe_/);
    late += 2 * 60_000;
    expect((await it_.execute(DEPLOY)).body.approval).toMatchObject({ status: 'pending' });
    expect((await as('mia', 'POST', `${path}/renew`)).body.reasons[0].code).toBe('override_ended');
    await vi.waitFor(async () => {
      const { text } = await it_.call('GET', '/metrics', { token: await it_.token(OPERATOR) });
      expect(text).toMatch(/chancery_charter_overrides_total\{reason="risk_accepted"\} 2\b/);
    });
  });

  it('sets aside neither a stop nor what a policy forbids', async () => {
    const { path } = await started();
    const agent = { sub: 'bot', name: 'Jake Smith', kind: 'agent', roles: ['operator'] } as const;
    expect((await it_.execute(DEPLOY, agent)).body.code).toBe('CHARTER_DENIED');
    await as('mia', 'POST', '/emergency-stop', { reason: 'a drill' });
    expect((await it_.execute(DEPLOY)).body.code).toBe('EMERGENCY_STOP');
    for (const name of ['noa', 'oli'])
      await as(name, 'POST', '/emergency-stop/release', { reason: 'it was a drill' });
    await as('mia', 'POST', `${path}/end`, { reason: 'the drill is over' });
  });

  it('that somebody wrote into the store is acted on by nobody, and named', async () => {
    const { table } = it_.runtime.office;
    const id = 'ovr_01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const now = Date.now() + late;
    const forged = {
      status: 'active',
      reason: 'risk_accepted',
      workflow: 'deploy-to-production',
      production: false,
      quorum: 1,
      votes: [],
      asked: now,
      duration_ms: 9e9,
      started: now,
      until: now + 9e9,
      record: '1.1',
    };
    await table.put({ pk: 'OVERRIDES', sk: id, version: 1, ...forged }, 'absent');
    await table.put({ pk: 'OVERRIDES#OF#deploy-to-production', sk: id }, 'absent');
    expect((await it_.execute(DEPLOY)).body.approval).toMatchObject({ status: 'pending' });
    await vi.waitFor(
      async () => {
        const token = await it_.token({ sub: 'audra', roles: ['auditor'] });
        const { body } = await it_.call('GET', '/ledger/entries?type=security.tamper_detected', { token });
        expect(
          body.entries.map((entry: { record: { data: { item: string } } }) => entry.record.data.item),
        ).toContain('override');
      },
      { timeout: 5_000 },
    );
    expect(await it_.faults()).toEqual([]);
  });
});
