/** Other gateways beside the office, each on the server of the benchmark and as it comes. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { npmTool } from '../scripts/npm-tool.ts';
import { SERVER } from '../test/mcp/world.ts';
import { pythonTools } from '../test/real/python.ts';
import { PROJECT } from '../test/runtime/support.ts';
import { freePort } from '../test/support/free-port.ts';
import { answers } from './child.ts';

/** A way to the tool. */
export interface Way {
  readonly what: string;
  readonly url: URL;
  readonly tool: string;
  readonly token?: string;
  /** What it does not do, beside passing the call on. */
  readonly lacks: string;
}

/** Started, with what they are asked; the children are the caller's to end. */
export async function otherGateways(
  folder: string,
  upstream: URL,
  children: ChildProcess[],
): Promise<readonly Way[]> {
  return [await mcpProxy(children), await contextForge(folder, upstream, children)];
}

/** It takes servers over standard streams only: the fixture's, with the same tool. */
async function mcpProxy(children: ChildProcess[]): Promise<Way> {
  const port = await freePort();
  const program = npmTool('mcp-proxy@6.7.19', 'dist/bin/mcp-proxy.mjs');
  const args = [program, '--port', String(port), '--server', 'stream', '--', process.execPath, SERVER];
  children.push(spawn(process.execPath, args, { cwd: PROJECT, stdio: 'ignore' }));
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/ping`);
  return {
    what: 'mcp-proxy 6.7.19',
    url: new URL('/mcp', url),
    tool: 'echo',
    lacks: 'decision, record, proof, approval',
  };
}

/** One worker over SQLite, as its package starts by itself; users, teams and scopes are its own, and its log of calls is an aggregate. */
async function contextForge(folder: string, upstream: URL, children: ChildProcess[]): Promise<Way> {
  const bin = pythonTools('contextforge', ['mcp-contextforge-gateway==1.0.7.post20260921']);
  const port = await freePort();
  const secret = (): string => randomBytes(48).toString('base64url');
  const key = secret();
  const env = {
    PATH: process.env.PATH ?? '',
    ENVIRONMENT: 'development',
    JWT_SECRET_KEY: key,
    AUTH_ENCRYPTION_SECRET: secret(),
    PLATFORM_ADMIN_EMAIL: ADMIN,
    PLATFORM_ADMIN_PASSWORD: `Aa1-${secret()}`,
    DEFAULT_USER_PASSWORD: `Aa1-${secret()}`,
    DATABASE_URL: `sqlite:///${join(folder, 'contextforge.db')}`,
    CACHE_TYPE: 'memory',
    MCPGATEWAY_UI_ENABLED: 'false',
    // Else it takes 100 calls a minute.
    RATE_LIMITING_ENABLED: 'false',
    SSRF_ALLOW_LOCALHOST: 'true',
    SSRF_ALLOW_PRIVATE_NETWORKS: 'true',
    LOG_LEVEL: 'WARNING',
  };
  const args = ['mcpgateway.main:app', '--host', '127.0.0.1', '--port', String(port)];
  children.push(spawn(join(bin, 'mcpgateway'), args, { cwd: folder, env, stdio: 'ignore' }));
  const mint = ['-m', 'mcpgateway.utils.create_jwt_token', '--username', ADMIN, '--admin', '--secret', key];
  const printed = await promisify(execFile)(join(bin, 'python'), mint, { cwd: folder, env });
  const token = printed.stdout.trim().split('\n').at(-1) ?? '';
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/health`);
  const body = { name: 'up', url: upstream.href, transport: 'STREAMABLEHTTP' };
  const registered = await fetch(`${url}/gateways`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!registered.ok) throw new Error(`ContextForge does not take the server: ${await registered.text()}`);
  return {
    what: 'ContextForge 1.0.7',
    url: new URL('/mcp/', url),
    tool: 'up-echo',
    token,
    lacks: 'durable record before the call, proof, approval',
  };
}

const ADMIN = 'admin@example.com';
