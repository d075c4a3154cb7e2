/**
 * The MCP door as processes of their own: a client over standard streams in front of a running office, and an office that is killed between
 * a decision and its outcome. Nothing here may be taken for a success that nobody saw, and nothing may be done twice.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mintLocalToken } from '../../adapters/local/dev-issuer.ts';
import { verifyStore } from '../../local/ledger-verify.ts';
import { charterWithTools } from '../mcp/charter.ts';
import { SERVER } from '../mcp/world.ts';
import { PROJECT } from '../runtime/support.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
type Seen = any;

const folder = mkdtempSync(join(tmpdir(), 'chancery-mcp-process-'));
const data = join(folder, 'data');
const calls = join(folder, 'calls');
let environment: Record<string, string>;
let url: string;
let office: ChildProcess;

async function start(): Promise<void> {
  office = spawn(process.execPath, [join(PROJECT, 'bin/chancery.ts'), 'start'], {
    cwd: PROJECT,
    env: environment,
    stdio: 'ignore',
  });
  await vi.waitFor(
    async () => {
      const { ok } = await fetch(`${url}/health/live`);
      if (!ok) throw new Error('it does not live yet');
    },
    { timeout: 60_000, interval: 100 },
  );
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => office.once('exit', resolve));
  office.kill(signal);
  await gone;
}

const token = (claims: { sub: string; roles: readonly string[]; email?: string }): Promise<string> =>
  mintLocalToken(data, { name: `${claims.sub} Person`, ...claims }, Date.now());
const as = async (claims: Parameters<typeof token>[0], method: string, path: string, body?: unknown) => {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${await token(claims)}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: Seen = await response.json();
  return answer;
};
const records = async (type: string): Promise<Seen[]> =>
  (await as({ sub: 'ada', roles: ['auditor'] }, 'GET', `/ledger/entries?type=${type}&limit=200`)).entries;
const called = (name: string): number =>
  existsSync(calls)
    ? readFileSync(calls, 'utf8')
        .split('\n')
        .filter((line) => line.includes(`"name":"${name}"`)).length
    : 0;

const URLS = { capabilities: { elicitation: { url: {} } }, inputRequired: { autoFulfill: false } };
async function client(options: object = {}): Promise<Client> {
  const opened = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } }, ...options },
  );
  const headers = { authorization: `Bearer ${await token({ sub: 'jake', roles: ['operator'] })}` };
  await opened.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }));
  return opened;
}

beforeAll(async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => free.once('listening', resolve));
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  url = `http://127.0.0.1:${port}`;
  const tools = { echo: {}, slow: {}, waits: { risk_level: 5 } };
  const charter = charterWithTools(
    folder,
    [{ id: 'fixture', sensitivity: 'low', environment: 'local' }],
    Object.entries(tools).map(([name, more]) => ({
      id: `fixture.${name}`,
      server: 'fixture',
      category: 'test',
      sensitivity: 'low',
      writes: true,
      ...more,
    })),
  );
  const fixture = { command: process.execPath, args: [SERVER], env: { CALLS: calls }, cwd: PROJECT };
  environment = {
    PATH: process.env.PATH ?? '',
    PORT: String(port),
    CHANCERY_DATA: data,
    CHANCERY_CHARTER: charter,
    CHANCERY_MCP_PROGRAMS: JSON.stringify({ fixture }),
  };
  await start();
  const rita = { sub: 'rita', roles: ['committee_member'] };
  for (const { tool, definition_digest, listed } of (await as(rita, 'GET', '/tools')).tools)
    if (listed) await as(rita, 'POST', '/tools/reviews', { tool, definition_digest });
}, 120_000);
afterAll(async () => {
  await stop('SIGTERM');
  rmSync(folder, { recursive: true });
});

describe.each([
  ['of 2026-07-28', { versionNegotiation: { mode: { pin: '2026-07-28' } } }],
  ['that begins with initialize', { versionNegotiation: { mode: 'legacy' } }],
] as const)('chancery mcp, in front of a running office, for a client %s', (_what, options) => {
  it('hands on what the office has, each call decided for the person and their agent', async () => {
    const desktop = new Client({ name: 'desktop', version: '1' }, options);
    await desktop.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [join(PROJECT, 'bin/chancery.ts'), 'mcp', '--as', 'dora', '--server', 'fixture'],
        env: { PATH: process.env.PATH ?? '', CHANCERY_DATA: data, CHANCERY_URL: url },
        cwd: PROJECT,
        stderr: 'ignore',
      }),
    );
    try {
      expect((await desktop.listTools()).tools.map(({ name }) => name)).toContain('echo');
      const answer: Seen = await desktop.callTool({ name: 'echo', arguments: { text: 'hello' } });
      expect(answer.content[0].text).toBe('echo {"text":"hello"}');
      const [decision] = await records('decision.made');
      expect(decision.record.data).toMatchObject({
        outcome: 'allow',
        resource: { id: 'fixture.echo' },
        principal: { kind: 'agent' },
      });
      const stopped = new AbortController();
      const before = called('slow');
      const calling = desktop.callTool({ name: 'slow', arguments: {} }, { signal: stopped.signal });
      await expect.poll(() => called('slow'), { timeout: 10_000 }).toBe(before + 1);
      stopped.abort();
      await expect(calling).rejects.toThrow();
      await expect
        .poll(async () => (await records('tool.failed'))[0]?.record.data, { timeout: 10_000 })
        .toMatchObject({ tool: 'fixture.slow', outcome: 'cancelled' });
    } finally {
      await desktop.close();
    }
  });
});

it('chancery mcp says what is the matter where no office runs', async () => {
  const desktop = new Client({ name: 'desktop', version: '1' }, { versionNegotiation: { mode: 'legacy' } });
  const connecting = desktop.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(PROJECT, 'bin/chancery.ts'), 'mcp'],
      env: { PATH: process.env.PATH ?? '', CHANCERY_DATA: data, CHANCERY_URL: 'http://127.0.0.1:9' },
      cwd: PROJECT,
      stderr: 'ignore',
    }),
  );
  await expect(connecting).rejects.toThrow(/Nothing answers at http:\/\/127\.0\.0\.1:9\/mcp/);
  await desktop.close();
});

describe('an office that is killed while a call runs', () => {
  it('finds the call as stale, and never says that it succeeded', async () => {
    const [agent, before] = [await client(), called('slow')];
    const calling = agent.callTool({ name: 'fixture.slow', arguments: {} }).catch((error: unknown) => error);
    await expect.poll(() => called('slow'), { timeout: 10_000 }).toBe(before + 1);
    const [decision] = await records('decision.made');
    const { execution_id } = decision.record.data;
    await stop('SIGKILL');
    await calling;
    await start();
    const ends = async () =>
      [...(await records('tool.failed')), ...(await records('tool.invoked'))].filter(
        ({ record }) => record.data.execution_id === execution_id,
      );
    await expect
      .poll(ends, { timeout: 20_000 })
      .toMatchObject([{ record: { type: 'tool.failed', data: { tool: 'fixture.slow', outcome: 'stale' } } }]);
    expect(called('slow')).toBe(before + 1);
  });

  it('makes an approved call once, whoever asks again', async () => {
    const agent = await client(URLS);
    const ask = (state?: string, by = agent): Promise<Seen> =>
      by.request(
        {
          method: 'tools/call',
          params: {
            name: 'fixture.waits',
            arguments: {},
            ...(state === undefined
              ? {}
              : { requestState: state, inputResponses: { approval: { action: 'accept' } } }),
          },
        },
        { allowInputRequired: true },
      );
    const asked = await ask();
    const id = asked.inputRequests.approval.params.url.split('/').at(-1);
    for (const sub of ['rita', 'paul'])
      await as(
        { sub, roles: ['committee_member'], email: `${sub}@example.org` },
        'POST',
        `/approvals/${id}/approve`,
        {},
      );
    const calling = ask(asked.requestState).catch((error: unknown) => error);
    await expect.poll(() => called('waits'), { timeout: 10_000 }).toBe(1);
    await stop('SIGKILL');
    await calling;
    await start();
    const again = await ask(asked.requestState, await client(URLS));
    expect(again.structuredContent).toMatchObject({ reasons: [{ code: 'approval_used' }] });
    expect(called('waits')).toBe(1);
    await stop('SIGTERM');
    const { findings } = await verifyStore(data);
    expect(findings.filter(({ verdict }) => verdict !== 'PENDING')).toEqual([]);
    await start();
  });
});
