import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/catalogue/catalogue.ts';
import {
  billed,
  cloudwatchDimension,
  cloudwatchName,
  dimensionSets,
  EMITTED,
} from '../../src/watch/metrics/cloudwatch.ts';
import { createEmf, gaugeLines } from '../../src/watch/metrics/emf.ts';
import { reading } from '../../src/watch/metrics/exposition.ts';
import { createMeter } from '../../src/watch/metrics/meter.ts';
import { decision, folded, NOW, record } from './support.ts';

const validate = new Ajv({ strict: false }).compile(
  JSON.parse(readFileSync(new URL('../vectors/emf.schema.json', import.meta.url), 'utf8')),
);

const emf = () => {
  const lines: string[] = [];
  const made = createEmf({ environment: 'dev', write: (line) => lines.push(line), clock: () => NOW });
  // biome-ignore lint/suspicious/noExplicitAny: a line is what the schema says; the assertions look into it freely.
  const parsed = (): any[] => lines.map((line) => JSON.parse(line));
  return { made, lines, parsed };
};

describe('EMF', () => {
  it('gives the five named metrics with their dimensions, and the total of each beside them', () => {
    const { made, parsed } = emf();
    made.appended([
      decision(),
      decision(),
      record(
        'decision.made',
        { outcome: 'rejected', reasons: [{ code: 'missing_actor' }] },
        { labels: { drag_mode: 'draft' } },
      ),
      record(
        'workflow.succeeded',
        { outcome: 'success', duration_us: 2_500_000 },
        { labels: { workflow: 'data-export', drag_mode: 'execute' } },
      ),
    ]);
    made.flush();
    const found = parsed();
    const named = (name: string) => found.filter((line) => name in line);
    expect(named('AIMRequests')[0]).toMatchObject({
      AIMRequests: 2,
      Environment: 'dev',
      DRAGMode: 'execute',
      ActorRole: 'operator',
      WorkflowName: 'data-export',
    });
    expect(named('AIMRequests')[0]._aws.CloudWatchMetrics).toEqual([
      {
        Namespace: 'Chancery',
        Dimensions: [['Environment', 'DRAGMode', 'ActorRole', 'WorkflowName'], ['Environment']],
        Metrics: [{ Name: 'AIMRequests', Unit: 'Count' }],
      },
    ]);
    expect(named('AIMValidationFailures')[0]).toMatchObject({
      AIMValidationFailures: 1,
      FailureReason: 'missing_actor',
      DRAGMode: 'draft',
    });
    expect(named('WorkflowExecutions')[0]).toMatchObject({
      WorkflowExecutions: 1,
      WorkflowName: 'data-export',
      Outcome: 'success',
      DRAGMode: 'execute',
    });
    expect(named('WorkflowDuration')[0]).toMatchObject({ WorkflowDuration: 2.5, Outcome: 'success' });
    expect(named('WorkflowDuration')[0]._aws.CloudWatchMetrics[0].Metrics[0].Unit).toBe('Seconds');
    expect(
      named('AuditLogEntries')
        .map((line) => [line.Outcome, line.AuditLogEntries])
        .sort(),
    ).toEqual([
      ['allow', 2],
      ['rejected', 1],
      ['success', 1],
    ]);
    for (const line of found) expect(validate(line), JSON.stringify(validate.errors)).toBe(true);
  });

  it('takes what the meter measures, in base units, each metric that goes out by the published format', () => {
    const { made, parsed } = emf();
    for (const { metric } of EMITTED) {
      const family = CATALOGUE[metric];
      made.listener(
        metric,
        Object.keys(family.labels).map(() => 'x'),
        1.5,
      );
    }
    made.flush();
    const found = parsed();
    expect(found).toHaveLength(EMITTED.length);
    for (const line of found) expect(validate(line), JSON.stringify([line, validate.errors])).toBe(true);
  });

  it('never writes a value that is no number, nor more than a hundred in a line', () => {
    const { made, parsed, lines } = emf();
    const meter = createMeter(() => NOW, made.listener);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      meter.observe('scope_request_duration_seconds', { scope: 's' }, value);
    for (let index = 0; index < 250; index += 1)
      meter.observe('scope_request_duration_seconds', { scope: 's' }, index / 1_000);
    made.flush();
    expect(lines.join()).not.toContain('null');
    expect(parsed().map((line) => line.ScopeRequestDuration.length)).toEqual([100, 100, 50]);
    made.flush();
    expect(lines).toHaveLength(3);
  });

  it('writes by itself soon, and when too much has gathered', () => {
    const lines: string[] = [];
    const later: (() => void)[] = [];
    const made = createEmf({
      environment: 'dev',
      write: (line) => lines.push(line),
      clock: () => NOW,
      soon: (flush) => later.push(flush),
    });
    made.listener('cache_hits_total', ['charter'], 1);
    made.listener('cache_hits_total', ['charter'], 1);
    expect(later).toHaveLength(1);
    expect(lines).toEqual([]);
    later[0]?.();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ CacheHits: 2 });
    for (let index = 0; index < 500; index += 1) made.listener('cache_hits_total', ['charter'], 1);
    expect(lines).toHaveLength(2);
  });

  it('leaves out what is not emitted, and dimensions that a metric does not have', () => {
    const { made, lines } = emf();
    made.listener('cache_evictions_total', ['charter', 'expired'], 1);
    made.flush();
    expect(lines).toEqual([]);
    expect(dimensionSets('cache_evictions_total')).toEqual([]);
    expect(dimensionSets('no_such_metric')).toEqual([]);
  });

  it('gives the gauges that only the whole ledger knows, to whoever folds it', () => {
    const opened = { record: record('ledger.lane_opened', {}), hash: 'a'.repeat(64), bytes: 100 };
    const lines = gaugeLines(
      { environment: 'dev' },
      folded([opened]),
      [reading('metrics_projection_lag_seconds', {}, 2)],
      NOW,
    );
    const parsed = lines.map((line) => JSON.parse(line));
    for (const line of parsed) expect(validate(line), JSON.stringify(validate.errors)).toBe(true);
    expect(parsed.find((line) => 'LedgerLanesOpen' in line)).toMatchObject({ LedgerLanesOpen: 1 });
    // What this process was not told of and does not fold, others say.
    expect(parsed.some((line) => 'StoreConnections' in line)).toBe(false);
  });

  it('names metrics and dimensions as CloudWatch has them', () => {
    expect(cloudwatchName('aim_requests_total')).toBe('AIMRequests');
    expect(cloudwatchName('http_request_duration_seconds')).toBe('HTTPRequestDuration');
    expect(cloudwatchDimension('drag_mode')).toBe('DRAGMode');
    expect(cloudwatchDimension('workflow')).toBe('WorkflowName');
  });
});

describe('the bill', () => {
  it('counts one metric for each combination of dimension values in each set', () => {
    const { by_metric, series, dollars_a_month } = billed({ workflow: 4, actor_role: 5 });
    const of = (metric: string) => by_metric.find((each) => each.metric === metric)?.series;
    expect(of('aim_requests_total')).toBe(6 * 5 * 4 + 1);
    expect(of('http_request_duration_seconds')).toBe(1);
    expect(of('http_requests_total')).toBe(4 + 1);
    expect(series).toBe(by_metric.reduce((sum, each) => sum + each.series, 0));
    expect(dollars_a_month).toBe(Math.round(series * 30) / 100);
    expect(billed({ workflow: 4, actor_role: 5 }, 17).series).toBe(series + 17);
  });

  it('grows with what is expected, and costs less beyond ten thousand', () => {
    expect(billed({ workflow: 8, actor_role: 5 }).series).toBeGreaterThan(
      billed({ workflow: 4, actor_role: 5 }).series,
    );
    const large = billed({ workflow: 1_000, actor_role: 30 });
    expect(large.dollars_a_month).toBeCloseTo(3_000 + (large.series - 10_000) * 0.1, 1);
  });
});
