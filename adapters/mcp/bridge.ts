/**
 * Standard streams in front of an office that runs elsewhere: each message of a client on this machine goes to the office's MCP server
 * as it is, and what comes back is handed on as it is. Both ends are transports of the official SDK; nothing is decided here.
 */
import {
  InsufficientScopeError,
  isInitializeRequest,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  ProtocolErrorCode,
  type RequestId,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import * as z from 'zod';

export interface BridgeDeps {
  /** Where the client speaks: the standard streams of this process. */
  readonly near: Transport;
  /** `/mcp` of the office, or `/mcp/{server}`. */
  readonly endpoint: URL;
  /** A bearer token that is good now; asked for each message. */
  readonly token: () => Promise<string>;
  readonly fetch: typeof fetch;
  /** Told what went wrong that no request waits for. */
  readonly trouble: (message: string) => void;
}

/** Opens both ends. Resolves when the client is gone. */
export async function bridge({ near, endpoint, token, fetch, trouble }: BridgeDeps): Promise<void> {
  const far = new StreamableHTTPClientTransport(endpoint, {
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${await token()}`);
      return fetch(url, { ...init, headers });
    },
    onInsufficientScope: 'throw',
  });
  const waiting = new Map<RequestId, AbortController>();
  const { promise: gone, resolve: end } = Promise.withResolvers<void>();
  let handshake: RequestId | undefined;

  const say = (message: JSONRPCMessage): void => {
    near.send(message).catch((error: unknown) => trouble(String(error)));
  };
  const refuse = (id: RequestId, message: string, data?: unknown): void => {
    // Once answered or cancelled nobody waits for it.
    if (waiting.delete(id))
      say({ jsonrpc: '2.0', id, error: { code: ProtocolErrorCode.InternalError, message, data } });
  };

  function request(message: JSONRPCMessage & { readonly id: RequestId }): void {
    const { id } = message;
    const stop = new AbortController();
    waiting.set(id, stop);
    if (isInitializeRequest(message)) handshake = id;
    far
      .send(message, {
        requestSignal: stop.signal,
        onRequestStreamEnd: () => refuse(id, 'The answer of the office broke off.'),
      })
      .catch((error: unknown) => refuse(id, ...said(error, endpoint)));
  }

  near.onmessage = (message) => {
    if (isJSONRPCRequest(message)) return request(message);
    const cancelled = cancellation.safeParse(message);
    if (cancelled.success) {
      // The office has no sessions: what is cancelled is the request that waits for its answer.
      const { requestId } = cancelled.data.params;
      waiting.get(requestId)?.abort();
      waiting.delete(requestId);
      return;
    }
    far.send(message).catch((error: unknown) => trouble(said(error, endpoint)[0]));
  };
  far.onmessage = (message) => {
    if ('id' in message && message.id !== undefined && !('method' in message)) {
      // It was cancelled meanwhile, and is not to be answered.
      if (!waiting.delete(message.id)) return;
      const version =
        message.id === handshake && isJSONRPCResultResponse(message) && negotiated.safeParse(message.result);
      if (version !== false && version.success) far.setProtocolVersion(version.data.protocolVersion);
    }
    say(message);
  };
  near.onerror = (error) => trouble(error.message);
  near.onclose = end;
  await far.start();
  await near.start();
  await gone;
  await far.close();
}

const cancellation = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});
const negotiated = z.object({ protocolVersion: z.string() });
const problem = z.looseObject({ code: z.string(), error: z.string() });

/** What went wrong on the way, in the office's words where it said any. */
function said(error: unknown, endpoint: URL): [message: string, data?: unknown] {
  if (error instanceof InsufficientScopeError)
    return [
      `INSUFFICIENT_SCOPE: the token needs the scope ${error.requiredScope ?? 'that guards this route'}`,
    ];
  if (error instanceof SdkHttpError) {
    const parsed = problem.safeParse(jsonIn(error.data.text));
    if (parsed.success) return [`${parsed.data.code}: ${parsed.data.error}`, parsed.data];
    return [`The office answers ${error.status} at ${endpoint.href}.`];
  }
  const why = error instanceof Error ? error.message : String(error);
  return [`Nothing answers at ${endpoint.href} (${why}); is it running there, and is CHANCERY_URL right?`];
}

function jsonIn(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    // Not the office's word, but that of something in front of it.
    return undefined;
  }
}
