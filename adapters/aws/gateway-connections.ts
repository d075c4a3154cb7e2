/** The connections of a WebSocket API: API Gateway's `@connections` (API version 2018-11-29). */
import type { Clock } from '../../src/ports.ts';
import type { Gateway } from '../../src/watch/live/gateway/broadcast.ts';
import type { Sign } from './sigv4.ts';

export interface ConnectionsWhere {
  /** `{id}/{stage}` */
  readonly api: string;
  readonly region: string;
  /** A stand-in's address; AWS's own when absent. */
  readonly endpoint?: string;
  readonly sign: Sign;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

const PATIENCE_MS = 5_000;
const GONE = 410;

export function gatewayConnections({ api, region, endpoint, sign, fetch, clock }: ConnectionsWhere): Gateway {
  const [id = '', stage = ''] = api.split('/');
  const base =
    endpoint === undefined
      ? `https://${id}.execute-api.${region}.amazonaws.com/${stage}`
      : `${endpoint}/_aws/execute-api/${id}/${stage}`;

  /** Throws for any answer but a good one and 410. */
  async function send(method: 'POST' | 'DELETE', connection: string, body?: Uint8Array<ArrayBuffer>) {
    const url = `${base}/@connections/${encodeURIComponent(connection)}`;
    // `host` is signed, and sent by fetch itself.
    const { host: _, ...headers } = await sign(
      { method, url, headers: {}, ...(body === undefined ? {} : { body }) },
      new Date(clock()),
    );
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    if (!response.ok && response.status !== GONE)
      throw new Error(`${method} to a connection: ${response.status} ${text}`);
    return response.status;
  }

  return {
    post: async (connection, message) =>
      (await send('POST', connection, new Uint8Array(message))) === GONE ? 'gone' : 'sent',
    close: async (connection) => void (await send('DELETE', connection)),
  };
}
