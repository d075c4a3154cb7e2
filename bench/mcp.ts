/**
 * A tool call through the office beside the same call to its server directly, and through other gateways: one server over HTTP behind all
 * of them, each a process of its own, and this one the load; all in one run. `node bench/mcp.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { charterWithTools } from '../test/mcp/charter.ts';
import { PROJECT } from '../test/runtime/support.ts';
import { freePort } from '../test/support/free-port.ts';
import { answers, ended, reviewTools } from './child.ts';
import { type McpClient, openClient } from './mcp-client.ts';
import { otherGateways, type Way } from './mcp-others.ts';
import { percentile, show, type Table, table } from './table.ts';

/** Before anything is measured each way is warm: a fresh process runs its code uncompiled. */
const WARM_SECONDS = 8;
const SECONDS = 6;
/** How each of the clients goes on: at once, or so that all together ask for so many calls a second. */
const LOADS = [
  { clients: 8, rate: 100 },
  { clients: 8, rate: undefined },
  { clients: 32, rate: undefined },
] as const;

export async function benchMcp(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-mcp-'));
  const children: ChildProcess[] = [];
  try {
    const port = await freePort();
    const upstream = new URL(`http://127.0.0.1:${port}/mcp`);
    children.push(program(folder, [join(PROJECT, 'bench/mcp-upstream.ts'), String(port)]));
    await answers(new URL('/ping', upstream).href);
    const direct = { what: 'the server itself', url: upstream, tool: 'echo' };
    const ways: readonly Way[] = [
      { ...direct, lacks: 'everything: who called, whether they may, a record' },
      ...(await otherGateways(folder, upstream, children)),
      await office(folder, upstream, children),
    ];
    const rows: (string | number)[][] = [];
    for (const way of ways) await measure(way, { clients: 8, rate: undefined }, WARM_SECONDS);
    for (const load of LOADS) {
      let base = Number.NaN;
      for (const way of ways) {
        const { p50, p99, second } = await measure(way, load, SECONDS);
        if (way.what === direct.what) base = p50;
        rows.push([
          way.what,
          load.clients,
          load.rate === undefined ? 'as fast as it answers' : `${load.rate}/s`,
          p50.toFixed(2),
          (p50 - base).toFixed(2),
          p99.toFixed(2),
          Math.round(second),
          way.lacks,
        ]);
      }
    }
    return table(
      'A tool call over MCP: the server alone, passed on by others, and decided and recorded before and after',
      ['way', 'clients', 'asked', 'p50 ms', 'over the server', 'p99 ms', 'calls/s', 'what it does not do'],
      rows,
    );
  } finally {
    for (const child of children) await ended(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each client asks one after the other, all of them at once. */
async function measure(
  { url, tool, token }: Way,
  { clients: many, rate }: { readonly clients: number; readonly rate: number | undefined },
  seconds: number,
): Promise<{ p50: number; p99: number; second: number }> {
  const clients: McpClient[] = [];
  for (let n = 0; n < many; n += 1) clients.push(await openClient(url, token));
  const every = rate === undefined ? 0 : (1_000 * many) / rate;
  const times: number[] = [];
  const began = performance.now();
  await Promise.all(
    clients.map(async (client, index) => {
      // Apart from each other: clients that wait for nobody do not come together either.
      let next = began + (every * index) / many;
      while (performance.now() < began + seconds * 1_000) {
        if (next > performance.now()) await sleep(next - performance.now());
        next += every;
        const at = performance.now();
        await client.call(tool);
        times.push(performance.now() - at);
      }
    }),
  );
  const took = (performance.now() - began) / 1_000;
  for (const client of clients) client.close();
  times.sort((a, b) => a - b);
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), second: times.length / took };
}

async function office(folder: string, upstream: URL, children: ChildProcess[]): Promise<Way> {
  const port = await freePort();
  const data = join(folder, 'data');
  const charter = charterWithTools(
    folder,
    [{ id: 'upstream', sensitivity: 'low', environment: 'local', endpoint: upstream.href }],
    [{ id: 'upstream.echo', server: 'upstream', category: 'test', sensitivity: 'low', writes: true }],
  );
  const env = { PORT: String(port), CHANCERY_DATA: data, CHANCERY_CHARTER: charter };
  children.push(program(folder, [join(PROJECT, 'bin/chancery.ts'), 'start'], env));
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/health/live`);
  const mint = (sub: string, role: string): Promise<string> =>
    mintLocalToken(data, { sub, name: `${sub} Person`, roles: [role] }, Date.now());
  await reviewTools(url, await mint('rita', 'committee_member'));
  const token = await mint('jake', 'operator');
  return { what: 'chancery', url: new URL('/mcp', url), tool: 'upstream.echo', token, lacks: '' };
}

/** A script of ours, by this Node. */
function program(cwd: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, args, {
    cwd,
    stdio: 'ignore',
    env: { PATH: process.env.PATH ?? '', ...env },
  });
}

if (import.meta.main) console.log(show(await benchMcp()));
