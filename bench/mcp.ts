/**
 * A tool call through the office beside the same call to its server directly, and through another gateway that passes calls on and does no
 * more: one server over standard streams behind each, the official SDK's client in front, all as processes of their own, in one run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { npmTool } from '../scripts/npm-tool.ts';
import { charterWithTools } from '../test/mcp/charter.ts';
import { SERVER } from '../test/mcp/world.ts';
import { PROJECT } from '../test/runtime/support.ts';
import { freePort } from '../test/support/free-port.ts';
import { answers, ended, reviewTools } from './child.ts';
import { percentile, show, type Table, table } from './table.ts';

const CALLS = 1_600;
const CLIENTS = [8, 32] as const;

interface Way {
  readonly what: string;
  readonly tool: string;
  readonly connect: () => Promise<Transport>;
  /** What it does not do, beside passing the call on. */
  readonly lacks: string;
}

export async function benchMcp(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-mcp-'));
  const [ours, theirs] = [await freePort(), await freePort()];
  const office = startOffice(folder, ours);
  const proxy = startProxy(theirs);
  try {
    const rows: (string | number)[][] = [];
    const token = await openOffice(folder, ours);
    await answers(`http://127.0.0.1:${theirs}/ping`);
    const headers = { authorization: `Bearer ${token}` };
    const ways: readonly Way[] = [
      {
        what: 'the server itself',
        tool: 'echo',
        connect: async () =>
          new StdioClientTransport({ command: process.execPath, args: [SERVER], cwd: PROJECT }),
        lacks: 'everything: who called, whether they may, a record',
      },
      {
        what: 'mcp-proxy 6.7.19',
        tool: 'echo',
        connect: async () => new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${theirs}/mcp`)),
        lacks: 'decision, durable record before the call, proof, approval',
      },
      {
        what: 'chancery',
        tool: 'fixture.echo',
        connect: async () =>
          new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${ours}/mcp`), {
            requestInit: { headers },
          }),
        lacks: '',
      },
    ];
    for (const clients of CLIENTS)
      for (const way of ways) {
        const { p50, p99, second } = await measure(way, clients);
        rows.push([way.what, clients, p50.toFixed(2), p99.toFixed(2), Math.round(second), way.lacks]);
      }
    return table(
      'A tool call over MCP: the server alone, passed on, and decided and recorded before and after',
      ['way', 'clients', 'p50 ms', 'p99 ms', 'calls/s', 'what it does not do'],
      rows,
    );
  } finally {
    for (const child of [office, proxy]) await ended(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each client asks one after the other; all of them at once. */
async function measure({ tool, connect }: Way, many: number) {
  const clients = await Promise.all(
    Array.from({ length: many }, async () => {
      const client = new Client({ name: 'bench', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(await connect());
      return client;
    }),
  );
  const call = (client: Client) => client.callTool({ name: tool, arguments: { text: 'hello' } });
  const times: number[] = [];
  const rounds = Math.ceil(CALLS / many);
  await Promise.all(clients.map(call));
  const began = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      for (let round = 0; round < rounds; round += 1) {
        const at = performance.now();
        const answer = await call(client);
        if (answer.isError === true) throw new Error(JSON.stringify(answer.structuredContent));
        times.push(performance.now() - at);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  for (const client of clients) await client.close();
  times.sort((a, b) => a - b);
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), second: times.length / seconds };
}

function startOffice(folder: string, port: number): ChildProcess {
  const charter = charterWithTools(
    folder,
    [{ id: 'fixture', sensitivity: 'low', environment: 'local' }],
    [{ id: 'fixture.echo', server: 'fixture', category: 'test', sensitivity: 'low', writes: true }],
  );
  const fixture = { command: process.execPath, args: [SERVER], env: {}, cwd: PROJECT };
  return spawn(process.execPath, [join(PROJECT, 'bin/chancery.ts'), 'start'], {
    cwd: PROJECT,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH ?? '',
      PORT: String(port),
      CHANCERY_DATA: join(folder, 'data'),
      CHANCERY_CHARTER: charter,
      CHANCERY_MCP_PROGRAMS: JSON.stringify({ fixture }),
    },
  });
}

/** Reviews the one tool; gives an operator's token. */
async function openOffice(folder: string, port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/health/live`);
  const mint = (sub: string, role: string): Promise<string> =>
    mintLocalToken(join(folder, 'data'), { sub, name: `${sub} Person`, roles: [role] }, Date.now());
  await reviewTools(url, await mint('rita', 'committee_member'));
  return mint('jake', 'operator');
}

function startProxy(port: number): ChildProcess {
  const program = npmTool('mcp-proxy@6.7.19', 'dist/bin/mcp-proxy.mjs');
  const args = [program, '--port', String(port), '--server', 'stream', '--', process.execPath, SERVER];
  return spawn(process.execPath, args, { cwd: PROJECT, stdio: 'ignore' });
}

if (import.meta.main) console.log(show(await benchMcp()));
