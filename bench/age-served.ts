/**
 * What people meet in the third year: a runtime over each sealed store of `AGES` (bench/age.ts): how long its first start
 * takes, when nothing of an earlier one is saved, and the next; its memory; what it uses while nobody asks; and how long
 * each reading takes over HTTP. `IDLE_SECONDS` (60) is how long it is left alone.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
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
/** Seconds of processor in a second: what is folding wants a whole one; an idle one wakes twenty times, behind others at worst. */
const WANTED_AT_MOST = 0.5;

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
  try {
    await settled(runtime, ask);
    found.set('memory after it, and at most', memoryOf(runtime));
    await runtime.kill('SIGTERM');
    runtime = await start('a start after it');
    await settled(runtime, ask);
    const path = async (name: string, asked: string, repeats = REPEATS): Promise<void> => {
      const times: number[] = [];
      const before = usedBy(runtime).used;
      for (let at = 0; at < repeats; at += 1) {
        const began = performance.now();
        await ask(asked);
        times.push(performance.now() - began);
      }
      const processor = ((usedBy(runtime).used - before) / repeats) * 1_000;
      times.sort((left, right) => left - right);
      const [middle, most] = [percentile(times, 0.5), times.at(-1) ?? 0].map((ms) => ms.toFixed(1));
      found.set(name, `${middle} (most ${most}), processor ${processor.toFixed(1)} ms`);
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
    await settled(runtime, ask);
    const busy = await usedWhile(runtime, IDLE_SECONDS);
    found.set('processor used while nobody asks', `${(busy * 100).toFixed(1)} % of one`);
    found.set('memory, resident and at most', memoryOf(runtime));
  } finally {
    await runtime.kill('SIGTERM');
    done();
  }
  return found;
}

/**
 * Seconds of processor that a process has used, and for which it wanted to run and others did: all its threads together. From
 * Linux, in nanoseconds.
 */
function usedBy({ child }: RuntimeProcess): { readonly used: number; readonly waited: number } {
  const threads = readdirSync(`/proc/${child.pid}/task`).map((thread) => {
    try {
      return readFileSync(`/proc/${child.pid}/task/${thread}/schedstat`, 'utf8').split(' ').map(Number);
    } catch {
      // It ended since it was listed.
      return [];
    }
  });
  const seconds = (at: number) => threads.reduce((sum, times) => sum + (times[at] ?? 0), 0) / 1e9;
  return { used: seconds(0), waited: seconds(1) };
}

async function usedWhile(runtime: RuntimeProcess, seconds: number): Promise<number> {
  const before = usedBy(runtime).used;
  await sleep(seconds * 1_000);
  return (usedBy(runtime).used - before) / seconds;
}

/**
 * Resolves when what a start sets going (folding, comparing) is through: nothing is left to fold, and for three seconds the
 * process wanted little of the processor, whether it got it or not. By its use alone a starved one would seem quiet.
 */
async function settled(runtime: RuntimeProcess, ask: (path: string) => Promise<string>): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const before = usedBy(runtime);
    await sleep(1_000);
    const now = usedBy(runtime);
    const wanted = now.used - before.used + now.waited - before.waited;
    quiet = wanted < WANTED_AT_MOST ? quiet + 1 : 0;
    if (quiet === 3 && !/^chancery_metrics_projection_lag_seconds 0$/m.test(await ask('/metrics'))) quiet = 0;
  }
}

function memoryOf({ child }: RuntimeProcess): string {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const of = (name: string): number =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024);
  return `${of('VmRSS')} and ${of('VmHWM')} MB`;
}
