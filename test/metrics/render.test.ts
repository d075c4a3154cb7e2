import { describe, expect, it } from 'vitest';
import { parseExposition } from '../../cli/exposition.ts';
import { Accumulators } from '../../src/watch/metrics/accumulators.ts';
import { reading } from '../../src/watch/metrics/exposition.ts';
import { createMeter, RIDE_INTERVAL_MS } from '../../src/watch/metrics/meter.ts';
import { negotiate, render } from '../../src/watch/metrics/render.ts';
import type { Ride } from '../../src/watch/metrics/ride.ts';
import { decision, folded, type record } from './support.ts';

const entry = (what: ReturnType<typeof record>, hash = 'f'.repeat(64)) => ({ record: what, bytes: 10, hash });
const state = (): Accumulators =>
  folded([
    entry(decision({ latency_us: 1_500 }, { seq: 1 }), '1'.repeat(64)),
    entry(decision({ latency_us: 2_000_000 }, { seq: 2, trace: 'b'.repeat(32) }), '2'.repeat(64)),
  ]);
const NOTHING: Ride = { counts: [], observed: [], set: [], traced: [] };
const lines = (text: string, start: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(start));

describe('text format 0.0.4', () => {
  it('shows a histogram with cumulative buckets, the sum in seconds and the count', () => {
    const text = render(state(), [], 'text');
    const shown = lines(text, 'chancery_decision_duration_seconds');
    expect(shown).toContain('chancery_decision_duration_seconds_bucket{le="0.001"} 0');
    expect(shown).toContain('chancery_decision_duration_seconds_bucket{le="0.0025"} 1');
    expect(shown).toContain('chancery_decision_duration_seconds_bucket{le="1"} 1');
    expect(shown).toContain('chancery_decision_duration_seconds_bucket{le="+Inf"} 2');
    expect(shown).toContain('chancery_decision_duration_seconds_sum 2.0015');
    expect(shown).toContain('chancery_decision_duration_seconds_count 2');
  });

  it('gives each family its help and type once, before its samples, and ends with a line feed', () => {
    const text = render(state(), [], 'text');
    expect(text.endsWith('\n')).toBe(true);
    const heads = lines(text, '# TYPE').map((line) => line.split(' ')[2]);
    expect(new Set(heads).size).toBe(heads.length);
    expect(lines(text, '# HELP')).toHaveLength(heads.length);
    expect(text).not.toContain('# EOF');
  });

  it('escapes what a label value may hold', () => {
    const text = render(state(), [reading('charter_info', { version: 'a"b\\c\nd', digest: 'x' }, 1)], 'text');
    expect(text).toContain('chancery_charter_info{version="a\\"b\\\\c\\nd",digest="x"} 1');
    expect(parseExposition(text).find(({ name }) => name === 'chancery_charter_info')?.labels.version).toBe(
      'a"b\\c\nd',
    );
  });

  it('shows counters that are all known beforehand from zero on', () => {
    const text = render(new Accumulators(), [], 'text');
    expect(text).toContain('chancery_ledger_tamper_events_total{kind="unsealable"} 0');
    expect(text).toContain('chancery_approvals_pending{priority="high"} 0');
    expect(text).not.toContain('chancery_workflow_executions_total');
  });

  it('lets a gauge that is worked out now stand in for one that was stored', () => {
    const now = state();
    now.ride({ ...NOTHING, set: [['active_sessions', [], 9]] }, { time: '', lane: 1, seq: 1 });
    expect(render(now, [], 'text')).toContain('chancery_active_sessions 9');
    expect(render(now, [reading('active_sessions', {}, 3)], 'text')).toContain('chancery_active_sessions 3');
  });
});

describe('OpenMetrics', () => {
  it('names the counter family without _total, marks units, ends with EOF', () => {
    const text = render(state(), [], 'openmetrics');
    expect(text).toContain('# TYPE chancery_decisions counter');
    expect(text).toContain('# UNIT chancery_decision_duration_seconds seconds');
    expect(text).toContain('le="1.0"');
    expect(text.endsWith('# EOF\n')).toBe(true);
  });

  it('carries the trace and the record hash of the newest record, on the bucket that it fell into', () => {
    const text = render(state(), [], 'openmetrics');
    const shown = lines(text, 'chancery_decision_duration_seconds_bucket').filter((line) =>
      line.includes('# {'),
    );
    expect(shown).toEqual([
      `chancery_decision_duration_seconds_bucket{le="2.5"} 2 # {trace_id="${'b'.repeat(32)}",record_hash="${'2'.repeat(64)}"} 2 1795248000`,
    ]);
    expect(lines(text, 'chancery_decisions_total')[0]).toContain(`record_hash="${'2'.repeat(64)}"`);
  });

  it('leads from a latency that a process measured to the trace of the slowest request of its stretch', () => {
    let now = 1_795_248_000_000;
    const meter = createMeter(() => now);
    const get = { method: 'GET', route: '/metrics' };
    for (const [seconds, trace] of [
      [0.2, 'quick-one'],
      [1.5, 'slow-one-1'],
      [0.3, 'quick-two'],
    ] as const) {
      meter.observe('http_request_duration_seconds', get, seconds, trace);
    }
    meter.observe('http_request_duration_seconds', { ...get, route: '/slos' }, 0.2);
    now += RIDE_INTERVAL_MS;
    const at = folded([{ ...entry(decision()), deltas: meter.ride() ?? expect.fail('no ride') }]);
    const shown = lines(
      render(at, [], 'openmetrics'),
      'chancery_http_request_duration_seconds_bucket',
    ).filter((line) => line.includes('# {'));
    expect(shown).toEqual([
      'chancery_http_request_duration_seconds_bucket{method="GET",route="/metrics",le="2.0"} 3 # {trace_id="slow-one-1"} 1.5 1795248000',
    ]);
    meter.observe('http_request_duration_seconds', get, 0.004, 'later-one');
    at.ride(meter.drain(), { time: new Date(now).toISOString(), lane: -1, seq: -1 });
    expect(render(at, [], 'openmetrics')).toContain('le="0.005"} 1 # {trace_id="later-one"} 0.004');
    const stored = new Accumulators();
    for (const [name, { cell }] of at.cells) stored.restore(name, 1, cell.encode(), new Map());
    expect(render(stored, [], 'openmetrics')).toBe(render(at, [], 'openmetrics'));
  });

  it('takes a ride of before there were traces in it', () => {
    const { traced, ...old } = NOTHING;
    const set = [['active_sessions', [], 4]];
    const at = folded([{ ...entry(decision()), deltas: JSON.stringify({ ...old, set }) }]);
    expect(traced).toEqual([]);
    expect(render(at, [], 'text')).toContain('chancery_active_sessions 4');
  });

  it('shortens the hash rather than let an exemplar grow over 128 characters', () => {
    const long = folded([entry(decision({}, { trace: 'T'.repeat(64) }))]);
    const found = render(long, [], 'openmetrics').match(/# \{trace_id="(.*?)",record_hash="(.*?)"\}/);
    const length =
      'trace_id'.length + 'record_hash'.length + (found?.[1]?.length ?? 0) + (found?.[2]?.length ?? 0);
    expect(found?.[1]).toBe('T'.repeat(64));
    expect(length).toBeLessThanOrEqual(128);
    expect(found?.[2]?.length).toBeGreaterThan(16);
  });

  it('is given to those who ask for it and do not refuse it', () => {
    expect(negotiate(undefined)).toBe('text');
    expect(negotiate('text/plain')).toBe('text');
    expect(negotiate('application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3')).toBe(
      'openmetrics',
    );
    expect(negotiate('application/openmetrics-text;q=0')).toBe('text');
  });
});
