/**
 * Closed-loop load over HTTP/1.1 in a process of its own: each client has a connection, and sends its next request when the last was
 * answered. Over bare sockets, since Node's own client takes as much of a processor as what is measured.
 */
import { connect, type Socket } from 'node:net';

/** One client's request, the same each time. */
export interface Asked {
  readonly url: string;
  readonly body: string;
  readonly token?: string;
}

export interface Loaded {
  /** Milliseconds, ascending. */
  readonly latencies: readonly number[];
  readonly failures: number;
  readonly seconds: number;
}

/** Asks for so many milliseconds. An answer other than 200 is a failure; a connection that breaks off ends the load. */
export async function load(clients: readonly Asked[], ms: number): Promise<Loaded> {
  const latencies: number[] = [];
  let failures = 0;
  const began = performance.now();
  await Promise.all(
    clients.map(async (asked) => {
      const { socket, ask } = await open(asked);
      while (performance.now() - began < ms) {
        const sent = performance.now();
        const status = await ask();
        latencies.push(performance.now() - sent);
        if (status !== 200) failures += 1;
      }
      socket.destroy();
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  return { latencies: latencies.sort((a, b) => a - b), failures, seconds };
}

/** One connection; `ask` resolves to the status when the whole answer is there. */
function open({ url, body, token }: Asked): Promise<{ socket: Socket; ask: () => Promise<number> }> {
  const { host, hostname, port, pathname } = new URL(url);
  const request = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
  return new Promise((opened, failed) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let text = '';
    let answered: (status: number) => void = () => undefined;
    let broken: (error: Error) => void = failed;
    socket.setEncoding('latin1');
    socket.on('data', (part) => {
      text += part;
      const status = statusOf(text);
      if (status === undefined) return;
      text = '';
      answered(status);
    });
    socket.on('error', (error) => broken(error));
    socket.on('close', () => broken(new Error(`${url} closed the connection`)));
    socket.on('connect', () => {
      const ask = () =>
        new Promise<number>((resolve, reject) => {
          answered = resolve;
          broken = reject;
          socket.write(request);
        });
      opened({ socket, ask });
    });
  });
}

/** Undefined while some of the answer is still to come. */
function statusOf(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end)) ?? [];
  // Without a length it comes in chunks, of which the last is empty (RFC 9112 §7.1).
  const whole = length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + Number(length);
  return whole ? Number(text.slice(9, 12)) : undefined;
}
