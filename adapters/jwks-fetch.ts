/**
 * Fetches the JWKS of an issuer over HTTP, for `createAuthenticator`. Over Node's own, since what stands behind `fetch` is loaded
 * when it is first called: 20 ms and more of a start, for one question.
 */
import { request as ask, type IncomingMessage } from 'node:http';
import { globalAgent as secureAgent } from 'node:https';
import type { FetchJwks } from '../src/identity/keys.ts';

const TIMEOUT_MS = 3000;
const MAX_BYTES = 262_144;

/**
 * The parsed answer. Throws on anything but a 200 with JSON of at most 256 KB within three seconds. Redirects
 * are not followed: who can answer with one could point us at an address inside our own network.
 */
export const fetchJwksOverHttp: FetchJwks = async (uri) => {
  const url = new URL(uri);
  const { protocol, hostname } = url;
  const loopback = protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  if (protocol !== 'https:' && !loopback)
    throw new Error(`keys are fetched over https only, not from ${uri}`);
  const incoming = await answerOf(url);
  if (incoming.statusCode !== 200) {
    incoming.destroy();
    throw new Error(`the keys at ${uri} were answered with status ${incoming.statusCode}`);
  }
  return JSON.parse(await readText(incoming, uri));
};

function answerOf(url: URL): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = ask(url, {
      ...(url.protocol === 'https:' ? { agent: secureAgent } : {}),
      // Of the whole answer, its body included.
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // Asked for once in many minutes: a connection that was kept would be found closed.
      headers: {
        accept: 'application/jwk-set+json, application/json',
        'accept-encoding': 'identity',
        connection: 'close',
      },
    });
    outgoing.on('response', resolve);
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error(`the keys at ${url} turn to another protocol`));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function readText(body: AsyncIterable<Buffer>, uri: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error(`the keys at ${uri} are larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}
