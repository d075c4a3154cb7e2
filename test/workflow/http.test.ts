import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { pair } from './files.ts';

let chancery: TestRuntime;
let server: Server;
const folder = mkdtempSync(join(tmpdir(), 'chancery-workflows-'));
const deployments: string[] = [];
/** While set, the deployment target keeps its callers waiting. */
let held: Promise<void> | undefined;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    deployments.push(`${request.method} ${request.url}`);
    await held;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cpSync(join(PROJECT, 'workflows'), folder, { recursive: true });
  const long = (pair('say-later').get('say-later.yaml') ?? '').replace('kind: express', 'kind: standard');
  for (const [name, text] of [...pair('say-it'), ...pair('say-later', { manifest: long })])
    writeFileSync(join(folder, name), text);
  const deployEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  chancery = await startTestRuntime({ workflowsFolder: folder, deployEndpoint });
});
afterAll(async () => {
  await chancery.stop();
  server.close();
  rmSync(folder, { recursive: true });
});

const get = async (path: string, claims = {}) =>
  chancery.call('GET', path, { token: await chancery.token(claims) });
const member = (sub: string) => ({
  sub,
  name: `${sub} Member`,
  email: `${sub}@example.org`,
  roles: ['committee_member'],
});
const vote = async (id: string, verdict: string, sub: string, body?: unknown) =>
  chancery.call('POST', `/approvals/${id}/${verdict}`, {
    token: await chancery.token(member(sub)),
    ...(body ? { body } : {}),
  });

const ended = async (id: string): Promise<{ body: { status: string } }> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await get(`/executions/${id}`);
    if (found.body.status !== 'running') return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not end');
};

describe('the workflows', () => {
  it('are listed with what a caller must know, a user’s own among them', async () => {
    const { body } = await get('/workflows');
    expect(body.workflows.map((workflow: { name: string }) => workflow.name)).toEqual([
      'compliance-report',
      'data-export',
      'deploy-to-production',
      'deploy-to-staging',
      'say-it',
      'say-later',
    ]);
    const one = await get('/workflows/data-export');
    expect(one.body).toMatchObject({ risk_level: 3, kind: 'express', parameters: { required: ['subject'] } });
    expect(one.body.definition).toBeUndefined();
    expect(await get('/workflows/nope')).toMatchObject({ status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } });
  });

  it('that a user added by two files run like the shipped ones', async () => {
    const asked = governed({ workflow_name: 'say-it', drag_mode: 'execute', parameters: { say: 'hello' } });
    const ran = await chancery.execute(asked, { roles: ['developer'] });
    expect(ran).toMatchObject({ status: 200, body: { success: true, output: { said: 'hello' } } });
    const refused = await chancery.execute({ ...asked, parameters: {} }, { roles: ['developer'] });
    expect(refused).toMatchObject({
      status: 400,
      body: { reasons: [{ code: 'schema_error', path: '/parameters' }] },
    });
    expect((await chancery.execute(asked, { roles: ['auditor'] })).status).toBe(403);
  });
});

describe('a long workflow', () => {
  it('answers 202 at once with the place where its end will be found', async () => {
    const asked = governed({
      workflow_name: 'say-later',
      drag_mode: 'execute',
      parameters: { say: 'hello' },
    });
    const started = await chancery.execute(asked, { roles: ['developer'] });
    expect(started).toMatchObject({ status: 202, body: { success: true, outcome: 'started' } });
    const id: string = started.body.execution_id;
    expect(started.headers.get('location')).toBe(`/executions/${id}`);
    expect((await ended(id)).body).toMatchObject({
      status: 'succeeded',
      workflow: 'say-later',
      decision_id: started.body.decision_id,
    });
    expect((await get(`/executions/${id}/output`)).body).toEqual({ said: 'hello' });
  });
});

describe('an execution', () => {
  it('can be looked up, and its document fetched, by who asked for it only', async () => {
    const ran = await chancery.execute(governed());
    const path = `/executions/${ran.body.execution_id}`;
    const found = await get(path);
    expect(found).toMatchObject({
      status: 200,
      body: {
        status: 'succeeded',
        workflow: 'compliance-report',
        drag_mode: 'grunt',
        outcome: 'success',
        settlement: { result: 'met' },
      },
    });
    expect(found.body.subject).toBeUndefined();
    const report = await get(`${path}/document`);
    expect(report.body).toMatchObject({ records: ran.body.output.records, by_type: ran.body.output.by_type });
    expect(await get(`${path}/document`, { sub: 'mallory' })).toMatchObject({ status: 404 });
    expect(await get(`${path}/output`)).toMatchObject({ status: 404 });
  });

  it('that never was is not found', async () => {
    for (const id of ['exe_01JD00000000000000000000AA', 'exe_x', 'nothing'])
      expect(await get(`/executions/${id}`)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  it('of data-export holds one person’s records with their personal fields', async () => {
    await chancery.execute(governed(), { sub: 'erin', name: 'Jake Smith', email: 'erin@example.org' });
    const ran = await chancery.execute(
      governed({ workflow_name: 'data-export', drag_mode: 'execute', parameters: { subject: 'erin' } }),
    );
    expect(ran).toMatchObject({ status: 200, body: { success: true } });
    expect(JSON.stringify(ran.body)).not.toContain('erin');
    const document = `${chancery.runtime.url}/executions/${ran.body.execution_id}/document`;
    const answer = await fetch(document, { headers: { authorization: `Bearer ${await chancery.token()}` } });
    expect(answer.headers.get('content-type')).toBe('application/jsonl');
    const text = await answer.text();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(ran.body.output.records);
    expect(lines.find((line) => line.record.type === 'decision.made')).toMatchObject({
      personal: { sub: 'erin', email: 'erin@example.org' },
    });
  });
});

describe('parameters of more than 200 KB', () => {
  it('go as a document that the run’s own task reads', async () => {
    await chancery.execute(governed(), { sub: 'frida', name: 'Jake Smith', email: 'frida@example.org' });
    const parameters = { subject: 'frida', remark: 'x'.repeat(250_000) };
    const ran = await chancery.execute(
      governed({ workflow_name: 'data-export', drag_mode: 'execute', parameters }),
    );
    expect(ran).toMatchObject({ status: 200, body: { success: true } });
    expect(ran.body.output.records).toBeGreaterThanOrEqual(2);
    const name = `executions/${ran.body.execution_id}/parameters.json`;
    expect(await chancery.runtime.documents.get(name)).toHaveLength(JSON.stringify(parameters).length);
  });
});

describe('a deployment to production', () => {
  const production = governed({
    workflow_name: 'deploy-to-production',
    drag_mode: 'execute',
    parameters: { version: 'v9' },
  });
  it('waits for two people and then runs by itself, once', async () => {
    deployments.length = 0;
    const asked = await chancery.execute(production);
    expect(asked).toMatchObject({
      status: 202,
      body: { code: 'APPROVAL_REQUIRED', approval: { status: 'pending', quorum: 2 } },
    });
    const id: string = asked.body.approval.approval_id;
    const listed = await get('/approvals?status=pending', member('ann'));
    expect(listed.body.approvals).toMatchObject([
      {
        approval_id: id,
        workflow: 'deploy-to-production',
        request: { parameters: { version: 'v9' } },
        requested_by: { sub: 'jake' },
      },
    ]);

    const digest = asked.body.approval.action_digest;
    expect(await vote(id, 'approve', 'ann', { action_digest: digest })).toMatchObject({
      status: 200,
      body: { status: 'pending', approval: { approvals: 1 } },
    });
    expect(await vote(id, 'approve', 'ann')).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', reasons: [{ code: 'already_decided' }] },
    });
    expect(deployments).toEqual([]);
    const last = await vote(id, 'approve', 'bob', { comment: 'release it' });
    expect(last).toMatchObject({
      status: 200,
      body: { status: 'approved', approval: { execution: { outcome: 'started' } } },
    });
    const found = await ended(last.body.approval.execution.execution_id);
    expect(found.body).toMatchObject({
      status: 'succeeded',
      outcome: 'success',
      settlement: { result: 'met' },
    });
    expect(deployments).toEqual(['POST /deployments', 'GET /health']);
    const output = await get(`/executions/${last.body.approval.execution.execution_id}/output`);
    expect(output.body).toMatchObject({ target: 'production', health: 'ok' });
    expect(await vote(id, 'reject', 'cleo')).toMatchObject({ status: 409 });
    expect(['OK', 'PENDING']).toContain((await chancery.audit()).verdict);
  });

  it('is not for its requester, the actor or an agent to approve, and one person can refuse it', async () => {
    const asked = await chancery.execute(production, { roles: ['operator', 'committee_member'] });
    const id: string = asked.body.approval.approval_id;
    const as = async (claims: object) =>
      chancery.call('POST', `/approvals/${id}/approve`, {
        token: await chancery.token({ ...member('zoe'), ...claims }),
      });
    expect(await as({ sub: 'jake' })).toMatchObject({
      status: 403,
      body: { code: 'CHARTER_DENIED', reasons: [{ code: 'approver_is_requester' }] },
    });
    expect(await as({ name: 'Jake Smith' })).toMatchObject({
      status: 403,
      body: { reasons: [{ code: 'approver_is_requester' }] },
    });
    expect(await as({ act: ['bot'] })).toMatchObject({
      status: 403,
      body: { reasons: [{ code: 'approver_not_human' }] },
    });
    expect(await as({ roles: ['operator'] })).toMatchObject({
      status: 403,
      body: { code: 'INSUFFICIENT_SCOPE' },
    });
    expect(await vote(id, 'approve', 'ann', { action_digest: '0'.repeat(64) })).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'digest_mismatch' }] },
    });
    expect(await vote(id, 'reject', 'ann', { comment: 'not today' })).toMatchObject({
      status: 200,
      body: { status: 'rejected' },
    });
    expect((await get(`/approvals/${id}`, member('ann'))).body).toMatchObject({
      status: 'rejected',
      approvals: 0,
    });
    expect(await vote('apr_none', 'approve', 'ann')).toMatchObject({ status: 404 });
    expect(await vote(id, 'approve', 'bob', { action_digest: 'short' })).toMatchObject({ status: 400 });
  });
});

describe('a drain', () => {
  const drain = async (body: object) =>
    chancery.call('POST', '/drain', { token: await chancery.token({ sub: 'sam', roles: ['sre'] }), body });

  it('takes nothing new and waits for what runs, and says how much still does', async () => {
    let letGo = () => {};
    held = new Promise((resolve) => {
      letGo = resolve;
    });
    const before = deployments.length;
    const asked = chancery.execute(
      governed({
        workflow_name: 'deploy-to-staging',
        drag_mode: 'execute',
        parameters: { environment: 'staging', version: 'v9' },
      }),
    );
    await expect.poll(() => deployments.length).toBeGreaterThan(before);
    expect(await drain({ timeout_seconds: 0 })).toMatchObject({
      status: 202,
      body: { draining: true, drained: false, running: 1 },
    });
    expect((await chancery.execute(governed())).body.code).toBe('DRAINING');
    const waiting = drain({ timeout_seconds: 10 });
    letGo();
    held = undefined;
    expect((await asked).body).toMatchObject({ success: true });
    expect(await waiting).toMatchObject({ status: 200, body: { drained: true, running: 0 } });
    expect(await drain({ for_seconds: 0 })).toMatchObject({ status: 200, body: { draining: false } });
    expect((await chancery.execute(governed())).status).toBe(200);
  });
});

describe('an Idempotency-Key', () => {
  it('gives the first answer again and runs once', async () => {
    const headers = { 'idempotency-key': 'report-1' };
    const first = await chancery.execute(governed(), {}, headers);
    const again = await chancery.execute(governed(), {}, headers);
    expect(again.body).toEqual(first.body);
    expect(await chancery.execute(governed({ drag_mode: 'execute' }), {}, headers)).toMatchObject({
      status: 409,
      body: { code: 'IDEMPOTENCY_CONFLICT' },
    });
    const other = await chancery.execute(governed(), { sub: 'erin', email: 'erin@example.org' }, headers);
    expect(other.body.execution_id).not.toBe(first.body.execution_id);
  });
});
