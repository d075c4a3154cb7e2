/**
 * `Tracer` on X-Ray: each span is a subsegment under the segment that Lambda made, sent as one datagram to the
 * daemon beside the function (X-Ray's documented wire format). Our own forty lines, since the X-Ray SDK reaches
 * its end of support and would be an eighth of the bundle. Losing a datagram loses a picture, never a record.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type { SpanAttributes, Tracer } from '../../src/ports.ts';

export interface XraySettings {
  /** `host:port`, AWS_XRAY_DAEMON_ADDRESS; absent where there is no daemon: then spans cost a closure. */
  readonly daemon?: string;
  /** The header of the current invocation: `Root=1-…;Parent=…;Sampled=1`. Lambda changes it for each. */
  readonly header: () => string | undefined;
}

export function xrayTracer({ daemon, header }: XraySettings): Tracer {
  const spans = new AsyncLocalStorage<string>();
  const send = daemon === undefined ? undefined : sender(daemon);
  return {
    state: () => undefined,
    async span(name, attributes, work) {
      const trace = send && parse(header());
      if (send === undefined || trace === undefined) return work(() => undefined);
      const id = randomBytes(8).toString('hex');
      const parent_id = spans.getStore() ?? trace.parent;
      const start_time = Date.now() / 1_000;
      let fault = false;
      let noted: SpanAttributes = attributes;
      const note = (more: SpanAttributes): void => {
        noted = { ...noted, ...more };
      };
      try {
        return await spans.run(id, () => work(note));
      } catch (error) {
        fault = true;
        throw error;
      } finally {
        const annotations = annotationsOf(noted);
        const segment = { id, name, parent_id, trace_id: trace.root, type: 'subsegment', start_time };
        send({ ...segment, end_time: Date.now() / 1_000, fault, annotations });
      }
    },
  };
}

function sender(daemon: string): (segment: object) => void {
  const [host, port] = daemon.split(':');
  let socket: Socket | undefined;
  return (segment) => {
    if (socket === undefined) {
      socket = createSocket('udp4');
      socket.unref();
      // Tracing must never fail a request: a daemon that is not there is a trace that is not there.
      socket.on('error', () => undefined);
    }
    const datagram = `{"format":"json","version":1}\n${JSON.stringify(segment)}`;
    socket.send(datagram, Number(port ?? 2000), host ?? '127.0.0.1', () => undefined);
  };
}

/** Undefined when this invocation is not sampled. */
function parse(header: string | undefined): { root: string; parent: string } | undefined {
  const parts = new Map((header ?? '').split(';').map((part) => part.split('=', 2) as [string, string]));
  const root = parts.get('Root');
  const parent = parts.get('Parent');
  return root && parent && parts.get('Sampled') === '1' ? { root, parent } : undefined;
}

/** X-Ray indexes annotations by names of letters, digits and underscores. */
const annotationsOf = (attributes: SpanAttributes): SpanAttributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name.replaceAll(/[^A-Za-z0-9_]/g, '_'), value]),
  );
