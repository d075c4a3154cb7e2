/**
 * Every alert fires past its limit, not just short of it, and resolves: said by Prometheus' own test runner. What routes and silences
 * them is read by amlint. (pint, which would read the rules for dead code, could not be had from the module proxy.)
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseExposition } from '../../cli/exposition.ts';
import { alertmanagerYaml } from '../../src/watch/alerts/publish/alertmanager.ts';
import { PROMETHEUS_ALERTS } from '../../src/watch/alerts/rules/rules.ts';
import { governed, startTestRuntime } from '../runtime/support.ts';
import { debianTool } from './debian.ts';
import { pythonTools } from './python.ts';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '../../monitoring/prometheus');
const files = (sub: string) =>
  readdirSync(join(folder, sub))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, sub, name));

const AMLINT = ['amlint==0.8.5'];

it('amlint finds nothing to warn of in Alertmanager, held against the rules', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'amlint-'));
  try {
    const file = join(scratch, 'alertmanager.yml');
    writeFileSync(
      file,
      alertmanagerYaml({
        url: 'http://chancery:8787/notify/alertmanager',
        tokenFile: '/etc/chancery/notify.token',
      }),
    );
    // Exits with 1 on an error and, being strict, on a warning.
    await run(join(pythonTools('amlint', AMLINT), 'amlint'), [
      'check',
      '--strict',
      '--rules',
      join(folder, 'rules/*.yaml'),
      file,
    ]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}, 180_000);

describe('promtool', () => {
  let promtool = '';
  beforeAll(async () => {
    promtool = await debianTool('promtool', 'prometheus');
  }, 300_000);

  it('reads every rule file', async () => {
    const { stdout } = await run(promtool, [
      'check',
      'rules',
      ...files('rules'),
      join(folder, '../amp/rules.yaml'),
    ]);
    expect(stdout).not.toContain('FAILED');
  });

  it('has two cases for every alert', async () => {
    const { readFile } = await import('node:fs/promises');
    const tests = (await Promise.all(files('tests').map((file) => readFile(file, 'utf8')))).join('\n');
    for (const rule of PROMETHEUS_ALERTS) {
      expect(tests.split(`name: ${rule.name} `).length, rule.name).toBe(3);
    }
  });

  it.each(files('tests').map((file) => [file.slice(file.lastIndexOf('/') + 1), file]))(
    'sees the drills of %s pass',
    async (_, file) => {
      const { stdout } = await run(promtool, ['test', 'rules', file]);
      expect(stdout).toContain('SUCCESS');
    },
    180_000,
  );

  /** What was counted long before Prometheus' first sample, traffic as it always is, and caches that are hardly asked. */
  const YOUNG = {
    'chancery_ledger_entries_total{event_type="decision.made"}': '1000+30x120',
    'chancery_charter_violations_total{severity="CRIMINAL",violation_type="unauthorized_override",node_or_service="n"}':
      '7+0x120',
    'chancery_charter_loads_total{result="failure"}': '2+0x120',
    'chancery_suspicious_activity_total{pattern="enumeration"}': '3+0x120',
    'chancery_prescriptive_detections_total{drag_mode="research",phrase_type="directive"}': '4+0x120',
    'chancery_ledger_entries_total{event_type="admin.access"}': '5+0x120',
    'chancery_ledger_entries_total{event_type="security.ip_blocked"}': '6+0x120',
    'chancery_notifications_total{channel="slack",result="dead_letter"}': '1+0x120',
    'chancery_ledger_append_failures_total{reason="store"}': '1+0x120',
    'chancery_scope_checks_total{scope="workflows:execute",decision="granted"}': '900+30x120',
    'chancery_workflow_cost_dollars_total{workflow="data-export"}': '90+0.2x120',
    'chancery_cache_hits_total{cache="jwks"}': '0+0.5x120',
    'chancery_cache_misses_total{cache="jwks"}': '0+1x120',
  };
  const QUIET = [
    'CriticalViolation',
    'PolicyLoadFailure',
    'SuspiciousPattern',
    'PrescriptiveDetection',
    'NewAdminAccess',
    'SecurityEvent',
    'NotificationDeadLetter',
    'LedgerAppendFailures',
    'UnusualScopeUse',
    'UnusualCost',
    'CacheHitRateLow',
  ];

  async function onYoungPrometheus(input: Record<string, string>, expected: (minute: number) => number) {
    const scratch = mkdtempSync(join(tmpdir(), 'promtool-'));
    const firing = `count(ALERTS{alertname=~"${QUIET.join('|')}",alertstate="firing"}) or vector(0)`;
    const test = {
      rule_files: files('rules'),
      evaluation_interval: '30s',
      tests: [
        {
          name: 'a Prometheus that has just begun',
          interval: '30s',
          input_series: Object.entries(input).map(([series, values]) => ({ series, values })),
          promql_expr_test: [1, 2, 4, 5, 6, 9, 15, 25, 45].map((minute) => ({
            expr: firing,
            eval_time: `${minute}m`,
            exp_samples: [{ labels: '{}', value: expected(minute) }],
          })),
        },
      ],
    };
    try {
      writeFileSync(join(scratch, 'young.yaml'), stringify(test, { lineWidth: 0 }));
      const { stdout } = await run(promtool, ['test', 'rules', join(scratch, 'young.yaml')]);
      expect(stdout).toContain('SUCCESS');
    } finally {
      rmSync(scratch, { recursive: true });
    }
  }

  it('stays quiet on a Prometheus that begins beside an office that is not new', async () => {
    await onYoungPrometheus(YOUNG, () => 0);
  }, 180_000);

  it('fires there for what happens from then on, a new kind at once and a known one within five minutes', async () => {
    const node = 'severity="CRIMINAL",violation_type="unauthorized_override"';
    const happening = {
      ...YOUNG,
      [`chancery_charter_violations_total{${node},node_or_service="m"}`]: '_x3 1+0x116',
      [`chancery_charter_violations_total{${node},node_or_service="n"}`]: '7+0x3 8+0x116',
    };
    // m appears at 1:30 and n counts one more at 2:00: both are over five minutes later.
    const expected = new Map([
      [2, 1],
      [4, 1],
      [5, 2],
      [6, 2],
    ]);
    await onYoungPrometheus(happening, (minute) => expected.get(minute) ?? 0);
  }, 180_000);

  /**
   * A system as it begins, its own figures as it shows them: three decisions, then nothing. Gauges of a moment go on with
   * time, since whatever sets them (a seal, a look at the charter, the canary) does so without callers too.
   */
  async function seriesOfAFreshSystem(course: (value: number) => string): Promise<Record<string, string>> {
    const chancery = await startTestRuntime({});
    try {
      for (let n = 0; n < 3; n += 1) expect((await chancery.execute(governed())).status).toBe(200);
      const token = await chancery.token({ roles: ['sre'], kind: 'service' });
      const { text } = await chancery.call('GET', '/metrics', { token });
      const samples = parseExposition(text);
      expect(samples.length).toBeGreaterThan(200);
      return Object.fromEntries(
        samples.map(({ name, labels, value }) => {
          const written = Object.entries(labels).map(([label, each]) => `${label}=${JSON.stringify(each)}`);
          return [
            `${name}{${written.join(',')}}`,
            /_timestamp_seconds$/.test(name) ? '0+30x200' : course(value),
          ];
        }),
      );
    } finally {
      await chancery.stop();
    }
  }

  it.each([
    ['fresh: it appears while Prometheus is looking', (value: number) => `_x20 ${value}+0x180`],
    [
      'idle, and Prometheus was away for a quarter of an hour',
      (value: number) => `${value}+0x100 _x30 ${value}+0x70`,
    ],
  ])(
    'pages and warns nobody of a system that is %s',
    async (_, course) => {
      const input = await seriesOfAFreshSystem(course);
      const scratch = mkdtempSync(join(tmpdir(), 'promtool-'));
      const test = {
        rule_files: files('rules'),
        evaluation_interval: '30s',
        tests: [
          {
            name: 'nothing happens',
            interval: '30s',
            input_series: Object.entries(input).map(([series, values]) => ({ series, values })),
            // Scraped from minute 10 on; from 50 to 65 there is no Prometheus to tell anybody.
            promql_expr_test: [11, 12, 15, 20, 30, 45, 49, 66, 70, 75, 90, 99].map((minute) => ({
              expr: 'count by (alertname) (ALERTS{alertstate="firing",severity=~"critical|warning"})',
              eval_time: `${minute}m`,
              exp_samples: [],
            })),
          },
        ],
      };
      try {
        writeFileSync(join(scratch, 'quiet.yaml'), stringify(test, { lineWidth: 0 }));
        const { stdout } = await run(promtool, ['test', 'rules', join(scratch, 'quiet.yaml')]);
        expect(stdout).toContain('SUCCESS');
      } finally {
        rmSync(scratch, { recursive: true });
      }
    },
    180_000,
  );
});
