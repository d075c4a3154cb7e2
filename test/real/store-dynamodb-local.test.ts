import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { tableContract } from '../store/table-contract.ts';
import { clientAt, makeTable } from '../support/dynamo.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';
import { streamContract } from './stream-contract.ts';

tableContract(
  'DynamoDB Local',
  async () => {
    const local = await startDynamoDbLocal();
    const client = clientAt(local.url);
    const table = openDynamoTable(client, await makeTable(client, 'chancery'));
    return { table, close: () => local.stop() };
  },
  25,
);

streamContract('DynamoDB Local', async () => {
  const local = await startDynamoDbLocal();
  return { url: local.url, client: clientAt(local.url), close: () => local.stop() };
});
