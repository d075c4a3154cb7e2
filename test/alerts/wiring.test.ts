import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inRequests } from '../../adapters/aws/event-bus.ts';
import { withGrafana } from '../../adapters/aws/managed-grafana.ts';
import { readNotifyTargets } from '../../adapters/aws/notify-secret.ts';
import { couriersOf } from '../../adapters/couriers.ts';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { openAlerting } from '../../src/watch/alerting.ts';
import { fromWebhook, webhookDoor } from '../../src/watch/alerts/notify/parse.ts';
import { fromSns } from '../../src/watch/alerts/notify/sns.ts';
import { alertmanagerYaml, ampAlertmanagerYaml } from '../../src/watch/alerts/publish/alertmanager.ts';
import { prometheusYaml } from '../../src/watch/alerts/publish/setup.ts';
import { flows, stands } from '../../src/watch/alerts/rules/drill.ts';
import { cases } from '../../src/watch/alerts/rules/drill-cases.ts';
import { counted, increase, quoted, series } from '../../src/watch/alerts/rules/promql.ts';
import type { PrometheusRule } from '../../src/watch/alerts/rules/rule.ts';
import { syntaxErrors } from '../support/promql.ts';

const clock = () => Date.parse('2026-11-21T08:00:00Z');
const sign = async ({ headers }: { headers: Readonly<Record<string, string>> }) => ({
  ...headers,
  host: 'h',
  authorization: 'AWS4-HMAC-SHA256 …',
});

describe('PromQL', () => {
  it('quotes what a label value may hold', () => {
    expect(quoted('a"b\\c\nd')).toBe('"a\\"b\\\\c\\nd"');
    expect(syntaxErrors(`x{y=${quoted('"\\\n')}}`)).toEqual([]);
  });

  it('leaves out matchers that are not given', () => {
    expect(series('build_info', { version: undefined } as never)).toBe('chancery_build_info');
    expect(increase('deployments_total')).toBe('sum (increase(chancery_deployments_total[5m]))');
    expect(syntaxErrors(counted('deployments_total'))).toEqual([]);
  });
});

describe('a drill', () => {
  const rule = (drill: PrometheusRule['drill']): PrometheusRule => ({
    name: 'X',
    group: 'gateway',
    severity: 'warning',
    source: 'prometheus',
    summary: '',
    description: '',
    expr: 'x > 1',
    for: 60,
    threshold: 1,
    unit: 'short',
    bad: 'above',
    drill,
  });

  it('is written in promtool’s notation, counters going on where they were', () => {
    const [fires] = cases(
      rule({
        settle: 0,
        feeds: [
          flows('c', { calm: 1, over: 2, under: 1, rest: 0 }),
          stands('g', { calm: null, over: 3, under: 1, rest: -1 }),
        ],
      }),
    );
    expect(fires?.input_series.map((one) => one.values)).toEqual([
      '30+30x19 660+60x4 900+0x29',
      '_x20 3+0x4 -1+0x29',
      '9+0x19 9+0x4 9+0x29',
    ]);
    expect(fires?.promql_expr_test.map((one) => [one.eval_time, one.exp_samples[0]?.value])).toEqual([
      ['630s', 0],
      ['690s', 1],
      ['1620s', 0],
    ]);
  });
});

describe('Alertmanager’s configuration', () => {
  const topics = { critical: 'arn:c', warning: 'arn:w', info: 'arn:i' };

  it('groups, waits and repeats as it should, locally and in Managed Prometheus', () => {
    const local = parse(
      alertmanagerYaml({ url: 'http://127.0.0.1:8787/notify/alertmanager', tokenFile: '/t' }),
    );
    const amp = parse(parse(ampAlertmanagerYaml({ region: 'eu-central-1', topics })).alertmanager_config);
    for (const config of [local, amp]) {
      expect(config.route).toMatchObject({
        group_by: ['alertname', 'severity'],
        group_wait: '30s',
        group_interval: '5m',
        repeat_interval: '4h',
      });
      expect(config.inhibit_rules[0].source_matchers).toEqual(['alertname="ServiceDown"']);
    }
    expect(local.receivers[0].webhook_configs[0].send_resolved).toBe(true);
  });

  it('sends each severity to its topic', () => {
    const amp = parse(parse(ampAlertmanagerYaml({ region: 'eu-central-1', topics })).alertmanager_config);
    const to = Object.fromEntries(
      amp.receivers.map((one: { name: string; sns_configs: { topic_arn: string }[] }) => [
        one.name,
        one.sns_configs[0]?.topic_arn,
      ]),
    );
    expect(to).toEqual(topics);
    // Managed Prometheus repeats at most every five days.
    expect(amp.route.repeat_interval).toBe('4h');
  });

  it('scrapes a node exporter only where there is one', () => {
    const places = { runtime: 'r', alertmanager: 'a', tokenFile: 't', ruleFiles: '*' };
    expect(parse(prometheusYaml(places)).scrape_configs).toHaveLength(1);
    expect(parse(prometheusYaml({ ...places, nodeExporter: 'n' })).scrape_configs).toHaveLength(2);
  });
});

describe('messages without what is optional', () => {
  it('get a group key and fingerprints of their labels', () => {
    const alert = { status: 'firing', labels: { b: '2', a: '1' }, startsAt: '2026-11-21T08:00:00Z' };
    const read = (one: typeof alert) =>
      fromWebhook(webhookDoor.parse({ status: 'firing', alerts: [one] }), '');
    const one = read(alert);
    const two = read({ ...alert, labels: { a: '1', b: '2' } });
    expect(one.alerts[0]?.fingerprint).toBe(two.alerts[0]?.fingerprint);
    expect(one.group_key).toBe('[]');
  });

  it('are told even when the alarm is nobody’s', () => {
    const alarm = {
      AlarmName: 'somebody-elses',
      AlarmArn: 'arn:x',
      NewStateValue: 'ALARM',
      NewStateReason: 'because',
      StateChangeTime: '2026-11-21T08:00:00.000+0000',
    };
    expect(fromSns({ message: JSON.stringify(alarm), received_at: '' })?.alerts[0]).toMatchObject({
      labels: { alertname: 'somebody-elses' },
      annotations: { summary: 'somebody-elses', description: 'because' },
    });
    const plain = fromSns({ message: 'plain text', received_at: '2026-11-21T08:00:00Z' });
    expect(plain?.alerts[0]?.annotations.summary).toMatch(/could not be read/);
  });
});

describe('alerting without targets', () => {
  it('records, tells nobody, and says so in its health', async () => {
    const table = openSqliteTable(':memory:');
    const types: string[] = [];
    const alerting = openAlerting({
      ledger: {
        append: async ({ type }) => {
          types.push(type);
          return {
            id: '1.1',
            lane: 1,
            seq: 1,
            record_hash: 'a',
            signature: '',
            certificate_hash: '',
            time: '',
            max_merge_delay_seconds: 1,
          };
        },
      },
      wait: async () => {},
      ledgerTable: table,
      state: table,
      clock,
      random: (length) => new Uint8Array(length),
      meter: { count: () => {}, observe: () => {}, set: () => {} },
      log: { write: () => {} },
      couriers: couriersOf({ slack: {} }, { fetch, clock }),
    });
    const alert = {
      fingerprint: 'f',
      status: 'firing',
      labels: { alertname: 'LedgerTamperEvent' },
      annotations: {},
      starts_at: '2026-11-21T08:00:00Z',
    } as const;
    await alerting.notifier.hear({ group_key: 'g', status: 'firing', alerts: [alert], truncated: 0 });
    expect(types).toEqual(['alert.fired']);
    expect(await alerting.outbox.pump()).toEqual({ waiting: 0 });
    const found = await Promise.all(alerting.checks.map(async (check) => [check.name, await check.run()]));
    expect(found).toEqual([
      ['notifier', { status: 'healthy', details: { dead_letters: 0, targets: 0 } }],
      ['siem', { status: 'healthy', details: { configured: false } }],
    ]);
  });
});

describe('the notification secret', () => {
  const where = (status: number, body: unknown) => ({
    region: 'eu-central-1',
    sign,
    clock,
    fetch: (async (_url: string, init: RequestInit) => {
      expect(init.headers).toMatchObject({ 'x-amz-target': 'secretsmanager.GetSecretValue' });
      expect(init.headers).not.toHaveProperty('host');
      return new Response(JSON.stringify(body), { status });
    }) as unknown as typeof fetch,
  });

  it('names the targets; an empty one names none', async () => {
    const targets = {
      slack: { debug: 'https://hooks.example/d' },
      pagerduty: { routingKey: 'R'.repeat(32) },
    };
    expect(await readNotifyTargets('s', where(200, { SecretString: JSON.stringify(targets) }))).toEqual(
      targets,
    );
    expect(await readNotifyTargets('s', where(200, { SecretString: '{}' }))).toEqual({ slack: {} });
    expect([...couriersOf(targets, { fetch, clock }).keys()]).toEqual(['slack-debug', 'pagerduty']);
  });

  it('stops the function when it cannot be read', async () => {
    await expect(readNotifyTargets('s', where(400, {}))).rejects.toThrow('400');
    await expect(readNotifyTargets('s', where(200, { SecretString: '{"pagerduty":{}}' }))).rejects.toThrow();
  });
});

describe('a run in Managed Grafana', () => {
  const workspace = (calls: string[], fail = '') => ({
    region: 'eu-central-1',
    workspaceId: 'g-1',
    host: 'g-1.example',
    sign,
    clock,
    fetch: (async (url: string, init: RequestInit) => {
      const call = `${init.method} ${new URL(url).pathname}`;
      calls.push(call);
      if (call === fail) return new Response('no', { status: 500 });
      const body = call.endsWith('/tokens') ? { serviceAccountToken: { key: 'glsa_x' } } : { id: '7' };
      return new Response(JSON.stringify(body), {
        status: 200,
        headers: { 'content-type': 'application/json' },
      });
    }) as unknown as typeof fetch,
  });

  it('has a token of its own, and leaves no account behind', async () => {
    const calls: string[] = [];
    const answer = await withGrafana(workspace(calls), (api) =>
      api('POST', '/api/folders', { uid: 'chancery' }),
    );
    expect(answer.status).toBe(200);
    expect(calls).toEqual([
      'POST /workspaces/g-1/serviceaccounts',
      'POST /workspaces/g-1/serviceaccounts/7/tokens',
      'POST /api/folders',
      'DELETE /workspaces/g-1/serviceaccounts/7',
    ]);
  });

  it('takes the account away when the work or the token fails', async () => {
    for (const fail of ['', 'POST /workspaces/g-1/serviceaccounts/7/tokens']) {
      const calls: string[] = [];
      const work = withGrafana(workspace(calls, fail), () => Promise.reject(new Error('the work failed')));
      await expect(work).rejects.toThrow(fail === '' ? 'the work failed' : '500');
      expect(calls.at(-1)).toBe('DELETE /workspaces/g-1/serviceaccounts/7');
    }
  });
});

describe('requests to the event bus', () => {
  const entry = (bytes: number) => ({ source: 's', detail_type: 't', time: '', detail: 'x'.repeat(bytes) });

  it('hold at most ten entries and 256 KB, in order', () => {
    expect(inRequests(Array.from({ length: 23 }, () => entry(10))).map((one) => one.length)).toEqual([
      10, 10, 3,
    ]);
    expect(inRequests([entry(100_000), entry(100_000), entry(100_000)]).map((one) => one.length)).toEqual([
      2, 1,
    ]);
    expect(inRequests([])).toEqual([]);
  });
});
