/**
 * Violations under load, over the real HTTP API of the runtime on one machine: is every one kept and counted, how soon is
 * it visible at /metrics, how soon is it acted on, and does memory stay flat. The load comes from this process, the
 * runtime has its own; both share the machine's cores.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { dataPaths } from '../local/stores.ts';
import { allEntries } from '../src/ledger/reader.ts';
import { tailOf } from '../src/watch/metrics/tail.ts';
import { verifyMetrics } from '../src/watch/metrics/verify.ts';
import { percentile, type Table, table } from './table.ts';

const SECONDS = Number(process.env.SECONDS ?? 15);
const RATES = (process.env.RATES ?? '1000,750,500,250').split(',').map(Number);
const TICK_MS = 20;
const METRICS = [
  'user_location',
  'user_identity',
  'browsing_history',
  'device_hardware_id',
  'user_communication_metadata',
];
/** Requests of one node at a time: it waits for its answers. */
const IN_FLIGHT = 4;
const GOAL_VISIBLE_MS = 100;
const GOAL_ACTION_MS = 1_000;

/** Shares of the time since the last look: of the main thread's loop, and of cores. */
interface Spent {
  readonly busy: number;
  readonly cores: number;
}

interface Served {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly probe: string;
  readonly reader: string;
}

export async function benchViolations(): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const [how, size] of [
    ['singly', 1],
    ['arrays of 100', 100],
  ] as const)
    for (const rate of RATES) {
      const { row, holds } = await measure(rate, how, size);
      rows.push(row);
      if (holds) break;
    }
  return table(
    `Violations from 50 nodes for ${SECONDS} s: visible at /metrics p99 ≤ ${GOAL_VISIBLE_MS} ms, acted on p99 ≤ ${GOAL_ACTION_MS} ms`,
    [
      'sent',
      'a second, asked',
      'reached',
      'accepted',
      'in ledger',
      'counted',
      'drift',
      'answer p50/p99 ms',
      'visible p50/p99/max ms',
      'actions',
      'action p50/p99/max ms',
      'deferred',
      'RSS MB start/half/end',
      'runtime: main thread busy, cores; halves',
    ],
    rows,
  );
}

async function measure(rate: number, how: string, size: number) {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-violations-'));
  const child = spawn(process.execPath, [new URL('violations-child.ts', import.meta.url).pathname, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const served: Served = JSON.parse((await lines.next()).value ?? '{}');
    const memory = async () => {
      child.stdin.write('\n');
      const { rss, ...spent } = JSON.parse((await lines.next()).value ?? '{}') as Spent & { rss: number };
      return { ...spent, rss: rss / 2 ** 20 };
    };
    const load = await attack(served, rate, size, memory);
    // The last of them are folded and acted on.
    await sleep(3_000);
    const counted = await countedAt(served);
    await ended(child);
    const kept = await inLedger(folder);
    const actions = kept.actions.sort((a, b) => a - b);
    const visible = load.visible.sort((a, b) => a - b);
    const answers = load.answers.sort((a, b) => a - b);
    const reached = load.accepted / load.seconds;
    const p = (all: readonly number[], share: number) => Math.round(percentile(all, share));
    const holds =
      reached >= rate * 0.98 &&
      load.accepted === kept.violations &&
      counted === kept.violations &&
      kept.drift === 0 &&
      p(visible, 0.99) <= GOAL_VISIBLE_MS &&
      p(actions, 0.99) <= GOAL_ACTION_MS;
    const row = [
      how,
      rate,
      Math.round(reached),
      load.accepted,
      kept.violations,
      counted,
      kept.drift,
      `${p(answers, 0.5)} / ${p(answers, 0.99)}`,
      `${p(visible, 0.5)} / ${p(visible, 0.99)} / ${p(visible, 1)}`,
      actions.length,
      `${p(actions, 0.5)} / ${p(actions, 0.99)} / ${p(actions, 1)}`,
      kept.deferred,
      load.memory.map(({ rss }) => Math.round(rss)).join(' / '),
      load.memory.slice(1).map(spent).join(' / '),
    ];
    console.error(row.join(' | '));
    return { row, holds };
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends at the rate, as far as answers come back, and tries meanwhile how soon one attempt is visible. */
async function attack(
  served: Served,
  rate: number,
  size: number,
  memory: () => Promise<Spent & { readonly rss: number }>,
) {
  const answers: number[] = [];
  const visible: number[] = [];
  const sizes = [await memory()];
  let [accepted, sent, inFlight] = [0, 0, 0];
  const began = performance.now();
  const until = began + SECONDS * 1_000;

  async function send(at: number): Promise<void> {
    const asked = performance.now();
    const node = at % served.tokens.length;
    const samples = Array.from({ length: size }, (_, index) => ({
      metric_name: METRICS[(at + index) % METRICS.length],
      value: 1,
      timestamp: Date.now(),
      source: `node-${node + 1}`,
    }));
    const answered = await post(served, served.tokens[node] ?? '', size === 1 ? samples[0] : samples);
    if (answered) accepted += size;
    answers.push(performance.now() - asked);
  }

  async function probe(): Promise<void> {
    let tried = 0;
    while (performance.now() < until) {
      const body = { metric_name: METRICS[0], value: 1, timestamp: Date.now(), source: 'probe' };
      if (!(await post(served, served.probe, body))) continue;
      accepted += 1;
      tried += 1;
      const since = performance.now();
      while ((await countedAt(served, 'probe')) < tried && performance.now() < until) await sleep(25);
      visible.push(performance.now() - since);
      await sleep(100);
    }
  }

  const probing = probe();
  const waiting = new Set<Promise<void>>();
  for (let next = began; next < until; next += TICK_MS) {
    const due = Math.floor(((next - began) / 1_000) * (rate / size));
    while (sent < due && inFlight < served.tokens.length * IN_FLIGHT) {
      inFlight += 1;
      const one = send(sent++).finally(() => {
        inFlight -= 1;
        waiting.delete(one);
      });
      waiting.add(one);
    }
    if (sizes.length === 1 && performance.now() - began > SECONDS * 500) sizes.push(await memory());
    await sleep(Math.max(0, next + TICK_MS - performance.now()));
  }
  await Promise.all([...waiting, probing]);
  const seconds = (performance.now() - began) / 1_000;
  sizes.push(await memory());
  return { accepted, answers, visible, memory: sizes, seconds };
}

async function post({ url }: Served, token: string, body: unknown): Promise<boolean> {
  const response = await fetch(`${url}/charter/metrics/validate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.ok;
}

const spent = ({ busy, cores }: Spent): string => `${Math.round(busy * 100)} %, ${cores.toFixed(2)}`;

/** Violations that /metrics shows, of one node or of all. */
async function countedAt({ url, reader }: Served, node?: string): Promise<number> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${reader}` } });
  let sum = 0;
  for (const line of (await response.text()).split('\n'))
    if (
      line.startsWith('chancery_charter_violations_total{') &&
      (node === undefined || line.includes(`"${node}"`))
    )
      sum += Number(line.slice(line.lastIndexOf(' ')));
  return sum;
}

async function inLedger(folder: string) {
  const file = openLedgerFile(dataPaths(folder).table);
  try {
    let violations = 0;
    const deferred = new Set<unknown>();
    const latencies = new Map<unknown, number>();
    for await (const { record } of allEntries(file, {})) {
      const { healing_id, status, latency_ms } = record.data;
      if (record.type === 'metric.blocked') violations += 1;
      if (record.type === 'healing.planned' && status === 'deferred') deferred.add(healing_id);
      if (record.type === 'healing.executed') latencies.set(healing_id, Number(latency_ms));
    }
    const { drift } = await verifyMetrics({ table: file, tail: tailOf(file) });
    const actions = [...latencies].flatMap(([id, ms]) => (deferred.has(id) ? [] : [ms]));
    return { violations, drift, actions, deferred: deferred.size };
  } finally {
    file.close();
  }
}

/** Stopped in order: everything is folded and on disk. */
async function ended(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
}
