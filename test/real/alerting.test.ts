/**
 * From violation to pager: Debian's Prometheus and Alertmanager with our generated rules and routing, the local
 * runtime with its notifier, and stand-ins for Slack and PagerDuty that check payloads against what is documented.
 * Only time is shortened: windows of minutes are seconds here.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { fromSns } from '../../src/watch/alerts/notify/sns.ts';
import { ampAlertmanagerYaml } from '../../src/watch/alerts/publish/alertmanager.ts';
import { ruleGroups, rulesYaml } from '../../src/watch/alerts/publish/render-rules.ts';
import type { RuleGroup } from '../../src/watch/rule-group.ts';
import { startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { freePort } from '../support/free-port.ts';
import { notifyAt, type StandIn, startStandIn } from '../support/stand-in.ts';
import { debianTool } from './debian.ts';
import { type Monitoring, runProgram, startMonitoring } from './monitoring.ts';

/** The declared rules at a hundredth of their time. */
const quick = (groups: readonly RuleGroup[]): RuleGroup[] =>
  groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({
      ...rule,
      expr: rule.expr.replaceAll('[5m]', '[10s]').replaceAll('[2m]', '[10s]'),
      ...('for' in rule && rule.for !== undefined ? { for: '1s' } : {}),
    })),
  }));

const HOSTILE = '"}]}<!channel> *x* `y` \\ \n</script>\u202e';
const WAIT = { timeout: 60_000, interval: 200 };

describe('from violation to pager', () => {
  let office: TestRuntime;
  let targets: StandIn;
  let monitoring: Monitoring;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chancery-alerting-'));
    targets = await startStandIn();
    office = await startTestRuntime({ notify: notifyAt(targets.url) });
    await writeFile(join(folder, 'rules.yaml'), rulesYaml(quick(ruleGroups())));
    monitoring = await startMonitoring({
      runtime: office.runtime.url,
      ruleFiles: join(folder, 'rules.yaml'),
      tokens: {
        metrics: await office.token({
          sub: 'prometheus',
          kind: 'service',
          roles: [],
          scopes: ['metrics:read'],
        }),
        notify: await office.token({
          sub: 'alertmanager',
          kind: 'service',
          roles: [],
          scopes: ['alerts:notify'],
        }),
      },
    });
  });
  afterAll(async () => {
    await monitoring.stop();
    await office.stop();
    await targets.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const auditor = () => office.token({ sub: 'ada', roles: ['auditor'] });
  const pages = (name: string) =>
    targets.arrived.filter(
      (one) => one.at === 'pagerduty' && one.body.dedup_key.startsWith(`chancery/${name}/`),
    );
  const told = (channel: string, text: string) =>
    targets.arrived.filter((one) => one.at === channel && JSON.stringify(one.body).includes(text));

  /** As Prometheus would: straight into Alertmanager. */
  async function post(
    alerts: { labels: Record<string, string>; annotations?: Record<string, string>; ends?: boolean }[],
  ) {
    const now = Date.now();
    const response = await fetch(`${monitoring.alertmanager}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        alerts.map(
          ({ labels, annotations = { summary: labels.alertname ?? '', description: 'posted' }, ends }) => ({
            labels,
            annotations,
            startsAt: new Date(now - 1000).toISOString(),
            ...(ends === true ? { endsAt: new Date(now).toISOString() } : {}),
          }),
        ),
      ),
    });
    expect(response.status).toBe(200);
  }

  it('a spike of forbidden metrics fires, is told with its record, pages, and resolves under one key', async () => {
    const token = await office.token({ sub: 'edge', kind: 'service', roles: ['node_operator'] });
    const samples = Array.from({ length: 50 }, (_, index) => ({
      metric_name: 'user_location',
      value: 1,
      timestamp: new Date(Date.now() - 1000).toISOString(),
      source: `node-${index % 3}`,
    }));
    const until = Date.now() + 40_000;
    while (pages('ForbiddenMetricSpike').length === 0 && Date.now() < until) {
      const answer = await office.call('POST', '/charter/metrics/validate', { token, body: samples });
      expect(answer.status).toBe(200);
      await sleep(300);
    }
    const [trigger] = pages('ForbiddenMetricSpike');
    expect(trigger?.body).toMatchObject({
      event_action: 'trigger',
      payload: { severity: 'critical', group: 'charter' },
    });
    await vi.waitFor(() => expect(told('violations', 'ForbiddenMetricSpike')).not.toHaveLength(0), WAIT);

    const { record, record_hash, run, trace } = trigger?.body.payload.custom_details ?? {};
    const entry = await office.call('GET', `/ledger/entries/${record}`, { token: await auditor() });
    expect(entry.body).toMatchObject({ record_hash, record: { type: 'metric.blocked', trace } });
    expect(run).toBe(`chancery ledger show ${record}`);
    expect(JSON.stringify(told('violations', 'ForbiddenMetricSpike')[0]?.body)).toContain(
      record_hash.slice(0, 16),
    );

    await vi.waitFor(
      () => expect(pages('ForbiddenMetricSpike').at(-1)?.body.event_action).toBe('resolve'),
      WAIT,
    );
    expect(new Set(pages('ForbiddenMetricSpike').map((page) => page.body.dedup_key)).size).toBe(1);
    await vi.waitFor(() => expect(told('violations', '✅ ForbiddenMetricSpike')).not.toHaveLength(0), WAIT);
  });

  it('wrote each step into the ledger', async () => {
    const token = await auditor();
    for (const type of ['alert.fired', 'alert.resolved']) {
      const { body } = await office.call('GET', `/ledger/entries?type=${type}&limit=200`, { token });
      const steps = body.entries.filter(
        (one: { record: { data: { alert: string } } }) => one.record.data.alert === 'ForbiddenMetricSpike',
      );
      expect(steps, type).toHaveLength(1);
    }
    expect(['OK', 'PENDING']).toContain((await office.audit()).verdict);
  });

  it('goes to the channel of its group, and everything at info to debug', async () => {
    await post([
      {
        labels: {
          alertname: 'LatencyP95High',
          severity: 'warning',
          group: 'gateway',
          channel: 'performance',
        },
      },
      {
        labels: {
          alertname: 'WorkflowSlow',
          severity: 'warning',
          group: 'business',
          channel: 'performance',
          workflow: 'w',
        },
      },
      {
        labels: {
          alertname: 'LambdaMemoryHigh',
          severity: 'warning',
          group: 'infrastructure',
          channel: 'debug',
        },
      },
      { labels: { alertname: 'NewAdminAccess', severity: 'info', group: 'security', channel: 'debug' } },
      { labels: { alertname: 'LedgerSealLag', severity: 'warning', group: 'ledger', channel: 'violations' } },
    ]);
    await vi.waitFor(() => {
      expect(told('performance', 'LatencyP95High')).toHaveLength(1);
      expect(told('performance', 'WorkflowSlow')).toHaveLength(1);
      expect(told('debug', 'LambdaMemoryHigh')).toHaveLength(1);
      expect(told('debug', 'NewAdminAccess')).not.toHaveLength(0);
      expect(told('violations', 'LedgerSealLag')).toHaveLength(1);
    }, WAIT);
    expect(pages('LatencyP95High')).toEqual([]);
  });

  it('groups alerts of one name into one message, and pages for each', async () => {
    await post(
      Array.from({ length: 12 }, (_, n) => ({
        labels: {
          alertname: 'CriticalViolation',
          severity: 'critical',
          group: 'charter',
          channel: 'violations',
          node_or_service: n === 0 ? HOSTILE : `node-${n}`,
        },
      })),
    );
    await vi.waitFor(() => expect(pages('CriticalViolation')).toHaveLength(12), WAIT);
    await vi.waitFor(() => expect(told('violations', 'CriticalViolation: 12 firing')).toHaveLength(1), WAIT);
    const [message] = told('violations', 'CriticalViolation: 12 firing');
    expect(JSON.stringify(message?.body)).toContain('and 4 more');
    for (const { body } of targets.arrived.filter((one) => one.at !== 'pagerduty')) {
      expect(JSON.stringify(body)).not.toContain('<!channel>');
    }
  });

  it('keeps quiet about symptoms while the service is down', async () => {
    const gateway = { group: 'gateway', channel: 'performance' };
    await post([{ labels: { alertname: 'ServiceDown', severity: 'critical', ...gateway } }]);
    await vi.waitFor(() => expect(pages('ServiceDown')).toHaveLength(1), WAIT);
    await post([
      { labels: { alertname: 'NoRequests', severity: 'critical', ...gateway } },
      { labels: { alertname: 'StoreErrors', severity: 'critical', ...gateway } },
      {
        labels: {
          alertname: 'LedgerTamperEvent',
          severity: 'critical',
          group: 'ledger',
          channel: 'violations',
        },
      },
    ]);
    await vi.waitFor(() => expect(pages('LedgerTamperEvent')).toHaveLength(1), WAIT);
    await sleep(4_000);
    expect([...pages('NoRequests'), ...pages('StoreErrors')]).toEqual([]);
    await post([{ labels: { alertname: 'ServiceDown', severity: 'critical', ...gateway }, ends: true }]);
    await vi.waitFor(() => expect(pages('ServiceDown').at(-1)?.body.event_action).toBe('resolve'), WAIT);
  });

  it('gets through 429, 5xx and cut connections, marking what may be doubled', async () => {
    targets.only = 'BudgetNearlySpent';
    targets.failures.push(429, 503, 0);
    await post([
      {
        labels: {
          alertname: 'BudgetNearlySpent',
          severity: 'warning',
          group: 'business',
          channel: 'performance',
          workflow: 'w',
        },
      },
    ]);
    await vi.waitFor(
      () => expect(told('performance', 'BudgetNearlySpent').length).toBeGreaterThanOrEqual(2),
      WAIT,
    );
    const marks = told('performance', 'BudgetNearlySpent').map((one) =>
      JSON.stringify(one.body).includes('Possible duplicate'),
    );
    expect(marks.filter((mark) => !mark).length).toBeLessThanOrEqual(1);
    expect(marks.at(-1)).toBe(true);
  });

  it('sent nothing that Slack or PagerDuty would refuse', () => {
    expect(targets.malformed).toEqual([]);
  });
});

describe('the template for Managed Prometheus, rendered by a real Alertmanager', () => {
  it('makes SNS messages that are JSON whatever the labels hold', async () => {
    const messages: URLSearchParams[] = [];
    const sns = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      messages.push(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
      response
        .writeHead(200, { 'content-type': 'text/xml' })
        .end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>');
    });
    await new Promise<void>((resolve) => sns.listen(0, '127.0.0.1', resolve));
    const address = sns.address();
    const api = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const folder = await mkdtemp(join(tmpdir(), 'chancery-amp-'));
    const topic = (severity: string) => `arn:aws:sns:eu-central-1:123456789012:chancery-dev-${severity}`;
    const definition = parse(
      ampAlertmanagerYaml({
        region: 'eu-central-1',
        topics: { critical: topic('critical'), warning: topic('warning'), info: topic('info') },
      }),
    );
    await writeFile(join(folder, 'default.tmpl'), definition.template_files.default_template);
    const config = parse(definition.alertmanager_config);
    config.templates = [join(folder, 'default.tmpl')];
    config.route.group_wait = '1s';
    // Managed Prometheus knows where SNS is and who it is itself; this one has to be told.
    for (const receiver of config.receivers) {
      for (const one of receiver.sns_configs) {
        one.api_url = api;
        one.sigv4 = { ...one.sigv4, access_key: 'x', secret_key: 'y' };
      }
    }
    await writeFile(join(folder, 'alertmanager.yml'), stringify(config));
    const url = `http://127.0.0.1:${await freePort()}`;
    const stop = await runProgram(
      await debianTool('prometheus-alertmanager', 'prometheus-alertmanager'),
      [
        `--config.file=${join(folder, 'alertmanager.yml')}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=${new URL(url).host}`,
        '--cluster.listen-address=',
      ],
      url,
    );
    try {
      const values = [
        HOSTILE,
        "it's \\' and \\\\",
        'tab\tnewline\nnull-ish \u0001 ü 😀 & < > =',
        '{{ .Status }}',
      ];
      await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(
          values.map((value) => ({
            labels: {
              alertname: 'CriticalViolation',
              severity: 'critical',
              group: 'charter',
              node_or_service: value,
            },
            annotations: { summary: value, description: value },
            startsAt: new Date().toISOString(),
          })),
        ),
      });
      await vi.waitFor(() => expect(messages).toHaveLength(1), WAIT);
      const [message] = messages;
      expect(message?.get('TopicArn')).toBe(topic('critical'));
      expect(message?.get('Subject')).toBe('Chancery firing: CriticalViolation');
      const notice = fromSns({
        message: message?.get('Message') ?? '',
        received_at: '2026-11-21T08:00:00.000Z',
      });
      expect(notice?.alerts.map((one) => one.labels.node_or_service).sort()).toEqual([...values].sort());
      for (const one of notice?.alerts ?? []) {
        expect(one).toMatchObject({
          status: 'firing',
          labels: { alertname: 'CriticalViolation', severity: 'critical' },
        });
        expect(one.annotations.summary).toBe(one.labels.node_or_service);
        expect(Number.isNaN(Date.parse(one.starts_at))).toBe(false);
      }
    } finally {
      await stop();
      sns.close();
      sns.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
