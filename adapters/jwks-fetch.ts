/** Fetches the JWKS of an issuer over HTTP, for `createAuthenticator`. */
import type { FetchJwks } from '../src/identity/keys.ts';

const TIMEOUT_MS = 3000;
const MAX_BYTES = 262_144;

/**
 * The parsed answer. Throws on anything but a 200 with JSON of at most 256 KB within three seconds. Redirects
 * are not followed: who can answer with one could point us at an address inside our own network.
 */
export const fetchJwksOverHttp: FetchJwks = async (uri) => {
  const { protocol, hostname } = new URL(uri);
  const loopback = protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  if (protocol !== 'https:' && !loopback)
    throw new Error(`keys are fetched over https only, not from ${uri}`);
  const response = await fetch(uri, {
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { accept: 'application/jwk-set+json, application/json' },
  });
  if (response.status !== 200 || response.body === null) {
    throw new Error(`the keys at ${uri} were answered with status ${response.status}`);
  }
  return JSON.parse(await readText(response.body, uri));
};

async function readText(body: ReadableStream<Uint8Array>, uri: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error(`the keys at ${uri} are larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}
