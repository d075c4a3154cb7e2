/**
 * Agents at the deployed MCP door: clients that we did not write call a server which the amended charter names, with what the office keeps
 * of it in Secrets Manager.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createMcpHandler, Server as ToolServer } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readFolder } from '../../../adapters/bundled-files.ts';
import { readEntries } from '../../../src/ledger/reader.ts';
import { charterWithTools } from '../../mcp/charter.ts';
import type { Deployment } from '../deployment.ts';
import { pythonTools } from '../python.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
type Seen = any;

const SECRET = 'what-only-the-server-knows';
const PYTHON = resolve(import.meta.dirname, '../python-client.py');
const TOOLS = [
  { name: 'echo', inputSchema: { type: 'object' as const, properties: { message: { type: 'string' } } } },
  { name: 'deploy', inputSchema: { type: 'object' as const } },
];

export function tools(deployed: () => Deployment): void {
  describe('agents at the deployed MCP door', () => {
    const folder = mkdtempSync(join(tmpdir(), 'chancery-deployed-tools-'));
    /** What the server was asked: the tool, and the header that it was shown. */
    const asked: { readonly tool: string; readonly authorization: string | undefined }[] = [];
    let upstream: Served;
    let edge: Served;
    let token = '';
    let python = '';

    const person = (sub: string, role: string) =>
      deployed().issuer.mint({
        sub,
        name: `${sub} of the tools`,
        email: `${sub}@example.org`,
        roles: [role],
        kind: 'human',
      });
    const post = async (by: string, path: string, body: object) => {
      const answer = await deployed().call(`POST ${path}`, { token: by, body });
      if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };

    beforeAll(async () => {
      python = join(pythonTools('mcp-2', ['mcp==2.3.0']), 'python');
      upstream = await listen(async (incoming, body) => {
        if (body.method === 'tools/call')
          asked.push({ tool: body.params.name, authorization: incoming.headers.authorization });
        return answerOf(incoming, body);
      });
      edge = await listen(async (incoming, body) => {
        const { host: _ours, 'content-length': _length, ...headers } = incoming.headers;
        const {
          status,
          headers: said,
          body: answer,
        } = await deployed().call(`${incoming.method} ${incoming.url}`, {
          headers: headers as Record<string, string>,
          ...(body === undefined ? {} : { body }),
        });
        return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), {
          status,
          headers: { 'content-type': String(said['content-type']) },
        });
      });

      const { code, out } = await deployed().operator.shell(
        `aws secretsmanager put-secret-value --secret-id chancery/dev/tools --secret-string '{"ECHO":"${SECRET}"}'`,
      );
      if (code !== 0) throw new Error(out);
      const server = {
        id: 'everything',
        sensitivity: 'low',
        environment: 'dev',
        endpoint: `${upstream.url}/mcp`,
        credentials: { kind: 'secret', secret: 'ECHO' },
      };
      const tool = { server: server.id, category: 'test', sensitivity: 'low', writes: true };
      const charter = charterWithTools(
        folder,
        [server],
        [
          { id: 'everything.echo', ...tool },
          { id: 'everything.deploy', ...tool, risk_level: 5 },
        ],
      );
      const [ada, cora, cleo] = await Promise.all([
        person('ada', 'admin'),
        person('cora', 'committee_member'),
        person('cleo', 'committee_member'),
      ]);
      const { id } = await post(ada, '/charters', { files: Object.fromEntries(readFolder(charter)) });
      const { flips_digest } = await post(cora, `/charters/${id}/replay`, { since: '1m' });
      for (const by of [cora, cleo])
        await post(by, `/charters/${id}/activate`, flips_digest ? { acknowledge: flips_digest } : {});

      // What ran already looks for another charter after its time, and has it with the request after that.
      const offered = await vi.waitFor(
        async () => {
          const { body } = await deployed().call('GET /tools', { token: cora });
          const listed = body.tools.filter(({ listed, server }: Seen) => listed && server === 'everything');
          expect(listed).toHaveLength(TOOLS.length);
          return listed;
        },
        { timeout: 40_000, interval: 500 },
      );
      for (const { tool: named, definition_digest } of offered)
        await post(cora, '/tools/reviews', { tool: named, definition_digest });
      token = await person('olive', 'operator');
    }, 300_000);

    afterAll(async () => {
      rmSync(folder, { recursive: true, force: true });
      await Promise.all([upstream.close(), edge.close()]);
    });

    const init = () => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });
    const at = () => new URL('/mcp', edge.url);
    const records = async (type: string) =>
      (await readEntries(deployed().ledgerTable(), { type }, { limit: 20, order: 'newest' })).entries;
    async function approve(approval_id: string): Promise<void> {
      for (const sub of ['cora', 'cleo'])
        await post(await person(sub, 'committee_member'), `/approvals/${approval_id}/approve`, {});
    }

    it('the official SDK 2 lists, calls, is denied, and makes an approved call once, told of it by a URL', async () => {
      const client = new Client(
        { name: 'newer', version: '1' },
        {
          versionNegotiation: { mode: { pin: '2026-07-28' } },
          capabilities: { elicitation: { url: {} } },
          inputRequired: { autoFulfill: false },
        },
      );
      await client.connect(new StreamableHTTPClientTransport(at(), init()));
      const names = (await client.listTools()).tools.map(({ name }) => name);
      expect(names).toEqual(['everything.deploy', 'everything.echo']);

      const echo: Seen = await client.callTool({ name: 'everything.echo', arguments: { message: 'hello' } });
      expect(echo.content[0].text).toBe('hello');
      expect(asked.at(-1)).toEqual({ tool: 'echo', authorization: `Bearer ${SECRET}` });
      const decision_id = echo._meta['org.chancery/decision_id'];
      const [outcome] = await records('tool.invoked');
      expect(outcome?.record.data).toMatchObject({
        tool: 'everything.echo',
        decision_id,
        outcome: 'success',
      });
      expect(outcome?.record.after).toBe(echo._meta['org.chancery/receipt'].record_hash);

      const denied: Seen = await client.callTool({ name: 'everything.Echo', arguments: {} });
      expect(denied).toMatchObject({
        isError: true,
        structuredContent: { code: 'CHARTER_DENIED', reasons: [{ code: 'lookalike_tool' }] },
      });

      const deploy = (more: object = {}): Promise<Seen> =>
        client.request(
          { method: 'tools/call', params: { name: 'everything.deploy', arguments: {}, ...more } },
          { allowInputRequired: true },
        );
      const waiting = await deploy();
      expect(waiting.resultType).toBe('input_required');
      const { url } = waiting.inputRequests.approval.params;
      await approve(url.slice(url.lastIndexOf('/') + 1));
      const again = {
        requestState: waiting.requestState,
        inputResponses: { approval: { action: 'accept' } },
      };
      expect((await deploy(again)).content[0].text).toBe('deployed');
      expect((await deploy(again)).structuredContent.reasons).toMatchObject([{ code: 'approval_used' }]);
      expect(asked.filter(({ tool }) => tool === 'deploy')).toHaveLength(1);
      await client.close();
    }, 60_000);

    it('the official SDK 1 lists, calls, and makes an approved call by asking again', async () => {
      const client = new OlderClient({ name: 'older', version: '1' });
      await client.connect(new OlderTransport(at(), init()));
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain('everything.echo');
      const echo: Seen = await client.callTool({ name: 'everything.echo', arguments: { message: 'hi' } });
      expect(echo.content[0].text).toBe('hi');
      const deploy = (): Promise<Seen> => client.callTool({ name: 'everything.deploy', arguments: { n: 1 } });
      const waiting = await deploy();
      expect(waiting.structuredContent.code).toBe('APPROVAL_REQUIRED');
      await approve(waiting.structuredContent.approval.approval_id);
      expect((await deploy()).content[0].text).toBe('deployed');
      await client.close();
    }, 60_000);

    it('the official Python SDK lists, calls, and reads a refusal', async () => {
      const { stdout } = await promisify(execFile)(python, [PYTHON, at().href, token, 'auto']);
      expect(JSON.parse(stdout)).toMatchObject({
        tools: ['everything.deploy', 'everything.echo'],
        echo: 'hello',
        denied: 'unlisted_tool',
      });
    }, 120_000);
  });
}

/** The server behind the office, by the SDK. */
async function answerOf(incoming: IncomingMessage, body: unknown): Promise<Response> {
  const handler = createMcpHandler(() => {
    const server = new ToolServer({ name: 'everything', version: '1' }, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => ({ tools: TOOLS }));
    server.setRequestHandler('tools/call', ({ params }) => {
      const text = params.name === 'echo' ? String(params.arguments?.message) : 'deployed';
      return { content: [{ type: 'text', text }] };
    });
    return server;
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const request = new Request('http://upstream/mcp', { method: incoming.method ?? 'GET', headers });
  return handler.fetch(request, { parsedBody: body });
}

interface Served {
  readonly url: string;
  close(): Promise<void>;
}

async function listen(answer: (incoming: IncomingMessage, body: Seen) => Promise<Response>): Promise<Served> {
  const server: Server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const response = await answer(incoming, text === '' ? undefined : JSON.parse(text));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((ended) => {
        server.closeAllConnections();
        server.close(() => ended());
      }),
  };
}
