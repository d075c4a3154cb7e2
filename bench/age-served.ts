/**
 * What people meet in the third year: a runtime over each sealed store of `AGES` (bench/age.ts): how long its first start
 * takes, when nothing of an earlier one is saved, and the next; its memory; what it uses while nobody asks; and how long
 * each reading takes over HTTP. `IDLE_SECONDS` (60) is how long it is left alone.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { verifyStore } from '../local/ledger-verify.ts';
import { type RuntimeProcess, startProcess } from '../test/support/process.ts';
import { openAgedStore } from './aged-store.ts';
import { percentile, type Table, table } from './table.ts';

const AGES = (process.env.AGES ?? '10000:10 300000:1500').split(' ');
const IDLE_SECONDS = Number(process.env.IDLE_SECONDS ?? 60);
const REPEATS = 15;

export async function benchAgeServed(): Promise<Table> {
  const columns: Map<string, string>[] = [];
  for (const age of AGES) {
    const [records = 0, lanes = 0] = age.split(':').map(Number);
    columns.push(await measure(records, lanes));
  }
  return table(
    'What age costs who uses it',
    ['', ...AGES.map((age) => `${age.replace(':', ' records in ')} lanes`)],
    [...(columns[0]?.keys() ?? [])].map((row) => [row, ...columns.map((column) => column.get(row) ?? '')]),
  );
}

async function measure(records: number, lanes: number): Promise<Map<string, string>> {
  const { folder, now, oldest, newest, done } = await openAgedStore(records, lanes);
  const found = new Map<string, string>();
  // As a folder that an older version, or a restoration, left.
  rmSync(join(folder, 'documents', 'power'), { recursive: true, force: true });
  const start = async (name: string): Promise<RuntimeProcess> => {
    const began = performance.now();
    const runtime = await startProcess(folder);
    found.set(name, `${((performance.now() - began) / 1_000).toFixed(1)} s`);
    return runtime;
  };
  let runtime = await start('first start, nothing saved');
  await settled(runtime);
  await runtime.kill('SIGTERM');
  runtime = await start('a start after it');
  try {
    const token = await mintLocalToken(
      folder,
      { sub: 'ada', name: 'Ada Auditor', roles: ['auditor', 'admin'], kind: 'human' },
      Date.now(),
    );
    const ask = async (path: string): Promise<string> => {
      const answer = await fetch(`${runtime.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      if (!answer.ok) throw new Error(`${path} gave ${answer.status}: ${await answer.text()}`);
      return answer.text();
    };
    const path = async (name: string, asked: string, repeats = REPEATS): Promise<void> => {
      const times: number[] = [];
      for (let at = 0; at < repeats; at += 1) {
        const began = performance.now();
        await ask(asked);
        times.push(performance.now() - began);
      }
      times.sort((left, right) => left - right);
      found.set(name, `${percentile(times, 0.5).toFixed(1)} (most ${(times.at(-1) ?? 0).toFixed(1)}) ms`);
    };
    const day = `from=${new Date(now - 86_400_000).toISOString()}&to=${new Date(now).toISOString()}`;
    await path('GET /executions/{id}, the newest', `/executions/${newest}`);
    await path('GET /executions/{id}, the oldest', `/executions/${oldest}`);
    await path('GET /ledger/entries, the newest 100', '/ledger/entries?limit=100');
    await path('GET /ledger/entries, the oldest 100', '/ledger/entries?limit=100&order=oldest');
    await path('GET /ledger/report of the last day', `/ledger/report?${day}`, 3);
    await path('GET /metrics', '/metrics');
    const since = await ask('/checkpoint');
    for (let at = 0; at < 20; at += 1) await ask('/ledger/entries?limit=1');
    // They are sealed by then.
    await sleep(3_000);
    const began = performance.now();
    const { verdict, entries } = await verifyStore(folder, { since, incremental: true });
    const took = Math.round(performance.now() - began);
    found.set('an incremental verification', `${took} ms (${verdict}, ${entries} records)`);
    await settled(runtime);
    const busy = await usedWhile(runtime, IDLE_SECONDS);
    found.set('processor used while nobody asks', `${(busy * 100).toFixed(1)} % of one`);
    found.set('memory, resident and at most', memoryOf(runtime));
  } finally {
    await runtime.kill('SIGTERM');
    done();
  }
  return found;
}

/** Seconds of processor that a process has used. Linux counts in hundredths. */
function cpuSeconds({ child }: RuntimeProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function usedWhile(runtime: RuntimeProcess, seconds: number): Promise<number> {
  const before = cpuSeconds(runtime);
  await sleep(seconds * 1_000);
  return (cpuSeconds(runtime) - before) / seconds;
}

/** Resolves when what a start sets going (folding, comparing) is through: three seconds with little use. */
async function settled(runtime: RuntimeProcess): Promise<void> {
  for (let quiet = 0; quiet < 3; ) quiet = (await usedWhile(runtime, 1)) < 0.1 ? quiet + 1 : 0;
}

function memoryOf({ child }: RuntimeProcess): string {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const of = (name: string): number =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024);
  return `${of('VmRSS')} and ${of('VmHWM')} MB`;
}
