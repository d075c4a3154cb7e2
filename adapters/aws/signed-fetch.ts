/** Sends a request to AWS with its signature, where a client of the SDK would be most of a bundle. */
import type { Clock } from '../../src/ports.ts';
import type { Sign } from './sigv4.ts';

export interface SignedFetch {
  readonly sign: Sign;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

export interface SignedRequest extends Pick<RequestInit, 'signal' | 'redirect'> {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** @param url with its path written out: what is signed and what is sent are then the same. Throws as `fetch` does. */
export async function fetchSigned(
  { sign, fetch, clock }: SignedFetch,
  url: string,
  { headers, method, body, ...sent }: SignedRequest,
): Promise<Response> {
  const asked = { method, ...(body === undefined ? {} : { body }) };
  // `host` is signed, and sent by fetch itself.
  const { host: _, ...signed } = await sign({ ...asked, url, headers }, new Date(clock()));
  return fetch(url, { ...sent, ...asked, headers: signed });
}
