import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEntries } from '../../src/ledger/reader.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import type { Table } from '../../src/ports.ts';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

let chancery: TestRuntime;
let store: Table;
/** Stands in the middle of a minute, so that a window does not turn under a test. */
const noon = Math.ceil(Date.now() / 60_000) * 60_000 + 20_000;
let now = noon;

beforeAll(async () => {
  const table = (given: Table) => {
    store = given;
    return given;
  };
  chancery = await startTestRuntime({}, { clock: () => now, table });
});
afterAll(() => chancery.stop());

/** As people are here who may do nearly everything, in a session of their own. */
async function call(method: string, path: string, body?: unknown, scopes?: string[]) {
  const roles = ['operator', 'admin', 'governance_committee', 'sre', 'auditor', 'developer'];
  const token = await chancery.token({ sub: 'kim', roles, ...(scopes && { scopes }) });
  return chancery.call(method, path, { token, body });
}

const CARRIED_ON = new Set(['revocation.exported', 'revocation.erased']);

async function ofTrace(trace: string): Promise<LedgerRecord[]> {
  const { entries } = await readEntries(store, { trace }, { limit: 50, order: 'oldest' });
  return entries.map(({ record }) => record);
}

const draft = async () => ({
  'charter.yaml': `${await readFile(join(PROJECT, 'charter/charter.yaml'), 'utf8')}\n# tried\n`,
});

describe('what a record says of the request that it comes of', () => {
  it.each([
    ['POST', '/workflows/governed/execute', () => governed()],
    ['POST', '/decisions', () => governed()],
    [
      'POST',
      '/access/v1/evaluation',
      () => ({
        subject: { type: 'user', id: 'kim' },
        action: { name: 'workflows:execute' },
        resource: { type: 'workflow', id: 'compliance-report' },
      }),
    ],
    ['POST', '/tools/invocations', () => ({ tool: 'search', outcome: 'success', duration_ms: 4 })],
    [
      'POST',
      '/violations',
      () => ({
        violation_type: 'exploitation',
        node_or_service: 'node-1',
        description: 'it asked for what it may not have',
        evidence: ['line 4'],
      }),
    ],
    [
      'POST',
      '/deployments',
      () => ({ environment: 'dev', version: '1.2', commit: 'c0ffee1', result: 'success' }),
    ],
    ['POST', '/ledger/holds', () => ({ subject: 'mallory', reason: 'case 12 of the court' })],
    ['POST', '/charters', async () => ({ files: await draft() })],
    ['POST', '/emergency-stop', () => ({ reason: 'drill' })],
    ['DELETE', '/emergency-stop', () => undefined],
    ['POST', '/drain', () => ({ timeout_seconds: 0, for_seconds: 0 })],
    ['DELETE', '/rate-limits/mallory', () => undefined],
    ['POST', '/revocations', () => ({ subject: 'mallory', reason: 'user_request' })],
  ])('%s %s', async (method, path, body) => {
    const answer = await call(method, path, await body());
    const records = await ofTrace(answer.headers.get('x-trace-id') ?? '');
    expect(records.length, answer.text).toBeGreaterThan(0);
    // A revocation goes on by itself after its request.
    for (const { type, meta } of records.filter(({ type }) => !CARRIED_ON.has(type)))
      expect({ type, meta }).toMatchObject({
        meta: {
          request_id: answer.headers.get('x-request-id'),
          session_id: expect.any(String),
          charter: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      });
  });
});

describe('rate limits', () => {
  it('count at every door that changes something, and name the limit and the time to wait', async () => {
    now = noon + 3_600_000;
    const order = { duration: 'soon' };
    for (let i = 0; i < 60; i += 1) expect((await call('POST', '/emergency-stop', order)).status).toBe(400);
    const answer = await call('POST', '/emergency-stop', order);
    expect(answer).toMatchObject({
      status: 429,
      body: { code: 'RATE_LIMITED', reasons: [{ code: 'rate_limited' }] },
    });
    expect(answer.headers.get('retry-after')).toBe('40');
    expect(await ofTrace(answer.body.trace_id)).toMatchObject([
      { type: 'rate_limit.hit', data: { reason: 'emergency_stops', scope: 'emergency:stop', limit: 60 } },
    ]);
    expect((await call('GET', '/emergency-stop')).status).toBe(200);
  });

  it('leave alone what only reads', async () => {
    now = noon + 7_200_000;
    await call('POST', '/ledger/verify', {});
    await call('GET', '/ledger/entries');
    const { body } = await call('POST', '/emergency-stop', { duration: 'soon' });
    expect(body.code).toBe('VALIDATION_ERROR');
  });
});

it('gives a reason in every problem, also where nothing finer than its code is known', async () => {
  expect((await call('GET', '/executions/none-such')).body).toMatchObject({
    code: 'NOT_FOUND',
    reasons: [{ code: 'not_found', message: expect.any(String), kind: 'invalid' }],
  });
});
