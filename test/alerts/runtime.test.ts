import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OPERATOR, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { notifyAt, type StandIn, startStandIn } from '../support/stand-in.ts';

const ALERTMANAGER = { sub: 'alertmanager', kind: 'service', roles: [], scopes: ['alerts:notify'] } as const;

const webhook = (status: 'firing' | 'resolved', fingerprint: string, node = 'node-7') => ({
  version: '4',
  groupKey: '{}:{alertname="CriticalViolation"}',
  status,
  groupLabels: { alertname: 'CriticalViolation' },
  alerts: [
    {
      status,
      labels: {
        alertname: 'CriticalViolation',
        severity: 'critical',
        group: 'charter',
        channel: 'violations',
        node_or_service: node,
      },
      annotations: { summary: `CRIMINAL violation by ${node}`, description: 'One.' },
      startsAt: '2026-11-21T08:00:00.000Z',
      endsAt: status === 'resolved' ? '2026-11-21T08:05:00.000Z' : '0001-01-01T00:00:00Z',
      fingerprint,
    },
  ],
});

describe('the running system, told of an alert', () => {
  let it_: TestRuntime;
  let targets: StandIn;
  beforeAll(async () => {
    targets = await startStandIn();
    const folder = join(process.env.TMPDIR ?? '/tmp', `chancery-siem-${process.pid}.jsonl`);
    it_ = await startTestRuntime({ notify: notifyAt(targets.url), siemFile: folder });
  });
  afterAll(async () => {
    await it_.stop();
    await targets.stop();
  });

  const notify = async (body: unknown) =>
    it_.call('POST', '/notify/alertmanager', { token: await it_.token(ALERTMANAGER), body });
  const entries = async (type: string) =>
    (
      await it_.call('GET', `/ledger/entries?type=${type}&order=oldest`, {
        token: await it_.token({ roles: ['auditor'] }),
      })
    ).body.entries;

  it('records it, tells Slack and PagerDuty, acknowledges and resolves under one key', async () => {
    const token = await it_.token(OPERATOR);
    expect((await notify(webhook('firing', 'f1'))).status).toBe(202);
    await vi.waitFor(() => expect(targets.arrived).toHaveLength(2));
    expect((await it_.call('POST', '/alerts/f1/acknowledge', { token, body: {} })).status).toBe(200);
    await notify(webhook('resolved', 'f1'));
    await vi.waitFor(() => expect(targets.arrived).toHaveLength(6));
    const pages = targets.arrived.filter((one) => one.at === 'pagerduty').map((one) => one.body);
    expect(pages.map((page) => page.event_action)).toEqual(['trigger', 'acknowledge', 'resolve']);
    expect(new Set(pages.map((page) => page.dedup_key)).size).toBe(1);
    expect(targets.malformed).toEqual([]);
    const steps = (
      await Promise.all(['alert.fired', 'alert.acknowledged', 'alert.resolved'].map(entries))
    ).flat();
    expect(steps.map((step) => step.record.type)).toEqual([
      'alert.fired',
      'alert.acknowledged',
      'alert.resolved',
    ]);
    const own = steps[0];
    expect(JSON.stringify(targets.arrived[0])).toContain(own.record_hash.slice(0, 16));
  });

  it('takes notifications only with the scope for them', async () => {
    const answer = await it_.call('POST', '/notify/alertmanager', {
      token: await it_.token({ roles: ['auditor'] }),
      body: webhook('firing', 'f2'),
    });
    expect(answer.status).toBe(403);
  });

  it('refuses a body that is no notification', async () => {
    expect((await notify({ alerts: [] })).body.code).toBe('VALIDATION_ERROR');
  });

  it('hears the alert behind one whose fingerprint is blank, or that cannot be read', async () => {
    const token = await it_.token(OPERATOR);
    const [blank] = webhook('resolved', '').alerts;
    const [broken] = webhook('resolved', 'f4').alerts;
    const [good] = webhook('firing', 'f5', 'node-9').alerts;
    const body = { ...webhook('firing', ''), alerts: [blank, { ...broken, startsAt: 7 }, good] };
    expect(await notify(body)).toMatchObject({ status: 202, body: { accepted: 3 } });
    const { alerts } = (await it_.call('GET', '/alerts?limit=1000', { token })).body;
    expect(alerts).toContainEqual(expect.objectContaining({ fingerprint: 'f5', state: 'firing' }));
    expect(alerts).toContainEqual(expect.objectContaining({ alert: 'UnreadableNotification' }));
    expect((await notify({ ...body, alerts: [{ ...good, startsAt: 7 }] })).body).toMatchObject({
      code: 'VALIDATION_ERROR',
      reasons: [{ path: '/alerts/0/startsAt' }],
    });
  });

  it('lists its alerts page by page', async () => {
    const token = await it_.token(OPERATOR);
    const names: string[] = [];
    for (let query = 'limit=2'; ; ) {
      const { status, body } = await it_.call('GET', `/alerts?${query}`, { token });
      expect(status).toBe(200);
      expect(body.alerts.length).toBeLessThanOrEqual(2);
      names.push(...body.alerts.map((one: { fingerprint: string }) => one.fingerprint));
      if (body.next === undefined) break;
      query = `limit=2&cursor=${encodeURIComponent(body.next)}`;
    }
    const { body } = await it_.call('GET', '/alerts', { token });
    expect(names.length).toBeGreaterThan(2);
    expect(names).toEqual(body.alerts.map((one: { fingerprint: string }) => one.fingerprint));
    expect((await it_.call('GET', '/alerts?limit=0', { token })).body.code).toBe('VALIDATION_ERROR');
    for (const cursor of ['f1', 'zzz', '', names[0]])
      expect(
        (await it_.call('GET', `/alerts?cursor=${cursor}`, { token })).body.reasons,
        cursor,
      ).toMatchObject([{ path: '/cursor' }]);
    // A filter that is not there would seem to have found everything.
    expect((await it_.call('GET', '/alerts?status=firing', { token })).status).toBe(400);
  });

  it('keeps what a target refuses as a dead letter, and sends it when redriven', async () => {
    const token = await it_.token(OPERATOR);
    const before = targets.arrived.length;
    targets.failures.push(404, 404);
    await notify(webhook('firing', 'f3', '<!channel>'));
    await vi.waitFor(async () => {
      const { body } = await it_.call('GET', '/alerts/dead-letters', { token });
      expect(body.dead_letters).toHaveLength(2);
    });
    expect((await it_.call('POST', '/alerts/redrive', { token, body: {} })).body).toEqual({ redriven: 2 });
    await vi.waitFor(() => expect(targets.arrived).toHaveLength(before + 2));
    const slack = targets.arrived.slice(before).filter((one) => one.at !== 'pagerduty');
    expect(slack).toHaveLength(1);
    expect(JSON.stringify(slack)).not.toContain('<!channel>');
  });

  it('records deployments, with the time to restore of the one that made another good', async () => {
    const token = await it_.token(OPERATOR);
    const deploy = (body: object) =>
      it_.call('POST', '/deployments', {
        token,
        body: { environment: 'prod', version: '1.2.3', commit: 'abcdef1', ...body },
      });
    const failed = await deploy({ result: 'failure', lead_time_seconds: 60 });
    expect(failed).toMatchObject({ status: 201, body: { lead_time_us: 60_000_000 } });
    const good = await deploy({ result: 'success', restores: failed.body.deployment_id });
    expect(good.body.restore_us).toBeGreaterThanOrEqual(0);
    expect((await deploy({ result: 'success', restores: `dep_${'0'.repeat(26)}` })).status).toBe(404);
    expect(await entries('deployment.recorded')).toHaveLength(2);
  });

  it('exports every record to the SIEM file, once', async () => {
    const file = join(process.env.TMPDIR ?? '/tmp', `chancery-siem-${process.pid}.jsonl`);
    await vi.waitFor(
      async () => {
        const lines = (await readFile(file, 'utf8'))
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line));
        const ids = lines.map((line) => line.metadata.uid);
        expect(new Set(ids).size).toBe(ids.length);
        expect(lines.map((line) => line.metadata.event_code)).toContain('deployment.recorded');
      },
      { timeout: 12_000, interval: 500 },
    );
  });

  it('says how notifier and export are in its detailed health', async () => {
    const { body } = await it_.call('GET', '/health/detailed', {
      token: await it_.token({ roles: ['sre'] }),
    });
    const names = body.checks.map((check: { name: string }) => check.name);
    expect(names).toEqual(expect.arrayContaining(['notifier', 'siem']));
  });
});
