import { describe, expect, it } from 'vitest';
import { check } from '../../cli/slo.ts';
import { Accumulators } from '../../src/watch/metrics/accumulators.ts';
import { createExposition } from '../../src/watch/metrics/exposition.ts';
import { createMeter } from '../../src/watch/metrics/meter.ts';
import { createProjector } from '../../src/watch/metrics/project.ts';
import { tailOf } from '../../src/watch/metrics/tail.ts';
import { createObjectives, figuresOf, recompute } from '../../src/watch/objectives.ts';
import { sloCases } from '../../src/watch/slo/cases.ts';
import { applicationSignals, burnAlarms } from '../../src/watch/slo/cloudwatch.ts';
import { between, judge, quantileOf, tally } from '../../src/watch/slo/evaluate.ts';
import { createHistory } from '../../src/watch/slo/history.ts';
import { openSloFiles } from '../../src/watch/slo/openslo.ts';
import { BURNS, SLO_ALERTS, sloRuleGroups } from '../../src/watch/slo/prometheus.ts';
import { sloRunbook } from '../../src/watch/slo/runbook.ts';
import { isProvable, SLOS, type Slo, sloById } from '../../src/watch/slo/slos.ts';
import { decision, memory, NOW, plant, record } from '../metrics/support.ts';
import { syntaxErrors } from '../support/promql.ts';

const slo = (id: string): Slo => {
  const found = sloById(id);
  if (found === undefined) throw new Error(id);
  return found;
};
const judged = (id: string, total: number, bad: number) => judge(slo(id), { total, bad }, { total, bad }, 60);

describe('the objectives', () => {
  it('are those of the requirements, with their figures', () => {
    expect(SLOS.map(({ id, target, critical }) => [id, target, critical])).toEqual([
      ['api_availability', 0.999, 0.999],
      ['api_latency', 0.95, 2],
      ['auth_success', 0.995, 0.995],
      ['auth_latency', 0.95, 0.5],
      ['authz_success', 0.999, 0.999],
      ['error_rate_5xx', 0.995, 0.005],
      ['error_rate_4xx', 0.95, 0.05],
      ['audit_integrity', 1, 1],
      ['decision_latency', 0.95, 0.05],
      ['ledger_append', 0.99, 0.05],
      ['seal_lag', 0.99, 60],
      ['workflow_success', 0.95, 0.95],
      ['tool_success', 0.95, 0.95],
      ['ws_connection', 0.99, 0.99],
      ['committee_notification', 0.99, 1],
    ]);
  });

  it('are met, close, missed, or not to be judged for want of samples', () => {
    expect(judged('api_availability', 100_000, 10)).toMatchObject({
      status: 'met',
      value: 0.9999,
      budget_left: 0.9,
    });
    expect(judged('api_availability', 100_000, 80)).toMatchObject({ status: 'warning', budget_left: 0.2 });
    expect(judged('api_availability', 100_000, 101)).toMatchObject({
      status: 'critical',
      budget_left: -0.01,
      burn_rate: 1.01,
    });
    expect(judged('api_availability', 99, 99).status).toBe('too_few_samples');
    expect(judged('api_availability', 0, 0)).toMatchObject({
      status: 'too_few_samples',
      value: null,
      budget_left: null,
    });
  });

  it('hold at exactly their limit', () => {
    expect(judged('error_rate_5xx', 1_000, 5).status).toBe('warning');
    expect(judged('error_rate_5xx', 1_000, 6).status).toBe('critical');
  });

  it('tolerate not one failure of integrity, without a minimum of samples', () => {
    expect(judged('audit_integrity', 0, 0)).toMatchObject({
      status: 'met',
      budget_left: null,
      burn_rate: null,
    });
    expect(judged('audit_integrity', 1, 1).status).toBe('critical');
  });

  it('judge a latency by the share under its limit, and show the quantile', () => {
    const state = new Accumulators();
    for (let seq = 0; seq < 200; seq += 1) {
      state.fold({
        record: decision({ latency_us: seq < 190 ? 2_000 : 60_000 }, { seq }),
        bytes: 1,
        hash: 'f'.repeat(64),
      });
    }
    const counted = tally(slo('decision_latency'), figuresOf(state));
    expect(counted).toMatchObject({ total: 200, bad: 10 });
    const judgement = judge(slo('decision_latency'), counted, counted, 60);
    expect(judgement.status).toBe('met');
    expect(judgement.value).toBe(0.0025);
    expect(judge(slo('decision_latency'), { ...counted, bad: 11 }, counted, 60).status).toBe('critical');
  });

  it('interpolate a quantile as Prometheus does', () => {
    expect(quantileOf(0.5, [1, 2, 4], [0, 10, 0, 0])).toBe(1.5);
    expect(quantileOf(0.99, [1, 2, 4], [0, 0, 0, 5])).toBe(4);
  });

  it('never count less than nothing between two moments', () => {
    expect(between({ total: 10, bad: 4 }, { total: 7, bad: 3 })).toEqual({ total: 0, bad: 0 });
  });
});

describe('the windows', () => {
  const world = () => {
    const table = memory();
    let now = NOW;
    const clock = () => now;
    const projector = createProjector({ table, tail: tailOf(table), clock, wait: async () => undefined });
    const exposition = createExposition({
      projector,
      clock,
      readings: async () => [],
      mode: { kind: 'fold', meter: createMeter(clock) },
    });
    const objectives = createObjectives({
      exposition,
      history: createHistory(table),
      clock,
      checkpoint: async () => 'note',
    });
    return {
      table,
      objectives,
      pass: (ms: number) => {
        now += ms;
      },
    };
  };
  const run = (outcome: string, seq: number) =>
    record(
      outcome === 'success' ? 'workflow.succeeded' : 'workflow.failed',
      { outcome, duration_us: 5 },
      { seq, labels: { workflow: 'w', drag_mode: 'grunt' } },
    );

  it('leave out what happened before them', async () => {
    const { table, objectives, pass } = world();
    for (let seq = 0; seq < 50; seq += 1) await plant(table, 1, seq, run('failure', seq));
    await objectives.remember();
    pass(31 * 86_400_000);
    for (let seq = 50; seq < 100; seq += 1) await plant(table, 1, seq, run('success', seq));
    const found = (await objectives.judgements()).find(({ id }) => id === 'workflow_success');
    expect(found).toMatchObject({ total: 50, bad: 0, status: 'met', burn_rate: 0 });
  });

  it('keep one moment in five minutes, whoever comes first', async () => {
    const { table, objectives, pass } = world();
    await objectives.remember();
    pass(1_000);
    await plant(table, 1, 0, run('success', 0));
    await objectives.remember();
    pass(300_000);
    await objectives.remember();
    const moments = (await table.query('SLO')).items.map(({ records }) => records);
    expect(moments).toEqual([0, 1]);
  });

  it('come with a proof from which anybody gets the same numbers', async () => {
    const { table, objectives, pass } = world();
    for (let seq = 0; seq < 30; seq += 1) await plant(table, 1, seq, run('failure', seq));
    await objectives.remember();
    pass(31 * 86_400_000);
    for (let seq = 30; seq < 70; seq += 1)
      await plant(table, 1, seq, run(seq % 4 === 0 ? 'failure' : 'success', seq));
    await plant(table, 2, 0, run('success', 0));
    const judgement = await objectives.judgement(slo('workflow_success'), true);
    expect(judgement.proof).toMatchObject({ count: 41, total: 41, bad: 10, checkpoint: 'note' });
    if (judgement.proof === undefined) throw new Error('no proof');
    const again = await recompute(
      slo('workflow_success'),
      judgement.proof,
      tailOf(table),
      () => new Accumulators(),
    );
    expect(again).toEqual({ count: 41, total: 41, bad: 10 });
  });

  it('offer no proof for what no record holds', async () => {
    const { objectives } = world();
    expect((await objectives.judgement(slo('api_availability'), true)).proof).toBeUndefined();
    expect(SLOS.filter(isProvable).map(({ id }) => id)).toEqual([
      'decision_latency',
      'workflow_success',
      'tool_success',
      'committee_notification',
    ]);
  });
});

describe('slo check', () => {
  const all = (changes: Record<string, [number, number]>) =>
    SLOS.map(({ id }) => judged(id, ...(changes[id] ?? ([0, 0] as [number, number]))));

  it('passes where nothing can be judged but integrity', () => {
    expect(check(all({}), 1)).toMatchObject({ overall_pass: true, critical_failures: [], judged: 1, met: 1 });
  });

  it('fails when fewer are met than wanted', () => {
    const some = all({
      // Within the objective of 95 %, and close to its end.
      workflow_success: [1_000, 49],
      seal_lag: [1_000, 0],
      auth_success: [1_000, 0],
      decision_latency: [0, 0],
    });
    expect(check(some, 0.8)).toMatchObject({
      overall_pass: false,
      critical_failures: [],
      success_rate: 0.75,
    });
    expect(check(some, 0.75).overall_pass).toBe(true);
  });

  it('fails whatever the share when one is critical, and names each that is', () => {
    const broken = all({ audit_integrity: [5, 1], seal_lag: [1_000, 0], workflow_success: [1_000, 500] });
    const { overall_pass, critical_failures } = check(broken, 0);
    expect(overall_pass).toBe(false);
    expect([...critical_failures].sort()).toEqual(['audit_integrity', 'workflow_success']);
  });
});

describe('what is generated', () => {
  const groups = sloRuleGroups();
  const rules = groups.flatMap(({ rules: each }) => each);

  it('is PromQL that parses', () => {
    for (const { expr } of rules) expect(syntaxErrors(expr), expr).toEqual([]);
  });

  it('has, for every objective with a budget, a status, what is left, and each burn rate with a minimum of samples', () => {
    for (const each of SLOS.filter(({ id }) => id !== 'audit_integrity')) {
      const own = rules.filter(({ labels }) => labels.slo === each.id);
      expect(
        own.filter((rule) => 'record' in rule && rule.record === 'chancery:slo_status'),
        each.id,
      ).toHaveLength(1);
      const alerts = own.filter((rule) => 'alert' in rule);
      expect(alerts, each.id).toHaveLength(BURNS.length);
      for (const { expr } of alerts)
        expect(expr).toMatch(/ and .+ and chancery:slo_samples:increase\w+\{.*\} >= \d+$/);
    }
    expect(rules.filter(({ labels }) => labels.slo === 'audit_integrity')).toHaveLength(3);
  });

  it('alarms in CloudWatch over two windows, on metrics and dimensions that go out', () => {
    const alarms = burnAlarms('dev');
    expect(alarms.map((each) => each.slo)).toContain('api_availability');
    expect(alarms.find((each) => each.slo === 'audit_integrity')?.alarms).toHaveLength(1);
    for (const { alarms: windows, slo: id } of alarms) {
      for (const { metrics, threshold } of windows) {
        expect(metrics.length, id).toBeLessThanOrEqual(10);
        expect(
          metrics.filter(({ returnData }) => returnData),
          id,
        ).toHaveLength(1);
        expect(threshold).toBeLessThan(1);
      }
    }
  });

  it('leaves zero tolerance out of Application Signals and OpenSLO', () => {
    expect(applicationSignals('dev').map(({ name }) => name)).not.toContain('chancery-audit-integrity');
    expect(applicationSignals('dev').length).toBeGreaterThan(8);
    expect([...openSloFiles().keys()]).toHaveLength(SLOS.length - 1);
    expect(openSloFiles().get('monitoring/openslo/api_availability.yaml')).toContain('target: 0.999');
  });

  it('has a runbook entry for each alert, which names every objective', () => {
    const entries = sloRunbook();
    expect(entries.map(({ alert }) => alert)).toEqual([...SLO_ALERTS]);
    const text = entries.flatMap(({ investigation }) => investigation).join('\n');
    for (const { id } of SLOS.filter((each) => each.id !== 'audit_integrity'))
      expect(text).toContain(`\`${id}\``);
  });

  it('is tested by incidents that both fire and stay quiet', () => {
    const tests = sloCases().flatMap(({ promql_expr_test }) => promql_expr_test);
    expect(tests.some(({ exp_samples }) => exp_samples.length > 0)).toBe(true);
    expect(tests.some(({ exp_samples }) => exp_samples.length === 0)).toBe(true);
  });
});
