/** Spans of one machine as JSON lines. A span knows its parent by the asynchronous context that it runs in. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { SpanLine } from '../../src/basics/trace.ts';
import type { Clock, Random, SpanAttributes, Tracer } from '../../src/ports.ts';
import type { LineFile } from './line-file.ts';

export interface SpanTracerDeps {
  readonly file: Pick<LineFile, 'append'>;
  /** Where else a span goes, redacted like the line. */
  readonly exported?: (span: SpanLine) => void;
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
  readonly tracestate?: string;
}

/**
 * A span whose attributes hold another `trace_id` than the one that it runs in begins or joins that trace
 * (`parent_id`: the caller's span; `tracestate`), with a link to the span that it runs in; one outside any trace is
 * not recorded. `span_id` gives it an id of its own. Sampling is decided once per trace by its id, so that a trace is
 * whole or absent; a span that fails is always written.
 */
export function spanTracer(deps: SpanTracerDeps): Tracer {
  const contexts = new AsyncLocalStorage<Context>();

  return {
    state: () => contexts.getStore()?.tracestate,
    async span(name, attributes, work) {
      const parent = contexts.getStore();
      const { trace_id: named, parent_id: caller, span_id: own, tracestate: said, ...rest } = attributes;
      const trace_id = typeof named === 'string' ? named : parent?.trace_id;
      if (trace_id === undefined) return work(() => undefined);
      const begins = trace_id !== parent?.trace_id;
      const span_id = typeof own === 'string' ? own : Buffer.from(deps.random(8)).toString('hex');
      const sampled = begins ? share(trace_id) < rateOf(deps, rest) : parent.sampled;
      const tracestate = begins ? said : parent.tracestate;
      const start = new Date(deps.clock()).toISOString();
      const began = deps.micros();
      const finish = (status: SpanLine['status'], more: SpanAttributes = {}): void => {
        if (!sampled && status === 'ok') return;
        const line: SpanLine = {
          trace_id,
          span_id,
          ...parentOf(begins ? caller : parent.span_id),
          name,
          start,
          duration_us: Math.round(deps.micros() - began),
          status,
          attributes: { ...rest, ...noted, ...more },
          ...(begins && parent ? { link: { trace_id: parent.trace_id, span_id: parent.span_id } } : {}),
        };
        // It keeps an object's shape.
        const redacted = deps.redact(line) as SpanLine;
        deps.file.append(JSON.stringify(redacted));
        deps.exported?.(redacted);
      };
      let noted: SpanAttributes = {};
      const note = (more: SpanAttributes): void => {
        noted = { ...noted, ...more };
      };
      try {
        const result = await contexts.run(
          { trace_id, span_id, sampled, ...(typeof tracestate === 'string' ? { tracestate } : {}) },
          () => work(note),
        );
        finish('ok');
        return result;
      } catch (error) {
        finish('error', { error: error instanceof Error ? error.name : 'unknown' });
        throw error;
      }
    },
  };
}

const parentOf = (parent_id: unknown): { parent_id?: string } =>
  typeof parent_id === 'string' ? { parent_id } : {};

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
