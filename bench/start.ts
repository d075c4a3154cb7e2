/**
 * What somebody waits for who starts one machine: milliseconds from the process's beginning to the first answer that asks for
 * a token and the workflows, and its processor's time until then, threads included; with a new data folder and with one that
 * was used. What `npm start` makes beforehand (`scripts/ready.mjs`) is made, and compiled code is kept.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { percentile, show, type Table, table } from './table.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const RUNS = 8;
/** The unit of proc(5), `stat`: Linux has a hundred in a second. */
const TICK_MS = 10;

interface Start {
  readonly ms: number;
  readonly cpu: number;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function start(folder: string, token: string): Promise<Start> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, ['bin/chancery.cjs', 'start'], {
    cwd: PROJECT,
    env: { ...process.env, PORT: String(port), CHANCERY_DATA: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = once(child, 'exit');
  const headers = { authorization: `Bearer ${token}` };
  const answered = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/workflows`, { headers }).then(
      async (response) => (await response.text()).length > 0 && response.ok,
      () => false,
    );
  while (!(await answered())) {
    if (child.exitCode !== null) throw new Error('the runtime ended before it answered');
    await sleep(4);
  }
  const found = { ms: performance.now() - began, cpu: processorMs(child.pid) };
  child.kill('SIGTERM');
  await gone;
  return found;
}

/** NaN where there is no /proc. */
function processorMs(pid = 0): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return Number.NaN;
  const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

export async function benchStart(): Promise<Table> {
  execFileSync(process.execPath, ['scripts/ready.mjs'], { cwd: PROJECT });
  const fresh: Start[] = [];
  const used: Start[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const folder = mkdtempSync(join(tmpdir(), 'chancery-start-'));
    const claims = { sub: 'bench', name: 'Bench', roles: ['auditor'], kind: 'human' } as const;
    const token = await mintLocalToken(folder, claims, Date.now());
    const [first, second] = [await start(folder, token), await start(folder, token)];
    rmSync(folder, { recursive: true });
    // The first of all compiles.
    if (run === 0) continue;
    fresh.push(first);
    used.push(second);
  }
  const row = (name: string, starts: readonly Start[]) => {
    const [ms, cpu] = [starts.map((one) => one.ms), starts.map((one) => one.cpu)].map((each) =>
      each.sort((a, b) => a - b),
    );
    return [
      name,
      ...[percentile(ms ?? [], 0.5), ms?.[0] ?? Number.NaN, percentile(cpu ?? [], 0.5)].map((value) =>
        value.toFixed(0),
      ),
    ];
  };
  return table(
    `Start of one machine to its first answer, ${RUNS} starts each`,
    ['data folder', 'p50 ms', 'fastest', 'processor ms, p50'],
    [row('new', fresh), row('used', used)],
  );
}

if (import.meta.main) console.log(show(await benchStart()));
