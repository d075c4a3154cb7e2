/**
 * Spans to an OpenTelemetry collector over OTLP/HTTP (opentelemetry.io, "OTLP Specification"). Batches, retries and
 * what a collector rejects are the exporter library's; losing a span loses a picture, never a record.
 */
import { type HrTime, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { type SpanLine, w3cTraceId } from '../../src/basics/trace.ts';

export interface OtlpSettings {
  /** The collector's base address, such as http://127.0.0.1:4318; spans go to its `/v1/traces`. */
  readonly endpoint: string;
  readonly service: string;
  readonly version: string;
}

export interface OtlpSpans {
  export(span: SpanLine): void;
  /** Sends what waits. */
  close(): Promise<void>;
}

export function otlpSpans({ endpoint, service, version }: OtlpSettings): OtlpSpans {
  const resource = resourceFromAttributes({ 'service.name': service, 'service.version': version });
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const processor = new BatchSpanProcessor({ exporter });
  return {
    export: (span) => processor.onEnd(readable(span, resource)),
    // A collector that is away must not keep the process from ending well.
    close: () => processor.shutdown().catch(() => undefined),
  };
}

function readable(line: SpanLine, resource: ReadableSpan['resource']): ReadableSpan {
  const traceId = w3cTraceId(line.trace_id);
  const context = (spanId: string) => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED });
  const startTime = hrTime(Date.parse(line.start) * 1_000);
  const duration = hrTime(line.duration_us);
  return {
    name: line.name,
    kind: KINDS[line.name] ?? SpanKind.INTERNAL,
    spanContext: () => context(line.span_id),
    ...(line.parent_id === undefined ? {} : { parentSpanContext: context(line.parent_id) }),
    startTime,
    endTime: hrTime(Date.parse(line.start) * 1_000 + line.duration_us),
    duration,
    status: { code: line.status === 'error' ? SpanStatusCode.ERROR : SpanStatusCode.OK },
    attributes: { ...line.attributes, 'chancery.trace_id': line.trace_id },
    links:
      line.link === undefined
        ? []
        : [
            {
              context: {
                traceId: w3cTraceId(line.link.trace_id),
                spanId: line.link.span_id,
                traceFlags: TraceFlags.SAMPLED,
              },
            },
          ],
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: 'chancery' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** What comes in, and what goes out to tools and to what workflows call. */
const KINDS: Readonly<Record<string, SpanKind>> = {
  request: SpanKind.SERVER,
  forward: SpanKind.CLIENT,
  run: SpanKind.CLIENT,
};

const hrTime = (micros: number): HrTime => [Math.floor(micros / 1e6), Math.round((micros % 1e6) * 1e3)];
