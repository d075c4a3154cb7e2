/**
 * `Tracer` by OpenTelemetry's model, for one machine and for a deployed function: a span knows its parent by the
 * asynchronous context that it runs in, and goes to whoever writes it when it ends.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { isoTime } from '../../src/basics/iso-time.ts';
import { formatTraceparent, type SpanLine, w3cTraceId } from '../../src/basics/trace.ts';
import type { Clock, Random, SpanAttributes, Tracer } from '../../src/ports.ts';

export interface SpanTracerDeps {
  /** Told of each span that is kept, redacted, when it has ended. It must not throw: a picture is lost, never a record. */
  readonly written: (span: SpanLine) => void;
  readonly clock: Clock;
  /** Monotonic microseconds. */
  readonly micros: () => number;
  readonly random: Random;
  readonly redact: (value: unknown) => unknown;
  /** Whether a trace is kept that begins or is joined here, by the attributes of its first span. */
  readonly sampled: (trace_id: string, attributes: SpanAttributes) => boolean;
  /** A span that fails is kept although its trace is not. */
  readonly keepsFailures: boolean;
  /** The span that runs this invocation, where the platform made one. */
  readonly around?: () => SpanContext | undefined;
}

export interface SpanContext {
  readonly trace_id: string;
  readonly span_id: string;
  readonly sampled: boolean;
  readonly tracestate?: string;
}

/**
 * A span whose attributes hold another `trace_id` than the one that it runs in begins or joins that trace
 * (`parent_id`: the caller's span; `tracestate`), with a link to the span that it runs in; one outside any trace is
 * not recorded. `span_id` gives it an id of its own, `kind` says on which side of a call it stands. Sampling is
 * decided once per trace, so that a trace is whole or absent. A span fails by an error that is thrown, or by
 * `error.type` being noted.
 */
export function spanTracer(deps: SpanTracerDeps): Tracer {
  const contexts = new AsyncLocalStorage<SpanContext | 'none'>();
  const current = (): SpanContext | 'none' | undefined => contexts.getStore() ?? deps.around?.();

  return {
    untraced: (work) => contexts.run('none', work),
    headers() {
      const now = current();
      if (now === undefined || now === 'none') return {};
      const { trace_id, span_id, sampled, tracestate } = now;
      const traceparent = formatTraceparent({ trace_id: w3cTraceId(trace_id), parent_id: span_id, sampled });
      return { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
    },
    async span(name, attributes, work) {
      const parent = current();
      const {
        trace_id: named,
        parent_id: caller,
        span_id: own,
        tracestate: said,
        kind,
        ...rest
      } = attributes;
      if (parent === 'none') return work(() => undefined);
      const trace_id = named ?? parent?.trace_id;
      if (trace_id === undefined) return work(() => undefined);
      const begins = trace_id !== parent?.trace_id;
      const span_id = own ?? Buffer.from(deps.random(8)).toString('hex');
      const parent_id = begins ? caller : parent.span_id;
      const sampled = begins ? deps.sampled(trace_id, rest) : parent.sampled;
      const tracestate = begins ? said : parent.tracestate;
      const start = isoTime(deps.clock());
      const began = deps.micros();
      let noted: SpanAttributes = {};
      const finish = (): void => {
        const status = 'error.type' in noted ? 'error' : 'ok';
        if (!sampled && !(status === 'error' && deps.keepsFailures)) return;
        // It keeps an object's shape. All else is made here, or was read as an id.
        const shown = deps.redact({ trace_id, name, attributes: { ...rest, ...noted } }) as Pick<
          SpanLine,
          'trace_id' | 'name' | 'attributes'
        >;
        deps.written({
          trace_id: shown.trace_id,
          span_id,
          ...(parent_id === undefined ? {} : { parent_id }),
          name: shown.name,
          ...(kind === undefined ? {} : { kind }),
          start,
          duration_us: Math.round(deps.micros() - began),
          status,
          attributes: shown.attributes,
          ...(begins && parent ? { link: { trace_id: parent.trace_id, span_id: parent.span_id } } : {}),
        });
      };
      const note = (more: SpanAttributes): void => {
        noted = { ...noted, ...more };
      };
      try {
        return await contexts.run(
          { trace_id, span_id, sampled, ...(tracestate === undefined ? {} : { tracestate }) },
          () => work(note),
        );
      } catch (error) {
        note({ 'error.type': typeOf(error) });
        throw error;
      } finally {
        finish();
      }
    },
  };
}

/** The code of a coded error, else the name of its class. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/**
 * Keeps a share of traces, 0 to 1; another one by route (`http.route` of the first span) where it is named. By the
 * trace's id, so that every process says the same of it.
 */
export function shareOfTraces(
  rate: number,
  routes: Readonly<Record<string, number>>,
): SpanTracerDeps['sampled'] {
  return (trace_id, { 'http.route': route }) =>
    placeOf(trace_id) < ((typeof route === 'string' ? routes[route] : undefined) ?? rate);
}

/** The same number in [0, 1) for the same trace in every process. FNV-1a. */
function placeOf(trace: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < trace.length; index += 1) {
    hash = Math.imul(hash ^ trace.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}
