/** Our spans as OpenTelemetry's libraries take them: one reading for a collector and for X-Ray. */
import { type HrTime, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { type SpanLine, w3cTraceId } from '../../src/basics/trace.ts';

export type Resource = ReadableSpan['resource'];

/** @param attributes of the semantic conventions: `service.name` at least */
export const resourceOf = (attributes: Readonly<Record<string, string>>): Resource =>
  resourceFromAttributes(attributes);

export function readable(line: SpanLine, resource: Resource): ReadableSpan {
  const { trace_id, span_id, parent_id, link } = line;
  const startMicros = Date.parse(line.start) * 1_000;
  return {
    name: line.name,
    kind: KINDS[line.kind ?? 'internal'],
    spanContext: () => contextOf(trace_id, span_id),
    ...(parent_id === undefined ? {} : { parentSpanContext: contextOf(trace_id, parent_id) }),
    startTime: hrTime(startMicros),
    endTime: hrTime(startMicros + line.duration_us),
    duration: hrTime(line.duration_us),
    // "Unset" is what the conventions ask of whatever did not fail.
    status: { code: line.status === 'error' ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: { ...line.attributes, 'chancery.trace_id': trace_id },
    links: link === undefined ? [] : [{ context: contextOf(link.trace_id, link.span_id) }],
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: 'chancery' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const contextOf = (trace: string, spanId: string) => ({
  traceId: w3cTraceId(trace),
  spanId,
  traceFlags: TraceFlags.SAMPLED,
});

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
} as const;

const hrTime = (micros: number): HrTime => [Math.floor(micros / 1e6), Math.round((micros % 1e6) * 1e3)];
