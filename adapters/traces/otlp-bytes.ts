/**
 * A span as an OTLP message (opentelemetry-proto, ExportTraceServiceRequest), by OpenTelemetry's own serializer. In
 * the functions it is a file beside the bundle, loaded with the first span that is kept.
 */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { SpanLine } from '../../src/basics/trace.ts';
import { readable, resourceOf } from './otlp-span.ts';

export function otlpBytes(span: SpanLine, resource: Readonly<Record<string, string>>): Uint8Array {
  const bytes = ProtobufTraceSerializer.serializeRequest([readable(span, resourceOf(resource))]);
  if (bytes === undefined) throw new TypeError(`the span ${span.name} has no OTLP form`);
  return bytes;
}
