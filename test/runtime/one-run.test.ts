/** One Idempotency-Key, one run: whatever dies in between, and whoever is asked first. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { mintLocalToken } from '../../adapters/local/dev-issuer.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Engine } from '../../src/ports.ts';
import { startProcess } from '../support/process.ts';
import { governed, OPERATOR, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

const WORKFLOWS = join(PROJECT, 'test/fixtures/workflows');
const EXECUTE = '/workflows/governed/execute';

let runtime: TestRuntime | undefined;
let folder: string | undefined;

afterEach(async () => {
  await runtime?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true });
  runtime = undefined;
  folder = undefined;
});

const ask = async (on: TestRuntime, body: unknown, key: string) =>
  on.call('POST', EXECUTE, { token: await on.token(OPERATOR), body, headers: { 'idempotency-key': key } });

const decisions = async (on: TestRuntime) => {
  const token = await on.token({ sub: 'ada', roles: ['auditor'] });
  const { body } = await on.call('GET', '/ledger/entries?type=decision.made&limit=500', { token });
  return body.entries.length as number;
};

describe('an Idempotency-Key whose first run was cut off by SIGKILL', () => {
  it('does not run again after the restart, and says that nobody can know how it ended', async () => {
    folder = await mkdtemp(join(tmpdir(), 'chancery-one-run-'));
    const killed = await startProcess(folder, { CHANCERY_WORKFLOWS: WORKFLOWS });
    const token = await mintLocalToken(folder, OPERATOR, Date.now());
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': 'k1',
    };
    const body = JSON.stringify(governed({ workflow_name: 'nap' }));
    const first = fetch(`${killed.url}${EXECUTE}`, { method: 'POST', headers, body }).catch(() => undefined);
    // It has begun when the ledger holds its decision.
    const auditor = await mintLocalToken(folder, { sub: 'ada', roles: ['auditor'] }, Date.now());
    for (let begun = 0; begun === 0; ) {
      const answer = await fetch(`${killed.url}/ledger/entries?type=decision.made`, {
        headers: { authorization: `Bearer ${auditor}` },
      });
      begun = ((await answer.json()) as { entries: unknown[] }).entries.length;
    }
    await killed.kill('SIGKILL');
    await first;
    runtime = await startTestRuntime({ dataFolder: folder, workflowsFolder: WORKFLOWS });
    const again = await ask(runtime, governed({ workflow_name: 'nap' }), 'k1');
    expect(again).toMatchObject({
      status: 500,
      body: { code: 'EXECUTION_UNKNOWN', execution_id: expect.stringMatching(/^exe_/) },
    });
    expect(await ask(runtime, governed({ workflow_name: 'nap' }), 'k1')).toMatchObject({
      status: 500,
      body: { execution_id: again.body.execution_id },
    });
    expect(await decisions(runtime)).toBe(1);
  });
});

describe('an Idempotency-Key whose run the engine did not answer about', () => {
  it('stays with it: no second run is begun', async () => {
    let runs = 0;
    const lost: Engine = {
      run: async () => {
        runs += 1;
        throw new ChanceryError('STORE_UNAVAILABLE', 'Step Functions did not answer');
      },
    };
    runtime = await startTestRuntime({ workflowsFolder: WORKFLOWS }, { engine: () => lost });
    const body = governed({ workflow_name: 'hello' });
    expect(await ask(runtime, body, 'k2')).toMatchObject({ status: 503 });
    const again = await ask(runtime, body, 'k2');
    expect(again).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_CONFLICT' } });
    expect(again.headers.get('retry-after')).toBe('1');
    expect(runs).toBe(1);
  });
});
