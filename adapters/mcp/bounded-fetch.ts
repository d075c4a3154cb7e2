/** Fetch for a token endpoint: it is not followed elsewhere, and its answer is read whole, up to a bound. */
import { ServerFault } from '../../src/tools/server.ts';

/**
 * A response to a redirect is a fault, and so is a body beyond `bytes`, counted as it comes: a header can lie.
 * @param fetch_ what really fetches
 */
export function boundedFetch(fetch_: typeof fetch, bytes: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch_(input, { ...init, redirect: 'manual' });
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      throw new ServerFault('redirected', `it answers ${response.status}, which leads elsewhere`);
    }
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.byteLength;
      if (size > bytes) throw new ServerFault('too_large', `its answer is larger than ${bytes} bytes`);
      chunks.push(chunk);
    }
    return new Response(Buffer.concat(chunks), { status, statusText, headers });
  };
}
