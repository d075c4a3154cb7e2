/**
 * One scenario that makes every family of a feature that exists move, over HTTP, against the real runtime; the
 * counters are then compared with the ledger itself. Families that did not move are printed with the section
 * that brings them.
 */
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedgerFile } from '../../adapters/local/ledger-file.ts';
import { parseExposition, type Sample } from '../../cli/exposition.ts';
import { dataPaths } from '../../local/stores.ts';
import { CATALOGUE, METRIC_NAMES, type MetricName, PREFIX } from '../../src/metrics/catalogue.ts';
import { tailOf } from '../../src/metrics/tail.ts';
import { verifyMetrics } from '../../src/metrics/verify.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

describe('the running system', () => {
  let world: TestRuntime;
  let sre = '';
  beforeAll(async () => {
    world = await startTestRuntime();
    sre = await world.token({ sub: 'sam', name: 'Sam Sre', roles: ['sre', 'auditor', 'system_monitor'] });
  });
  afterAll(() => world.stop());

  const post = async (path: string, body: unknown, claims: Parameters<TestRuntime['token']>[0] = {}) =>
    world.call('POST', path, { token: await world.token(claims), body });
  const scrape = async (): Promise<Sample[]> =>
    parseExposition((await world.call('GET', '/metrics', { token: sre })).text);
  const total = (samples: readonly Sample[], name: string, where: Record<string, string> = {}): number =>
    samples
      .filter(
        (sample) =>
          sample.name === PREFIX + name &&
          Object.entries(where).every(([label, value]) => sample.labels[label] === value),
      )
      .reduce((sum, { value }) => sum + value, 0);

  it('moves every family whose feature exists, by what the ledger holds', async () => {
    const admin = { sub: 'ann', name: 'Ann Admin', roles: ['admin'], mfa: true };
    expect((await world.execute(governed())).status).toBe(200);
    expect(
      (
        await world.execute(
          governed({
            aim: {
              actor: { name: 'J' },
              input: { sources: [] },
              mission: { objective: 'x', success_criteria: [] },
            },
          }),
        )
      ).status,
    ).toBe(400);
    expect((await world.execute(governed({ drag_mode: 'analysis' }))).status).toBe(400);
    await world.execute(governed({ drag_mode: 'draft', output_text: 'You should definitely do this.' }));
    await world.execute(
      governed({
        workflow_name: 'deploy-to-staging',
        drag_mode: 'execute',
        parameters: { environment: 'staging', version: '1.2.3' },
      }),
    );
    await world.execute(
      governed({
        workflow_name: 'deploy-to-production',
        drag_mode: 'execute',
        parameters: { environment: 'production', version: '1.2.3' },
      }),
    );
    await post('/governance/validate', governed());
    await post('/decisions', { ...governed(), options: { mode: 'dry_run' } });
    await post('/charter/metrics/validate', {
      metric_name: 'user_location',
      value: 1,
      timestamp: new Date().toISOString(),
      source: 'node-1',
    });
    await post('/charter/metrics/validate', {
      metric_name: 'cpu_usage_percent',
      value: 1,
      timestamp: new Date().toISOString(),
      source: 'node-1',
    });
    await post(
      '/violations',
      {
        violation_type: 'data_extraction',
        node_or_service: 'node-1',
        description: 'it copied the table',
        evidence: ['log'],
      },
      { roles: [], scopes: ['violations:report'] },
    );
    await world.call('GET', '/metrics');
    await world.call('GET', '/metrics', { token: 'eyJhbGciOiJub25lIn0.e30.' });
    await world.call('GET', '/ledger/entries', { token: await world.token({ sub: 'nobody', roles: [] }) });
    await post('/ledger/verify', {}, { sub: 'ada', roles: ['auditor'] });
    await world.call('GET', '/flags', { token: await world.token(admin) });
    await post(
      '/deployments',
      { environment: 'dev', version: '1', commit: 'abc1234', result: 'success', lead_time_seconds: 60 },
      admin,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_600));

    const samples = await scrape();
    const moved = METRIC_NAMES.filter((name) => {
      const shown = CATALOGUE[name].type === 'histogram' ? `${PREFIX}${name}_count` : PREFIX + name;
      return samples.some(
        (sample) => sample.name === shown && (sample.value !== 0 || CATALOGUE[name].type === 'gauge'),
      );
    });
    const still = METRIC_NAMES.filter((name) => !moved.includes(name));
    console.log(
      `${moved.length} of ${METRIC_NAMES.length} families moved; still:\n${still.map((name) => `  ${name} (${CATALOGUE[name].since === '' ? 'needs a failure' : `section ${CATALOGUE[name].since}`})`).join('\n')}`,
    );

    const file = openLedgerFile(dataPaths(world.folder).table);
    try {
      const tail = tailOf(file);
      const records = (
        await Promise.all(
          (await tail.lanes(0)).map(async (lane) => (await tail.read(lane, 0, 10_000)).entries),
        )
      )
        .flat()
        .map(({ record }) => record);
      const of = (...types: string[]) => records.filter(({ type }) => types.includes(type));
      const made = of('decision.made');
      expect(total(samples, 'decisions_total')).toBe(made.length);
      expect(total(samples, 'decisions_total', { outcome: 'rejected' })).toBe(
        made.filter(({ data }) => data.outcome === 'rejected').length,
      );
      expect(total(samples, 'aim_requests_total')).toBe(of('decision.made', 'decision.dry_run').length);
      expect(
        total(samples, 'aim_validation_failures_total', { failure_reason: 'actor_name_too_short' }),
      ).toBe(1);
      expect(total(samples, 'aim_validation_failures_total', { failure_reason: 'analysis_human_only' })).toBe(
        1,
      );
      expect(total(samples, 'prescriptive_detections_total', { drag_mode: 'draft' })).toBeGreaterThanOrEqual(
        2,
      );
      expect(total(samples, 'workflow_executions_total')).toBe(
        of('workflow.succeeded', 'workflow.failed', 'workflow.stale').length,
      );
      expect(total(samples, 'approvals_pending')).toBe(of('approval.requested').length);
      expect(
        total(samples, 'charter_forbidden_metric_attempts_total', {
          metric_name: 'user_location',
          node_or_service: 'node-1',
        }),
      ).toBe(1);
      expect(total(samples, 'charter_violations_total')).toBe(
        of('violation.reported').length + of('metric.blocked').filter(({ data }) => data.violation).length,
      );
      expect(total(samples, 'auth_failures_total', { status: '401' })).toBe(
        of('auth.unauthorized', 'auth.jwt_invalid').reduce((sum, { data }) => sum + Number(data.count), 0),
      );
      expect(total(samples, 'auth_failures_total', { status: '403' })).toBe(of('auth.scope_denied').length);
      expect(total(samples, 'ledger_lanes_open')).toBe(1);
      expect(total(samples, 'metrics_ledger_drift')).toBe(0);
      for (const name of METRIC_NAMES) {
        if (CATALOGUE[name].source === 'ledger' && CATALOGUE[name].since === '')
          expect(moved.concat(NEEDS_FAILURE), name).toContain(name);
      }
    } finally {
      file.close();
    }
  });

  it('is found equal to a replay, and its ledger sound', async () => {
    await expect
      .poll(async () => {
        const file = openLedgerFile(dataPaths(world.folder).table);
        try {
          return await verifyMetrics({ table: file, tail: tailOf(file) });
        } finally {
          file.close();
        }
      })
      .toMatchObject({ equal: true, drift: 0 });
  });

  it('answers in the format that is asked for, compressed if that is welcome, and only with the scope', async () => {
    const open = await world.call('GET', '/metrics', {
      token: sre,
      headers: { accept: 'application/openmetrics-text; version=1.0.0' },
    });
    expect(open.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(open.text.endsWith('# EOF\n')).toBe(true);
    const plain = await fetch(`${world.runtime.url}/metrics`, {
      headers: { authorization: `Bearer ${sre}`, 'accept-encoding': 'identity' },
    });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.headers.get('content-type')).toContain('version=0.0.4');
    const packed = await rawGet(`${world.runtime.url}/metrics`, {
      authorization: `Bearer ${sre}`,
      'accept-encoding': 'gzip',
    });
    expect(packed.encoding).toBe('gzip');
    expect(gunzipSync(packed.body).toString()).toContain('# TYPE chancery_decisions_total counter');
    expect((await world.call('GET', '/metrics')).status).toBe(401);
    expect(
      (await world.call('GET', '/metrics', { token: await world.token({ roles: ['agent'] }) })).status,
    ).toBe(403);
  });

  it('is healthy in each of its routes, tells details only to those who may see them, and is live without anything', async () => {
    for (const path of ['/health', '/health/live', '/health/ready', '/health/startup']) {
      const { status, body } = await world.call('GET', path);
      expect(status, path).toBe(200);
      expect(body.status, path).not.toBe('unhealthy');
      expect(Date.parse(body.timestamp), path).toBeGreaterThan(0);
    }
    expect((await world.call('GET', '/health/detailed')).status).toBe(401);
    const { body } = await world.call('GET', '/health/detailed', { token: sre });
    const names = body.checks.map(({ name }: { name: string }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'store',
        'ledger',
        'charter',
        'workflow_engine',
        'jwks',
        'caches',
        'projection',
        'checkpoint',
      ]),
    );
    expect(
      body.checks.find(({ name }: { name: string }) => name === 'charter').details.policies_loaded,
    ).toBeGreaterThan(0);
  });

  it('judges its service levels, each by itself too, with a proof where there is one', async () => {
    const { body } = await world.call('GET', '/slos', { token: sre });
    expect(body.slos).toHaveLength(14);
    const one = await world.call('GET', '/slos/decision_latency?proof=1', { token: sre });
    expect(one.body.proof).toMatchObject({ total: one.body.total, bad: one.body.bad });
    expect((await world.call('GET', '/slos/nothing', { token: sre })).status).toBe(404);
  });
});

/** Move only when something goes wrong in a way that this scenario does not bring about. */
const NEEDS_FAILURE: MetricName[] = [
  'policy_errors_total',
  'workflows_stale',
  'suspicious_activity_total',
  'rate_limit_hits_total',
  'scope_rate_limits_total',
  'label_overflow_total',
];

/** `fetch` decompresses by itself; this does not. */
async function rawGet(
  url: string,
  headers: Record<string, string>,
): Promise<{ encoding: string | undefined; body: Buffer }> {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(chunks) }),
      );
    }).on('error', reject);
  });
}
