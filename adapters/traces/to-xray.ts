/**
 * Spans to X-Ray from a function, as the AWS Distro for OpenTelemetry sends them from Lambda: OTLP in a datagram to
 * the daemon that stands beside every traced function. No call that an invocation would wait for, no right of its
 * own. Losing a datagram loses a picture, never a record.
 */
import { createSocket, type Socket } from 'node:dgram';
import type { SpanLine } from '../../src/basics/trace.ts';
import { otlpBytes } from './otlp-bytes.ts';
import type { SpanContext } from './span-tracer.ts';

export interface XraySettings {
  /** `host:port`, AWS_XRAY_DAEMON_ADDRESS. */
  readonly daemon: string;
  /** Attributes of the resource: `service.name` at least. */
  readonly resource: Readonly<Record<string, string>>;
}

/** The daemon's header; then what comes: OpenTelemetry traces, version 1, sampled. */
const PREFIX = '{"format":"json","version":1}\nT1S';

export function spansToXray({ daemon, resource }: XraySettings): (span: SpanLine) => void {
  const [host = '127.0.0.1', port = '2000'] = daemon.split(':');
  let socket: Socket | undefined;
  return (span) => {
    if (socket === undefined) {
      socket = createSocket('udp4');
      socket.unref();
      // Tracing must never fail a request: a daemon that is not there is a trace that is not there.
      socket.on('error', () => undefined);
    }
    const message = PREFIX + Buffer.from(otlpBytes(span, resource)).toString('base64');
    socket.send(message, Number(port), host, () => undefined);
  };
}

/**
 * The span that Lambda made around this invocation, of X-Ray's header (developer guide, "Tracing header"):
 * `Root=1-{8 hex}-{24 hex};Parent={16 hex};Sampled=1`. Undefined when there is none.
 */
export function lambdaSpan(header: string | undefined): SpanContext | undefined {
  const parts = new Map((header ?? '').split(';').map((part) => part.split('=', 2) as [string, string]));
  const [, seconds, rest] = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/.exec(parts.get('Root') ?? '') ?? [];
  const span_id = parts.get('Parent') ?? '';
  if (seconds === undefined || rest === undefined || !/^[0-9a-f]{16}$/.test(span_id)) return undefined;
  return { trace_id: seconds + rest, span_id, sampled: parts.get('Sampled') === '1' };
}
