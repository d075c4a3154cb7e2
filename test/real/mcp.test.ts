/**
 * The MCP door under programs that we did not write: clients of both generations of the official SDK, the protocol's conformance suite, and
 * real servers behind it (everything, filesystem, memory), over HTTP and wrapped.
 */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { verifyStore } from '../../local/ledger-verify.ts';
import { npmTool } from '../../scripts/npm-tool.ts';
import { CONFORMANCE_TOOLS } from '../fixtures/mcp/conformance-server.ts';
import { charterWithTools } from '../mcp/charter.ts';
import { recordsOf } from '../observe/scrape.ts';
import { PROJECT, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { pythonTools } from './python.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
type Seen = any;

const programOf = (name: string, ...args: string[]) => {
  const folder = dirname(require.resolve(`@modelcontextprotocol/server-${name}/package.json`));
  return { command: process.execPath, args: [join(folder, 'dist/index.js'), ...args], env: {}, cwd: PROJECT };
};

const asked = z.object({ roles: z.array(z.string()), scopes: z.array(z.string()) });
const CONFORMANCE = join(PROJECT, 'test/fixtures/mcp/conformance-server.ts');
const folder = mkdtempSync(join(tmpdir(), 'chancery-mcp-real-'));
const files = join(folder, 'files');
const LISTED: Readonly<Record<string, readonly string[]>> = {
  conformance: CONFORMANCE_TOOLS,
  everything: ['echo', 'get-sum'],
  filesystem: ['read_text_file', 'list_directory', 'write_file'],
  memory: ['read_graph', 'create_entities'],
};

let chancery: TestRuntime;
beforeAll(async () => {
  mkdirSync(files);
  writeFileSync(join(files, 'note.txt'), 'a note');
  const charterFolder = charterWithTools(
    folder,
    Object.keys(LISTED).map((id) => ({ id, sensitivity: 'low', environment: 'local' })),
    Object.entries(LISTED).flatMap(([server, names]) =>
      names.map((name) => ({
        id: `${server}.${name}`,
        server,
        category: 'test',
        sensitivity: 'low',
        writes: true,
      })),
    ),
  );
  chancery = await startTestRuntime({
    dataFolder: join(folder, 'data'),
    charterFolder,
    programs: {
      conformance: { command: process.execPath, args: [CONFORMANCE], env: {}, cwd: PROJECT },
      everything: programOf('everything'),
      filesystem: programOf('filesystem', files),
      memory: { ...programOf('memory'), env: { MEMORY_FILE_PATH: join(folder, 'memory.json') } },
    },
  });
  const token = await chancery.token({ sub: 'rita', name: 'Rita', roles: ['committee_member'] });
  const { body } = await chancery.call('GET', '/tools', { token });
  for (const { tool, definition_digest, listed } of body.tools)
    if (listed) await chancery.call('POST', '/tools/reviews', { token, body: { tool, definition_digest } });
});
afterAll(async () => {
  await chancery.stop();
  rmSync(folder, { recursive: true });
});

const url = () => new URL('/mcp', chancery.runtime.url);
const init = async () => ({
  requestInit: { headers: { authorization: `Bearer ${await chancery.token()}` } },
});

async function newer(mode: 'legacy' | { pin: string }): Promise<Client> {
  const client = new Client({ name: 'newer', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(url(), await init()));
  return client;
}

async function older(): Promise<OlderClient> {
  const client = new OlderClient({ name: 'older', version: '1' });
  await client.connect(new OlderTransport(url(), await init()));
  return client;
}

describe.each([
  ['the SDK 2, revision 2026-07-28', () => newer({ pin: '2026-07-28' })],
  ['the SDK 2, beginning with initialize', () => newer('legacy')],
  ['the SDK 1', older],
])('%s', (_what, connect) => {
  it('lists and calls real servers, and what it did is on record and verifies', async () => {
    const client = await connect();
    try {
      const { tools } = await client.listTools();
      const names = tools.map(({ name }) => name);
      expect(names).toEqual(
        expect.arrayContaining(['everything.echo', 'filesystem.read_text_file', 'memory.read_graph']),
      );
      const echo: Seen = await client.callTool({ name: 'everything.echo', arguments: { message: 'hello' } });
      expect(echo.content[0].text).toContain('hello');
      const path = join(files, 'note.txt');
      const read: Seen = await client.callTool({ name: 'filesystem.read_text_file', arguments: { path } });
      expect(read.content[0].text).toBe('a note');
      const graph: Seen = await client.callTool({ name: 'memory.read_graph', arguments: {} });
      expect(graph.isError).not.toBe(true);
      const denied: Seen = await client.callTool({ name: 'filesystem.delete_everything', arguments: {} });
      expect(denied).toMatchObject({
        isError: true,
        structuredContent: { reasons: [{ code: 'unlisted_tool' }] },
      });
    } finally {
      await client.close();
    }
    expect(
      (await verifyStore(chancery.folder)).findings.filter(({ verdict }) => verdict !== 'PENDING'),
    ).toEqual([]);
  });
});

describe('clients that are not of TypeScript', () => {
  it.each([
    ['2.3.0', 'auto'],
    ['2.3.0', 'legacy'],
    ['1.30.0', '1'],
  ])(
    'the official Python SDK %s, mode %s, lists and calls, and reads a refusal',
    async (version, mode) => {
      const python = join(pythonTools(`mcp-${version[0]}`, [`mcp==${version}`]), 'python');
      const program = join(import.meta.dirname, 'python-client.py');
      const { stdout } = await run(python, [program, url().href, await chancery.token(), mode]);
      const seen: Seen = JSON.parse(stdout);
      expect(seen.tools).toEqual(expect.arrayContaining(['everything.echo', 'filesystem.read_text_file']));
      expect(seen.echo).toContain('hello');
      expect(seen.meta).toEqual(expect.arrayContaining(['org.chancery/decision_id', 'org.chancery/receipt']));
      expect(seen.denied).toBe('unlisted_tool');
    },
    120_000,
  );

  it('the Inspector lists and calls by its command line', async () => {
    const inspector = npmTool('@modelcontextprotocol/inspector@2.12.0', 'clients/launcher/build/index.js');
    const inspect = async (...args: string[]): Promise<Seen> => {
      const header = `Authorization: Bearer ${await chancery.token()}`;
      const { stdout } = await run(
        process.execPath,
        [inspector, '--cli', url().href, '--header', header, ...args],
        {
          cwd: folder,
        },
      );
      return JSON.parse(stdout);
    };
    const { tools } = await inspect('--method', 'tools/list');
    expect(tools.map(({ name }: Seen) => name)).toContain('everything.echo');
    const answer = await inspect(
      '--method',
      'tools/call',
      '--tool-name',
      'everything.echo',
      '--tool-arg',
      'message=hello',
    );
    expect(answer.content[0].text).toContain('hello');
  }, 180_000);
});

describe('the conformance suite of the protocol', () => {
  /** The suite brings no token: a hop in front of the door adds one. */
  let hop: Server;
  let base: string;
  beforeAll(async () => {
    const token = await chancery.token({ ttlSeconds: 3600 });
    hop = createServer((incoming, outgoing) => {
      const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
      const onward = request(
        new URL(incoming.url ?? '/', chancery.runtime.url),
        { method: incoming.method ?? 'GET', headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      incoming.pipe(onward);
    });
    await new Promise<void>((resolve) => hop.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(hop.address() as AddressInfo).port}/mcp/conformance`;
  });
  afterAll(() => void hop.close());

  it('passes every scenario that is for an office, with a server of the suite behind it; the others have their reasons', async () => {
    const suite = join(
      dirname(require.resolve('@modelcontextprotocol/conformance/package.json')),
      'dist/index.js',
    );
    const reasons = join(import.meta.dirname, 'mcp-conformance.yaml');
    const args = ['server', '--url', base, '--suite', 'all', '--expected-failures', reasons];
    const { stdout } = await run(process.execPath, [suite, ...args], { cwd: folder });
    expect(stdout).not.toMatch(/unexpected|stale/i);
  }, 120_000);
});

describe('a wrapped server', () => {
  it('answers as itself, and every call is on record', async () => {
    const data = join(folder, 'wrapped');
    const { command, args } = programOf('filesystem', files);
    const client = new Client({ name: 'desktop', version: '1' }, { versionNegotiation: { mode: 'legacy' } });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [
          join(PROJECT, 'bin/chancery.ts'),
          'mcp',
          'wrap',
          '--name',
          'filesystem',
          ...['--role', 'operator', '--role', 'auditor'],
          '--',
          command,
          ...args,
        ],
        env: { ...(process.env.PATH ? { PATH: process.env.PATH } : {}), CHANCERY_DATA: data },
        cwd: PROJECT,
        stderr: 'ignore',
      }),
    );
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toContain('read_text_file');
    const read: Seen = await client.callTool({
      name: 'read_text_file',
      arguments: { path: join(files, 'note.txt') },
    });
    expect(read.content[0].text).toBe('a note');
    const written: Seen = await client.callTool({
      name: 'write_file',
      arguments: { path: join(files, 'new.txt'), content: 'x' },
    });
    expect(written.structuredContent.reasons).toMatchObject([{ code: 'missing_mission' }]);
    await client.close();
    const { findings, entries } = await verifyStore(data);
    expect(findings.filter(({ verdict }) => verdict !== 'PENDING')).toEqual([]);
    expect(entries).toBeGreaterThan(10);
    const decided = (await recordsOf(data)).filter(({ type }) => type.startsWith('decision.'));
    expect(decided.length).toBeGreaterThan(0);
    for (const { principal } of decided.map(({ data }) => z.object({ principal: asked }).parse(data)))
      expect(principal).toEqual({ roles: ['operator', 'auditor'], scopes: [...new Set(principal.scopes)] });
  });
});
