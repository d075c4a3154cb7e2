/** Two people called jake, of two issuers, at every door where one could pass for the other. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issuersSchema } from '../../src/identity/issuer-settings.ts';
import { BODY } from '../aim/sample.ts';
import { OPERATOR, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

const ISS = 'https://corp.example.org';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const claims = { kind: 'human', roles: ['operator', 'admin'], name: 'Jake Smith', email: 'jake@example.org' };

let keys: Server;
let chancery: TestRuntime;
let ours: string;
let theirs: string;
let admin: string;

const theirToken = (extra: JWTPayload = {}) =>
  new SignJWT({
    ...{ iss: ISS, aud: 'chancery', sub: 'jake', exp: Date.now() / 1000 + 900, ...claims },
    ...extra,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(privateKey);

beforeAll(async () => {
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k' }] });
  keys = createServer((_, response) => void response.end(jwks)).listen(0, '127.0.0.1');
  await new Promise((resolve) => keys.once('listening', resolve));
  const address = keys.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const entry = { issuer: ISS, name: 'corp', audience: 'chancery', jwksUri: `http://127.0.0.1:${port}/` };
  chancery = await startTestRuntime({ issuers: issuersSchema.parse([entry]) });
  ours = await chancery.token({ ...OPERATOR, roles: ['operator'] });
  theirs = await theirToken();
  admin = await chancery.token({
    sub: 'ada',
    name: 'Ada Vale',
    roles: ['admin', 'auditor', 'committee_member'],
    kind: 'human',
  });
});

afterAll(async () => {
  await chancery.stop();
  await new Promise((resolve) => keys.close(resolve));
});

const exportOf = (parameters: Record<string, string>) => {
  const change = { workflow_name: 'data-export', parameters, data_classes: ['personal'], risk_level: 3 };
  return { ...BODY, ...change, aim: { ...BODY.aim, mission: { ...BODY.aim.mission, checks: [] } } };
};

describe('two issuers with the same sub', () => {
  it('have pseudonyms of their own, and records say which issuer', async () => {
    await chancery.call('POST', '/governance/validate', { token: ours, body: BODY });
    await chancery.call('POST', '/governance/validate', { token: theirs, body: BODY });
    const query = 'type=decision.dry_run&limit=2&order=newest';
    const { body: page } = await chancery.call('GET', `/ledger/entries?${query}`, { token: admin });
    const [newer, older] = page.entries.map((entry: { record: unknown }) => entry.record);
    expect(newer.meta.issuer).toBe('corp');
    expect(older.meta.issuer).toBe('development');
    expect(newer.subject).not.toBe(older.subject);
  });

  it('do not get one another’s kept answer, execution or export', async () => {
    const request = exportOf({ subject: 'jake', issuer: 'development' });
    const headers = { 'idempotency-key': 'same' };
    const first = await chancery.call('POST', '/workflows/governed/execute', {
      token: ours,
      body: request,
      headers,
    });
    expect(first.status).toBe(200);
    const again = await chancery.call('POST', '/workflows/governed/execute', {
      token: theirs,
      body: request,
      headers,
    });
    expect(again.headers.get('idempotency-replayed')).toBeNull();
    expect(again.body.decision_id).not.toBe(first.body.decision_id);
    const { record } = (
      await chancery.call('GET', `/ledger/entries/${first.body.receipt.id}`, { token: admin })
    ).body;
    const path = `/executions/${record.data.execution_id}/document`;
    expect((await chancery.call('GET', path, { token: theirs })).status).toBe(404);
    const own = await fetch(`${chancery.runtime.url}${path}`, {
      headers: { authorization: `Bearer ${ours}` },
    });
    expect(own.status).toBe(200);
  });

  it.each<[string, (extra: Record<string, string>) => Parameters<TestRuntime['call']>]>([
    [
      'a revocation',
      (extra) => ['POST', '/revocations', { body: { subject: 'nina', reason: 'user_request', ...extra } }],
    ],
    [
      'a legal hold',
      (extra) => [
        'POST',
        '/ledger/holds',
        { body: { subject: 'nina', reason: 'a court asked for it', ...extra } },
      ],
    ],
    ['a reset of limits', (extra) => ['DELETE', `/rate-limits/nina?${new URLSearchParams(extra)}`, {}]],
    [
      'a query of the ledger',
      (extra) => ['GET', `/ledger/entries?${new URLSearchParams({ subject: 'nina', ...extra })}`, {}],
    ],
    [
      'an event',
      (extra) => ['POST', '/events', { body: { type: 'user.updated', subject: 'ada', ...extra } }],
    ],
  ])('are told apart by %s: it names the issuers to choose from', async (_, asking) => {
    const ask = async (extra: Record<string, string>) => {
      const [method, path, options] = asking(extra);
      return chancery.call(method, path, { ...options, token: admin });
    };
    const bare = await ask({});
    expect(bare.status).toBe(400);
    expect(bare.body.reasons).toMatchObject([{ code: 'issuer_needed', path: '/issuer' }]);
    expect(bare.body.reasons[0].message).toContain('development or corp');
    expect((await ask({ issuer: 'crop' })).body.reasons).toMatchObject([{ code: 'unknown_issuer' }]);
  });

  it('are told apart by an export of personal data, and by AuthZEN', async () => {
    const bare = await chancery.call('POST', '/governance/validate', {
      token: ours,
      body: exportOf({ subject: 'jake' }),
    });
    expect(bare.status).toBe(400);
    expect(bare.body.reasons).toMatchObject([{ code: 'schema_error', path: '/parameters/issuer' }]);
    const asked = (properties: Record<string, string>) => ({
      subject: { type: 'user', id: 'jake', properties },
      action: { name: 'execute' },
      resource: { type: 'workflow', id: 'compliance-report' },
    });
    const ask = (given: unknown) =>
      chancery.call('POST', '/access/v1/evaluation', { token: ours, body: given });
    expect((await ask(asked({}))).status).toBe(400);
    expect((await ask(asked({ issuer: 'corp' }))).status).toBe(200);
  });

  it('are not revoked together', async () => {
    const order = { subject: 'jake', issuer: 'corp', reason: 'security_incident' };
    const revoked = await chancery.call('POST', '/revocations', { token: admin, body: order });
    expect([201, 202]).toContain(revoked.status);
    expect((await chancery.call('GET', '/workflows', { token: theirs })).status).toBe(403);
    expect((await chancery.call('GET', '/workflows', { token: ours })).status).toBe(200);
  });

  it('refuses a sub that cannot be seen, and counts it', async () => {
    for (const sub of [
      '\ud800',
      '',
      ' ',
      'a b',
      'a\u200bb',
      'https://corp.example.org\u0000jake',
      'x'.repeat(256),
    ]) {
      const answer = await chancery.call('GET', '/workflows', { token: await theirToken({ sub }) });
      expect(answer.status).toBe(401);
      expect(answer.body.reasons).toMatchObject([
        { code: 'claims', message: expect.stringMatching(/: sub$/) },
      ]);
    }
  });
});
