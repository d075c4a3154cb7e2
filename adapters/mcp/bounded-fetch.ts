/** Fetch for a server that nobody trusts: it is not followed elsewhere, and not listened to for ever. */
import { ServerFault } from '../../src/tools/server.ts';

/** How long after the end of a stream an answer may still be read from its last part. */
const READ_MS = 100;

/**
 * A response to a redirect is a fault, and so is a body beyond `bytes`, counted as it comes: a header can lie.
 * @param fetch_ what really fetches
 * @param breaks told what ends a stream without an answer: whoever reads one waits for more of it. What was answered before does not care
 */
export function boundedFetch(
  fetch_: typeof fetch,
  bytes: number,
  breaks: () => ((fault: ServerFault) => void) | undefined = () => undefined,
): typeof fetch {
  return async (input, init) => {
    const broken = breaks();
    const response = await fetch_(input, { ...init, redirect: 'manual' });
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      throw new ServerFault('redirected', `it answers ${response.status}, which leads elsewhere`);
    }
    if (response.body === null) return response;
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const { status, statusText, headers } = response;
    const body = isStream
      ? countedStream(response.body, bytes, broken)
      : await readWhole(response.body, bytes);
    return new Response(body, { status, statusText, headers });
  };
}

const tooLarge = (bytes: number): ServerFault =>
  new ServerFault('too_large', `its answer is larger than ${bytes} bytes`);

/** An answer that is no stream: to pass it on through another stream costs more than all that is done with it. */
async function readWhole(body: ReadableStream<Uint8Array>, bytes: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > bytes) throw tooLarge(bytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function countedStream(
  body: ReadableStream<Uint8Array>,
  bytes: number,
  broken: ((fault: ServerFault) => void) | undefined,
): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.byteLength;
        if (size <= bytes) return controller.enqueue(chunk);
        const fault = tooLarge(bytes);
        broken?.(fault);
        controller.error(fault);
      },
      flush() {
        if (broken !== undefined)
          setTimeout(broken, READ_MS, new ServerFault('unreachable', 'its stream ended without an answer'));
      },
    }),
  );
}
