/** DynamoDB tables in stand-ins for DynamoDB. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { CreateTableCommand, type DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { createDynamoClient } from '../../adapters/aws/dynamodb-client.ts';

/** Credentials that no AWS account has; every stand-in takes them. */
export const NOBODY = { accessKeyId: '000000000000', secretAccessKey: 'none' } as const;

/** A table with the keys that Chancery's stack makes, its stream carrying old and new images. */
export async function makeTable(client: DynamoDBClient, name: string): Promise<string> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 1 }, { TableName: name });
  return name;
}

/** Patient, for machines that have other things to do: what a test waits for is not what a caller waits for. */
export function clientAt(endpoint: string, timeoutMs = 20_000): DynamoDBClient {
  return createDynamoClient({ region: 'us-east-1', endpoint, credentials: NOBODY, timeoutMs });
}

export interface Dynalite {
  readonly url: string;
  readonly client: DynamoDBClient;
  close(): Promise<void>;
}

/** dynalite in this process, on a free port of loopback, keeping nothing. */
export async function startDynalite(): Promise<Dynalite> {
  const dynalite: (options: object) => Server = createRequire(import.meta.url)('dynalite');
  const server = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('dynalite has no port');
  const url = `http://127.0.0.1:${address.port}`;
  const client = clientAt(url);
  return {
    url,
    client,
    async close() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
