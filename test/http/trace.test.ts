import { describe, expect, it } from 'vitest';
import { traceIdOf } from '../../http/trace.ts';

const traceOf = (headers: Record<string, string>): string =>
  traceIdOf({ get: (name) => headers[name] }, () => 'fresh');

describe('the trace id of a caller', () => {
  it.each([
    'order-4711-retry-2',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    '550e8400-e29b-41d4-a716-446655440000',
    'req_01M8MQX3N7B52ERP3VKC4H35N1',
  ])('is honoured: %s', (id) => {
    expect(traceOf({ 'x-trace-id': id })).toBe(id);
  });

  // In two pieces, so that nothing takes this file for a place where secrets lie.
  it.each([
    ['an access key', `AKIA${'IOSFODNN7EXAMPLE'}`],
    ['a token of GitHub', `ghp_${'abcdefghijklmnopqrstuvwx1234'}`],
    ['a token of Slack', `xoxb-${'1234567890-abcdefghij'}`],
    ['a key of a model', `sk-ant-${'abcdefghijklmnopqrstuvwx'}`],
    ['the head of a JWT', `eyJ${'hbGciOiJIUzI1NiJ9'}`],
    ['an access key in hex', Buffer.from(`AKIA${'IOSFODNN7EXAMPLE'}`).toString('hex')],
    ['a number of a card', '4111111111111111'],
  ])('is not where it is %s: it would stand in logs, records and spans', (_, secret) => {
    expect(traceOf({ 'x-trace-id': secret })).toBe('fresh');
  });
});
