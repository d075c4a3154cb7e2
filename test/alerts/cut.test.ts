/** Notifications that are cut, blank, huge or odd: each alert is told as what it is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeCut } from '../../src/watch/alerts/notify/cut.ts';
import { PAGERDUTY } from '../../src/watch/alerts/notify/messages.ts';
import { severityOf } from '../../src/watch/alerts/notify/notice.ts';
import { fromWebhook, webhookDoor } from '../../src/watch/alerts/notify/parse.ts';
import { fromSns } from '../../src/watch/alerts/notify/sns.ts';
import { alert, desk, settle } from './support.ts';

const RECEIVED = '2026-11-21T08:00:00.000Z';

const instance = (over: object = {}) => ({
  status: 'firing',
  labels: { alertname: 'CriticalViolation', severity: 'critical', group: 'charter', channel: 'violations' },
  annotations: { summary: 'CRIMINAL violation' },
  startsAt: '2026-11-21T07:59:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  fingerprint: 'abc',
  ...over,
});

/** As our SNS template writes a group. */
const group = (alerts: readonly object[], status = 'firing') => ({
  version: '4',
  receiver: 'critical',
  status,
  externalURL: '',
  groupLabels: { alertname: 'CriticalViolation', severity: 'critical' },
  commonLabels: { alertname: 'CriticalViolation', severity: 'critical', group: 'charter' },
  commonAnnotations: {},
  alerts,
});

describe('a message that SNS cut at its limit', () => {
  const many = Array.from({ length: 600 }, (_, n) =>
    instance({ fingerprint: `f${n}`, annotations: { summary: 'x'.repeat(400) } }),
  );
  const whole = JSON.stringify(group(many));
  const limit = 262_144;

  it('pages for the alerts that came and, as its group does, for those that were cut off', async () => {
    expect(whole.length).toBeGreaterThan(limit);
    const heard = fromSns({ message: whole.slice(0, limit), received_at: RECEIVED });
    if (heard === undefined) throw new Error('nothing was read');
    const came = heard.alerts.length - 1;
    expect(came).toBeGreaterThan(300);
    expect(heard.alerts.slice(0, came).map((one) => one.fingerprint)).toEqual(
      many.slice(0, came).map((one) => one.fingerprint),
    );
    expect(heard.alerts.at(-1)).toMatchObject({
      status: 'firing',
      labels: { alertname: 'CriticalViolation', severity: 'critical', group: 'charter' },
    });
    const it = desk();
    const { notifier, outbox } = it.open();
    await notifier.hear(heard);
    await settle(it, outbox);
    expect(it.sent.filter((one) => one.courier === PAGERDUTY)).toHaveLength(came + 1);
  });

  it('is over for those that were cut off when the group comes whole again', async () => {
    const it = desk();
    const { notifier, outbox } = it.open();
    const hear = async (message: string) => {
      const heard = fromSns({ message, received_at: RECEIVED });
      if (heard !== undefined) await notifier.hear(heard);
      it.now += 60_000;
    };
    await hear(whole.slice(0, limit));
    await hear(whole.slice(0, limit));
    await hear(
      JSON.stringify(
        group(
          many.slice(0, 3).map((one) => ({ ...one, status: 'resolved', endsAt: RECEIVED })),
          'resolved',
        ),
      ),
    );
    await settle(it, outbox);
    const rest = it.records.filter(
      ({ data }) => !String(data.fingerprint).startsWith('f') || String(data.fingerprint).length > 4,
    );
    expect(rest.map(({ type }) => type)).toEqual(['alert.fired', 'alert.resolved']);
  });

  it('keeps its severity wherever it was cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: whole.indexOf('"commonLabels"'), max: limit }), (length) => {
        const heard = fromSns({ message: whole.slice(0, length), received_at: RECEIVED });
        expect(heard?.alerts.map(severityOf)).not.toContain('warning');
        expect(heard?.alerts.map(severityOf)).toContain('critical');
      }),
      { numRuns: 200 },
    );
  });

  it('is as severe as the topic that it came by when it says nothing itself', () => {
    const topic = 'arn:aws:sns:eu-central-1:123456789012:chancery-dev-alerts-critical';
    for (const message of ['{"AlarmName":"chancery-dev-Ledg', '', '{"version":"4","receiver":"criti']) {
      const heard = fromSns({ message, received_at: RECEIVED, topic });
      expect(heard?.alerts.map(severityOf)).toEqual(['critical']);
    }
    const foreign = {
      AlarmName: 'theirs',
      NewStateValue: 'ALARM',
      NewStateReason: '',
      StateChangeTime: RECEIVED,
    };
    const heard = fromSns({ message: JSON.stringify(foreign), received_at: RECEIVED, topic });
    expect(heard?.alerts.map(severityOf)).toEqual(['critical']);
  });

  it('is never read as more than was there', () => {
    const any = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(any, fc.double({ min: 0, max: 1, noNaN: true }), (alerts, share) => {
        const text = JSON.stringify({ status: 'firing', alerts });
        const closed = closeCut(text.slice(0, Math.floor(text.length * share)));
        if (closed === undefined) return;
        const read = JSON.parse(closed);
        const seen: unknown[] = read.alerts ?? [];
        expect(seen).toEqual(JSON.parse(JSON.stringify(alerts.slice(0, seen.length))));
      }),
    );
  });
});

describe('an alert of a notification', () => {
  const read = (alerts: readonly unknown[]) =>
    fromWebhook(webhookDoor.parse(group(alerts as object[])), RECEIVED).alerts;

  it.each(['', '  ', undefined])('with the fingerprint %o gets the one of its labels', (fingerprint) => {
    const [blank, other] = read([
      instance({ fingerprint }),
      instance({ fingerprint, labels: { alertname: 'B' } }),
    ]);
    expect(blank?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(other?.fingerprint).not.toBe(blank?.fingerprint);
  });

  it('keeps its own incident however long or odd its fingerprint is', () => {
    const long = 'f'.repeat(70);
    const fingerprints = read(
      [`${long}1`, `${long}2`, 'ü', '\ud800', 'a b'].map((fingerprint) => instance({ fingerprint })),
    ).map((one) => one.fingerprint);
    expect(new Set(fingerprints).size).toBe(5);
    for (const fingerprint of fingerprints) expect(fingerprint).toMatch(/^[\x21-\x7e]{1,64}$/);
  });

  it.each([
    ['a time that is none', { startsAt: 'yesterday' }],
    ['a fingerprint that is a number', { fingerprint: 7 }],
    ['labels that are a list', { labels: [] }],
  ])('with %s is told as unreadable, and the one behind it as itself', (_, over) => {
    const [bad, good] = read([instance(over), instance()]);
    expect(bad?.labels.alertname).toBe('UnreadableNotification');
    expect(good).toMatchObject({ fingerprint: 'abc', labels: { alertname: 'CriticalViolation' } });
  });

  it('that cannot be read pages when it says that it is critical', () => {
    expect(read([instance({ startsAt: 'yesterday' }), instance()]).map(severityOf)).toEqual([
      'critical',
      'critical',
    ]);
  });

  it('of which none can be read is refused by field', () => {
    const { error } = webhookDoor.safeParse(group([instance({ startsAt: 'yesterday' })]));
    expect(error?.issues.map(({ path }) => path)).toEqual([['alerts', 0, 'startsAt']]);
  });

  it('routes as it should whatever else its labels hold, and fits the store', () => {
    const noise = Object.fromEntries(
      Array.from({ length: 200 }, (_, n) => [`a${n}`, '\u0001'.repeat(5_000)]),
    );
    const [one] = read([
      instance({ labels: { ...noise, alertname: 'X', severity: 'critical' }, annotations: noise }),
    ]);
    expect(one?.labels).toMatchObject({ alertname: 'X', severity: 'critical' });
    expect(JSON.stringify(one).length).toBeLessThan(200_000);
  });

  it('is as severe as it says in any case of letters', () => {
    expect(severityOf(alert({ labels: { alertname: 'X', severity: ' Critical' } }))).toBe('critical');
  });
});
