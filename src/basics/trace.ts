/** W3C Trace Context, level 1: reading `traceparent`, writing it on outgoing calls. */
import type { SpanAttributes, SpanKind } from '../ports.ts';
import { sha256 } from './digest.ts';

export interface TraceContext {
  /** 32 lower-case hex, not all zero. */
  readonly trace_id: string;
  /** 16 lower-case hex: the span that calls. */
  readonly parent_id: string;
  readonly sampled: boolean;
}

/** §3.2.2: a later version may append fields; version ff and all-zero ids are invalid. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  const match = header?.trim().match(TRACEPARENT);
  const [, version, trace_id, parent_id, flags, more] = match ?? [];
  if (trace_id === undefined || parent_id === undefined || flags === undefined) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  return { trace_id, parent_id, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export const formatTraceparent = ({ trace_id, parent_id, sampled }: TraceContext): string =>
  `00-${trace_id}-${parent_id}-${sampled ? '01' : '00'}`;

/** The 32-hex form of any honoured trace id (`X-Trace-ID` may hold others): itself, or a digest of it. */
export function w3cTraceId(trace: string): string {
  const bare = trace.replaceAll('-', '').toLowerCase();
  if (/^[0-9a-f]{32}$/.test(bare) && !/^0{32}$/.test(bare)) return bare;
  return sha256(trace).slice(0, 32);
}

/** A span that ended: one line of the spans file, and what an exporter is given. */
export interface SpanLine {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_id?: string;
  readonly name: string;
  /** Absent: `internal`. */
  readonly kind?: SpanKind;
  /** RFC 3339 UTC. */
  readonly start: string;
  readonly duration_us: number;
  readonly status: 'ok' | 'error';
  readonly attributes: SpanAttributes;
  /** Another span that brought this one about, of another trace: who approved a run. */
  readonly link?: { readonly trace_id: string; readonly span_id: string };
}

/** The span of a run has an id that its execution gives it: what calls for the run in another process names it too. */
export const runSpanId = (execution_id: string): string => w3cTraceId(execution_id).slice(0, 16);
