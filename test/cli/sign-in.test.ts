/** Signing in at a terminal by the device flow (RFC 8628): the whole way from the command to the API, at a provider of this test's own. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, type StandIn, standIn } from './run.ts';

/** What the provider was asked: the grant, or where a device began. */
let asked: string[] = [];
/** What it answers at the token endpoint, in turn; the last one again. */
let answers: [status: number, body: object][] = [];
let provider: Server;
let issuer: string;
let api: StandIn;
const folder = mkdtempSync(join(tmpdir(), 'chancery-sign-in-'));
const env = () => ({ CHANCERY_CONFIG: join(folder, 'contexts.json'), CHANCERY_DATA: join(folder, 'data') });

beforeAll(async () => {
  provider = createServer(async (request, response) => {
    const say = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const form = new URLSearchParams(await text(request));
    switch (request.url) {
      case '/.well-known/openid-configuration':
        return say(200, {
          issuer,
          token_endpoint: `${issuer}/token`,
          device_authorization_endpoint: `${issuer}/device`,
        });
      case '/device':
        asked.push(`device ${form.get('client_id')} ${form.get('scope')}`);
        return say(200, {
          device_code: 'device-1',
          user_code: 'WDJB-MJHT',
          verification_uri: `${issuer}/activate`,
          expires_in: 60,
          // Seconds (RFC 8628 §3.2): a person needs longer than this test.
          interval: 0.01,
        });
      default: {
        asked.push(form.get('grant_type') ?? '');
        const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, {}];
        return say(status, body);
      }
    }
  });
  await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  api = await standIn(() => ({ body: { slos: [] } }));
  const added = await run(
    ['context', 'add', 'far', '--url', api.url, '--oidc-issuer', issuer, '--client-id', 'cli'],
    env(),
  );
  expect(added, added.err).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await api.close();
  await new Promise((done) => provider.close(done));
  rmSync(folder, { recursive: true });
});

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const granted = (token: string, expires_in: number): [number, object] => [
  200,
  { access_token: token, token_type: 'bearer', expires_in, refresh_token: 'again' },
];

it('shows where to go with which code, waits for the person, and then calls with the token', async () => {
  asked = [];
  answers = [[400, { error: 'authorization_pending' }], granted('token-1', 3_600)];
  const login = await run('context login far', env());
  expect(login, login.err).toMatchObject({ code: 0 });
  expect(login.err).toContain(`open ${issuer}/activate and enter the code WDJB-MJHT`);
  expect(asked).toEqual(['device cli openid', DEVICE, DEVICE]);

  expect(await run('slo report --env far', env())).toMatchObject({ code: 0 });
  expect(api.reached.at(-1)).toEqual({ what: 'GET /slos', token: 'token-1' });
  // Nobody else on this machine reads it, and it is not asked for twice.
  expect(statSync(join(folder, 'contexts.json.tokens')).mode & 0o077).toBe(0);
  expect(asked).toHaveLength(3);
});

it('renews a token that has ended, and asks the person to sign in again where that is refused', async () => {
  answers = [granted('token-2', 1)];
  await run('context login far', env());
  asked = [];
  answers = [granted('token-3', 1)];
  await run('slo report --env far', env());
  expect(asked).toEqual(['refresh_token']);
  expect(api.reached.at(-1)?.token).toBe('token-3');
  answers = [[400, { error: 'invalid_grant' }]];
  const before = api.reached.length;
  const refused = await run('slo report --env far', env());
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.err).toContain('chancery context login far');
  expect(api.reached).toHaveLength(before);
});

it('ends with what the provider said where the person says no, and keeps nothing', async () => {
  await run('context logout far', env());
  answers = [[400, { error: 'access_denied', error_description: 'the person said \u001b[31mno' }]];
  const denied = await run('context login far', env());
  expect(denied.code).toBe(1);
  expect(denied.err).toContain('did not sign you in: the person said');
  expect(denied.err).not.toContain('\u001b');
  expect(readFileSync(join(folder, 'contexts.json.tokens'), 'utf8').trim()).toBe('{}');
});
