/** What GET /metrics gives and remote write sends, judged by Prometheus itself (Debian's package). */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRemoteWriter } from '../../adapters/aws/remote-write.ts';
import { CATALOGUE } from '../../src/catalogue/catalogue.ts';
import { Accumulators } from '../../src/watch/metrics/accumulators.ts';
import { CONTENT_TYPE, negotiate, render } from '../../src/watch/metrics/render.ts';
import { samplesOf } from '../../src/watch/metrics/samples.ts';
import { figuresOf } from '../../src/watch/objectives.ts';
import { quantileOf } from '../../src/watch/slo/evaluate.ts';
import { decision, folded } from '../metrics/support.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { debianTool } from './debian.ts';
import { type PrometheusServer, startPrometheus } from './prometheus-server.ts';

const run = promisify(execFile);

async function until<T>(ask: () => Promise<T>, good: (value: T) => boolean, ms = 20_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await ask();
    if (good(value) || Date.now() > end) return value;
    await sleep(250);
  }
}

describe('the running system, scraped', () => {
  let world: TestRuntime;
  let prometheus: PrometheusServer;
  let folder = '';
  let token = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chancery-scraped-'));
    world = await startTestRuntime({ dataFolder: folder });
    token = await world.token({
      sub: 'prometheus',
      roles: ['sre'],
      kind: 'service',
      ttl_seconds: 3_600,
    } as never);
    prometheus = await startPrometheus({ host: new URL(world.runtime.url).host, token });
  });
  afterAll(async () => {
    await prometheus.stop();
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is up, with the bearer token, as OpenMetrics', async () => {
    expect(
      await until(
        () => prometheus.value('up'),
        (up) => up === 1,
      ),
    ).toBe(1);
  });

  it('passes promtool check metrics', async () => {
    const { text } = await world.call('GET', '/metrics', { token });
    const promtool = await debianTool('promtool', 'prometheus');
    const child = execFile(promtool, ['check', 'metrics']);
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.stdin?.end(text);
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(output).toBe('');
    expect(code).toBe(0);
  });

  it('counts 200 concurrent writers exactly, with exemplars that name trace and record', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => world.execute(governed())));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses).size, JSON.stringify(statuses)).toBeLessThanOrEqual(2);
    const allowed = statuses.filter((status) => status === 200).length;
    expect(allowed).toBeGreaterThan(0);
    const query = 'sum(chancery_workflow_executions_total{outcome="success"})';
    expect(
      await until(
        () => prometheus.value(query),
        (value) => value === allowed,
      ),
    ).toBe(allowed);
    const exemplars = await until(
      () => prometheus.exemplars('chancery_decisions_total'),
      (found) => found.length > 0,
    );
    const traces = new Set(answers.map(({ body }) => body.trace_id));
    expect(
      exemplars.some(
        ({ labels }) => traces.has(labels.trace_id) && /^[0-9a-f]{64}$/.test(labels.record_hash ?? ''),
      ),
    ).toBe(true);
  });

  it('sees no counter go back when the process is restarted', async () => {
    const { port } = new URL(world.runtime.url);
    const before = await prometheus.value('sum(chancery_http_requests_total)');
    await world.stop();
    world = await startTestRuntime({ dataFolder: folder, port: Number(port) });
    await world.execute(governed());
    const counted = await until(
      () => prometheus.value('sum(chancery_http_requests_total)'),
      (value) => (value ?? 0) > (before ?? 0),
    );
    expect(counted).toBeGreaterThan(before ?? 0);
    await sleep(2_500);
    const counters = await prometheus.series(
      'group by (__name__) ({__name__=~"chancery_.*_(total|count|bucket|sum)"})',
    );
    expect(counters.length).toBeGreaterThan(30);
    const resets: string[] = [];
    for (const { metric } of counters) {
      const found = await prometheus.series(`resets(${metric.__name__}[5m]) > 0`);
      if (found.length > 0) resets.push(String(metric.__name__));
    }
    expect(resets).toEqual([]);
  });
});

describe('known traffic', () => {
  /** So many decisions a second, by the clock: at every scrape exactly what has come until then. */
  const RATE = 200;
  /** Microseconds, in turn: 90 % at 2 ms, 8 % at 40 ms, 2 % at 400 ms. */
  const latencyOf = (seq: number): number => (seq % 50 < 45 ? 2_000 : seq % 50 < 49 ? 40_000 : 400_000);
  let server: Server;
  let prometheus: PrometheusServer;
  const state = new Accumulators();

  beforeAll(async () => {
    const began = Date.now();
    let seq = 0;
    server = createServer((request, response) => {
      for (const due = ((Date.now() - began) * RATE) / 1_000; seq < due; seq += 1) {
        state.fold({
          record: decision({ latency_us: latencyOf(seq) }, { seq }),
          bytes: 100,
          hash: 'f'.repeat(64),
        });
      }
      const format = negotiate(request.headers.accept);
      response.writeHead(200, { 'content-type': CONTENT_TYPE[format] }).end(render(state, [], format));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    prometheus = await startPrometheus({
      host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      token: 'x',
    });
    await sleep(25_000);
  }, 60_000);
  afterAll(async () => {
    await prometheus.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  it('gives a rate that is right within one per cent', async () => {
    const rate = await prometheus.value('sum(rate(chancery_decisions_total[20s]))');
    expect(Math.abs((rate ?? 0) - RATE) / RATE).toBeLessThan(0.01);
  });

  it.each([0.5, 0.95, 0.99])('gives quantile %s right within one per cent', async (q) => {
    const buckets = figuresOf(state).buckets('decision_duration_seconds');
    const right = quantileOf(q, CATALOGUE.decision_duration_seconds.buckets, buckets);
    const found = await prometheus.value(
      `histogram_quantile(${q}, sum by (le) (rate(chancery_decision_duration_seconds_bucket[20s])))`,
    );
    expect(Math.abs((found ?? 0) - right) / right).toBeLessThan(0.01);
  });
});

describe('remote write', () => {
  let prometheus: PrometheusServer;
  beforeAll(async () => {
    prometheus = await startPrometheus();
  });
  afterAll(() => prometheus.stop());

  const samples = (count: number) =>
    samplesOf(
      folded(
        Array.from({ length: count }, (_, seq) => ({
          record: decision({}, { seq }),
          bytes: 100,
          hash: 'f'.repeat(64),
        })),
      ),
      [],
    );
  const writer = () =>
    createRemoteWriter({
      url: `${prometheus.url}/api/v1/write`,
      fetch,
      clock: Date.now,
      wait: (ms) => sleep(ms),
      labels: { environment: 'test' },
    });

  it('is taken with its timestamps, and sending it again changes nothing', async () => {
    const at = Math.floor(Date.now() / 1_000) * 1_000 - 5_000;
    const sent = samples(7);
    expect(await writer().push(sent, at)).toMatchObject({ sent: sent.length, rejected: 0, abandoned: 0 });
    expect(await writer().push(sent, at)).toMatchObject({ sent: sent.length, rejected: 0, abandoned: 0 });
    expect(await prometheus.value('sum(chancery_decisions_total{environment="test"})')).toBe(7);
    expect(await prometheus.value('max(timestamp(chancery_decisions_total{environment="test"}))')).toBe(
      at / 1_000,
    );
    expect(await prometheus.value('count_over_time(chancery_ledger_bytes_total[5m])')).toBe(1);
  });

  it('is refused when it comes late, and says so instead of trying for ever', async () => {
    const late = await writer().push(samples(3), Date.now() - 3_600_000);
    expect(late).toMatchObject({ sent: 0, retries: 0 });
    expect(late.rejected).toBeGreaterThan(0);
    expect(late.reason).toMatch(/^400 /);
    expect(await prometheus.value('sum(chancery_decisions_total{environment="test"})')).toBe(7);
  });

  it('goes on with newer values afterwards', async () => {
    const sent = samples(9);
    expect(await writer().push(sent, Date.now() - 1_000)).toMatchObject({ sent: sent.length });
    expect(
      await until(
        () => prometheus.value('sum(chancery_decisions_total{environment="test"})'),
        (value) => value === 9,
      ),
    ).toBe(9);
  });
});

describe('the version', () => {
  it('is one that understands what we send', async () => {
    const { stdout, stderr } = await run(await debianTool('prometheus', 'prometheus'), ['--version']);
    expect(`${stdout}${stderr}`).toMatch(/version 2\.\d+|version 3\./);
  });
});
