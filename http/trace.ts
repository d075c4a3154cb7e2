/**
 * Trace context of a request. A caller's id is honoured when well formed, else ignored: a header that could
 * smuggle a line break, a path or a payload into logs and records never gets further than here.
 */
import { parseTraceparent } from '../src/basics/trace.ts';

const TRACE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{7,63}$/;

interface Headers {
  get(name: string): string | undefined;
}

/** The trace id to use: `X-Trace-ID`, else the one in `traceparent`, else `fresh()`. */
export function traceIdOf(headers: Headers, fresh: () => string): string {
  const named = headers.get('x-trace-id');
  if (named !== undefined && TRACE_ID.test(named)) return named;
  return parseTraceparent(headers.get('traceparent'))?.trace_id ?? fresh();
}

/** The caller's span, where the request is part of a trace of theirs and goes by its id. */
export function callerSpanOf(headers: Headers, trace: string): { parent_id?: string } {
  const context = parseTraceparent(headers.get('traceparent'));
  return context?.trace_id === trace ? { parent_id: context.parent_id } : {};
}
