/**
 * An alarm's way to people on the deployed stacks: CloudWatch and Managed Prometheus publish to SNS, the notifier is
 * invoked with the rights of its role, reads its targets from Secrets Manager, records, and tells stand-ins of
 * Slack and PagerDuty that check what they get against what is documented.
 */
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { signer } from '../../../adapters/aws/sigv4.ts';
import { ALERTS, isVital } from '../../../src/watch/alerts/rules/rules.ts';
import { notifyAt, type StandIn, startStandIn } from '../../support/stand-in.ts';
import type { Deployment } from '../deployment.ts';
import { ACCOUNT, REGION } from '../ministack.ts';

const QUEUE = 'chancery-dev-DeadLetters-DeadLetters0';
const DEAD_MAN = 'chancery-dev-ServiceDown';
const CREDENTIALS = { accessKeyId: ACCOUNT, secretAccessKey: 'test' };
/** The notifier reads its targets again 15 s after it last did. */
const TARGETS_MS = 16_000;
/** Its schedule comes once a minute. */
const ROUND = { timeout: 75_000, interval: 250 };

/** Fills in the secret, as `docs/alerting.md` has an administrator do it. */
async function tell(endpoint: string, targets: object): Promise<void> {
  const url = `${endpoint}/`;
  const body = JSON.stringify({ SecretId: 'chancery/dev/notify', SecretString: JSON.stringify(targets) });
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'secretsmanager.PutSecretValue',
  };
  const sign = signer('secretsmanager', REGION, async () => CREDENTIALS);
  const { host: _, ...signed } = await sign({ method: 'POST', url, body, headers }, new Date());
  const answer = await fetch(url, { method: 'POST', headers: signed, body });
  if (!answer.ok) throw new Error(`PutSecretValue: ${answer.status} ${await answer.text()}`);
}

interface Step {
  readonly record: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
}

export function alarms(deployed: () => Deployment): void {
  describe('an alarm', () => {
    let people: StandIn;
    let sns: SNSClient;
    let cloudwatch: CloudWatchClient;
    const tokens: Record<'aude' | 'olive', string> = { aude: '', olive: '' };

    beforeAll(async () => {
      const { ministack, issuer } = deployed();
      people = await startStandIn();
      const { slack, pagerduty } = notifyAt(people.url);
      await tell(ministack.endpoint, { slack, pagerduty });
      // Until then what was read before may count, and an alarm be recorded and told to nobody.
      await new Promise((wake) => setTimeout(wake, TARGETS_MS));
      const where = { region: REGION, endpoint: ministack.endpoint, credentials: CREDENTIALS };
      sns = new SNSClient(where);
      cloudwatch = new CloudWatchClient(where);
      tokens.aude = await issuer.mint({
        sub: 'aude',
        name: 'Aude Auditor',
        roles: ['auditor'],
        kind: 'human',
      });
      tokens.olive = await issuer.mint({
        sub: 'olive',
        name: 'Olive Operator',
        roles: ['operator'],
        kind: 'human',
      });
    });
    afterAll(async () => {
      await people?.stop();
    });

    const set = (AlarmName: string, StateValue: 'ALARM' | 'OK') =>
      cloudwatch.send(
        new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: `set to ${StateValue} by a test` }),
      );
    const publish = (severity: string, message: object) =>
      sns.send(
        new PublishCommand({
          TopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:chancery-dev-alerts-${severity}`,
          Subject: 'Chancery',
          Message: JSON.stringify(message),
        }),
      );
    const told = (at: string, text: string) =>
      people.arrived.filter((one) => one.at === at && JSON.stringify(one.body).includes(text));
    const pages = (text: string) => told('pagerduty', text).map(({ body }) => body);
    async function steps(alert: string): Promise<Step[]> {
      const found: Step[] = [];
      for (const type of ['alert.fired', 'alert.acknowledged', 'alert.resolved']) {
        const { body } = await deployed().call(`GET /ledger/entries?type=${type}&limit=200`, {
          token: tokens.aude,
        });
        found.push(...body.entries.filter((entry: Step) => entry.record.data.alert === alert));
      }
      return found;
    }

    it('of the stack is wired to the topic of its severity, for its beginning and its end', async () => {
      const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ MaxRecords: 100 }));
      // Those that end in `-errors` roll a deployment back, and tell nobody.
      const ours = MetricAlarms.filter(({ AlarmName }) =>
        /^chancery-dev-.*(?<!-errors)$/.test(AlarmName ?? ''),
      );
      // What is computed of several metrics the stand-in does not know.
      for (const rule of ALERTS.filter(({ aws }) => aws !== undefined && aws.expression === undefined))
        if (isVital(rule))
          expect(
            ours.filter(({ AlarmName }) => AlarmName?.startsWith(`chancery-dev-${rule.name}`)),
            rule.name,
          ).not.toEqual([]);
      for (const { AlarmName, AlarmActions = [], OKActions = [] } of ours) {
        expect(AlarmActions, AlarmName).toEqual([
          expect.stringMatching(/:chancery-dev-alerts-(critical|warning|info)$/),
        ]);
        expect(OKActions, AlarmName).toEqual(AlarmActions);
      }
    });

    it('reaches Slack and the pager with its record, is taken on over the API, and is over everywhere', async () => {
      await set(QUEUE, 'ALARM');
      await vi.waitFor(() => expect(told('debug', 'DeadLetters: 1 firing')).not.toEqual([]), ROUND);

      const trigger = await vi.waitFor(() => {
        const [first] = pages('DeadLetters').filter(({ event_action }) => event_action === 'trigger');
        if (first === undefined) throw new Error('Slack was told, the pager not yet');
        return first;
      }, ROUND);
      expect(trigger).toMatchObject({
        dedup_key: expect.stringMatching(/^chancery\/DeadLetters\//),
        payload: { severity: 'critical', group: 'infrastructure' },
      });
      const { record, record_hash, run } = trigger.payload.custom_details;
      const entry = await deployed().call(`GET /ledger/entries/${record}`, { token: tokens.aude });
      expect(entry.body).toMatchObject({ record_hash, record: { type: 'alert.fired' } });
      expect(run).toBe(`chancery ledger show ${record}`);

      const list = await deployed().call('GET /alerts', { token: tokens.olive });
      const firing = list.body.alerts.find(({ alert }: { alert: string }) => alert === 'DeadLetters');
      expect(firing).toMatchObject({ state: 'firing', severity: 'critical' });
      const taken = await deployed().call(`POST /alerts/${firing.fingerprint}/acknowledge`, {
        token: tokens.olive,
        body: {},
      });
      expect(taken).toMatchObject({ status: 200, body: { acknowledged: true } });
      await set(QUEUE, 'OK');

      const key = trigger.dedup_key;
      await vi.waitFor(
        () =>
          expect(
            pages(key)
              .slice(-3)
              .map(({ event_action }) => event_action),
          ).toEqual(['trigger', 'acknowledge', 'resolve']),
        ROUND,
      );
      await vi.waitFor(() => {
        expect(told('debug', 'acknowledged by')).toHaveLength(1);
        expect(told('debug', '✅ DeadLetters')).not.toEqual([]);
      }, ROUND);
      const types = (await steps('DeadLetters')).map(({ record: { type } }) => type);
      expect(new Set(types)).toEqual(new Set(['alert.fired', 'alert.acknowledged', 'alert.resolved']));
    });

    it('goes to the channel of its group, pages only when critical, and is told once however often SNS delivers it', async () => {
      await set(DEAD_MAN, 'ALARM');
      const tampering = {
        AlarmName: 'chancery-dev-LedgerTamperEvent',
        AlarmDescription: 'as CloudWatch writes it (user guide, "Alarm notifications")',
        AWSAccountId: ACCOUNT,
        AlarmArn: `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:chancery-dev-LedgerTamperEvent`,
        NewStateValue: 'ALARM',
        NewStateReason: 'Threshold Crossed: 1 datapoint [1.0] was greater than the threshold (0.0).',
        StateChangeTime: '2026-11-26T06:00:00.000+0000',
        Region: 'EU (Frankfurt)',
        OldStateValue: 'OK',
        Trigger: { MetricName: 'LedgerTamperEvents', Namespace: 'Chancery' },
      };
      await publish('critical', tampering);
      await publish('critical', tampering);
      const slow = {
        status: 'firing',
        groupKey: '{}:{alertname="WorkflowSlow"}',
        groupLabels: { alertname: 'WorkflowSlow' },
        alerts: [
          {
            status: 'firing',
            labels: {
              alertname: 'WorkflowSlow',
              severity: 'warning',
              group: 'business',
              channel: 'performance',
            },
            annotations: { summary: 'as the SNS template of Managed Prometheus writes it' },
            startsAt: '2026-11-26T06:00:00Z',
          },
        ],
      };
      await publish('warning', slow);
      await vi.waitFor(() => {
        expect(told('performance', 'ServiceDown')).not.toEqual([]);
        expect(told('violations', 'LedgerTamperEvent')).toHaveLength(1);
        expect(told('performance', 'WorkflowSlow')).toHaveLength(1);
        expect(pages('chancery/LedgerTamperEvent/')).toHaveLength(1);
      }, ROUND);
      expect(pages('WorkflowSlow')).toEqual([]);
      await publish('critical', {
        ...tampering,
        NewStateValue: 'OK',
        StateChangeTime: '2026-11-26T06:05:00.000+0000',
      });
      await vi.waitFor(
        () =>
          expect(pages('chancery/LedgerTamperEvent/').map(({ event_action }) => event_action)).toEqual([
            'trigger',
            'resolve',
          ]),
        ROUND,
      );
      expect((await steps('LedgerTamperEvent')).map(({ record: { type } }) => type)).toEqual([
        'alert.fired',
        'alert.resolved',
      ]);
      await set(DEAD_MAN, 'OK');
    });

    it('is not needed for people to hear of what waits for them: the stream wakes who tells them', async () => {
      const began = performance.now();
      const { status, body } = await deployed().call('POST /violations', {
        token: tokens.olive,
        body: {
          violation_type: 'exploitation',
          node_or_service: 'node-31',
          description: 'It used what it saw.',
        },
      });
      expect(status).toBe(201);
      await vi.waitFor(() => {
        expect(told('violations', body.violation_id)).not.toEqual([]);
        expect(pages(`chancery/violation/${body.violation_id}`)).not.toEqual([]);
      }, ROUND);
      console.log(`violation → told on the stand-in: ${Math.round(performance.now() - began)} ms`);
    });

    it('sent nothing that Slack or PagerDuty would refuse, and the ledger that holds its steps verifies', async () => {
      expect(people.malformed).toEqual([]);
      await vi.waitFor(
        async () => {
          const { code, out } = await deployed().chancery(['ledger', 'verify', '--json']);
          const { verdict } = JSON.parse(out.trim().split('\n').at(-1) ?? '{}');
          expect({ code, verdict }).toEqual({ code: 0, verdict: 'OK' });
        },
        { timeout: 90_000, interval: 1_000 },
      );
    });
  });
}
