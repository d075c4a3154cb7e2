/** A proxy on loopback that loses requests and answers as told: what a network does to a client of AWS. */
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * - `pass`: as if it were not there.
 * - `drop`: the connection breaks before the request arrives.
 * - `lose`: the request is carried out, then the connection breaks.
 * - an object: this answer, and the request never arrives.
 */
export type Fate = 'pass' | 'drop' | 'lose' | { readonly status: number; readonly body: unknown };

export interface FaultyHttp {
  readonly url: string;
  /** Operations that arrived, by their `X-Amz-Target` (`DynamoDB_20120810.PutItem` as `PutItem`). */
  readonly seen: string[];
  /** The fates of the next requests, in order; after them, `pass`. */
  plan(...fates: readonly Fate[]): void;
  close(): Promise<void>;
}

export async function startFaultyHttp(target: string): Promise<FaultyHttp> {
  const seen: string[] = [];
  let fates: Fate[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = String(request.headers['x-amz-target'] ?? request.url);
    seen.push(operation.slice(operation.indexOf('.') + 1));
    const fate = fates.shift() ?? 'pass';
    if (fate === 'drop') return request.socket.destroy();
    if (typeof fate === 'object') {
      response.writeHead(fate.status, { 'content-type': 'application/x-amz-json-1.0' });
      return response.end(JSON.stringify(fate.body));
    }
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      ['host', 'connection', 'content-length'].includes(name) ? [] : [[name, String(value)]],
    );
    const answer = await fetch(new URL(request.url ?? '/', target), {
      method: request.method ?? 'POST',
      headers,
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (fate === 'lose') return request.socket.destroy();
    const kept = [...answer.headers].filter(
      ([name]) => !['content-encoding', 'transfer-encoding'].includes(name),
    );
    response.writeHead(answer.status, Object.fromEntries(kept));
    return response.end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    plan(...planned) {
      fates = [...planned];
      seen.length = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
