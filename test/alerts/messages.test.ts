import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forSlack, forSlackCode, plain, safeUrl } from '../../src/watch/alerts/notify/clean.ts';
import { answerOf, answerOfFailure, retryAfter } from '../../src/watch/alerts/notify/courier.ts';
import { channelFor, groupOf, severityOf, worstOf } from '../../src/watch/alerts/notify/notice.ts';
import { dedupKey, follow, trigger } from '../../src/watch/alerts/notify/pagerduty.ts';
import { fromWebhook, webhookDoor } from '../../src/watch/alerts/notify/parse.ts';
import { marked, slackMessage } from '../../src/watch/alerts/notify/slack.ts';
import { fromSns } from '../../src/watch/alerts/notify/sns.ts';
import { pagerDutySchema, slackSchema } from '../support/targets.ts';
import { alert, notice } from './support.ts';

const proof = {
  record_id: '3.17',
  record_hash: 'ab'.repeat(32),
  trace: 'c'.repeat(32),
  type: 'metric.blocked',
};
const RECEIVED = '2026-11-21T08:00:00.000Z';
const hostile = {
  alertname: 'CriticalViolation',
  severity: 'critical',
  group: 'charter',
  node_or_service: '<!channel> `*bold*` &amp; <https://evil.example|click>\u202Etxt.exe\u0000\n# heading',
};

describe('a Slack message', () => {
  it('says what, how bad, by which record, and which command shows it', () => {
    const text = JSON.stringify(slackMessage(notice([alert()]), new Map([['f00d', { cause: proof }]])));
    expect(text).toContain('🔴 CriticalViolation: 1 firing');
    expect(text).toContain('`chancery ledger show 3.17`');
    expect(text).toContain('abababababababab');
    expect(text).toContain('c'.repeat(32));
    expect(text).toContain('<https://docs.chancery.example/runbook.md#criticalviolation|Runbook>');
  });

  it('shows eight alerts of a group and counts the rest', () => {
    const many = Array.from({ length: 1000 }, (_, index) => alert({ fingerprint: `f${index}` }));
    const message = slackMessage({ ...notice(many), truncated: 5 }, new Map());
    expect(JSON.stringify(message)).toContain('and 997 more');
    expect(slackSchema.safeParse(message).success).toBe(true);
  });

  it('lets no label value mention, link, format or hide', () => {
    const text = JSON.stringify(slackMessage(notice([alert({ labels: hostile })]), new Map()));
    expect(text).not.toContain('<!channel>');
    expect(text).not.toContain('<https://evil');
    expect(text).not.toMatch(/\u202e|\p{Cc}/u);
    expect(text).toContain('&lt;!channel&gt;');
  });

  it('fits Slack’s limits whatever the labels hold', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', maxLength: 5000 })),
        (labels) => {
          const message = slackMessage(notice([alert({ labels, annotations: labels })]), new Map());
          expect(slackSchema.safeParse(JSON.parse(JSON.stringify(message))).error).toBeUndefined();
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is marked as a possible duplicate without losing anything', () => {
    const message = slackMessage(notice([alert()]), new Map());
    const again = marked(message);
    expect(JSON.stringify(again)).toContain('Possible duplicate');
    expect(again.blocks).toHaveLength((Array.isArray(message.blocks) ? message.blocks.length : 0) + 1);
    expect(slackSchema.safeParse(again).success).toBe(true);
  });

  it('says that it is over when it is', () => {
    const over = slackMessage(notice([alert({ status: 'resolved' })]), new Map());
    expect(over.text).toBe('✅ CriticalViolation: 1 resolved');
  });
});

describe('a PagerDuty event', () => {
  const key = { routing_key: 'R'.repeat(32) };

  it('triggers and resolves under one key', () => {
    const event = trigger(alert(), { cause: proof });
    expect(pagerDutySchema.safeParse({ ...key, ...event }).error).toBeUndefined();
    expect(follow(alert({ status: 'resolved' }), 'resolve')).toEqual({
      event_action: 'resolve',
      dedup_key: event.dedup_key,
    });
    expect(event).toMatchObject({
      payload: { severity: 'critical', custom_details: { run: 'chancery ledger show 3.17', record: '3.17' } },
    });
  });

  it('has another key for another label set', () => {
    expect(dedupKey(alert())).not.toBe(dedupKey(alert({ fingerprint: 'beef' })));
  });

  it('fits the documented schema whatever the labels hold', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (labels) => {
        const event = trigger(alert({ labels, annotations: labels }), {});
        expect(
          pagerDutySchema.safeParse({ ...key, ...JSON.parse(JSON.stringify(event)) }).error,
        ).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});

describe('text from callers', () => {
  it('is cut by letters, not by halves of them', () => {
    expect(plain('😀😀😀', 2)).toBe('😀…');
  });

  it('cannot end a code span or begin a tag', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(forSlackCode(text, 100).slice(1, -1)).not.toMatch(/[`<>]/);
        expect(forSlack(text, 100)).not.toMatch(/[<>*_~`]/);
      }),
    );
  });

  it.each([
    ['javascript:alert(1)', undefined],
    ['not a url', undefined],
    [undefined, undefined],
    ['https://a.example/x|y>z', 'https://a.example/x%7Cy%3Ez'],
    [`https://a.example/${'x'.repeat(2982)}`, `https://a.example/${'x'.repeat(2982)}`],
    [`https://a.example/${'x'.repeat(2983)}`, undefined],
    [`https://a.example/${'ﷺ'.repeat(2982)}`, undefined],
  ])('takes %s as the link %s', (given, link) => {
    expect(safeUrl(given)).toBe(link);
  });
});

describe('notices', () => {
  const sns = (message: unknown, subject?: string) =>
    fromSns({ message: JSON.stringify(message), received_at: RECEIVED, ...(subject ? { subject } : {}) });
  const alarm = {
    AlarmName: 'chancery-dev-LambdaMemoryHigh-gate',
    AlarmArn: 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:chancery-dev-LambdaMemoryHigh-gate',
    AlarmDescription: null,
    NewStateValue: 'ALARM',
    NewStateReason: 'Threshold Crossed: 81 > 80',
    StateChangeTime: '2026-11-21T08:00:00.000+0000',
  };

  it('are read from Alertmanager’s webhook', () => {
    const body = {
      version: '4',
      groupKey: '{}:{alertname="ServiceDown"}',
      status: 'firing',
      groupLabels: { alertname: 'ServiceDown' },
      truncatedAlerts: 2,
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'ServiceDown', severity: 'critical', group: 'gateway' },
          annotations: {},
          startsAt: '2026-11-21T08:00:00.123456789Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: 'http://prometheus/graph',
          fingerprint: 'abc',
        },
      ],
    };
    const parsed = fromWebhook(webhookDoor.parse(body), RECEIVED);
    expect(parsed).toMatchObject({ group_key: '{}:{alertname="ServiceDown"}', truncated: 2 });
    expect(parsed.alerts[0]).not.toHaveProperty('ends_at');
  });

  it('are read from a CloudWatch alarm, by the alert that its name carries', () => {
    const fired = sns(alarm);
    expect(fired?.alerts[0]).toMatchObject({
      status: 'firing',
      labels: { alertname: 'LambdaMemoryHigh', severity: 'warning', group: 'infrastructure' },
      starts_at: '2026-11-21T08:00:00.000+00:00',
    });
    const over = sns({ ...alarm, NewStateValue: 'OK' });
    expect(over?.alerts[0]?.status).toBe('resolved');
    expect(over?.alerts[0]?.fingerprint).toBe(fired?.alerts[0]?.fingerprint);
  });

  it('are not made of an alarm that lacks data', () => {
    expect(sns({ ...alarm, NewStateValue: 'INSUFFICIENT_DATA' })).toBeUndefined();
  });

  it('are made even of what cannot be read, so that nothing is lost', () => {
    const message = '{"version":"4","alerts":[{"sta';
    const cut = fromSns({ message, subject: 'Chancery firing', received_at: RECEIVED });
    expect(cut?.alerts[0]).toMatchObject({
      labels: { alertname: 'UnreadableNotification' },
      annotations: { summary: 'Chancery firing', description: '{"version":"4","alerts":[{"sta' },
    });
  });

  it('take severity, group and channel from the labels, else from the declaration, else cautiously', () => {
    const bare = alert({ labels: { alertname: 'LedgerTamperEvent' } });
    expect([severityOf(bare), groupOf(bare), channelFor(bare)]).toEqual(['critical', 'ledger', 'violations']);
    const foreign = alert({
      labels: { alertname: 'X', severity: 'page', group: 'kitchen', channel: 'nowhere' },
    });
    expect([severityOf(foreign), groupOf(foreign), channelFor(foreign)]).toEqual([
      'warning',
      'infrastructure',
      'debug',
    ]);
    expect(
      channelFor(
        alert({ labels: { alertname: 'AuditIntegrityBroken', group: 'slo', channel: 'violations' } }),
      ),
    ).toBe('violations');
    expect(worstOf([bare, foreign])).toBe('critical');
  });
});

describe('answers of targets', () => {
  const now = Date.parse('2026-11-21T08:00:00Z');
  it.each([
    [200, 'delivered'],
    [202, 'delivered'],
    [429, 'busy'],
    [500, 'unclear'],
    [503, 'unclear'],
    [408, 'unclear'],
    [400, 'refused'],
    [404, 'refused'],
    [302, 'refused'],
  ])('status %i means %s', (status, kind) => {
    expect(answerOf(status, null, '', now).kind).toBe(kind);
  });

  it('reads Retry-After as seconds and as a date', () => {
    expect(retryAfter('7', now)).toBe(7000);
    expect(retryAfter('Sat, 21 Nov 2026 08:00:30 GMT', now)).toBe(30_000);
    expect(retryAfter('Sat, 21 Nov 2026 07:00:00 GMT', now)).toBe(0);
    expect(retryAfter('soon', now)).toBeUndefined();
    expect(answerOf(429, '7', '', now)).toMatchObject({ retry_after_ms: 7000 });
  });

  it('knows what cannot have arrived from what may have', () => {
    const refused = new TypeError('fetch failed', {
      cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
    });
    const reset = new TypeError('fetch failed', {
      cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }),
    });
    expect(answerOfFailure(refused).kind).toBe('busy');
    expect(answerOfFailure(reset).kind).toBe('unclear');
    expect(answerOfFailure(new DOMException('late', 'TimeoutError')).kind).toBe('unclear');
  });
});
