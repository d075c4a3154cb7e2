/** The connections of a WebSocket API: API Gateway's `@connections` (API version 2018-11-29). */
import type { Gateway } from '../../src/watch/live/gateway/broadcast.ts';
import { fetchSigned, type SignedFetch } from './signed-fetch.ts';

export interface ConnectionsWhere extends SignedFetch {
  /** `{id}/{stage}` */
  readonly api: string;
  readonly region: string;
  /** A stand-in's address; AWS's own when absent. */
  readonly endpoint?: string;
}

const PATIENCE_MS = 5_000;
const GONE = 410;

export function gatewayConnections(where: ConnectionsWhere): Gateway {
  const { api, region, endpoint } = where;
  const [id = '', stage = ''] = api.split('/');
  const base =
    endpoint === undefined
      ? `https://${id}.execute-api.${region}.amazonaws.com/${stage}`
      : `${endpoint}/_aws/execute-api/${id}/${stage}`;

  /** Throws for any answer but a good one and 410. */
  async function send(method: 'POST' | 'DELETE', connection: string, body?: Uint8Array<ArrayBuffer>) {
    const url = `${base}/@connections/${encodeURIComponent(connection)}`;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetchSigned(where, url, { method, headers: {}, signal, ...(body && { body }) });
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
