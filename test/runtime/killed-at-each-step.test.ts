/** One Idempotency-Key, one run: kill -9 at every step of an execution that asks a far side for something. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintLocalToken } from '../../adapters/local/dev-issuer.ts';
import { BEHIND_MS, STEPS } from './dies-at.ts';
import { governed, OPERATOR, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

const EXECUTE = '/workflows/governed/execute';
const BODY = governed({ workflow_name: 'deploy-to-staging', drag_mode: 'execute' });

describe('an execution whose process is killed at one of its steps', () => {
  let folder = '';
  let restarted: TestRuntime;
  /** The Idempotency-Key of each deployment that the far side was asked for. */
  const deployments: string[] = [];
  const farSide = createServer((request, response) => {
    if (request.method === 'POST') deployments.push(String(request.headers['idempotency-key']));
    response.setHeader('content-type', 'application/json').end('{"health":"ok"}');
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chancery-each-step-'));
    await once(farSide.listen(0, '127.0.0.1'), 'listening');
    const address = farSide.address();
    const deployEndpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    for (const step of STEPS) await dieAt(step, deployEndpoint);
    restarted = await startTestRuntime({ dataFolder: folder, deployEndpoint });
  }, 120_000);
  afterAll(async () => {
    await restarted?.stop();
    farSide.close();
    await rm(folder, { recursive: true });
  });

  async function dieAt(step: string, DEPLOY_ENDPOINT: string): Promise<void> {
    const child = spawn(process.execPath, ['test/runtime/dies-at.ts', folder, step], {
      cwd: PROJECT,
      env: { ...process.env, DEPLOY_ENDPOINT },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = once(child, 'exit');
    const [line] = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      gone.then(([code]) => Promise.reject(new Error(`it ended with ${code} before it was asked`))),
    ]);
    const token = await mintLocalToken(folder, OPERATOR, Date.now() - BEHIND_MS);
    const { url }: { url: string } = JSON.parse(String(line));
    const asked = fetch(`${url}${EXECUTE}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': step,
      },
      body: JSON.stringify(BODY),
    });
    await expect(asked, `it answered, and did not die when it had ${step}`).rejects.toThrow();
    expect(await gone).toEqual([null, 'SIGKILL']);
  }

  it.each([
    // Nothing was begun: whoever asks again begins it, under the id that was taken then.
    { step: 'claimed', status: 200, asked: 1 },
    // It was begun, and nobody heard of its end.
    { step: 'decided', status: 500, asked: 0 },
    { step: 'asked', status: 500, asked: 1 },
    { step: 'ran', status: 500, asked: 1 },
    // Its end is in the ledger.
    { step: 'recorded', status: 200, asked: 1 },
    { step: 'kept', status: 200, asked: 1 },
  ])(
    'has $step: asked again it answers $status, and the far side is asked $asked time(s)',
    async ({ step, status, asked }) => {
      const answers = [];
      for (let again = 0; again < 2; again++)
        answers.push(await restarted.execute(BODY, OPERATOR, { 'idempotency-key': step }));
      const [first, second] = answers;
      expect(first).toMatchObject({ status, body: { execution_id: expect.stringMatching(/^exe_/) } });
      if (status === 500) expect(first?.body.code).toBe('EXECUTION_UNKNOWN');
      expect(second?.body.execution_id).toBe(first?.body.execution_id);
      expect(deployments.filter((key) => key === first?.body.execution_id)).toHaveLength(asked);
    },
  );

  it('asked the far side for nothing else, and left a ledger that verifies', async () => {
    expect(new Set(deployments).size).toBe(deployments.length);
    expect(deployments).toHaveLength(5);
    expect(await restarted.faults()).toEqual([]);
  });
});
