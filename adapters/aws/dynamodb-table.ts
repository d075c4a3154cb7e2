/** `Table` on one DynamoDB table with string keys `pk` and `sk`, and `expires` as its TTL attribute. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { checkSlots } from '../../src/basics/slots.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Condition, Item, Page, PutResult, Range, Table } from '../../src/ports.ts';
import { type Attributes, toAttributes, toItem } from './attribute-values.ts';
import { firstCount, recount } from './count-expression.ts';
import { attempt } from './dynamodb-client.ts';

/** How often a count may find that others turned its windows in between, before it gives up. */
const TURNS = 8;

export function openDynamoTable(client: DynamoDBClient, name: string): Table {
  const get = async (pk: string, sk: string): Promise<Attributes | undefined> => {
    const command = new GetItemCommand({
      TableName: name,
      Key: toAttributes({ pk, sk }),
      ConsistentRead: true,
    });
    return (await attempt(() => client.send(command), true)).Item;
  };

  const put = async (item: Item, condition: Condition): Promise<PutResult> => {
    const command = new PutItemCommand({
      TableName: name,
      Item: toAttributes(item),
      ...conditionFor(item, condition),
    });
    const refused = await unlessRefused(() => attempt(() => client.send(command), false));
    return { stored: !(refused instanceof ConditionalCheckFailedException) };
  };

  return {
    async get(pk, sk) {
      const found = await get(pk, sk);
      return found === undefined ? undefined : toItem(found);
    },

    put,

    /** One at a time: a gap could not be told from a removed record. */
    async putRun(items) {
      if (items.some(({ pk }) => pk !== items[0]?.pk)) throw new TypeError('a run is of one partition');
      for (const item of items) {
        const result = await put(item, 'absent-or-identical');
        if (!result.stored) return result;
      }
      return { stored: true };
    },

    async query(pk, range = {}) {
      const input = queryFor(pk, range);
      if (input === undefined) return { items: [] };
      const command = new QueryCommand({ TableName: name, ConsistentRead: true, ...input });
      const { Items = [], LastEvaluatedKey } = await attempt(() => client.send(command), true);
      const next = LastEvaluatedKey?.sk?.S;
      return { items: Items.map(toItem), ...(next === undefined ? {} : { next }) } satisfies Page;
    },

    async add(pk, sk, slots) {
      checkSlots(slots);
      let expression = firstCount(slots);
      for (let turn = 0; turn < TURNS; turn++) {
        const command = new UpdateItemCommand({
          TableName: name,
          Key: toAttributes({ pk, sk }),
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...expression,
        });
        const answer = await unlessRefused(() => attempt(() => client.send(command), false));
        if (!(answer instanceof ConditionalCheckFailedException)) return updated(answer.Attributes);
        // Not every engine says what stood in the way.
        const stored = answer.Item ?? (await get(pk, sk));
        expression = recount(slots, stored === undefined ? { pk, sk } : toItem(stored));
      }
      throw new ChanceryError('STORE_UNAVAILABLE', 'A counter was turned by others at every attempt');
    },

    async merge(pk, sk, attributes) {
      const entries = Object.entries(attributes);
      if (entries.length === 0) throw new TypeError('there is nothing to merge');
      const command = new UpdateItemCommand({
        TableName: name,
        Key: toAttributes({ pk, sk }),
        ReturnValues: 'ALL_NEW',
        UpdateExpression: `SET ${entries.map((_, n) => `#a${n} = :a${n}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(entries.map(([attribute], n) => [`#a${n}`, attribute])),
        ExpressionAttributeValues: toAttributes(
          Object.fromEntries(entries.map(([, value], n) => [`:a${n}`, value])),
        ),
      });
      return updated((await attempt(() => client.send(command), true)).Attributes);
    },

    async remove(pk, sk, condition) {
      const command = new DeleteItemCommand({
        TableName: name,
        Key: toAttributes({ pk, sk }),
        ...(condition === undefined ? {} : ofVersion(condition.version)),
      });
      await unlessRefused(() => attempt(() => client.send(command), true));
    },
  };
}

function conditionFor(item: Item, condition: Condition) {
  if (condition === 'absent') return { ConditionExpression: 'attribute_not_exists(pk)' };
  if (condition === 'absent-or-identical') {
    const { b, s } = item;
    if (!(b instanceof Uint8Array) || !(s instanceof Uint8Array)) {
      throw new TypeError(`the item ${item.pk} ${item.sk} is not signed`);
    }
    return {
      // The signature alone is not enough: another body under the same `s` would pass.
      ConditionExpression: 'attribute_not_exists(pk) OR (b = :b AND s = :s)',
      ExpressionAttributeValues: toAttributes({ ':b': b, ':s': s }),
    };
  }
  return ofVersion(condition.version);
}

function ofVersion(version: number) {
  return {
    ConditionExpression: 'version = :version',
    ExpressionAttributeValues: toAttributes({ ':version': version }),
  };
}

/** Undefined when nothing can be in the range: DynamoDB takes an empty range, or a cursor outside it, for a mistake. */
function queryFor(pk: string, range: Range): Partial<QueryCommandInput> | undefined {
  const { from = '', to, reverse = false, limit, after } = range;
  if (to !== undefined && before(to, from)) return undefined;
  const pastFrom = after !== undefined && !before(after, from);
  const withinTo = after !== undefined && (to === undefined || !before(to, after));
  if (after !== undefined && !(reverse ? pastFrom : withinTo)) return undefined;
  const bounds = [...(from === '' ? [] : ['sk >= :from']), ...(to === undefined ? [] : ['sk <= :to'])];
  const sort = bounds.length === 2 ? 'sk BETWEEN :from AND :to' : bounds[0];
  return {
    KeyConditionExpression: sort === undefined ? 'pk = :pk' : `pk = :pk AND ${sort}`,
    ExpressionAttributeValues: toAttributes({
      ':pk': pk,
      ...(from === '' ? {} : { ':from': from }),
      ...(to === undefined ? {} : { ':to': to }),
    }),
    ScanIndexForward: !reverse,
    ...(limit === undefined ? {} : { Limit: limit }),
    ...(after !== undefined && pastFrom && withinTo
      ? { ExclusiveStartKey: toAttributes({ pk, sk: after }) }
      : {}),
  };
}

/** DynamoDB's order of strings: their bytes in UTF-8. */
function before(one: string, other: string): boolean {
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0;
}

async function unlessRefused<T>(work: () => Promise<T>): Promise<T | ConditionalCheckFailedException> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return error;
    throw error;
  }
}

function updated(attributes: Attributes | undefined): Item {
  if (attributes === undefined)
    throw new ChanceryError('STORE_UNAVAILABLE', 'DynamoDB did not return the item');
  return toItem(attributes);
}
