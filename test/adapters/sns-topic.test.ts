/** Notices on a topic, over the wire: what SNS is asked for, and what its answers mean. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signer } from '../../adapters/aws/sigv4.ts';
import { snsTopic } from '../../adapters/aws/sns-topic.ts';
import { lettersOf, TOPIC } from '../../src/watch/notices/letters.ts';
import { NOBODY } from '../support/dynamo.ts';

const notice = {
  id: '3.17',
  record_hash: 'ab'.repeat(32),
  trace: 'c'.repeat(32),
  at: '2026-11-29T10:00:00.000Z',
  kind: 'approval_asked',
  about: 'apr_1',
  thing: 'approval/apr_1',
  title: 'An approval waits for you',
  facts: { workflow: 'deploy \u202Eevil\r\nSubject: other' },
  priority: 'critical',
  severity: 'WARNING',
  path: '/approvals/apr_1',
  command: 'chancery approvals show apr_1',
  incident: 'opens',
} as const;

describe('a topic', () => {
  const asked: { form: URLSearchParams; signed: string }[] = [];
  let answer: { status: number; body: string } = { status: 200, body: '<PublishResponse/>' };
  const sns = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push({ form: new URLSearchParams(body), signed: request.headers.authorization ?? '' });
    response.writeHead(answer.status).end(answer.body);
  });
  let endpoint = '';
  beforeAll(async () => {
    await new Promise<void>((listening) => sns.listen(0, '127.0.0.1', listening));
    endpoint = `http://127.0.0.1:${(sns.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((closed) => sns.close(closed)));

  const topic = 'arn:aws:sns:eu-central-1:000000000000:chancery-dev-notices';
  const courier = () =>
    snsTopic({
      topic,
      region: 'eu-central-1',
      endpoint,
      sign: signer('sns', 'eu-central-1', async () => NOBODY),
      fetch,
      clock: () => Date.parse('2026-11-29T10:00:00Z'),
    });
  const [letter] = lettersOf(notice, new Set([TOPIC]), 'https://chancery.example.org');

  it('is told with the link, the command and the record, and with attributes to filter by', async () => {
    expect(await courier().send(JSON.stringify(letter?.body))).toEqual({ kind: 'delivered' });
    const form = Object.fromEntries(asked[0]?.form ?? []);
    expect(asked[0]?.signed).toContain('/eu-central-1/sns/aws4_request');
    expect(form).toMatchObject({
      Action: 'Publish',
      TopicArn: topic,
      Subject: 'Chancery: An approval waits for you',
    });
    const attributes = Object.keys(form)
      .filter((name) => name.endsWith('.Name'))
      .map((name) => [form[name], form[name.replace('.Name', '.Value.StringValue')]]);
    expect(Object.fromEntries(attributes)).toEqual({
      kind: 'approval_asked',
      about: 'apr_1',
      priority: 'critical',
      severity: 'WARNING',
      incident: 'opens',
    });
    expect(form.Message?.split('\n')).toEqual([
      'An approval waits for you',
      '',
      'workflow: deploy  evil Subject: other',
      'priority: critical',
      'when: 2026-11-29T10:00:00.000Z',
      '',
      'https://chancery.example.org/approvals/apr_1',
      'run: chancery approvals show apr_1',
      `record: 3.17 ${'ab'.repeat(32)}`,
    ]);
  });

  it.each([
    [400, '<Error><Code>KMSThrottling</Code></Error>', 'busy'],
    [429, '<Error><Code>Throttled</Code></Error>', 'busy'],
    [403, '<Error><Code>AuthorizationError</Code></Error>', 'refused'],
    [404, '<Error><Code>NotFound</Code></Error>', 'refused'],
    [500, '<Error><Code>InternalError</Code></Error>', 'unclear'],
  ])('that answers %i %s was %s', async (status, body, kind) => {
    answer = { status, body };
    expect(await courier().send(JSON.stringify(letter?.body))).toMatchObject({ kind });
  });

  it.each(['', 'no JSON', '{"subject":"x"}', '{"subject":"x","message":"y","attributes":{"kind":1}}'])(
    'is asked for nothing by what is no message of ours, and that is an answer: %j',
    async (text) => {
      asked.length = 0;
      expect(await courier().send(text)).toMatchObject({ kind: 'refused' });
      expect(asked).toEqual([]);
    },
  );
});
