import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { type Account, examineAccount, examineDeployment } from '../../src/watch/ops/doctor.ts';

const READY: Account = {
  region: 'eu-central-1',
  concurrency: { found: 1_000 },
  bootstrap: { found: 21 },
  trails: { found: 1 },
  issuers: [{ issuer: 'https://login.example.org', keys: { found: 2 } }],
};

const told = (account: Partial<Account>) =>
  examineAccount({ ...READY, ...account }).filter(({ status }) => status !== 'ok');

describe('an account before a deployment', () => {
  it('is well when everything is there', () => {
    expect(told({})).toEqual([]);
  });

  it.each<[string, Partial<Account>, object]>([
    [
      'a new account works, with less',
      { concurrency: { found: 10 } },
      { check: 'concurrency', status: 'warn' },
    ],
    [
      'a region that is not bootstrapped',
      { bootstrap: { found: 0 } },
      { check: 'bootstrap', status: 'fail' },
    ],
    ['an old bootstrap', { bootstrap: { found: 5 } }, { check: 'bootstrap', status: 'fail' }],
    ['nobody logs management events', { trails: { found: 0 } }, { check: 'trail', status: 'warn' }],
    ['no issuer', { issuers: [] }, { check: 'issuer', status: 'warn' }],
    ['a region without Grafana', { region: 'eu-west-3' }, { check: 'region', status: 'warn' }],
    [
      'a region without Prometheus either',
      { region: 'cn-north-1' },
      { check: 'region', status: 'warn', fix: expect.stringContaining('GET /metrics') },
    ],
    ['a region of AWS that is new to us', { region: 'eu-west-9' }, { check: 'region', status: 'warn' }],
    [
      'a slip of the pen',
      { region: 'eu-cental-1x' },
      { check: 'region', status: 'fail', fix: expect.stringContaining('eu-central-1') },
    ],
    [
      'what may not be asked',
      { trails: { refused: 'AccessDenied' } },
      { check: 'trail', status: 'warn', found: 'could not be asked: AccessDenied' },
    ],
  ])('%s', (_, account, finding) => {
    expect(told(account)).toEqual([expect.objectContaining(finding)]);
  });
});

describe('what was deployed', () => {
  it('is not well while a function fails, an alarm rings, a stack is half made or the API is not ready', () => {
    const findings = examineDeployment({
      stacks: { found: [{ name: 'chancery-dev-gate', status: 'ROLLBACK_COMPLETE' }] },
      ready: { found: 503 },
      functions: [
        { name: 'gate', answers: { found: true } },
        { name: 'seal', answers: { refused: 'fails: no key' } },
      ],
      alarms: { found: [{ name: 'ServiceDown', state: 'ALARM' }] },
      secrets: [{ name: 'chancery/dev/notify', filled: { found: false } }],
    });
    expect(findings.map(({ check, status }) => [check, status])).toEqual([
      ['stacks', 'fail'],
      ['api', 'fail'],
      ['gate', 'ok'],
      ['seal', 'fail'],
      ['alarms', 'fail'],
      ['secret chancery/dev/notify', 'warn'],
    ]);
    for (const { status, fix } of findings) expect(fix === undefined).toBe(status === 'ok');
  });
});

describe('chancery doctor', () => {
  let server: Server;
  let out = '';
  beforeAll(async () => {
    server = createServer((_request, response) => response.writeHead(403).end('{}'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'none');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        out += String(text);
        return true;
      });
  });
  afterAll(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    server.close();
  });

  it('wants an environment that there is, and an issuer that is a URL', async () => {
    expect(await main(['doctor'])).toBe(2);
    expect(await main(['doctor', '--env', 'production'])).toBe(2);
    expect(await main(['doctor', '--env', 'dev', '--issuer', 'login.example.org'])).toBe(2);
  });

  it('says what it may not ask, and is not taken aback by it', async () => {
    out = '';
    await main(['doctor', '--env', 'dev', '--json']);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ environment: 'dev', healthy: expect.any(Boolean) });
    expect(report.findings.find(({ check }: { check: string }) => check === 'concurrency')).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('403'),
    });
  });
});
