/**
 * Trace context of a request. A caller's id is honoured when well formed, else ignored: a header that could
 * smuggle a line break, a path or a payload into logs and records never gets further than here.
 */
import { parseTraceparent } from '../src/basics/trace.ts';
import { createRedactor } from '../src/watch/ops/redact.ts';

const TRACE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{7,63}$/;
const W3C = /^[0-9a-f]{32}$/;
const redact = createRedactor();

/** A key or token of somebody's has the shape of an id too, and an id stands in every log line, record and span. */
const isWellFormed = (id: string): boolean => TRACE_ID.test(id) && (W3C.test(id) || redact(id) === id);

interface Headers {
  get(name: string): string | undefined;
}

/**
 * The trace id to use: that of `traceparent`, since a caller who sends it has a trace that ours is a part of; else
 * `X-Trace-ID`; else the one that API Gateway began (`X-Amzn-Trace-Id`); else `fresh()`.
 */
export function traceIdOf(headers: Headers, fresh: () => string): string {
  const named = headers.get('x-trace-id');
  return (
    parseTraceparent(headers.get('traceparent'))?.trace_id ??
    (named !== undefined && isWellFormed(named) ? named : undefined) ??
    xrayTraceId(headers.get('x-amzn-trace-id')) ??
    fresh()
  );
}

/** X-Ray developer guide, "Tracing header": `Root=1-{8 hex}-{24 hex}`, in W3C's form without its dashes. */
function xrayTraceId(header: string | undefined): string | undefined {
  const [, seconds, rest] = /(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?:;|$)/.exec(header ?? '') ?? [];
  return seconds === undefined || rest === undefined ? undefined : `${seconds}${rest}`;
}

/** W3C Trace Context, 3.3: up to 32 members of 512 characters in all; what is not of that shape is not handed on. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** The caller's span and their `tracestate`, where the request is part of a trace of theirs. */
export function callerSpanOf(headers: Headers, trace: string): { parent_id?: string; tracestate?: string } {
  const context = parseTraceparent(headers.get('traceparent'));
  if (context?.trace_id !== trace) return {};
  const tracestate = headers.get('tracestate')?.trim();
  return {
    parent_id: context.parent_id,
    ...(tracestate !== undefined && TRACESTATE.test(tracestate) ? { tracestate } : {}),
  };
}
