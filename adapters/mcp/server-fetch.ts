/**
 * How a server that nobody trusts is fetched from: not followed elsewhere, not listened to for ever, and over Node's own HTTP, because what
 * `fetch` puts around a question costs more of a tool call than the question.
 */
import { Agent, request as ask, type IncomingMessage } from 'node:http';
import { request as askSecurely, Agent as SecureAgent } from 'node:https';
import type { FetchLike } from '@modelcontextprotocol/client';
import { ServerFault } from '../../src/tools/server.ts';

/** How long after the end of a stream an answer may still be read from its last part. */
const READ_MS = 100;

/**
 * How long a connection is kept that nobody asks over: less than the five seconds after which many servers close it, for a call
 * that was sent as they did may have been done, and is not sent again.
 */
const KEPT = { keepAlive: true, timeout: 4_000 };
const [agent, secureAgent] = [new Agent(KEPT), new SecureAgent(KEPT)];

/**
 * A response to a redirect is a fault, so is one that came compressed, and one beyond `bytes`, counted as it comes: a header can lie.
 * Throws ServerFault, and what `init.signal` was aborted with.
 * @param breaks told what ends a stream without an answer: whoever reads one waits for more of it. What was answered before does not care
 */
export function serverFetch(
  bytes: number,
  breaks: () => ((fault: ServerFault) => void) | undefined,
): FetchLike {
  return async (input, init = {}) => {
    const url = new URL(input);
    const broken = breaks();
    const { method = 'GET', headers, body, signal } = init;
    if (body !== undefined && body !== null && typeof body !== 'string')
      throw new TypeError('what is asked of a server is a text');
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const outgoing = (secure ? askSecurely : ask)(url, {
        method,
        agent: secure ? secureAgent : agent,
        // What comes compressed says nothing of how large it is.
        headers: { ...Object.fromEntries(new Headers(headers)), 'accept-encoding': 'identity' },
        ...(signal ? { signal } : {}),
      });
      outgoing.on('response', resolve);
      outgoing.on('upgrade', (_incoming, socket) => {
        socket.destroy();
        reject(new ServerFault('malformed', 'it turns to another protocol'));
      });
      outgoing.on('error', (error) => reject(signal?.aborted === true ? signal.reason : unreachable(error)));
      outgoing.end(body ?? undefined);
    });
    const { statusCode: status = 0, headers: said } = incoming;
    if (said['content-encoding'] !== undefined && said['content-encoding'] !== 'identity')
      return turnedDown(incoming, 'malformed', 'its answer is compressed, which nobody asked for');
    if (status >= 300 && status < 400)
      return turnedDown(incoming, 'redirected', `it answers ${status}, which leads elsewhere`);
    if (status < 200 || status > 599)
      return turnedDown(incoming, 'malformed', `it answers ${status}, which is no status`);
    const isStream = said['content-type']?.startsWith('text/event-stream') === true;
    const answer = isStream
      ? countedStream(incoming, bytes, broken)
      : await readWhole(incoming, bytes, signal);
    return new Response(BODILESS.has(status) ? null : answer, { status, headers: headersOf(said) });
  };
}

/** Statuses whose response has no body (Fetch, "null body status"). */
const BODILESS: ReadonlySet<number> = new Set([204, 205]);

const unreachable = (error: Error): ServerFault => new ServerFault('unreachable', error.message, error);
const tooLarge = (bytes: number): ServerFault =>
  new ServerFault('too_large', `its answer is larger than ${bytes} bytes`);

function turnedDown(incoming: IncomingMessage, kind: ServerFault['kind'], message: string): never {
  incoming.destroy();
  throw new ServerFault(kind, message);
}

/** What the SDK reads of them, and whoever diagnoses a server: of a name that stands twice Node has made one. */
function headersOf(said: IncomingMessage['headers']): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(said)) if (typeof value === 'string') headers[name] = value;
  return headers;
}

function readWhole(
  incoming: IncomingMessage,
  bytes: number,
  signal: AbortSignal | null | undefined,
): Promise<Buffer<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > bytes) incoming.destroy(tooLarge(bytes));
      chunks.push(chunk);
    });
    incoming.on('end', () => resolve(Buffer.concat(chunks)));
    incoming.on('error', (error) => {
      if (signal?.aborted === true) reject(signal.reason);
      else reject(error instanceof ServerFault ? error : unreachable(error));
    });
  });
}

/** Given on as it comes: what its reader has not read yet is bounded as the whole is. */
function countedStream(
  incoming: IncomingMessage,
  bytes: number,
  broken: ((fault: ServerFault) => void) | undefined,
): ReadableStream<Uint8Array> {
  let size = 0;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size <= bytes) return controller.enqueue(chunk);
        const fault = tooLarge(bytes);
        broken?.(fault);
        incoming.destroy(fault);
      });
      incoming.on('end', () => {
        controller.close();
        if (broken !== undefined)
          setTimeout(broken, READ_MS, new ServerFault('unreachable', 'its stream ended without an answer'));
      });
      incoming.on('error', (error) => controller.error(error));
    },
    cancel() {
      incoming.destroy();
    },
  });
}
