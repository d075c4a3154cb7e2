/** One trace from the caller through the office to what a run calls, whoever approves it in between. */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpanLine } from '../../src/basics/trace.ts';
import { governed, startTestRuntime, type TestRuntime } from './support.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

let far: Server;
let chancery: TestRuntime;
const reached: IncomingHttpHeaders[] = [];

beforeAll(async () => {
  far = createServer((request, response) => {
    reached.push(request.headers);
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end('{"ok":true}');
  });
  await new Promise<void>((done) => far.listen(0, '127.0.0.1', done));
  chancery = await startTestRuntime({
    deployEndpoint: `http://127.0.0.1:${(far.address() as AddressInfo).port}`,
  });
});
afterAll(async () => {
  await chancery.runtime.stop();
  far.close();
});

const spans = async (): Promise<SpanLine[]> =>
  (await readFile(join(chancery.folder, 'spans.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the trace of a request', () => {
  const deploy = (headers: Record<string, string>) =>
    chancery.execute(
      governed({
        workflow_name: 'deploy-to-staging',
        drag_mode: 'execute',
        parameters: { environment: 'staging' },
      }),
      {},
      headers,
    );

  it('is the caller’s, also beside a trace id of another kind, and goes on at what the run calls', async () => {
    const answer = await deploy({
      traceparent: `00-${TRACE}-${CALLER}-01`,
      tracestate: 'vendor=t61rcWkgMzE',
      'x-trace-id': 'another-trace-id',
      'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793',
    });
    expect(answer.headers.get('x-trace-id')).toBe(TRACE);
    expect(answer.body).toMatchObject({ success: true });
    const calls = reached.filter(({ traceparent }) => traceparent?.includes(TRACE));
    expect(calls.length).toBeGreaterThan(0);
    await expect.poll(async () => (await spans()).some(({ name }) => name === 'settle')).toBe(true);
    const written = (await spans()).filter(({ trace_id }) => trace_id === TRACE);
    for (const { traceparent = '', tracestate } of calls) {
      expect(written.map(({ span_id }) => span_id)).toContain(String(traceparent).split('-')[2]);
      expect(tracestate).toBe('vendor=t61rcWkgMzE');
    }
    expect(written.find(({ kind }) => kind === 'server')?.parent_id).toBe(CALLER);
  });

  it('is the one that API Gateway began, where the caller has none', async () => {
    const answer = await deploy({ 'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1' });
    expect(answer.headers.get('x-trace-id')).toBe('5759e988bd862e3fe1be46a994272793');
  });

  it('hands on no state that is none', async () => {
    reached.length = 0;
    await deploy({ traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'x'.repeat(600) });
    expect(reached.every(({ tracestate }) => tracestate === undefined)).toBe(true);
  });
});
