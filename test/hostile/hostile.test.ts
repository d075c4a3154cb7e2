/** No one gets in: hostile tokens and requests over HTTP, each answered and recorded exactly. */
import { generateKeyPairSync } from 'node:crypto';
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answered, governed, PROJECT, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { HOSTILE_REQUESTS } from './requests.ts';
import { bearer, HOSTILE_TOKENS, type Idp } from './tokens.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const idp: Idp = {
  issuer: 'https://idp.example.org',
  audience: 'chancery',
  kid: 'key-1',
  privateKey,
  publicKey,
};

let chancery: TestRuntime;
let keys: Server;
let keyFetches = 0;
let auditor: string;

beforeAll(async () => {
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: idp.kid, use: 'sig' }] });
  keys = createServer((_, response) => {
    keyFetches++;
    response.setHeader('content-type', 'application/json').end(jwks);
  });
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  const { port } = keys.address() as AddressInfo;
  const jwksUri = `http://127.0.0.1:${port}/keys`;
  chancery = await startTestRuntime({
    issuers: [{ issuer: idp.issuer, name: 'idp', audience: [idp.audience], jwksUri }],
  });
  auditor = await chancery.token({ sub: 'ada', name: 'Ada', roles: ['auditor'], scopes: ['metrics:read'] });
});

afterAll(async () => {
  // It must still run: none of all this may have crashed it.
  expect((await chancery.call('GET', '/health/live')).status).toBe(200);
  await chancery.stop();
  await new Promise((resolve) => keys.close(resolve));
});

let traces = 0;
const nextTrace = (): string => (++traces).toString(16).padStart(32, 'a');

interface Entry {
  readonly record: { readonly type: string; readonly trace: string; readonly data: Record<string, unknown> };
}

async function entries(query: string): Promise<Entry[]> {
  const answer = await chancery.call('GET', `/ledger/entries?${query}`, { token: auditor });
  expect(answer.status).toBe(200);
  return answer.body.entries;
}

function firstReason(entry: Entry | undefined): unknown {
  const reasons = entry?.record.data.reasons;
  return Array.isArray(reasons) ? reasons[0]?.code : undefined;
}

/** How many refused tokens the ledger holds, by reason. */
async function refusals(): Promise<Map<string, number>> {
  await chancery.runtime.office.refusals.flush();
  const counts = new Map<string, number>();
  const all = await entries('type=auth.jwt_invalid&limit=1000');
  for (const { record } of all) {
    const reason = String(record.data.reason);
    counts.set(reason, (counts.get(reason) ?? 0) + Number(record.data.count));
  }
  return counts;
}

/** A problem document of our own making, which gives nothing away. */
function expectProblem(answer: Answered, status: number, code: string, trace?: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({ status, code, ...(trace === undefined ? {} : { trace_id: trace }) });
  expect(typeof answer.body.error).toBe('string');
  expect(answer.text).not.toMatch(
    /node_modules|node:internal|\.ts:\d|\bat \w+ \(|BEGIN [A-Z ]*KEY|eyJ[\w-]{20,}\./,
  );
}

describe('hostile tokens', () => {
  it.each(HOSTILE_TOKENS)('$name: 401, recorded as $reason', async ({ reason, header }) => {
    const { refusals } = chancery.runtime.office;
    await refusals.flush();
    const authorization = await header(idp);
    const trace = nextTrace();
    const answer = await chancery.call('POST', '/workflows/governed/execute', {
      body: governed(),
      headers: { 'x-trace-id': trace, ...(authorization === undefined ? {} : { authorization }) },
    });
    expectProblem(answer, 401, reason === 'missing' ? 'AUTH_REQUIRED' : 'INVALID_TOKEN', trace);
    expect(answer.body.reasons).toMatchObject([{ code: reason, path: 'header:Authorization' }]);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    await refusals.flush();
    const type = reason === 'missing' ? 'auth.unauthorized' : 'auth.jwt_invalid';
    const [recorded] = await entries(`type=${type}&limit=1`);
    expect(recorded?.record.data).toMatchObject({ reason, count: 1, status: 401, method: 'jwt' });
    // The count is all that is kept: who floods us writes no decision, and nothing of theirs is stored.
    expect(await entries(`trace=${trace}&limit=1`)).toEqual([]);
  });

  it('beside them a good token of the same issuer is let in', async () => {
    const authorization = await bearer(idp, { name: 'Jake Smith' });
    const answer = await chancery.call('POST', '/workflows/governed/execute', {
      body: governed(),
      headers: { authorization },
    });
    expect(answer.status, answer.text).toBe(200);
  });

  it('a flood of unknown key ids costs the issuer one fetch, and the ledger a few records', async () => {
    const fetched = keyFetches;
    const before = await refusals();
    const records = (await entries('type=auth.jwt_invalid&limit=1000')).length;
    const flood = 600;
    for (let sent = 0; sent < flood; sent += 100) {
      const tokens = Array.from({ length: 100 }, (_, i) => bearer(idp, {}, { kid: `invented-${sent + i}` }));
      const answers = await Promise.all(
        tokens.map(async (token) =>
          chancery.call('GET', '/workflows', { headers: { authorization: await token } }),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    }
    expect(keyFetches - fetched).toBeLessThanOrEqual(2);
    const after = await refusals();
    expect((after.get('kid') ?? 0) - (before.get('kid') ?? 0)).toBe(flood);
    expect((await entries('type=auth.jwt_invalid&limit=1000')).length - records).toBeLessThan(flood / 10);
    await chancery.runtime.office.lookout.flush();
    const [attempt] = await entries('type=security.brute_force_attempt&limit=1');
    expect(attempt?.record.data).toMatchObject({ pattern: 'brute_force' });
    expect(JSON.stringify(attempt)).not.toContain('127.0.0.1');
  });
});

describe('hostile requests of known callers', () => {
  it.each(HOSTILE_REQUESTS)('$name: $status $code, recorded as $reason', async (row) => {
    const trace = nextTrace();
    const { path = '/workflows/governed/execute', method = 'POST', claims, body, raw, headers } = row;
    const answer = await chancery.call(method, path, {
      token: await chancery.token(claims),
      ...(raw === undefined ? { body } : { raw }),
      headers: { ...headers, 'x-trace-id': trace },
    });
    expectProblem(answer, row.status, row.code, trace);
    expect(answer.body.reasons[0]).toMatchObject({ code: row.reason });
    const [entry, ...others] = await entries(`trace=${trace}`);
    expect(others).toEqual([]);
    if (row.code === 'INSUFFICIENT_SCOPE') {
      expect(entry?.record).toMatchObject({
        type: 'auth.scope_denied',
        data: { reason: 'scope', status: 403 },
      });
    } else {
      expect(entry?.record.type).toBe('decision.made');
      expect(entry?.record.data).toMatchObject({ outcome: 'rejected' });
      expect(firstReason(entry)).toBe(row.reason);
      expect(entry?.record.data).not.toHaveProperty('execution_id');
      expect(answer.body.decision_id).toBe(entry?.record.data.decision_id);
    }
  });

  it('beside them a request of exactly 1 MB is read', async () => {
    const frame = JSON.stringify(governed({ output_text: '' })).length;
    const raw = JSON.stringify(governed({ output_text: 'x'.repeat(1_048_576 - frame) }));
    const answer = await chancery.call('POST', '/workflows/governed/execute', {
      token: await chancery.token(),
      raw,
    });
    expect(answer.status, answer.text).toBe(200);
  });

  it.each([
    ['GET', '/workflows/governed/execute', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/ledger/entries/../../../etc/passwd', 404, 'NOT_FOUND'],
    ['GET', '/ledger/entries/..%2f..%2fetc%2fpasswd', 404, 'NOT_FOUND'],
    ['GET', '/ledger/entries/0.99999999', 404, 'NOT_FOUND'],
    ['GET', '/ledger/entries/0.-1', 404, 'NOT_FOUND'],
    ['GET', '/ledger/entries?limit=-1', 400, 'VALIDATION_ERROR'],
    ['GET', '/ledger/entries?limit=1e9', 400, 'VALIDATION_ERROR'],
    ['GET', '/ledger/entries?cursor=%00', 400, 'VALIDATION_ERROR'],
    ['GET', '/ledger/entries?__proto__=1', 400, 'VALIDATION_ERROR'],
    ['GET', '/executions/..%2f..%2fx', 404, 'NOT_FOUND'],
    ['GET', '/%c0%ae%c0%ae/', 404, 'NOT_FOUND'],
    ['GET', '/constructor', 404, 'NOT_FOUND'],
  ])('%s %s: %i %s', async (method, path, status, code) => {
    expectProblem(await chancery.call(method, path, { token: auditor }), status, code);
  });
});

describe('a forbid that reads an attribute which may be absent', () => {
  // Cedar skips a policy that errors, so such a forbid would let through what it was written to stop.
  it.each([
    ['unguarded', 'when { context.nonsense == "secret" };'],
    [
      'behind a guard, which makes it silent instead',
      'when { context has nonsense && context.nonsense == "x" };',
    ],
  ])('%s: nothing starts with a charter that holds one', async (_, clause) => {
    const charterFolder = await mkdtemp(join(tmpdir(), 'chancery-charter-'));
    await cp(join(PROJECT, 'charter'), charterFolder, { recursive: true });
    await appendFile(
      join(charterFolder, 'policies', 'forbids.cedar'),
      `\n@id("reads-absent")\n@description("Reads what may not be there.")\nforbid (principal, action, resource)\n${clause}\n`,
    );
    await expect(startTestRuntime({ charterFolder })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('forbids.cedar'),
    });
    await rm(charterFolder, { recursive: true });
  });
});

describe('smuggling', () => {
  it.each([
    ['a line break', 'abcdefgh\\r\\nX-Admin: 1'],
    ['a path', '../../../../etc/passwd'],
    ['markup', '<script>alert(1)</script>'],
    ['a query', "' OR '1'='1' --          "],
    ['a format', '%s%s%s%n%n%n%n'],
    ['JSON', '","admin":true,"x":"aaaa'],
    ['a lot', 'a'.repeat(65)],
    ['little', 'abc'],
    ['other letters', 'trace-идентификатор'.replace(/[^\x20-\x7e]/g, '\u00e9')],
  ])('%s in X-Trace-ID is not taken over', async (_, id) => {
    const answer = await chancery.call('GET', '/workflows', { headers: { 'x-trace-id': id } });
    expectProblem(answer, 401, 'AUTH_REQUIRED');
    expect(answer.body.trace_id).toMatch(/^[0-9a-f]{32}$/);
    expect([...answer.headers].flat().join(' ')).not.toContain(id);
    expect(answer.text).not.toContain(JSON.stringify(id).slice(1, -1));
  });

  it.each<[string, string, RegExp]>([
    [
      'a raw line break in X-Trace-ID makes a second header of no effect',
      'GET /workflows HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Trace-ID: aaaaaaaa\r\nX-Roles: admin\r\n\r\n',
      /^HTTP\/1\.1 401 /,
    ],
    [
      'a bare line feed in a header is refused',
      'GET /workflows HTTP/1.1\r\nHost: x\r\nX-Trace-ID: aaaa\naaaa\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a NUL in a header is refused',
      'GET /workflows HTTP/1.1\r\nHost: x\r\nX-Trace-ID: aaaa\u0000aaaa\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'two lengths are refused',
      'POST /decisions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a length and chunks are refused',
      'POST /decisions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'two tokens in two headers are none',
      'GET /workflows HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer a.b.c\r\nAuthorization: Bearer d.e.f\r\n\r\n',
      /^HTTP\/1\.1 401 /,
    ],
    [
      'headers beyond all bounds are refused',
      `GET /workflows HTTP/1.1\r\nHost: x\r\nX-Padding: ${'x'.repeat(40_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
    ],
  ])('%s', async (_, request, expected) => {
    expect(await raw(request)).toMatch(expected);
  });

  it('a body that lies about its length by coming in pieces is still measured', async () => {
    const token = await chancery.token();
    const piece = `${(65_536).toString(16)}\r\n${'x'.repeat(65_536)}\r\n`;
    const answer = await raw(
      `POST /workflows/governed/execute HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n${piece.repeat(17)}0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('BODY_TOO_LARGE');
  });
});

/** Sends bytes as they are and returns what comes back until the connection closes. */
function raw(request: string): Promise<string> {
  const { hostname, port } = new URL(chancery.runtime.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(request, 'latin1'));
    socket.setEncoding('latin1');
    socket.on('data', (data) => {
      answer += data;
      if (!request.includes('Connection: close')) socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
  });
}

describe('the sessions of all this', () => {
  it('are listed by pseudonym for those who watch, and for nobody else', async () => {
    const watcher = await chancery.token({ sub: 'wanda', roles: ['admin_security'] });
    const answer = await chancery.call('GET', '/sessions', { token: watcher });
    expect(answer.status).toBe(200);
    expect(answer.body.complete).toBe(true);
    expect(answer.body.sessions.length).toBeGreaterThan(HOSTILE_REQUESTS.length / 2);
    expect(answer.body.sessions[0]).toMatchObject({
      session_id: expect.any(String),
      records: expect.any(Number),
    });
    expect(answer.body.sessions.some(({ refused }: { refused: number }) => refused > 0)).toBe(true);
    expect(answer.text).not.toMatch(/jake|wanda/i);
    expectProblem(await chancery.call('GET', '/sessions', { token: auditor }), 403, 'INSUFFICIENT_SCOPE');
  });

  it('have users whose requests failed most, by pseudonym, for those who may read the ledger', async () => {
    const token = await chancery.token({ sub: 'ida', roles: ['developer'] });
    expectProblem(await chancery.call('GET', '/ledger/top-users', { token }), 403, 'INSUFFICIENT_SCOPE');
    const path = '/ledger/top-users?by=unsuccessful&limit=3';
    const { body, text } = await chancery.call('GET', path, { token: auditor });
    expect(body).toMatchObject({ by: 'unsuccessful', complete: true });
    expect(body.users).toHaveLength(3);
    const [first, second] = body.users;
    expect(first.unsuccessful).toBeGreaterThanOrEqual(second.unsuccessful);
    expect(first.denied + first.scope_denied + first.limited + first.failed).toBe(first.unsuccessful);
    expect(text).not.toMatch(/jake|ida/i);
    const unknown = await chancery.call('GET', '/ledger/top-users?by=name', { token: auditor });
    expectProblem(unknown, 400, 'VALIDATION_ERROR');
  });
});
