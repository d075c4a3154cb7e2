/**
 * How soon a record that was accepted is visible at /metrics, on the durable embedded store with a real lane;
 * and what rendering costs, beside prom-client on the same data.
 */

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Histogram, Registry } from 'prom-client';
import { monotonicFactory } from 'ulid';
import { openFileSigner } from '../adapters/local/file-signer.ts';
import { openSqliteTable } from '../adapters/local/sqlite-table.ts';
import { CATALOGUE } from '../src/catalogue/catalogue.ts';
import { openLane } from '../src/ledger/lane/lane.ts';
import { SubjectKeys } from '../src/ledger/people/personal.ts';
import { createPseudonym } from '../src/ledger/people/pseudonym.ts';
import { Accumulators } from '../src/watch/metrics/accumulators.ts';
import { createAdmission } from '../src/watch/metrics/admission.ts';
import { Cell } from '../src/watch/metrics/cell.ts';
import { add, observe } from '../src/watch/metrics/delta.ts';
import { createExposition } from '../src/watch/metrics/exposition.ts';
import { createMeter } from '../src/watch/metrics/meter.ts';
import { createProjector } from '../src/watch/metrics/project.ts';
import { render } from '../src/watch/metrics/render.ts';
import { tailOf } from '../src/watch/metrics/tail.ts';
import { median, percentile, type Table, table } from './table.ts';

const SECONDS = 10;

export async function benchFreshness(): Promise<Table[]> {
  const rows = [await freshness(100), await freshness(1_000)];
  return [
    table(
      'Freshness: accepted → visible at /metrics (goal p99 ≤ 100 ms)',
      ['records a second, asked', 'reached', 'records', 'counted', 'p50 ms', 'p99 ms'],
      rows,
    ),
    rendering(await renderings()),
  ];
}

async function freshness(rate: number): Promise<(string | number)[]> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-freshness-'));
  const store = openSqliteTable(join(folder, 'store.db'));
  const keys = openSqliteTable(join(folder, 'keys.db'), { erasing: true });
  const ulid = monotonicFactory();
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  const meter = createMeter(Date.now);
  const admission = createAdmission(store);
  const lane = await openLane({
    table: store,
    subjects: new SubjectKeys({ table: keys, clock: Date.now, random }),
    authority: await openFileSigner(join(folder, 'authority.key')),
    pseudonym: createPseudonym(random(32), undefined),
    issuerName: (issuer) => issuer,
    origin: 'bench.example/ledger',
    code: 'bench',
    region: 'local',
    max_merge_delay_seconds: 2,
    together: true,
    admit: (record) => admission.labels(record),
    deltas: () => meter.ride(),
    clock: Date.now,
    random,
    ids: (prefix) => `${prefix}_${ulid()}`,
    wait: (ms) => (ms === 0 ? new Promise((resolve) => setImmediate(resolve)) : sleep(ms)),
  });
  const projector = createProjector({
    table: store,
    tail: tailOf(store),
    clock: Date.now,
    wait: (ms) => new Promise((done) => setTimeout(done, ms)),
  });
  const exposition = createExposition({
    projector,
    clock: Date.now,
    readings: async () => [],
    mode: { kind: 'fold', meter },
  });
  const accepted: number[] = [];
  const delays: number[] = [];
  let sending = true;

  // As the local runtime does: everything is stored once a second.
  const storing = setInterval(() => void projector.run(), 1_000);
  const scraping = (async () => {
    while (sending || delays.length < accepted.length) {
      const text = await exposition.render('text');
      const now = performance.now();
      const visible = Number(
        text.match(/chancery_ledger_entries_total\{event_type="metric.blocked"\} (\d+)/)?.[1] ?? 0,
      );
      while (delays.length < Math.min(visible, accepted.length))
        delays.push(now - (accepted[delays.length] ?? now));
      await sleep(5);
    }
  })();

  const began = performance.now();
  const pending: Promise<unknown>[] = [];
  for (let sent = 0; sent < rate * SECONDS; ) {
    const due = Math.min(rate * SECONDS, Math.floor(((performance.now() - began) / 1_000) * rate) + 1);
    for (; sent < due; sent += 1)
      pending.push(lane.append(attempt(sent)).then(() => accepted.push(performance.now())));
    await sleep(1);
  }
  await Promise.all(pending);
  const seconds = (performance.now() - began) / 1_000;
  sending = false;
  await scraping;
  clearInterval(storing);
  await projector.run();
  store.close();
  keys.close();
  rmSync(folder, { recursive: true });
  delays.sort((left, right) => left - right);
  return [
    rate,
    Math.round(accepted.length / seconds),
    accepted.length,
    delays.length,
    percentile(delays, 0.5).toFixed(1),
    percentile(delays, 0.99).toFixed(1),
  ];
}

const attempt = (index: number) => ({
  type: 'metric.blocked',
  trace: index.toString(16).padStart(32, '0'),
  data: {
    metric_name: 'user_location',
    source: `node-${index % 150}`,
    status: 'blocked',
    latency_ns: 20_000,
    violation: { severity: 'WARNING', violation_type: 'silent_collection' },
  },
});

const COUNTERS = 5_000;
const HISTOGRAMS = 300;

/** Median milliseconds of ours and theirs, and how many lines each writes. */
async function renderings(): Promise<{ ours: number; theirs: number; lines: number }> {
  const state = new Accumulators();
  const registry = new Registry();
  const decisions = new Counter({
    name: 'chancery_policy_evaluations_total',
    help: 'x',
    labelNames: ['policy', 'effect'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'chancery_tool_duration_seconds',
    help: 'x',
    labelNames: ['tool'],
    buckets: [...CATALOGUE.tool_duration_seconds.buckets],
    registers: [registry],
  });
  const hold = (name: string, cell: Cell) =>
    state.cells.set(name, { cell, ahead: new Map(), version: 0, dirty: false });
  const counters = new Cell('policy_evaluations_total');
  const histograms = new Cell('tool_duration_seconds');
  hold('policy_evaluations_total#0', counters);
  hold('tool_duration_seconds#0', histograms);
  const from = {
    time: '2026-11-21T08:00:00.000Z',
    lane: 1,
    seq: 1,
    trace: 'a'.repeat(32),
    hash: 'f'.repeat(64),
  };
  for (let index = 0; index < COUNTERS; index += 1) {
    const labels = { policy: `policy-${index}`, effect: index % 2 === 0 ? 'permit' : 'forbid' } as const;
    counters.apply(add('policy_evaluations_total', labels, index + 1), from);
    decisions.inc(labels, index + 1);
  }
  for (let index = 0; index < HISTOGRAMS; index += 1) {
    for (const seconds of [0.02, 0.3, 4]) {
      histograms.apply(observe('tool_duration_seconds', { tool: `tool-${index}` }, seconds * 1e6), from);
      durations.observe({ tool: `tool-${index}` }, seconds);
    }
  }
  const lines = render(state, [], 'text')
    .split('\n')
    .filter((line) => line.startsWith('chancery_policy') || line.startsWith('chancery_tool')).length;
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < 40; turn += 1) {
    let began = performance.now();
    render(state, [], 'text');
    if (turn >= 10) ours.push(performance.now() - began);
    began = performance.now();
    await registry.metrics();
    if (turn >= 10) theirs.push(performance.now() - began);
  }
  return { ours: median(ours), theirs: median(theirs), lines };
}

const rendering = ({ ours, theirs, lines }: { ours: number; theirs: number; lines: number }): Table =>
  table(
    'Rendering the exposition (goal: no slower than prom-client on the same data)',
    ['series', 'ours, ms', 'prom-client, ms', 'ratio'],
    [[lines, ours.toFixed(1), theirs.toFixed(1), (ours / theirs).toFixed(2)]],
  );
