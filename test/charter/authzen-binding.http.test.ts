/** AuthZEN's HTTPS binding: media type, request ids, metadata, bodies that are none, and how to decide. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestRuntime, type TestRuntime } from '../runtime/support.ts';

let chancery: TestRuntime;
let token: string;
beforeAll(async () => {
  chancery = await startTestRuntime({ publicUrl: 'https://pdp.example.org/prod' });
  token = await chancery.token({ sub: 'pep', kind: 'service', roles: [], scopes: ['decisions:evaluate'] });
});
afterAll(() => chancery.stop());

const ann = { type: 'user', id: 'ann', properties: { roles: ['operator'] } };
const evaluation = {
  subject: ann,
  action: { name: 'execute' },
  resource: { type: 'workflow', id: 'deploy-to-staging' },
};
const ENDPOINTS = ['/access/v1/evaluation', '/access/v1/evaluations'] as const;
const raw = JSON.stringify(evaluation);
const records = async (type: string) => {
  const auditor = await chancery.token({ sub: 'aud', name: 'Aud Itor', roles: ['auditor'] });
  const { body } = await chancery.call('GET', `/ledger/entries?type=${type}&limit=200`, { token: auditor });
  return body.entries.map(({ record }: { record: { data: Record<string, unknown> } }) => record.data);
};

describe.each(ENDPOINTS)('%s', (path) => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'application/problem+json',
  ])('answers 400 to the media type %s, on record', async (type) => {
    const { status, body } = await chancery.call('POST', path, {
      token,
      raw,
      headers: { 'content-type': type },
    });
    expect([status, body.reasons[0].path]).toEqual([400, 'header:Content-Type']);
    expect(await records('decision.made')).toContainEqual(
      expect.objectContaining({ decision_id: body.decision_id, outcome: 'rejected' }),
    );
  });

  it.each(['application/json', 'Application/JSON; charset=utf-8', 'application/json;charset=utf-8'])(
    'takes %s',
    async (type) => {
      const { status, body } = await chancery.call('POST', path, {
        token,
        raw,
        headers: { 'content-type': type },
      });
      expect([status, body.decision]).toEqual([200, true]);
    },
  );

  it.each([
    ['', 400],
    ['{', 400],
    ['[]', 400],
    ['null', 400],
    ['{"subject": "ann"}', 400],
    [JSON.stringify({ ...evaluation, subject: { type: 'user' } }), 400],
    [JSON.stringify({ ...evaluation, action: undefined }), 400],
    [raw.replace('{', '{"subject": null, '), 400],
    [`{"x": "${'x'.repeat(1_100_000)}"}`, 413],
  ])('answers and records a body that is none: %.60s', async (content, expected) => {
    const { status, body } = await chancery.call('POST', path, { token, raw: content });
    expect(status).toBe(expected);
    expect(await records('decision.made')).toContainEqual(
      expect.objectContaining({ decision_id: body.decision_id, outcome: 'rejected' }),
    );
  });

  it.each([
    ['a decision', raw, true, 200],
    ['a blank body', '', true, 400],
    ['no token', raw, false, 401],
  ])('gives the request id back with %s', async (_what, content, withToken, expected) => {
    for (const id of ["jake's request / 7", 'zoë / 7']) {
      const { status, headers } = await chancery.call('POST', path, {
        raw: content,
        ...(withToken ? { token } : {}),
        headers: { 'x-request-id': id },
      });
      expect([status, headers.get('x-request-id')]).toEqual([expected, id]);
    }
  });

  it('keeps that id out of the ledger, where it could name somebody', async () => {
    await chancery.call('POST', path, { token, raw, headers: { 'x-request-id': 'jake.smith' } });
    const auditor = await chancery.token({ sub: 'aud', name: 'Aud Itor', roles: ['auditor'] });
    const { text } = await chancery.call('GET', '/ledger/entries?limit=200', { token: auditor });
    expect(text).not.toContain('jake.smith');
  });

  it.each([
    { context: { options: { mode: 'dry_run' } } },
    { options: { mode: 'dry_run' } },
    { options: { mode: 'enforce' }, context: { options: { mode: 'shadow' } } },
  ])('decides without effect when asked to by %j', async (more) => {
    const { body } = await chancery.call('POST', path, { token, body: { ...evaluation, ...more } });
    expect(body.decision).toBe(true);
    expect(await records('decision.dry_run')).toContainEqual(
      expect.objectContaining({ decision_id: body.context.decision_id }),
    );
  });

  it('refuses a way of deciding that it does not know', async () => {
    const { body } = await chancery.call('POST', path, {
      token,
      body: { ...evaluation, context: { options: { mode: 'dryrun' } } },
    });
    expect(body).toMatchObject({ decision: false, context: { error: { path: '/context/options/mode' } } });
    const { status } = await chancery.call('POST', path, {
      token,
      body: { ...evaluation, options: { mode: 'dryrun' } },
    });
    expect(status).toBe(400);
  });
});

describe('a batch', () => {
  const batch = async (body: unknown) =>
    (await chancery.call('POST', '/access/v1/evaluations', { token, body })).body.evaluations;

  it('records each item that cannot be read, and answers the others', async () => {
    const [read, unreadable, last] = await batch({
      evaluations: [evaluation, { ...evaluation, subject: 7 }, evaluation],
    });
    expect([read.decision, unreadable.decision, last.decision]).toEqual([true, false, true]);
    expect(unreadable.context.error).toMatchObject({ status: 400, path: '/subject' });
    expect(await records('decision.made')).toContainEqual(
      expect.objectContaining({ decision_id: unreadable.context.decision_id, outcome: 'rejected' }),
    );
  });

  it('stops at an item that cannot be read where the first denial ends it', async () => {
    const evaluations = [evaluation, { ...evaluation, subject: 7 }, evaluation];
    const options = { evaluations_semantic: 'deny_on_first_deny' };
    expect(await batch({ evaluations, options })).toHaveLength(2);
  });

  it('lets a member of an item replace the whole default, and nothing of it be merged', async () => {
    const [merged] = await batch({
      ...evaluation,
      evaluations: [{ subject: { type: 'user', id: 'ann' } }],
    });
    expect(merged.decision).toBe(false);
  });

  it('is one evaluation when it has none, and answers as that', async () => {
    for (const more of [{}, { evaluations: [] }]) {
      const { body } = await chancery.call('POST', '/access/v1/evaluations', {
        token,
        body: { ...evaluation, ...more },
      });
      expect(body).toMatchObject({ decision: true });
    }
  });

  it.each([{ evaluations: {} }, { evaluations: [7] }, { options: { evaluations_semantic: 'first' } }])(
    'that cannot be read as a whole is 400: %j',
    async (more) => {
      const { status } = await chancery.call('POST', '/access/v1/evaluations', {
        token,
        body: { ...evaluation, evaluations: [{}], ...more },
      });
      expect(status).toBe(400);
    },
  );
});

it('publishes addresses as they are configured, whatever host is asked for', async () => {
  const { body } = await chancery.call('GET', '/.well-known/authzen-configuration', {
    headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
  });
  expect(body).toEqual({
    policy_decision_point: 'https://pdp.example.org/prod',
    access_evaluation_endpoint: 'https://pdp.example.org/prod/access/v1/evaluation',
    access_evaluations_endpoint: 'https://pdp.example.org/prod/access/v1/evaluations',
    search_subject_endpoint: 'https://pdp.example.org/prod/access/v1/search/subject',
    search_resource_endpoint: 'https://pdp.example.org/prod/access/v1/search/resource',
    search_action_endpoint: 'https://pdp.example.org/prod/access/v1/search/action',
  });
});
