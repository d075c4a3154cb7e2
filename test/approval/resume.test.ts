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

  const { aim } = production;
  const asked = person('two', { name: 'Jake Smith', roles: ['operator'], scopes: ['workflows:execute'] });
  it.each<[string, (approval: GrantedApproval) => GrantedApproval]>([
    [
      'another principal',
      (it) => ({ ...it, caller: { ...asked, principal: { ...asked.principal, sub: 'x' } } }),
    ],
    [
      'the same sub of another issuer',
      (it) => ({
        ...it,
        caller: {
          ...asked,
          principal: { ...asked.principal, issuer: 'https://other.example', realm: 'other' },
        },
      }),
    ],
    [
      'somebody who acts for the principal',
      (it) => ({ ...it, caller: { ...asked, principal: { ...asked.principal, act: ['helper'] } } }),
    ],
    ['another workflow', (it) => ({ ...it, body: { ...production, workflow_name: 'deploy-to-staging' } })],
    ['another mode', (it) => ({ ...it, body: { ...production, drag_mode: 'grunt' } })],
    ['other parameters', (it) => ({ ...it, body: { ...production, parameters: { version: 'v2' } } })],
    [
      'another objective',
      (it) => ({
        ...it,
        body: {
          ...production,
          aim: { ...aim, mission: { ...aim.mission, objective: 'Something else altogether' } },
        },
      }),
    ],
    [
      'another source',
      (it) => ({
        ...it,
        body: {
          ...production,
          aim: { ...aim, input: { sources: [{ type: 'api', description: 'another' }] } },
        },
      }),
    ],
    ['another charter', (it) => ({ ...it, action_digest: digestUnder('0'.repeat(64)) })],
  ])('does not run with %s', async (_, change) => {
    const changed = change(await granted('two'));
    expect(await resume(chancery.runtime.office, changed)).toMatchObject({ kind: 'refused' });
  });

  /** What would have been approved under another charter. */
  const digestUnder = (charter: string) =>
    actionDigest(asked.principal, ask(chancery.runtime.office, { ok: true, value: production }), charter);

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
