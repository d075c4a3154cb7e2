import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { governed, startTestRuntime, type TestRuntime } from './support.ts';

/** A deployment endpoint that is unavailable the first time it is asked. */
function deploymentServer(): Server {
  let asked = 0;
  return createServer((request, response) => {
    asked += 1;
    const healthy = request.url?.startsWith('/health') === true;
    response.writeHead(healthy || asked > 1 ? 200 : 503, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(healthy ? { health: 'ok', status: 'ok' } : { id: 'dep-1', status: 'accepted' }),
    );
  }).listen(0, '127.0.0.1');
}

describe('a governed request', () => {
  let chancery: TestRuntime;
  let server: Server;
  beforeAll(async () => {
    server = deploymentServer();
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    chancery = await startTestRuntime({ deployEndpoint: `http://127.0.0.1:${port}` });
  });
  afterAll(async () => {
    await chancery.stop();
    server.close();
  });

  it('runs when the charter allows it, and its receipts name the decision and the outcome', async () => {
    const answer = await chancery.execute(governed());
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      success: true,
      outcome: 'success',
      audit_logged: true,
      settlement: { result: 'met' },
    });
    const auditor = await chancery.token({ sub: 'ada', roles: ['auditor'] });
    const decision = await chancery.call('GET', `/ledger/entries/${answer.body.receipt.id}`, {
      token: auditor,
    });
    expect(decision.body).toMatchObject({ record_hash: answer.body.receipt.record_hash });
    expect(decision.body.record.data).toMatchObject({
      outcome: 'allow',
      execution_id: answer.body.execution_id,
    });
    const outcome = await chancery.call('GET', `/ledger/entries/${answer.body.outcome_receipt.id}`, {
      token: auditor,
    });
    expect(outcome.body.record).toMatchObject({
      type: 'workflow.succeeded',
      after: answer.body.receipt.record_hash,
    });
  });

  it('keeps personal values out of the record and gives them back to nobody who lacks the key', async () => {
    const answer = await chancery.execute(governed());
    const auditor = await chancery.token({ sub: 'ada', roles: ['auditor'] });
    const { text } = await chancery.call('GET', `/ledger/entries/${answer.body.receipt.id}`, {
      token: auditor,
    });
    for (const personal of ['Jake Smith', 'jake@example.org', '"jake"']) expect(text).not.toContain(personal);
  });

  it('is refused with the AIM rule that it breaks', async () => {
    const answer = await chancery.execute(
      governed({ aim: { ...governed().aim, mission: { objective: 'do it', success_criteria: ['x'] } } }),
    );
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({
      code: 'GOVERNANCE_VALIDATION_FAILED',
      reasons: [{ code: 'objective_too_short' }],
    });
    expect(answer.body.decision_id).toMatch(/^dec_/);
  });

  it('is denied by a policy that the answer names, with a change that would do', async () => {
    const body = governed({
      workflow_name: 'data-export',
      drag_mode: 'execute',
      parameters: { subject: 'jake' },
      aim: { ...governed().aim, actor: { name: 'Planner Seven' } },
    });
    const answer = await chancery.execute(body, {
      sub: 'p7',
      name: 'Planner Seven',
      kind: 'agent',
      roles: ['agent'],
    });
    expect(answer.status).toBe(403);
    expect(answer.body.code).toBe('CHARTER_DENIED');
    expect(answer.body.reasons[0].policy_id).toBe('agent-never-executes-high-risk-alone');
  });

  it('runs a deployment against its endpoint, trying again while that is unavailable', async () => {
    const answer = await chancery.execute(
      governed({
        workflow_name: 'deploy-to-staging',
        drag_mode: 'execute',
        parameters: { version: '1.4.0' },
      }),
    );
    expect(answer.body).toMatchObject({ success: true, settlement: { result: 'met' } });
  });

  it('waits for two people at risk 5, and then runs by itself', async () => {
    const asked = await chancery.execute(
      governed({
        workflow_name: 'deploy-to-production',
        drag_mode: 'execute',
        parameters: { version: '1.4.0' },
      }),
    );
    expect(asked.status).toBe(202);
    expect(asked.body).toMatchObject({
      code: 'APPROVAL_REQUIRED',
      approval: { status: 'pending', quorum: 2 },
    });
    const { approval_id } = asked.body.approval;
    const approve = async (sub: string, roles = ['committee_member']) =>
      chancery.call('POST', `/approvals/${approval_id}/approve`, {
        token: await chancery.token({ sub, name: `Member ${sub}`, roles, mfa: true }),
        body: { comment: 'seen' },
      });

    expect((await approve('jake', ['operator', 'committee_member'])).status).toBe(403);
    expect((await approve('vera')).body.approval.status).toBe('pending');
    expect((await approve('vera')).status).toBe(409);
    expect((await approve('otto')).body.approval.status).toBe('approved');

    const reader = await chancery.token({ sub: 'ada', roles: ['auditor'] });
    await expect
      .poll(
        async () =>
          (
            await chancery.call(
              'GET',
              '/ledger/entries?type=workflow.succeeded&workflow=deploy-to-production',
              { token: reader },
            )
          ).body.entries.length,
        { timeout: 5000 },
      )
      .toBe(1);
    expect((await chancery.audit()).verdict).toMatch(/^(OK|PENDING)$/);
  });

  it('gives the first answer again for the same idempotency key, and 409 for another body', async () => {
    const headers = { 'idempotency-key': 'report-of-today' };
    const first = await chancery.execute(governed(), {}, headers);
    const again = await chancery.execute(governed(), {}, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const other = await chancery.execute(
      governed({ parameters: { to: '2026-01-01T00:00:00Z' } }),
      {},
      headers,
    );
    expect(other.status).toBe(409);
    expect(other.body.code).toBe('IDEMPOTENCY_CONFLICT');
  });

  it('is only weighed by /governance/validate', async () => {
    const token = await chancery.token();
    const valid = await chancery.call('POST', '/governance/validate', { token, body: governed() });
    expect(valid.body).toMatchObject({ valid: true, drag_mode: 'grunt', decision: { outcome: 'allow' } });
    const invalid = await chancery.call('POST', '/governance/validate', {
      token,
      body: governed({ drag_mode: 'dream' }),
    });
    expect(invalid.status).toBe(400);
    expect(invalid.body).toMatchObject({
      valid: false,
      code: 'GOVERNANCE_VALIDATION_FAILED',
      reasons: [{ code: 'invalid_mode' }],
    });
  });

  it('is screened for prescriptive language in research, and not in grunt', async () => {
    const output_text = 'You must buy the second one.';
    const research = await chancery.execute(
      governed({ workflow_name: 'compliance-report', drag_mode: 'research', output_text }),
    );
    expect(research.status).toBe(403);
    expect(research.body.reasons[0].code).toBe('prescriptive_language');
    expect(research.body.prescriptive.matches[0]).toMatchObject({
      phrase_type: 'directive',
      start: 0,
      end: 8,
    });
    const grunt = await chancery.call('POST', '/decisions', {
      token: await chancery.token(),
      body: governed({ output_text }),
    });
    expect(grunt.body).toMatchObject({ outcome: 'allow', prescriptive: { detected: false } });
  });

  it('fails with a clear error when its deployment endpoint is not configured', async () => {
    const bare = await startTestRuntime();
    try {
      const answer = await bare.execute(
        governed({
          workflow_name: 'deploy-to-staging',
          drag_mode: 'execute',
          parameters: { version: '1.4.0' },
        }),
      );
      expect(answer.status).toBe(500);
      expect(answer.body).toMatchObject({ code: 'EXECUTION_FAILED', success: false });
      expect(answer.body.error).toContain('DEPLOY_ENDPOINT');
    } finally {
      await bare.stop();
    }
  });
});
