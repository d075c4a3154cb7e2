import { describe, expect, it } from 'vitest';
import { seriesBudget } from '../../src/catalogue/family.ts';
import type { LedgerRecord, NewRecord } from '../../src/ledger/record.ts';
import { Accumulators } from '../../src/watch/metrics/accumulators.ts';
import { createAdmission } from '../../src/watch/metrics/admission.ts';
import { familyOf } from '../../src/watch/metrics/delta.ts';
import { createMeter } from '../../src/watch/metrics/meter.ts';
import { collect } from '../../src/watch/metrics/render.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { memory, NOW, newRecord, record } from './support.ts';

const attempt = (source: string): NewRecord =>
  newRecord('metric.blocked', { metric_name: 'user_location', source, status: 'blocked' });

describe('admission', () => {
  it('lets a value stand for itself while there is room, over all writers together', async () => {
    const table = memory();
    const [left, right] = [createAdmission(table), createAdmission(table)];
    for (let index = 0; index < 60; index += 1) {
      await left.labels(attempt(`left-${index}`));
      await right.labels(attempt(`right-${index}`));
    }
    const third = createAdmission(table);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => [`left-${index}`, `right-${index}`])
        .flat()
        .map(async (node) => (await third.labels(attempt(node))).node_or_service),
    );
    expect(answers.filter((answer) => answer !== 'other')).toHaveLength(100);
    expect(new Set(answers).size).toBe(101);
  });

  it('gives a place to each of sixty new values that come at once, in few writes, from two processes too', async () => {
    const table = new FaultyTable(memory());
    const writers = [createAdmission(table), createAdmission(table)];
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const admission = writers[index % 2];
        return (await admission?.labels(attempt(`new-${index}`)))?.node_or_service;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 60 }, (_, index) => `new-${index}`));
    expect(table.calls.filter(({ operation }) => operation === 'put').length).toBeLessThan(10);
  });

  it('answers a flood after the budget is spent from memory, without a read or a write', async () => {
    const table = new FaultyTable(memory());
    const admission = createAdmission(table);
    for (let index = 0; index < 120; index += 1) await admission.labels(attempt(`node-${index}`));
    table.forget();
    for (let index = 0; index < 1_000; index += 1) {
      const answer = admission.labels(attempt(`flood-${index}`));
      expect(answer).not.toBeInstanceOf(Promise);
    }
    expect(table.calls).toHaveLength(0);
  });

  it('keeps the series of a family within its budget under 100,000 distinct values, and counts the rest', async () => {
    const admission = createAdmission(memory());
    const state = new Accumulators();
    for (let seq = 0; seq < 100_000; seq += 1) {
      const labels = await admission.labels(attempt(`node-${seq}`));
      const made: LedgerRecord = record('metric.blocked', { status: 'blocked' }, { seq, labels });
      state.fold({ record: made, bytes: 1, hash: 'f'.repeat(64) });
    }
    const families = collect(state, []);
    const attempts = families.get('charter_forbidden_metric_attempts_total') ?? [];
    expect(attempts).toHaveLength(101);
    expect(attempts.length).toBeLessThanOrEqual(
      seriesBudget(familyOf('charter_forbidden_metric_attempts_total')),
    );
    expect(attempts.reduce((sum, { value }) => sum + value, 0)).toBe(100_000);
    const overflow = families
      .get('label_overflow_total')
      ?.find(({ labels }) => labels[0] === 'charter_forbidden_metric_attempts_total');
    expect(overflow?.value).toBe(99_900);
  });

  it('admits policies in the order of the decision, under one label', async () => {
    const admission = createAdmission(memory());
    const labels = await admission.labels(
      newRecord(
        'decision.made',
        { policies: [{ id: 'a' }, { id: 'b' }], reasons: [{ code: 'forbidden_by' }] },
        { workflow: 'data-export' },
      ),
    );
    expect(labels).toEqual({ policies: 'a b', reason: 'forbidden_by', workflow: 'data-export' });
  });

  it('takes no value that is long, empty, or holds control characters or spaces', async () => {
    const admission = createAdmission(memory());
    for (const bad of ['x'.repeat(97), 'a b', 'a\nb', 'a\u0000b']) {
      expect((await admission.labels(attempt(bad))).node_or_service, JSON.stringify(bad)).toBe('other');
    }
  });

  it('says other when the store cannot be asked, and tells', async () => {
    const table = new FaultyTable(memory());
    const failures: unknown[] = [];
    const admission = createAdmission(table, (error) => failures.push(error));
    table.down();
    expect((await admission.labels(attempt('node-1'))).node_or_service).toBe('other');
    expect(failures.length).toBeGreaterThan(0);
    table.heal();
    expect((await admission.labels(attempt('node-1'))).node_or_service).toBe('node-1');
  });
});

describe('the meter', () => {
  const request = (route: string) => ({ method: 'GET', route, status: '200', class: 'ok' });

  it('refuses a metric that is not in the catalogue, of another type, or proven by the ledger', () => {
    const meter = createMeter(() => NOW);
    // @ts-expect-error a misspelt name does not compile
    expect(() => meter.count('http_request_total', request('/'))).toThrow(TypeError);
    // @ts-expect-error a missing label does not compile
    expect(() => meter.count('decisions_total', { outcome: 'allow' })).toThrow(TypeError);
    // @ts-expect-error a counter is not set
    expect(() => meter.set('http_requests_total', request('/'), 1)).toThrow(TypeError);
  });

  it('hands each figure over once: on a ride at most every 5 s, or to whoever drains it', () => {
    let now = NOW;
    const meter = createMeter(() => now);
    meter.count('http_requests_total', request('/a'));
    expect(meter.ride()).toBeUndefined();
    now += 5_000;
    expect(JSON.parse(meter.ride() ?? '')).toEqual({
      counts: [['http_requests_total', ['GET', '/a', '200', 'ok'], 1]],
      observed: [],
      set: [],
      traced: [],
    });
    now += 5_000;
    expect(meter.ride()).toBeUndefined();
    meter.observe('http_request_duration_seconds', { method: 'GET', route: '/a' }, 0.002);
    meter.observe('http_request_duration_seconds', { method: 'GET', route: '/a' }, 0.2);
    expect(meter.drain()).toEqual({
      counts: [],
      observed: [['http_request_duration_seconds', ['GET', '/a'], 202_000, [1, 1, 7, 1]]],
      set: [],
      traced: [],
    });
    expect(meter.drain()).toEqual({ counts: [], observed: [], set: [], traced: [] });
  });

  it('keeps a ride small and carries the rest on the next', () => {
    let now = NOW;
    const meter = createMeter(() => now);
    for (let index = 0; index < 400; index += 1)
      meter.count('http_requests_total', request(`/route/${index}`));
    const rides: string[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      now += 5_000;
      const ride = meter.ride();
      if (ride !== undefined) rides.push(ride);
    }
    const counted = rides.flatMap((ride) => JSON.parse(ride).counts);
    expect(counted).toHaveLength(400);
    for (const ride of rides) expect(ride.length).toBeLessThanOrEqual(16_384);
  });

  it('bounds the series of a family whatever its labels, counting the rest under other', () => {
    const meter = createMeter(() => NOW);
    for (let index = 0; index < 5_000; index += 1)
      meter.count('http_requests_total', request(`/flood/${index}`));
    const { counts } = meter.drain();
    const requests = counts.filter(([metric]) => metric === 'http_requests_total');
    expect(requests.length).toBeLessThanOrEqual(2_001);
    expect(requests.reduce((sum, [, , by]) => sum + by, 0)).toBe(5_000);
    expect(counts.find(([metric]) => metric === 'label_overflow_total')?.[2]).toBe(3_000);
  });

  it('counts nothing for a value that is not a number', () => {
    const meter = createMeter(() => NOW);
    meter.observe('http_request_duration_seconds', { method: 'GET', route: '/' }, Number.NaN);
    meter.set('cache_items', { cache: 'x' }, Number.POSITIVE_INFINITY);
    const { observed, set } = meter.drain();
    expect(observed[0]?.[2]).toBe(0);
    expect(set[0]?.[2]).toBe(0);
  });
});
