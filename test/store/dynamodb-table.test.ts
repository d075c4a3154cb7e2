import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import type { Table } from '../../src/ports.ts';
import { clientAt, type Dynalite, makeTable, startDynalite } from '../support/dynamo.ts';
import { type FaultyHttp, startFaultyHttp } from '../support/faulty-http.ts';
import { record, records, tableContract } from './table-contract.ts';

tableContract(
  'DynamoDB (dynalite)',
  async () => {
    const { client, close } = await startDynalite();
    return { table: openDynamoTable(client, await makeTable(client, 'chancery')), close };
  },
  15,
);

describe('the DynamoDB table behind a network that fails', () => {
  let dynalite: Dynalite;
  let network: FaultyHttp;
  let client: DynamoDBClient;
  let table: Table;
  let partition = 0;
  let pk = '';
  const throttled = {
    status: 400,
    body: {
      __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
      message: 'slow down',
    },
  };
  const minute = [{ name: 'minute', window: 1, by: 1 }];

  beforeAll(async () => {
    dynalite = await startDynalite();
    network = await startFaultyHttp(dynalite.url);
    await makeTable(dynalite.client, 'chancery');
    client = clientAt(network.url);
    table = openDynamoTable(client, 'chancery');
  });
  beforeEach(() => {
    pk = `P#${++partition}`;
    network.plan();
  });
  afterAll(async () => {
    client.destroy();
    await network.close();
    await dynalite.close();
  });

  test('a put whose answer is lost is unavailable, once, and repeating the identical item succeeds', async () => {
    network.plan('lose');
    const item = record(pk, 0);
    await expect(table.put(item, 'absent-or-identical')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(network.seen).toEqual(['PutItem']);
    expect(await table.put(item, 'absent-or-identical')).toEqual({ stored: true });
  });

  test('an `absent` put is never repeated behind the caller: its own success would look like a refusal', async () => {
    network.plan('lose');
    await expect(table.put({ pk, sk: 'a' }, 'absent')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await table.get(pk, 'a')).toEqual({ pk, sk: 'a' });
    network.plan('drop');
    await expect(table.put({ pk, sk: 'b' }, 'absent')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await table.get(pk, 'b')).toBeUndefined();
  });

  test('a run that breaks leaves a prefix, and the same run completes it', async () => {
    const run = records(pk, 0, 6);
    network.plan('pass', 'pass', 'lose');
    await expect(table.putRun(run)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((await table.query(pk)).items).toEqual(run.slice(0, 3));
    expect(await table.putRun(run)).toEqual({ stored: true });
    expect((await table.query(pk)).items).toEqual(run);
  });

  test('a count whose answer is lost is not repeated, so that it is counted once or twice, never less', async () => {
    network.plan('lose');
    await expect(table.add(pk, 'a', minute)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await table.add(pk, 'a', minute)).toMatchObject({ minute: 2 });
  });

  test('reads and removals are repeated through failures', async () => {
    await table.put({ pk, sk: 'a' }, 'absent');
    network.plan('drop', 'lose', 'drop');
    expect(await table.get(pk, 'a')).toEqual({ pk, sk: 'a' });
    expect(network.seen).toEqual(['GetItem', 'GetItem', 'GetItem', 'GetItem']);
    network.plan('lose');
    expect((await table.query(pk)).items).toHaveLength(1);
    network.plan('lose');
    await table.remove(pk, 'a');
    expect(await table.get(pk, 'a')).toBeUndefined();
  });

  test('but not for ever', async () => {
    network.plan('drop', 'drop', 'drop', 'drop');
    await expect(table.get(pk, 'a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(network.seen).toHaveLength(4);
  });

  test('what DynamoDB throttled it did not do: it is sent again, conditions and all', async () => {
    network.plan(throttled, throttled);
    expect(await table.put({ pk, sk: 'a' }, 'absent')).toEqual({ stored: true });
    network.plan(throttled);
    expect(await table.add(pk, 'n', minute)).toMatchObject({ minute: 1 });
    network.plan(throttled, throttled, throttled, throttled);
    await expect(table.put({ pk, sk: 'b' }, 'absent')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await table.get(pk, 'b')).toBeUndefined();
  });

  test('any other error of the service is unavailable, with its cause', async () => {
    network.plan({ status: 400, body: { __type: 'AccessDeniedException', message: 'no' } });
    await expect(table.put({ pk, sk: 'a' }, 'absent')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause: { name: 'AccessDeniedException' },
    });
    network.plan({ status: 500, body: { __type: 'InternalServerError', message: 'oops' } });
    await expect(table.put({ pk, sk: 'a' }, 'absent')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('each method is one round trip; a turned window costs a second, and a read where the engine does not tell', async () => {
    await table.put({ pk, sk: 'a' }, 'absent');
    await table.get(pk, 'a');
    await table.query(pk, { from: 'a' });
    await table.add(pk, 'n', minute);
    await table.add(pk, 'n', minute);
    await table.remove(pk, 'a');
    expect(network.seen).toEqual(['PutItem', 'GetItem', 'Query', 'UpdateItem', 'UpdateItem', 'DeleteItem']);
    network.plan();
    await table.add(pk, 'n', [{ name: 'minute', window: 2, by: 1 }]);
    expect(network.seen).toEqual(['UpdateItem', 'GetItem', 'UpdateItem']);
  });
});

test('a store that is not there is unavailable', async () => {
  const dynalite = await startDynalite();
  const client = clientAt(dynalite.url);
  await dynalite.close();
  const table = openDynamoTable(client, 'chancery');
  await expect(table.put({ pk: 'a', sk: 'a' }, 'absent')).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
  client.destroy();
});
