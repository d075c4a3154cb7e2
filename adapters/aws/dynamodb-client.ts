/** The DynamoDB client and how its failures are read: what certainly did not happen, and what may have. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ChanceryError } from '../../src/errors.ts';

export interface DynamoSettings {
  readonly region: string;
  /** For DynamoDB's stand-ins; absent for AWS itself. */
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** How long to wait for a connection, and then for an answer, before it is STORE_UNAVAILABLE (3,000). */
  readonly timeoutMs?: number;
  readonly agents?: Agents;
}

/** Where the connections to the store are kept open. */
export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

export const openAgents = (): Agents => {
  const kept = { keepAlive: true, maxSockets: 128 };
  return { http: new HttpAgent(kept), https: new HttpsAgent(kept) };
};

/** Connections that are open, in use or kept. */
export const connectionsOf = ({ http, https }: Agents): number =>
  [http.sockets, http.freeSockets, https.sockets, https.freeSockets]
    .flatMap((held) => Object.values(held))
    .reduce((sum, sockets) => sum + (sockets?.length ?? 0), 0);

/**
 * The SDK's own retries are off: repeating a conditional write whose first answer was lost turns a success
 * into a refusal behind the caller's back. `attempt` repeats what is safe.
 */
export function createDynamoClient({
  region,
  endpoint,
  credentials,
  timeoutMs = 3_000,
  agents = openAgents(),
}: DynamoSettings): DynamoDBClient {
  return new DynamoDBClient({
    region,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: agents.http,
      httpsAgent: agents.https,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}

const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);
const ATTEMPTS = 4;
/** A store that hangs is not asked again: the caller at the edge has 29 s, and several reads to wait for. */
const PATIENCE_MS = 2_500;

/**
 * Sends, and sends again (4 times in all, 25 ms doubling, jittered, for 2.5 s at most) what DynamoDB says it did
 * not do for want of capacity, and of reads (`repeatable`) any failure. A failed condition is thrown on as it is, a request
 * that DynamoDB finds malformed as RangeError; everything else is STORE_UNAVAILABLE: it may have happened.
 */
export async function attempt<T>(send: () => Promise<T>, repeatable: boolean): Promise<T> {
  const began = performance.now();
  for (let tried = 1; ; tried++) {
    try {
      return await send();
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw error;
      if (!(error instanceof Error)) throw error;
      if (error.name === 'ValidationException') throw new RangeError(error.message, { cause: error });
      const over = tried === ATTEMPTS || performance.now() - began > PATIENCE_MS;
      if (over || !(repeatable || THROTTLES.has(error.name))) {
        throw new ChanceryError('STORE_UNAVAILABLE', 'DynamoDB did not answer', { cause: error });
      }
    }
    const milliseconds = 25 * 2 ** (tried - 1) * (0.5 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}
