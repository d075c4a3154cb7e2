/**
 * Spans to an OpenTelemetry collector over OTLP/HTTP (opentelemetry.io, "OTLP Specification"). Batches, retries and
 * what a collector rejects are the exporter library's; losing a span loses a picture, never a record.
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import type { SpanLine } from '../../src/basics/trace.ts';
import { readable, resourceOf } from './otlp-span.ts';

export interface CollectorSettings {
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

export function spansToCollector({ endpoint, service, version }: CollectorSettings): OtlpSpans {
  const resource = resourceOf({ 'service.name': service, 'service.version': version });
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const processor = new BatchSpanProcessor({ exporter });
  return {
    export: (span) => processor.onEnd(readable(span, resource)),
    // A collector that is away must not keep the process from ending well.
    close: () => processor.shutdown().catch(() => undefined),
  };
}
