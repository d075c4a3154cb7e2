import { expect, test } from 'vitest';
import { alterationsOf, changeOf } from '../../adapters/aws/stream-changes.ts';

const keys = { pk: { S: 'LANE#00000001' }, sk: { S: '0000000003' } };
const signed = { ...keys, b: { B: 'e30=' }, s: { B: 'AQID' } };
const item = { pk: 'LANE#00000001', sk: '0000000003', b: Buffer.from('{}'), s: Buffer.from([1, 2, 3]) };
const bytes = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (_, v) => (v instanceof Uint8Array ? [...v] : v)),
    (_, v) => (v?.type === 'Buffer' ? v.data : v),
  );

test('an insert as Lambda delivers it, its bytes in base64', () => {
  const change = changeOf({
    eventID: '1',
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    dynamodb: { Keys: keys, NewImage: signed, SequenceNumber: '111', StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  expect(bytes(change)).toEqual(bytes({ kind: 'inserted', item }));
});

test('a modification carries both images', () => {
  const change = changeOf({
    eventName: 'MODIFY',
    dynamodb: { OldImage: signed, NewImage: { ...signed, b: { B: new Uint8Array([9]) } } },
  });
  expect(bytes(change)).toEqual(
    bytes({ kind: 'modified', before: item, after: { ...item, b: new Uint8Array([9]) } }),
  );
});

test('a removal by TTL is told from one by a caller', () => {
  const dynamodb = { OldImage: signed };
  const service = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
  expect(changeOf({ eventName: 'REMOVE', dynamodb })).toMatchObject({ kind: 'removed', expired: false });
  expect(changeOf({ eventName: 'REMOVE', dynamodb, userIdentity: service })).toMatchObject({ expired: true });
  const caller = { type: 'Service', principalId: 'somebody.else' };
  expect(changeOf({ eventName: 'REMOVE', dynamodb, userIdentity: caller })).toMatchObject({ expired: false });
});

test('every type of attribute is read, nested too', () => {
  const map = { M: { list: { L: [{ N: '1.5' }, { BOOL: false }, { NULL: true }, { S: '' }] } } };
  const change = changeOf({ eventName: 'INSERT', dynamodb: { NewImage: { ...keys, map } } });
  expect(change).toMatchObject({ item: { map: { list: [1.5, false, null, ''] } } });
});

test('sets, which only a forger writes, are read as lists', () => {
  const sets = { ...keys, a: { SS: ['x'] }, b: { NS: ['1', '2.5'] }, c: { BS: ['AQ=='] } };
  const change = changeOf({ eventName: 'REMOVE', dynamodb: { OldImage: sets } });
  expect(bytes(change)).toMatchObject({ before: { a: ['x'], b: [1, 2.5], c: [[1]] } });
});

test('of an event only what was modified or removed is read, and another event has none', () => {
  const removed = { eventName: 'REMOVE', dynamodb: { OldImage: signed } };
  const unread = { eventName: 'INSERT', dynamodb: 'whatever' };
  expect(alterationsOf({ Records: [unread, removed, unread] })).toMatchObject([{ kind: 'removed' }]);
  expect(alterationsOf({ source: 'schedule' })).toEqual([]);
  expect(() => alterationsOf({ Records: [{ eventName: 'REMOVE' }] })).toThrow();
});

test.each([
  ['a removal without its old image', { eventName: 'REMOVE', dynamodb: { Keys: keys } }],
  ['an insert with keys only', { eventName: 'INSERT', dynamodb: { Keys: keys } }],
  ['an image without keys', { eventName: 'INSERT', dynamodb: { NewImage: { a: { S: 'x' } } } }],
  ['an unknown event', { eventName: 'TRUNCATE', dynamodb: { NewImage: signed } }],
  ['no record at all', undefined],
])('%s is an error: a sentinel that sees nothing must not look content', (_, record) => {
  expect(() => changeOf(record)).toThrow();
});
