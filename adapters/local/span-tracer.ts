/** Spans of one machine as JSON lines. A span knows its parent by the asynchronous context that it runs in. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock, Random, Tracer } from '../../src/ports.ts';
import type { LineFile } from './line-file.ts';

/** One line of the spans file. */
export interface SpanLine {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_id?: string;
  readonly name: string;
  /** RFC 3339 UTC. */
  readonly start: string;
  readonly duration_us: number;
  readonly status: 'ok' | 'error';
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface SpanTracerDeps {
  readonly file: Pick<LineFile, 'append'>;
  readonly clock: Clock;
  /** Monotonic microseconds. */
  readonly micros: () => number;
  readonly random: Random;
  readonly redact: (value: unknown) => unknown;
  /** Share of traces kept, 0 to 1; by route (attribute `route` of the root span) where one is named. */
  readonly rate: number;
  readonly routes?: Readonly<Record<string, number>>;
}

interface Context {
  readonly trace_id: string;
  readonly span_id: string;
  readonly sampled: boolean;
}

/**
 * A span whose attributes hold `trace_id` begins a trace; one outside any trace is not recorded. Sampling is
 * decided once per trace by its id, so that a trace is whole or absent; a span that fails is always written.
 */
export function spanTracer(deps: SpanTracerDeps): Tracer {
  const contexts = new AsyncLocalStorage<Context>();

  return {
    async span(name, attributes, work) {
      const parent = contexts.getStore();
      const { trace_id: begun, ...rest } = attributes;
      const trace_id = typeof begun === 'string' ? begun : parent?.trace_id;
      if (trace_id === undefined) return work();
      const span_id = Buffer.from(deps.random(8)).toString('hex');
      const sampled =
        typeof begun === 'string' ? share(trace_id) < rateOf(deps, rest) : (parent?.sampled ?? false);
      const start = new Date(deps.clock()).toISOString();
      const began = deps.micros();
      const finish = (status: SpanLine['status'], more: Record<string, unknown> = {}): void => {
        if (!sampled && status === 'ok') return;
        const line: SpanLine = {
          trace_id,
          span_id,
          ...(typeof begun === 'string' || parent === undefined ? {} : { parent_id: parent.span_id }),
          name,
          start,
          duration_us: Math.round(deps.micros() - began),
          status,
          attributes: { ...rest, ...more },
        };
        deps.file.append(JSON.stringify(deps.redact(line)));
      };
      try {
        const result = await contexts.run({ trace_id, span_id, sampled }, work);
        finish('ok');
        return result;
      } catch (error) {
        finish('error', { error: error instanceof Error ? error.name : 'unknown' });
        throw error;
      }
    },
  };
}

function rateOf({ rate, routes }: SpanTracerDeps, { route }: Readonly<Record<string, unknown>>): number {
  return (typeof route === 'string' ? routes?.[route] : undefined) ?? rate;
}

/** The same number in [0, 1) for the same trace in every process. FNV-1a. */
function share(trace: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < trace.length; index += 1) {
    hash = Math.imul(hash ^ trace.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}
