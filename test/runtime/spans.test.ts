import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SpanLine } from '../../src/basics/trace.ts';
import { governed, startTestRuntime, type TestRuntime } from './support.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

/** As a collector gets them (opentelemetry-proto, trace.proto, in the JSON mapping). */
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

let collector: Server;
const received: OtlpSpan[] = [];
const services = new Set<unknown>();
/** The first batch is refused: it has to come again. */
let refusals = 1;
let chancery: TestRuntime;
let written: SpanLine[] = [];

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (refusals-- > 0) return void response.writeHead(503, { 'retry-after': '1' }).end();
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString());
    if (request.url === '/v1/traces')
      for (const { resource, scopeSpans } of resourceSpans) {
        services.add(JSON.stringify(resource.attributes));
        for (const { spans } of scopeSpans) received.push(...spans);
      }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  chancery = await startTestRuntime({
    otlpEndpoint: `http://127.0.0.1:${port}`,
    traceRoutes: { '/health': 0 },
  });
  const headers = { traceparent: `00-${TRACE}-${CALLER}-01` };
  const answer = await chancery.execute(governed(), {}, headers);
  expect(answer.headers.get('x-trace-id')).toBe(TRACE);
  await chancery.call('GET', '/health');
  await chancery.runtime.stop();
  written = (await readFile(join(chancery.folder, 'spans.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line): SpanLine => JSON.parse(line))
    .filter(({ trace_id }) => trace_id === TRACE);
});
afterAll(() => void collector.close());

it('a governed request leaves a span for each of its steps, with what came of it', () => {
  const run = { action: 'workflow:execute', resource: 'workflow/compliance-report' };
  const spans = Object.fromEntries(
    written.map((span) => [`${span.name} ${span.attributes.resource ?? ''}`, span]),
  );
  expect(spans).toMatchObject({
    'POST /workflows/governed/execute ': {
      parent_id: CALLER,
      kind: 'server',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/workflows/governed/execute',
        'http.response.status_code': 200,
        'url.scheme': 'http',
      },
    },
    'authenticate ': { attributes: { scope: 'workflows:execute' } },
    'weigh workflow/compliance-report': {
      attributes: { ...run, outcome: 'allow', risk_level: expect.any(Number), cache_hit: true },
    },
    'record decision.made': { attributes: { outcome: 'durable' } },
    'run workflow/compliance-report': { attributes: { ...run, outcome: 'succeeded' } },
    'settle workflow/compliance-report': { attributes: { outcome: 'success' } },
    'record workflow.succeeded': { attributes: { outcome: 'durable' } },
  });
});

it('a route that is sampled at 0 leaves none', async () => {
  const lines = await readFile(join(chancery.folder, 'spans.jsonl'), 'utf8');
  expect(lines).not.toContain('"http.route":"/health"');
});

it('a collector gets the same spans over OTLP, also when it refused them first', () => {
  const own = received.filter(({ traceId }) => traceId === TRACE);
  expect(new Set(own.map(({ spanId }) => spanId))).toEqual(new Set(written.map(({ span_id }) => span_id)));
  const isRequest = ({ name }: { name: string }) => name === 'POST /workflows/governed/execute';
  const request = own.find(isRequest);
  expect(request).toMatchObject({ parentSpanId: CALLER, kind: 2 });
  const line = written.find(isRequest);
  expect(BigInt(request?.endTimeUnixNano ?? 0) - BigInt(request?.startTimeUnixNano ?? 0)).toBe(
    BigInt(line?.duration_us ?? 1) * 1_000n,
  );
  expect([...services].join()).toContain('"service.name","value":{"stringValue":"chancery"}');
});
