/** Tracers for tests: one that only works, and one that keeps what it saw. */
import { type SpanTracerDeps, spanTracer } from '../../adapters/traces/span-tracer.ts';
import type { SpanLine } from '../../src/basics/trace.ts';
import type { Tracer } from '../../src/ports.ts';

export const untraced: Tracer = {
  span: (_, __, work) => work(() => undefined),
  untraced: (work) => work(),
  headers: () => ({}),
};

/** Spans in the order in which they ended, their ids counted. */
export function keepingTracer(more: Partial<SpanTracerDeps> = {}): { lines: SpanLine[]; tracer: Tracer } {
  const lines: SpanLine[] = [];
  let made = 0;
  const tracer = spanTracer({
    written: (line) => lines.push(line),
    clock: () => Date.parse('2026-07-01T00:00:00Z'),
    micros: () => 0,
    random: (length) => new Uint8Array(length).fill(++made),
    redact: (value) => value,
    sampled: () => true,
    keepsFailures: true,
    ...more,
  });
  return { lines, tracer };
}
