/**
 * The OpenTelemetry collector, built from the parts that deploy/compose/collector.yaml names, takes that file and hands the runtime's
 * spans on to Jaeger, where the trace of a governed run is found again.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { freePort } from '../support/free-port.ts';
import { goProgram } from './go-tools.ts';
import { answering, ended, JAEGER_IMAGE, type JaegerServer, startJaeger } from './jaeger.ts';

const VERSION = 'v0.136.0';
const home = resolve(PROJECT, '.real/collector', VERSION);
const module = (path: string) => ({ gomod: `go.opentelemetry.io/collector/${path} ${VERSION}` });

function collector(): string {
  const program = join(home, 'otelcol');
  if (existsSync(program)) return program;
  mkdirSync(home, { recursive: true });
  const manifest = join(home, 'builder.yaml');
  writeFileSync(
    manifest,
    stringify({
      dist: { name: 'otelcol', output_path: home, version: VERSION.slice(1) },
      receivers: [module('receiver/otlpreceiver')],
      processors: [module('processor/batchprocessor'), module('processor/memorylimiterprocessor')],
      exporters: [module('exporter/otlpexporter')],
    }),
  );
  const builder = goProgram(`go.opentelemetry.io/collector/cmd/builder@${VERSION}`);
  execFileSync(builder, [`--config=${manifest}`], {
    stdio: 'inherit',
    env: { ...process.env, GOTOOLCHAIN: 'local' },
  });
  return program;
}

it('takes the configuration that compose gives it', () => {
  const config = join(PROJECT, 'deploy/compose/collector.yaml');
  expect(() =>
    execFileSync(collector(), ['validate', `--config=${config}`], { stdio: 'pipe' }),
  ).not.toThrow();
}, 600_000);

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

interface JaegerSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
}

describe('with Jaeger behind it, as compose sets them up', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'chancery-collector-'));
  const config = join(PROJECT, 'deploy/compose/collector.yaml');
  const stops: (() => Promise<unknown>)[] = [];
  let jaeger: JaegerServer;
  let system: TestRuntime;
  beforeAll(async () => {
    jaeger = await startJaeger();
    stops.push(jaeger.stop);
    const port = await freePort();
    const here = join(scratch, 'collector.yaml');
    const text = readFileSync(config, 'utf8');
    // Names of compose's network stand for addresses of this machine; the rest is the file that is shipped.
    writeFileSync(
      here,
      text.replace('0.0.0.0:4318', `127.0.0.1:${port}`).replace('jaeger:4317', jaeger.otlp),
    );
    const metrics = '--set=service.telemetry.metrics.level=none';
    const child = spawn(collector(), [`--config=${here}`, metrics], { stdio: 'ignore' });
    stops.push(() => ended(child));
    await answering(`http://127.0.0.1:${port}/`, child);
    system = await startTestRuntime({ otlpEndpoint: `http://127.0.0.1:${port}` });
    // It is stopped where what it sent is looked at.
    stops.push(async () => rmSync(system.folder, { recursive: true }));
  }, 900_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
    rmSync(scratch, { recursive: true });
  });

  it('is found in Jaeger as one trace, each span below its parent, the first below the caller', async () => {
    const answer = await system.execute(governed(), {}, { traceparent: `00-${TRACE}-${CALLER}-01` });
    expect(answer.body.outcome).toBe('success');
    // What is kept and what was sent are whole once it has ended.
    await system.runtime.stop();
    const kept = readFileSync(join(system.folder, 'spans.jsonl'), 'utf8').trim().split('\n');
    const ours = kept.map((line) => JSON.parse(line)).filter(({ trace_id }) => trace_id === TRACE);
    expect(ours.length).toBeGreaterThan(3);
    const found = async (): Promise<readonly JaegerSpan[]> => {
      const { data } = await fetch(`${jaeger.url}/api/traces/${TRACE}`).then((one) => one.json());
      return data?.[0]?.spans ?? [];
    };
    await expect.poll(async () => (await found()).length, { timeout: 20_000 }).toBe(ours.length);
    const spans = await found();
    const ids = new Set(spans.map(({ spanID }) => spanID));
    for (const { references, operationName } of spans) {
      const [parent] = references;
      expect([operationName, parent?.refType]).toEqual([operationName, 'CHILD_OF']);
      expect(parent?.spanID === CALLER || ids.has(parent?.spanID ?? ''), operationName).toBe(true);
    }
    expect(spans.map(({ operationName }) => operationName).toSorted()).toEqual(
      ours.map(({ name }) => name).toSorted(),
    );
    const { data: services } = await fetch(`${jaeger.url}/api/services`).then((one) => one.json());
    expect(services).toContain('chancery');
  }, 60_000);

  it('are of the versions that compose runs', () => {
    const { services } = parse(readFileSync(join(PROJECT, 'deploy/compose/compose.yaml'), 'utf8'));
    expect(services.jaeger.image).toBe(JAEGER_IMAGE);
    expect(services.collector.image).toBe(`otel/opentelemetry-collector:${VERSION.slice(1)}`);
  });
});
