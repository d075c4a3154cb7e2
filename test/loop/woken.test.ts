/** How the loop is woken on AWS: by what stands in a batch of the table's stream, and over Lambda's own API. */
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invokeLater } from '../../adapters/aws/invoke-function.ts';
import { signer } from '../../adapters/aws/sigv4.ts';
import { heardBy, isHeeded, isToldOf } from '../../lambdas/shared/heeded.ts';
import { HEEDED } from '../../src/loop/seen.ts';
import { NOBODY } from '../support/dynamo.ts';

const batchOf = (...texts: string[]) => ({
  Records: texts.map((text) => ({
    eventName: 'INSERT',
    dynamodb: {
      Keys: { pk: { S: 'LANE#00000001' } },
      NewImage: { b: { B: Buffer.from(text).toString('base64') } },
    },
  })),
});
const batch = (...types: string[]) => batchOf(...types.map((type) => `{"data":{},"type":"${type}","v":1}`));

describe('a batch of the stream', () => {
  it.each(HEEDED)('with a %s in it wakes the loop', (type) => {
    expect(isHeeded(batch('decision.made', type))).toBe(true);
  });

  it.each([
    ['other records', batch('decision.made', 'metric.allowed', 'healing.executed')],
    ['nothing', { Records: [] }],
    ['a removal', { Records: [{ eventName: 'REMOVE', dynamodb: { Keys: {} } }] }],
    ['what is no batch', { source: 'schedule' }],
  ])('with %s does not', (_, event) => {
    expect([isHeeded(event), isToldOf(event)]).toEqual([false, false]);
  });

  it('wakes who tells people for what people are told of, and not for every blocked attempt', () => {
    for (const type of [
      'approval.requested',
      'violation.reported',
      'whistleblower.received',
      'sanction.applied',
    ])
      expect(isToldOf(batch('decision.made', type)), type).toBe(true);
    const blocked = (more: string) =>
      batchOf(`{"data":{"case":{"id":"vio_1"${more}}},"type":"metric.blocked","v":1}`);
    expect([isToldOf(blocked('')), isToldOf(blocked(',"change":"raised"'))]).toEqual([false, true]);
  });
});

describe('a governed execution', () => {
  const execution = [batch('decision.made'), batch('workflow.succeeded'), { Records: [] }];
  const wokenBy = async (listens: boolean) =>
    (await Promise.all(execution.map((each) => heardBy(each, { any: async () => listens })))).flat();

  it('wakes nobody where nobody listens, and the broadcaster alone where somebody does', async () => {
    expect(await wokenBy(false)).toEqual([]);
    expect(await wokenBy(true)).toEqual(execution.map(() => 'broadcast'));
    expect(await heardBy(batch(...HEEDED), { any: async () => false })).toContain('loop');
  });
});

describe('waking a function', () => {
  const asked: { method?: string; url?: string; type?: unknown; signed?: string }[] = [];
  let status = 202;
  const lambda = createServer((request, response) => {
    const { method, url, headers } = request;
    asked.push({
      ...(method === undefined ? {} : { method }),
      ...(url === undefined ? {} : { url }),
      type: headers['x-amz-invocation-type'],
      signed: headers.authorization ?? '',
    });
    response.writeHead(status).end();
  });
  let endpoint = '';
  beforeAll(async () => {
    await new Promise<void>((listening) => lambda.listen(0, '127.0.0.1', listening));
    const address = lambda.address();
    endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => new Promise((closed) => lambda.close(closed)));

  const arn = 'arn:aws:lambda:eu-central-1:000000000000:function:chancery-dev-heal:live';
  const wake = () =>
    invokeLater(arn, {
      region: 'eu-central-1',
      endpoint,
      sign: signer('lambda', 'eu-central-1', async () => NOBODY),
      fetch,
      clock: () => Date.parse('2026-11-28T20:00:00Z'),
    });

  it('asks Lambda for an event, signed, and waits for nothing', async () => {
    await wake();
    expect(asked).toEqual([
      {
        method: 'POST',
        url: `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`,
        type: 'Event',
        signed: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=\d+\/20261128\/eu-central-1\/lambda\//),
      },
    ]);
  });

  it('says so where Lambda does not take it', async () => {
    status = 429;
    await expect(wake()).rejects.toThrow('429');
  });
});
