/** Who waits is told, on the running system: by Slack, by the pager where it presses, and on record. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { governed, OPERATOR, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { notifyAt, type StandIn, startStandIn } from '../support/stand-in.ts';

const MEMBER = (name: string) =>
  ({ sub: name, name: `${name} Member`, email: `${name}@example.org`, roles: ['committee_member'] }) as const;

const PRODUCTION = governed({
  workflow_name: 'deploy-to-production',
  drag_mode: 'execute',
  parameters: { version: 'v1.2.3' },
});

describe('whoever may decide', () => {
  let it_: TestRuntime;
  let targets: StandIn;
  beforeAll(async () => {
    targets = await startStandIn();
    it_ = await startTestRuntime({ notify: notifyAt(targets.url) });
  });
  afterAll(async () => {
    await it_.stop();
    await targets.stop();
  });

  const about = (id: string, at: string) =>
    targets.arrived.filter((one) => one.at === at && JSON.stringify(one.body).includes(id));
  const notified = async (id: string, kind: string) => {
    const token = await it_.token({ sub: 'audra', roles: ['auditor'] });
    const { body } = await it_.call('GET', '/ledger/entries?type=committee.notified&limit=200', { token });
    return body.entries
      .map((entry: { record: { data: Record<string, unknown> } }) => entry.record.data)
      .filter((data: Record<string, unknown>) => data.about === id && data.kind === kind);
  };
  const ask = async () => {
    const asked = await it_.execute(PRODUCTION, OPERATOR);
    expect(asked.status).toBe(202);
    return String(asked.body.approval.id);
  };

  it('hears of an approval that waits at once, and the pager lets go when it is decided', async () => {
    const id = await ask();
    await vi.waitFor(async () => expect(await notified(id, 'approval_asked')).toHaveLength(1));
    const [slack] = about(id, 'violations');
    expect(JSON.stringify(slack?.body)).toContain(`/approvals/${id}|`);
    expect(JSON.stringify(slack?.body)).toContain(`chancery approvals show ${id}`);
    const [page] = about(id, 'pagerduty');
    expect(page?.body).toMatchObject({ event_action: 'trigger', dedup_key: `chancery/approval/${id}` });
    expect(await notified(id, 'approval_asked')).toMatchObject([
      { channels: { inbox: 'delivered', slack: 'delivered', pagerduty: 'delivered' }, count: 1 },
    ]);
    const rejected = await it_.call('POST', `/approvals/${id}/reject`, {
      token: await it_.token(MEMBER('mia')),
      body: {},
    });
    expect(rejected.status).toBe(200);
    await vi.waitFor(async () => expect(await notified(id, 'approval_decided')).toHaveLength(1));
    expect(about(id, 'pagerduty').map(({ body }) => body.event_action)).toEqual(['trigger', 'resolve']);
    expect(targets.malformed).toEqual([]);
  });

  it('is told when Slack comes back, once', async () => {
    targets.failures.push(503, 429);
    targets.only = '"blocks"';
    const id = await ask();
    await vi.waitFor(() => expect(about(id, 'violations')).toHaveLength(1), { timeout: 15_000 });
    await vi.waitFor(async () => expect(await notified(id, 'approval_asked')).toHaveLength(1));
    expect(about(id, 'violations')).toHaveLength(1);
    expect(about(id, 'pagerduty')).toHaveLength(1);
  });

  it('hears of an override in production as soon as it is asked for, and again when it is in force', async () => {
    const as = async (name: string, path: string, body: unknown) =>
      it_.call('POST', path, { token: await it_.token(MEMBER(name)), body });
    const { body } = await as('mia', '/overrides', {
      reason: 'risk_accepted',
      justification: 'The payment provider rotates its certificates tonight',
      workflow_name: 'deploy-to-production',
    });
    const id = String(body.override_id);
    for (const name of ['noa', 'oli']) await as(name, `/overrides/${id}/approve`, {});
    await vi.waitFor(
      async () => {
        expect(await notified(id, 'override_asked')).not.toEqual([]);
        expect(await notified(id, 'override_started')).not.toEqual([]);
        expect(targets.arrived.filter(({ body: told }) => JSON.stringify(told).includes(id))).not.toEqual([]);
      },
      { timeout: 15_000, interval: 200 },
    );
    await as('mia', `/overrides/${id}/end`, { reason: 'the certificates are rotated' });
  });

  it('hears of a violation by its severity', async () => {
    const reported = await it_.call('POST', '/violations', {
      token: await it_.token(OPERATOR),
      body: {
        violation_type: 'data_extraction',
        node_or_service: 'node-`7`',
        description: 'It copied all of it.',
      },
    });
    const { violation_id: id } = reported.body;
    await vi.waitFor(async () =>
      expect(await notified(id, 'violation_reported')).toMatchObject([
        { severity: 'SUSPENSION', priority: 'high' },
      ]),
    );
    // The quarantine that follows is told too; the pager has one incident of both, until the case is closed.
    await vi.waitFor(() => expect(about(id, 'pagerduty')).toHaveLength(2));
    const token = await it_.token(MEMBER('mia'));
    const body = { reason: 'there was no such table' };
    expect((await it_.call('POST', `/violations/${id}/dismiss`, { token, body })).status).toBe(200);
    await vi.waitFor(() => expect(about(id, 'pagerduty')).toHaveLength(3));
    const events = about(id, 'pagerduty').map((one) => [one.body.event_action, one.body.dedup_key]);
    expect(events).toEqual(
      ['trigger', 'trigger', 'resolve'].map((action) => [action, `chancery/violation/${id}`]),
    );
    expect(JSON.stringify(about(id, 'violations'))).not.toContain('node-`7`');
  });

  it('moves the figures', async () => {
    const { text } = await it_.call('GET', '/metrics', { token: await it_.token(OPERATOR) });
    expect(text).toMatch(/chancery_charter_committee_notifications_total\{severity="SUSPENSION"\} [1-9]/);
    expect(text).toMatch(/chancery_charter_committee_notification_duration_seconds_count [1-9]/);
  });
});
