/** Fetch for a server that nobody trusts: it is not followed elsewhere, and not listened to for ever. */
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
    let size = 0;
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          size += chunk.byteLength;
          if (size <= bytes) controller.enqueue(chunk);
          else controller.error(new ServerFault('too_large', `its answer is larger than ${bytes} bytes`));
        },
      }),
    );
    const { status, statusText, headers } = response;
    return new Response(counted, { status, statusText, headers });
  };
}
