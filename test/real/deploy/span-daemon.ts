/** In place of X-Ray's daemon: keeps the spans that the functions send. */
import { createSocket, type Socket } from 'node:dgram';
import { fieldsOf, textOf } from '../../adapters/protobuf.ts';

export interface SentSpan {
  readonly service: string;
  readonly name: string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_id: string;
}

export class SpanDaemon {
  readonly #socket: Socket;
  readonly #datagrams: Buffer[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram) => void this.#datagrams.push(datagram));
  }

  static async open(): Promise<SpanDaemon> {
    const socket = createSocket('udp4');
    await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
    return new SpanDaemon(socket);
  }

  /** `host:port`, for AWS_XRAY_DAEMON_ADDRESS. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  /** Everything that was sent, as it was sent. */
  get text(): string {
    return this.#datagrams.map((datagram) => messageOf(datagram).toString('latin1')).join('\n');
  }

  names(): string[] {
    return [
      ...new Set(this.#datagrams.flatMap((datagram) => spansOf(messageOf(datagram))).map(({ name }) => name)),
    ];
  }

  of(trace_id: string): SentSpan[] {
    return this.#datagrams
      .flatMap((datagram) => spansOf(messageOf(datagram)))
      .filter((span) => span.trace_id === trace_id);
  }

  close(): void {
    this.#socket.close();
  }
}

/** A line of header, `T1S`, base64. */
function messageOf(datagram: Buffer): Buffer {
  const text = datagram.toString();
  return Buffer.from(text.slice(text.indexOf('\nT1S') + 4), 'base64');
}

/** opentelemetry-proto, trace.proto. */
function spansOf(request: Buffer): SentSpan[] {
  return fieldsOf(request, 1).flatMap((resourceSpans) => {
    const [resource = Buffer.of()] = fieldsOf(resourceSpans, 1);
    const service = /chancery-\w+-[a-z-]+/.exec(textOf(resource))?.[0] ?? '';
    return fieldsOf(resourceSpans, 2).flatMap((scope) =>
      fieldsOf(scope, 2).map((span) => ({
        service,
        name: textOf(fieldsOf(span, 5)[0]),
        trace_id: fieldsOf(span, 1)[0]?.toString('hex') ?? '',
        span_id: fieldsOf(span, 2)[0]?.toString('hex') ?? '',
        parent_id: fieldsOf(span, 4)[0]?.toString('hex') ?? '',
      })),
    );
  });
}
