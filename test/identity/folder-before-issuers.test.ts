/** A folder that an older runtime wrote, which knew people by `sub` alone: everybody keeps what is theirs. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { dataPaths } from '../../local/stores.ts';
import { BODY } from '../aim/sample.ts';
import { OPERATOR, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

/** Just after the folder was written: its approval waits for two hours, its kept answer for a day. */
const THEN = Date.parse('2026-11-28T18:26:43Z');
const FOLDER = fileURLToPath(new URL('../fixtures/folder-before-issuers/folder.tgz', import.meta.url));

let chancery: TestRuntime;
let jake: string;
let admin: string;

beforeAll(async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'chancery-older-'));
  execFileSync('tar', ['xzf', FOLDER, '-C', dataFolder]);
  const began = Date.now();
  chancery = await startTestRuntime({ dataFolder }, { clock: () => THEN + Date.now() - began });
  jake = await chancery.token(OPERATOR);
  admin = await chancery.token({
    ...{ sub: 'ida', name: 'Ida Moor', kind: 'human' },
    roles: ['admin', 'auditor', 'committee_member'],
  });
});

afterAll(() => chancery.stop());

describe('a folder from before issuers were told apart', () => {
  it('gives the kept answer again', async () => {
    const change = { workflow_name: 'data-export', parameters: { subject: 'jake' } };
    const rest = { data_classes: ['personal'], risk_level: 3 };
    const body = {
      ...BODY,
      ...change,
      ...rest,
      aim: { ...BODY.aim, mission: { ...BODY.aim.mission, checks: [] } },
    };
    const headers = { 'idempotency-key': 'old-key' };
    const again = await chancery.call('POST', '/workflows/governed/execute', { token: jake, body, headers });
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  });

  it('has its people’s records under their names', async () => {
    const { body } = await chancery.call('GET', '/ledger/entries?subject=jake', { token: admin });
    expect(body.entries.map((entry: { record: { type: string } }) => entry.record.type)).toEqual(
      expect.arrayContaining(['decision.made', 'workflow.succeeded', 'approval.requested']),
    );
  });

  it('goes on with an approval: its requester cannot decide it, another can', async () => {
    const { body } = await chancery.call('GET', '/approvals', { token: admin });
    const [approval] = body.approvals;
    expect(approval).toMatchObject({ status: 'pending', requested_by: { sub: 'jake' } });
    const path = `/approvals/${approval.approval_id}/approve`;
    const own = await chancery.token({ ...OPERATOR, roles: ['committee_member'] });
    const refused = await chancery.call('POST', path, { token: own, body: {} });
    expect(refused.body.reasons).toMatchObject([{ code: 'approver_is_requester' }]);
    const store = openSqliteTable(dataPaths(chancery.folder).table);
    const before = (await store.get('APPROVALS', approval.approval_id)) ?? expect.fail('no item');
    expect((await chancery.call('POST', path, { token: admin, body: {} })).status).toBe(200);
    // Put back by somebody who can write to the store, it is older than its newest record, and no approval any more.
    const { version } = (await store.get('APPROVALS', approval.approval_id)) ?? expect.fail('no item');
    await store.put({ ...before, version: Number(version) + 1 }, { version: Number(version) });
    store.close();
    const again = await chancery.call('GET', '/approvals', { token: admin });
    expect(again.body.approvals).toEqual([]);
  });

  it('keeps out who was revoked, and verifies', async () => {
    const nina = await chancery.token({ sub: 'nina', roles: ['operator'], kind: 'human' });
    expect((await chancery.call('GET', '/workflows', { token: nina })).body.code).toBe('SANCTIONED');
    expect(await chancery.faults()).toEqual([]);
  });
});
