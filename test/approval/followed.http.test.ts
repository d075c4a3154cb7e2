/** A request that waits for people, from its requester's side: followed, answered, and run once. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

let chancery: TestRuntime;
beforeAll(async () => {
  chancery = await startTestRuntime();
});
afterAll(() => chancery.stop());

const production = governed({ workflow_name: 'deploy-to-production', drag_mode: 'execute' });
const MEMBER = (sub: string) => ({ sub, name: `${sub} Member`, roles: ['committee_member'] });
/** Runs workflows, and reads neither approvals nor executions by scope. */
const JAKE = { sub: 'jake', name: 'Jake Smith', roles: ['operator'] };
const BARE = { sub: 'jake', name: 'Jake Smith', roles: [], scopes: ['workflows:execute'] };

const call = async (who: Parameters<TestRuntime['token']>[0], method: string, path: string, body?: unknown) =>
  chancery.call(method, path, { token: await chancery.token(who), ...(body ? { body } : {}) });
const runs = async (approval_id: string) => {
  const { body } = await call(
    { sub: 'ada', roles: ['auditor'] },
    'GET',
    '/ledger/entries?type=decision.made&limit=200',
  );
  return body.entries.filter(
    ({ record }: { record: { data: { approval_id?: string; execution_id?: string } } }) =>
      record.data.approval_id === approval_id && record.data.execution_id !== undefined,
  ).length;
};

describe('who asked for what waits', () => {
  it('follows the approval and its run without any scope for it, and nobody else does', async () => {
    const asked = await chancery.execute(production, JAKE, { 'idempotency-key': 'follow' });
    expect(asked.status).toBe(202);
    const path = asked.headers.get('location') ?? '';
    expect((await call(BARE, 'GET', path)).body).toMatchObject({ status: 'pending', approvals: 0 });
    const other = { ...BARE, sub: 'ben', name: 'Ben Ray' };
    expect((await call(other, 'GET', path)).body.code).toBe('INSUFFICIENT_SCOPE');
    expect((await call(BARE, 'GET', '/approvals')).body.code).toBe('INSUFFICIENT_SCOPE');
    expect((await call(BARE, 'GET', '/approvals/apr_01M8JH35V4C2764BKEGCBTP6MC')).status).toBe(403);

    // Both last words at the same moment.
    const words = await Promise.all(
      ['ann', 'bea', 'cid'].map((sub) => call(MEMBER(sub), 'POST', `${path}/approve`, {})),
    );
    for (const { status } of words) expect([200, 409]).toContain(status);
    // Who is told to repeat can.
    for (const sub of ['ann', 'bea', 'cid']) await call(MEMBER(sub), 'POST', `${path}/approve`, {});

    const shown = (await call(BARE, 'GET', path)).body;
    expect(shown).toMatchObject({ status: 'approved', execution: { outcome: 'started' } });
    const run = `/executions/${shown.execution.execution_id}`;
    await vi.waitFor(async () => expect((await call(BARE, 'GET', run)).body.status).toBe('failed'));
    expect((await call(other, 'GET', run)).body.code).toBe('INSUFFICIENT_SCOPE');
    const answer = await chancery.execute(production, JAKE, { 'idempotency-key': 'follow' });
    expect(answer.body).toMatchObject({
      code: 'EXECUTION_FAILED',
      execution_id: shown.execution.execution_id,
      error_type: 'EndpointMissing',
    });
    expect(await runs(path.slice('/approvals/'.length))).toBe(1);
  });
});
