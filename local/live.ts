/**
 * WebSocket on the server of one machine. A handshake is a request like any other: the application answers it (door,
 * records, figures, refusals), and only where it takes it the socket becomes a connection.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { App } from '../http/app.ts';
import { authorizationOf, type Handshake, offeredIn } from '../http/audit/handshake.ts';
import type { Log, Meter } from '../src/ports.ts';
import type { Connection, Wire } from '../src/watch/live/connection.ts';
import type { Seat } from '../src/watch/live/desk.ts';
import { MAX_INCOMING } from '../src/watch/live/messages.ts';

export interface LiveDeps {
  readonly app: Pick<App, 'hono'>;
  readonly meter: Meter;
  readonly log: Log;
}

/** A client that does not answer a close has this long (RFC 6455 §7.1.1 leaves it to us). */
const FAREWELL_MS = 2_000;

/** Only these leave HTTP; any other `Upgrade` is passed over, as RFC 9110 §7.8 allows, and the request answered as it is. */
export const isWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

export function acceptWebSockets(server: Server, { app, meter, log }: LiveDeps): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_INCOMING,
    // It costs memory for each connection, and what compresses secrets beside text of others tells of them.
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: (_, request) => offeredIn(request.headers['sec-websocket-protocol']).agreed ?? false,
  });

  async function handshake(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const asked: { seat?: Seat } = {};
    const given: Handshake<Seat> = {
      accept(seat) {
        asked.seat = seat;
      },
    };
    const response = await app.hono.fetch(requestOf(request), { incoming: request, handshake: given });
    const { seat } = asked;
    if (seat === undefined) {
      meter.count('ws_connections_total', { result: response.status < 500 ? 'refused' : 'failed' });
      return refuse(socket, response);
    }
    let opened = false;
    sockets.handleUpgrade(request, socket, head, (connected) => {
      opened = true;
      meter.count('ws_connections_total', { result: 'accepted' });
      connect(connected, socket, seat);
    });
    // The client left while its handshake was looked at.
    if (!opened) {
      meter.count('ws_connections_total', { result: 'refused' });
      seat.abandon();
    }
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Whatever happens to it is told by its end; without a listener it would end the process.
    socket.on('error', () => socket.destroy());
    handshake(request, socket, head).catch((error: unknown) => {
      meter.count('ws_connections_total', { result: 'failed' });
      log.write('error', 'live', 'a handshake failed', { error: String(error) });
      socket.destroy();
    });
  });
}

/** The same request for the application, its token where tokens are. */
function requestOf({ url = '/', method = 'GET', headers }: IncomingMessage): Request {
  const given = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) given.set(name, Array.isArray(value) ? value.join(', ') : value);
  const authorization = authorizationOf({
    authorization: headers.authorization,
    'sec-websocket-protocol': headers['sec-websocket-protocol'],
  });
  if (authorization !== undefined) given.set('authorization', authorization);
  return new Request(new URL(url, 'http://local'), { method, headers: given });
}

/** The application's own answer, problem document and all, on a socket that HTTP has let go of. */
async function refuse(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set('connection', 'close');
  headers.set('content-length', String(body.length));
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${response.status} Refused\r\n${lines}\r\n`), body]));
}

function connect(connected: WebSocket, socket: Duplex, seat: Seat): void {
  const connection = seat.open(wireOf(connected, socket));
  connected.on('message', (data, isBinary) => connection.said(isBinary ? undefined : data.toString()));
  connected.on('ping', () => connection.pinged());
  connected.on('pong', () => connection.ponged());
  connected.on('error', (error) => faultOf(connection, error));
  connected.on('close', (code) => connection.end(code === ABNORMAL ? 'lost' : 'client', ''));
}

const ABNORMAL = 1006;

/** What `ws` found wrong with a frame: it closes the connection with the code for that itself. */
function faultOf(connection: Connection, error: Error): void {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    connection.end('too_large', `at most ${MAX_INCOMING} bytes`);
  else if (code === 'WS_ERR_INVALID_UTF8') connection.end('malformed', 'not UTF-8');
  else if (typeof code === 'string' && code.startsWith('WS_ERR_')) connection.end('protocol', '');
  else connection.end('lost', '');
}

function wireOf(connected: WebSocket, socket: Duplex): Wire {
  let waiting = 0;
  const drained: (() => void)[] = [];
  const tell = (): void => {
    for (const told of drained.splice(0)) told();
  };
  const sent = (bytes: number) => () => {
    waiting -= bytes;
    if (waiting <= 0) tell();
  };
  connected.once('close', tell);
  return {
    waiting: () => waiting,
    send(messages) {
      if (connected.readyState !== WebSocket.OPEN) return;
      const bytes = messages.reduce((sum, { length }) => sum + length, 0);
      waiting += bytes;
      // One write for all of them, whatever their number.
      socket.cork();
      messages.forEach((message, at) => {
        const last = at === messages.length - 1;
        connected.send(message, { binary: false }, last ? sent(bytes) : undefined);
      });
      socket.uncork();
    },
    drained: () =>
      waiting === 0 || connected.readyState !== WebSocket.OPEN
        ? Promise.resolve()
        : new Promise((resolve) => drained.push(resolve)),
    ping: () => connected.readyState === WebSocket.OPEN && connected.ping(),
    close(code, reason) {
      connected.close(code, reason);
      setTimeout(() => connected.terminate(), FAREWELL_MS).unref();
    },
    terminate: () => connected.terminate(),
  };
}
