/**
 * Trace context of a request. A caller's id is honoured when well formed, else ignored: a header that could
 * smuggle a line break, a path or a payload into logs and records never gets further than here.
 */
import { createHash } from 'node:crypto';

const TRACE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{7,63}$/;
/** W3C Trace Context, §3.2: version-traceid-parentid-flags; an all-zero id is invalid. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** The trace id to use: `X-Trace-ID`, else the one in `traceparent`, else `fresh()`. */
export function traceIdOf(headers: { get(name: string): string | undefined }, fresh: () => string): string {
  const named = headers.get('x-trace-id');
  if (named !== undefined && TRACE_ID.test(named)) return named;
  const parent = headers.get('traceparent')?.match(TRACEPARENT)?.[1];
  return parent ?? fresh();
}

/** The 32-hex W3C form of any honoured trace id, for `traceparent` on outgoing calls. */
export function w3cTraceId(trace: string): string {
  const bare = trace.replaceAll('-', '').toLowerCase();
  if (/^[0-9a-f]{32}$/.test(bare) && !/^0{32}$/.test(bare)) return bare;
  return createHash('sha256').update(trace).digest('hex').slice(0, 32);
}
