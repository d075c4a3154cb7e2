import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actionDigest } from '../../src/decision/record.ts';
import { PERMANENT, sanctioned, standingKey } from '../../src/decision/standing.ts';
import { ask, resume } from '../../src/gate/mediate.ts';
import type { GrantedApproval } from '../../src/govern/approvals/approvals.ts';
import type { JsonObject } from '../../src/json.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { person } from './world.ts';

let chancery: TestRuntime;
beforeAll(async () => {
  chancery = await startTestRuntime();
});
afterAll(() => chancery.stop());

const production = governed({ workflow_name: 'deploy-to-production', drag_mode: 'execute' });

/** An approval as it is handed over once granted: for `production`, asked by this person, under the charter in force. */
async function granted(sub: string, body: JsonObject = production): Promise<GrantedApproval> {
  const { office } = chancery.runtime;
  const caller = person(sub, { name: 'Jake Smith', roles: ['operator'], scopes: ['workflows:execute'] });
  const question = ask(office, { ok: true, value: production });
  const { digest } = await office.charter();
  const approval_id = `apr_${sub}`;
  return {
    approval_id,
    caller,
    body,
    action_digest: actionDigest(caller.principal, question, digest),
    record_hash: 'f'.repeat(64),
  };
}

describe('what was approved', () => {
  it('runs', async () => {
    expect(await resume(chancery.runtime.office, await granted('one'))).toMatchObject({ kind: 'started' });
  });

  it.each([
    ['other parameters', { parameters: { version: 'v2' } }],
    [
      'another objective',
      {
        aim: {
          ...production.aim,
          mission: { ...production.aim.mission, objective: 'Something else altogether' },
        },
      },
    ],
  ])('does not run with %s', async (_, change) => {
    const answer = await resume(chancery.runtime.office, await granted('two', { ...production, ...change }));
    expect(answer).toMatchObject({ kind: 'refused', reasons: [{ code: 'approval_void' }] });
  });

  it('does not run under another charter, or for another person', async () => {
    const approval = await granted('three');
    expect(
      await resume(chancery.runtime.office, { ...approval, action_digest: '0'.repeat(64) }),
    ).toMatchObject({ kind: 'refused' });
    const { caller } = await granted('four');
    expect(await resume(chancery.runtime.office, { ...approval, caller })).toMatchObject({ kind: 'refused' });
  });

  it('does not run for somebody who was sanctioned since', async () => {
    const { office } = chancery.runtime;
    const { pk, sk } = standingKey(office.pseudonym(person('five').principal));
    await office.table.merge(pk, sk, sanctioned('quarantine', PERMANENT));
    expect(await resume(office, await granted('five'))).toMatchObject({
      kind: 'refused',
      code: 'SANCTIONED',
    });
  });

  it('is recorded as refused when it does not run, behind the approval', async () => {
    await resume(
      chancery.runtime.office,
      await granted('six', { ...production, parameters: { version: 'v3' } }),
    );
    const token = await chancery.token({ sub: 'ada', roles: ['auditor'] });
    const { body } = await chancery.call('GET', '/ledger/entries?type=decision.made&limit=1', { token });
    expect(body.entries[0].record).toMatchObject({
      after: 'f'.repeat(64),
      data: {
        outcome: 'deny',
        stage: 'approval',
        approval_id: 'apr_six',
        reasons: [{ code: 'approval_void' }],
      },
    });
    expect(body.entries[0].record.data.execution_id).toBeUndefined();
  });
});
