/** SIGKILL while approvals are granted: what was approved starts once, wherever the kill fell between the two. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintLocalToken } from '../../adapters/local/dev-issuer.ts';
import { governed, OPERATOR, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { startProcess } from '../support/process.ts';

const MANY = 8;
const production = (version: number) =>
  governed({
    workflow_name: 'deploy-to-production',
    drag_mode: 'execute',
    parameters: { version: `v${version}` },
  });
const member = (sub: string) => ({ sub, name: `${sub} Member`, roles: ['committee_member'] });

describe('a runtime that is killed while approvals are granted', () => {
  let folder = '';
  let restarted: TestRuntime | undefined;
  /** How often the far side was asked to deploy for each run. A run that goes on asks for its health as well, under the same key. */
  const deployed = new Map<string, number>();
  const farSide = createServer((request, response) => {
    const key = String(request.headers['idempotency-key']);
    if (request.method === 'POST') deployed.set(key, (deployed.get(key) ?? 0) + 1);
    response.setHeader('content-type', 'application/json').end('{"health":"ok"}');
  });
  let approvals: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chancery-approvals-killed-'));
    await new Promise<void>((resolve) => farSide.listen(0, '127.0.0.1', resolve));
    const address = farSide.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const deployEndpoint = `http://127.0.0.1:${address.port}/deploy`;
    const killed = await startProcess(folder, { DEPLOY_ENDPOINT: deployEndpoint });
    const post = async (claims: Parameters<typeof mintLocalToken>[1], path: string, body: unknown) => {
      const token = await mintLocalToken(folder, claims, Date.now());
      const response = await fetch(`${killed.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return (await response.json()) as { approval?: { approval_id: string } };
    };
    approvals = await Promise.all(
      Array.from({ length: MANY }, async (_, at) => {
        const { approval } = await post(OPERATOR, '/workflows/governed/execute', production(at));
        return approval?.approval_id ?? '';
      }),
    );
    for (const id of approvals) await post(member('ann'), `/approvals/${id}/approve`, {});
    // The first that is answered has begun; of the others some are approved, some begin, some wait for the word.
    const words = approvals.map((id) => post(member('bea'), `/approvals/${id}/approve`, {}));
    await Promise.race(words);
    await killed.kill('SIGKILL');
    await Promise.allSettled(words);
    // Whoever was at work when it died is waited for no longer.
    const clock = () => Date.now() + 120_000;
    restarted = await startTestRuntime({ dataFolder: folder, deployEndpoint }, { clock });
  }, 60_000);
  afterAll(async () => {
    await restarted?.stop();
    farSide.close();
    await rm(folder, { recursive: true });
  });

  it('starts each of them once, and none that was not approved', async () => {
    const { call, token, runtime } = restarted ?? expect.fail('not restarted');
    await runtime.office.approvals.sweep();
    const left = [];
    for (const id of approvals) {
      const { body } = await call('GET', `/approvals/${id}`, { token: await token(member('bea')) });
      if (body.status === 'pending') left.push(id);
      else expect(body).toMatchObject({ status: 'approved', execution: { outcome: 'started' } });
    }
    for (const id of left) {
      const { body } = await call('POST', `/approvals/${id}/approve`, {
        token: await token(member('bea')),
        body: {},
      });
      expect(body).toMatchObject({ status: 'approved', approval: { execution: { outcome: 'started' } } });
    }
    const auditor = await token({ sub: 'ada', roles: ['auditor'] });
    const { body } = await call('GET', '/ledger/entries?type=decision.made&limit=500', { token: auditor });
    const started = body.entries
      .map(({ record }: { record: { data: Record<string, unknown> } }) => record.data)
      .filter(({ execution_id }: { execution_id?: string }) => execution_id !== undefined)
      .map(({ approval_id }: { approval_id: string }) => approval_id);
    expect(started.toSorted()).toEqual(approvals.toSorted());
  });

  it('asked the far side to deploy at most once for each', () => {
    expect(deployed.size).toBeGreaterThan(0);
    for (const [key, times] of deployed) expect([key, times]).toEqual([key, 1]);
  });
});
