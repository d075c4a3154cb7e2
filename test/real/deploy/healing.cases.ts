/** A violation, what is done about it and how it is undone, on the deployed stacks: stream → project → heal. */
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { describe, expect, it, vi } from 'vitest';
import type { Deployment } from '../deployment.ts';
import { ACCOUNT, REGION } from '../ministack.ts';

/** Stream, projector, the loop's cold start, and the read after it. */
const SECONDS = 60;

interface Published {
  readonly Message: string;
  readonly MessageAttributes: Readonly<Record<'kind' | 'priority', { readonly Value: string }>>;
}

/** A queue that hears the topic of notices, as a system of the committee's would. */
async function subscribe(endpoint: string) {
  const all: Published[] = [];
  const sqs = async (action: string, body: object) => {
    const answer = await fetch(`${endpoint}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${action}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${ACCOUNT}/20260101/${REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    });
    return answer.json();
  };
  const { QueueUrl } = await sqs('CreateQueue', { QueueName: 'committee' });
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'test' };
  await new SNSClient({ region: REGION, endpoint, credentials }).send(
    new SubscribeCommand({
      TopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:chancery-dev-notices`,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:${REGION}:${ACCOUNT}:committee`,
    }),
  );
  return {
    async arrived(): Promise<readonly Published[]> {
      const { Messages = [] } = await sqs('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
      all.push(...Messages.map(({ Body }: { Body: string }) => JSON.parse(Body)));
      return all;
    },
  };
}

export function healing(deployed: () => Deployment): void {
  describe('a source that asks three times for a forbidden metric', () => {
    it('is quarantined by the loop, refused by the gate, and free when a person takes it back', async () => {
      const { issuer } = deployed();
      const subscribed = await subscribe(deployed().ministack.endpoint);
      const node = await issuer.mint({
        sub: 'node-9',
        name: 'Node Nine',
        roles: ['operator'],
        kind: 'service',
      });
      const ann = await issuer.mint({ sub: 'ann', name: 'Ann Admin', roles: ['admin'], kind: 'human' });
      const attempt = () =>
        deployed().call('POST /charter/metrics/validate', {
          token: node,
          body: {
            metric_name: 'user_location',
            value: 1,
            timestamp: new Date().toISOString(),
            source: 'node-9',
          },
        });
      const answers = [await attempt(), await attempt(), await attempt()];
      expect(answers.map(({ body }) => body.enforcement_action)).toEqual(['BLOCK', 'BLOCK', 'BLOCK']);
      expect(answers[2]?.body.violation.severity).toBe('SUSPENSION');

      const began = performance.now();
      const quarantined = async () => {
        const { body } = await deployed().call('GET /healing?status=executed', { token: ann });
        // What was driven before left plans of its own.
        return body.healing?.find(({ nodes }: { nodes: readonly string[] }) => nodes.includes('node-9'));
      };
      let done = await quarantined();
      while (done === undefined && performance.now() - began < SECONDS * 1_000) {
        await new Promise((wake) => setTimeout(wake, 250));
        done = await quarantined();
      }
      expect(done).toMatchObject({ action: 'quarantine_network', severity: 'SUSPENSION' });
      const about = answers[0]?.body.violation.violation_id;
      const kinds = async () =>
        (await subscribed.arrived())
          .filter(({ Message }) => Message.includes(about))
          .map(({ MessageAttributes: { kind, priority } }) => `${kind.Value} ${priority.Value}`);
      const told = ['violation_observed low', 'violation_raised high', 'sanction_applied high'];
      await vi.waitFor(async () => expect(await kinds()).toEqual(expect.arrayContaining(told)), {
        timeout: SECONDS * 1_000,
        interval: 500,
      });
      console.log(`told by the topic of notices: ${Math.round(performance.now() - began)} ms`);
      console.log(`violation → executed action on the stand-in: ${Math.round(performance.now() - began)} ms`);

      const run = () => deployed().call('POST /decisions', { token: node, body: ask });
      const ask = { action: 'run', resource: { type: 'workflow', id: 'compliance-report' } };
      const codes = ({ body }: { body: { reasons?: readonly { code: string }[] } }) =>
        (body.reasons ?? []).map(({ code }) => code);
      expect(codes(await run())).toContain('sanction_quarantine');
      const undone = await deployed().call(`POST /healing/${done.healing_id}/undo`, {
        token: ann,
        body: { reason: 'it was a drill of ours' },
      });
      expect(undone.body).toMatchObject({ status: 'undone' });
      expect(codes(await run())).not.toContain('sanction_quarantine');

      const step = async (what: string, token: string) =>
        deployed().call(`POST /violations/${answers[0]?.body.violation.violation_id}/${what}`, {
          token,
          body: { reason: `the ${what} of a drill` },
        });
      const member = async (sub: string) =>
        issuer.mint({ sub, name: `${sub} Member`, roles: ['committee_member'], kind: 'human' });
      expect((await step('confirm', await member('mia'))).body).toMatchObject({ status: 'confirmed' });
      expect(codes(await run())).toContain('sanction_suspension');
      expect((await step('appeal', node)).body).toMatchObject({ status: 'appealed' });
      expect((await step('restore', await member('noa'))).body).toMatchObject({ status: 'restored' });
      expect(codes(await run())).not.toContain('sanction_suspension');
    }, 120_000);
  });
}
