/**
 * One server behind the office, spoken to by the official SDK: a program on this machine over its standard streams, or a service over
 * HTTP. The client declares no capability, so that a server that calls back (sampling, roots, elicitation) is refused by the protocol itself.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Client,
  type FetchLike,
  InsufficientScopeError,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { isDeeperThan, MOST_LEVELS } from '../../src/basics/depth.ts';
import type { JsonObject } from '../../src/json.ts';
import { type Forwarding, ServerFault, type ServerMethod, type ToolServer } from '../../src/tools/server.ts';
import { serverFetch } from './server-fetch.ts';

export interface ClientSettings {
  /** How the office names itself to the server. */
  readonly version: string;
  /** A call that takes longer has failed. */
  readonly seconds: number;
  /** An answer that is larger has failed. */
  readonly bytes: number;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A program on this machine; it is started with the first question, and anew after it ended. */
export function programServer(program: Program, settings: ClientSettings): ToolServer {
  const { command, args, env, cwd } = program;
  return openServer(settings, () => {
    return new StdioClientTransport({
      command,
      args: [...args],
      ...(env === undefined ? {} : { env: { ...env } }),
      ...(cwd === undefined ? {} : { cwd }),
      stderr: 'inherit',
      maxBufferSize: Math.max(settings.bytes, MOST_BUFFERED) + ENVELOPE,
    });
  });
}

/** Told the caller's token, for an exchange; gives the headers that show who the office is. Throws ServerFault `credentials`. */
export type Credentials = (caller: string | undefined) => Promise<Readonly<Record<string, string>>>;

/** A service over HTTP. With credentials that differ by caller, each question has a connection of its own. */
export function httpServer(
  endpoint: string,
  settings: ClientSettings,
  credentials: Credentials,
  { perCaller }: { readonly perCaller: boolean },
): ToolServer {
  const bounded = serverFetch(settings.bytes + ENVELOPE, () => asking.getStore());
  const connect = (caller: string | undefined): Transport => {
    const withCredentials: FetchLike = async (url, init) => {
      const headers = new Headers(init?.headers);
      for (const [name, value] of Object.entries(await credentials(caller))) headers.set(name, value);
      return bounded(url, { ...init, headers });
    };
    return new StreamableHTTPClientTransport(new URL(endpoint), {
      fetch: withCredentials,
      onInsufficientScope: 'throw',
      reconnectionOptions: {
        maxRetries: 0,
        initialReconnectionDelay: 1_000,
        maxReconnectionDelay: 1_000,
        reconnectionDelayGrowFactor: 1,
      },
    });
  };
  if (!perCaller) return openServer(settings, () => connect(undefined));
  return {
    perCaller: true,
    async request(method, params, forwarding) {
      const server = openServer(settings, () => connect(forwarding?.caller));
      try {
        return await server.request(method, params, forwarding);
      } finally {
        await server.close();
      }
    },
    retire: async () => {},
    close: async () => {},
  };
}

/** The request that runs, as its stream sees it: told what ends it without an answer. */
const asking = new AsyncLocalStorage<(fault: ServerFault) => void>();

/** An answer beyond this ends the connection, and every call that waits on it; one beyond `bytes` fails alone. */
const MOST_BUFFERED = 16_777_216;
/** What JSON-RPC puts around an answer. */
const ENVELOPE = 4_096;

/** Notifications and questions of its own since it was last asked: one that says more is heard no longer. */
const MOST_UNASKED = 10_000;
/** Steps of a call that its caller is told of. */
const MOST_STEPS = 1_000;

/**
 * Whether the server knows nothing any more of what was agreed with it: its session is gone (404; MCP 2025-06-18, transports), or it
 * was exchanged for one of another revision.
 */
const isForgotten = (error: unknown): boolean =>
  (error instanceof SdkHttpError && (error.status === 404 || error.status === 400)) ||
  (error instanceof ProtocolError && error.code === ProtocolErrorCode.UnsupportedProtocolVersion);

function openServer(settings: ClientSettings, transportOf: () => Transport): ToolServer {
  const { version, seconds, bytes } = settings;
  const heard: (() => void)[] = [];
  let connecting: Promise<Client> | undefined;
  /** What the server said of itself since the last question. */
  let unasked = 0;
  /** Questions without an answer. */
  let running = 0;
  let retired: PromiseWithResolvers<void> | undefined;

  async function connect(gone: () => void): Promise<Client> {
    const client = new Client(
      { name: 'chancery', version },
      {
        capabilities: {},
        versionNegotiation: { mode: 'auto', probe: { timeoutMs: Math.min(seconds * 1_000, PROBE_MS) } },
        inputRequired: { autoFulfill: false },
      },
    );
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      for (const each of heard) each();
    });
    client.onclose = gone;
    const transport = transportOf();
    await client.connect(transport, { timeout: seconds * 1_000 });
    const { onmessage } = transport;
    transport.onmessage = (message, extra) => {
      if ('method' in message) unasked += 1;
      if (unasked > MOST_UNASKED) void client.close();
      else onmessage?.(message, extra);
    };
    return client;
  }

  function connected(): Promise<Client> {
    if (connecting !== undefined) return connecting;
    const forget = (): void => {
      if (connecting === opening) connecting = undefined;
    };
    const opening = connect(forget).catch((error: unknown) => {
      forget();
      throw faultOf(error, 'unreachable');
    });
    connecting = opening;
    return opening;
  }

  /** The next question begins anew. What still runs on this connection is over by the time that it is closed. */
  function leave(left: Promise<Client>, client: Client): void {
    if (connecting !== left) return;
    connecting = undefined;
    setTimeout(() => void client.close(), seconds * 1_000).unref();
  }

  async function disconnect(): Promise<void> {
    const left = connecting;
    connecting = undefined;
    const client = await left?.catch(() => undefined);
    await client?.close();
  }

  async function ask(method: ServerMethod, params: JsonObject, forwarding: Forwarding): Promise<JsonObject> {
    const { signal, progress, trace } = forwarding;
    const connection = connected();
    const client = await connection;
    unasked = 0;
    let steps = 0;
    const stop = new AbortController();
    try {
      const answer = await asking.run(
        (fault) => stop.abort(fault),
        () =>
          client.request(
            { method, params: { ...params, ...(trace === undefined ? {} : { _meta: { ...trace } }) } },
            {
              timeout: seconds * 1_000,
              maxTotalTimeout: seconds * 1_000,
              signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
              ...(progress
                ? {
                    onprogress: (step) => {
                      steps += 1;
                      if (steps <= MOST_STEPS) progress(step);
                    },
                  }
                : {}),
            },
          ),
      );
      const text = JSON.stringify(answer);
      if (Buffer.byteLength(text, 'utf8') > bytes)
        throw new ServerFault('too_large', `its answer is larger than ${bytes} bytes`);
      const read: JsonObject = JSON.parse(text);
      if (isDeeperThan(read, MOST_LEVELS))
        throw new ServerFault('malformed', 'its answer is nested too deep');
      return read;
    } catch (error) {
      if (isForgotten(error)) leave(connection, client);
      if (signal?.aborted === true) throw new ServerFault('cancelled', 'the caller cancelled', error);
      if (stop.signal.reason instanceof ServerFault) throw stop.signal.reason;
      throw faultOf(error, 'malformed');
    }
  }

  return {
    async request(method, params, forwarding = {}) {
      running += 1;
      try {
        return await ask(method, params, forwarding);
      } finally {
        running -= 1;
        if (running === 0) retired?.resolve(disconnect());
      }
    },
    onChanged: (each) => void heard.push(each),
    async retire() {
      retired ??= Promise.withResolvers();
      if (running === 0) retired.resolve(disconnect());
      await retired.promise;
    },
    close: disconnect,
  };
}

/** A server of an earlier revision may not answer a question that it does not know. */
const PROBE_MS = 3_000;

const BY_CODE: Readonly<Partial<Record<SdkErrorCode, ServerFault['kind']>>> = {
  [SdkErrorCode.RequestTimeout]: 'timeout',
  [SdkErrorCode.ConnectionClosed]: 'unreachable',
  [SdkErrorCode.NotConnected]: 'unreachable',
  [SdkErrorCode.SendFailed]: 'unreachable',
  [SdkErrorCode.InvalidResult]: 'malformed',
  [SdkErrorCode.UnsupportedResultType]: 'calls_back',
  [SdkErrorCode.ClientHttpAuthentication]: 'credentials',
};

/** What the SDK says, in our words. What it wraps may be a fault of ours already. */
function faultOf(error: unknown, otherwise: ServerFault['kind']): ServerFault {
  for (let inner = error; inner instanceof Error; inner = inner.cause)
    if (inner instanceof ServerFault) return inner;
  if (error instanceof ProtocolError)
    return new ServerFault('refused', `it refuses: ${error.message.slice(0, 300)}`, error);
  if (error instanceof InsufficientScopeError)
    return new ServerFault('credentials', 'it wants more than the office may show', error);
  if (error instanceof SdkHttpError)
    return new ServerFault(kindOfStatus(error.status), `it answers ${error.status}`, error);
  const message = error instanceof Error ? error.message.slice(0, 300) : String(error);
  // What fetch throws when there is no connection, or when it breaks off.
  if (error instanceof TypeError) return new ServerFault('unreachable', message, error);
  const known = error instanceof SdkError ? BY_CODE[error.code] : undefined;
  return new ServerFault(known ?? otherwise, message, error);
}

function kindOfStatus(status: number): ServerFault['kind'] {
  if (status === 401 || status === 403) return 'credentials';
  return status >= 500 ? 'unreachable' : 'malformed';
}
