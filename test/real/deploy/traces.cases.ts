/** One trace from the caller through the deployed functions to what a run calls. */
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../deployment.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

export function traces(given: () => Deployment, deploying: () => { token: string; body: unknown }): void {
  describe('the trace of a request', () => {
    it('is the caller’s, in OTLP: each step, each call of AWS, the task, and the call that the task makes', async () => {
      const chancery = given();
      const before = chancery.endpoint.calls.length;
      const headers = {
        traceparent: `00-${TRACE}-${CALLER}-01`,
        tracestate: 'vendor=t61rcWkgMzE',
        'x-trace-id': 'another-trace-id',
      };
      const answer = await chancery.call('POST /workflows/governed/execute', { ...deploying(), headers });
      expect(answer.body).toMatchObject({ success: true, trace_id: TRACE });
      await expect
        .poll(() => chancery.spans.of(TRACE).some(({ name }) => name.startsWith('POST /')))
        .toBe(true);
      const spans = chancery.spans.of(TRACE);
      const root = spans.find(({ name }) => name === 'POST /workflows/governed/execute');
      expect(root).toMatchObject({ service: 'chancery-dev-gate', parent_id: CALLER });
      const ids = new Set(spans.map(({ span_id }) => span_id));
      for (const { parent_id } of spans) expect(ids.has(parent_id) || parent_id === CALLER).toBe(true);
      const names = spans.map(({ name }) => name);
      for (const name of ['authenticate', 'weigh', 'record', 'run', 'settle', 'SFN.StartSyncExecution'])
        expect(names).toContain(name);
      expect(names.filter((name) => name.startsWith('DynamoDB.')).length).toBeGreaterThan(0);
      const made = chancery.endpoint.calls.slice(before);
      for (const { tracestate } of made) expect(tracestate).toBe('vendor=t61rcWkgMzE');
      const called = made.map(({ traceparent }) => String(traceparent));
      expect(called.length).toBeGreaterThan(0);
      const tasks = spans.filter(({ service }) => service === 'chancery-dev-task-http-call');
      for (const traceparent of called)
        expect(tasks.map(({ span_id }) => `00-${TRACE}-${span_id}-01`)).toContain(traceparent);
    }, 60_000);
  });
}
