/** Steps of one alert that come twice, late and in any order: what is told is how it stands. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGERDUTY } from '../../src/watch/alerts/notify/messages.ts';
import type { AlertInstance } from '../../src/watch/alerts/notify/notice.ts';
import { LATE_MS } from '../../src/watch/alerts/notify/standing.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { alert, type Desk, desk, notice, settle } from './support.ts';

const time = (minute: number): string =>
  new Date(Date.parse('2026-11-21T08:00:00Z') + minute * 60_000).toISOString();
const fires = (minute: number): AlertInstance => alert({ starts_at: time(minute) });
const ends = (begun: number, minute: number): AlertInstance =>
  alert({ status: 'resolved', starts_at: time(begun), ends_at: time(minute) });

async function told(it: Desk, steps: readonly AlertInstance[]) {
  const { notifier, outbox } = it.open();
  for (const step of steps) await notifier.hear(notice([step]));
  await settle(it, outbox);
  const [known] = (await notifier.alerts({ limit: 10 })).alerts;
  return {
    state: known?.state,
    starts_at: known?.starts_at,
    pages: it.sent.filter((one) => one.courier === PAGERDUTY).map((one) => one.body.event_action),
    records: it.records.map((record) => record.type),
  };
}

describe('steps out of order', () => {
  it('leave no incident open when the end is heard before the beginning', async () => {
    expect(await told(desk(), [ends(0, 5), fires(0)])).toEqual({
      state: 'resolved',
      starts_at: time(0),
      pages: ['resolve'],
      records: ['alert.resolved', 'alert.fired'],
    });
  });

  it('leave no incident open when a beginning comes again after its end', async () => {
    const { pages, records } = await told(desk(), [fires(0), ends(0, 5), fires(0), ends(0, 5), fires(0)]);
    expect(pages).toEqual(['trigger', 'resolve']);
    expect(records).toEqual(['alert.fired', 'alert.resolved']);
  });

  it('open an incident for the next firing, whatever came late before it', async () => {
    const { state, pages } = await told(desk(), [ends(0, 5), fires(0), fires(6)]);
    expect(state).toBe('firing');
    expect(pages.at(-1)).toBe('trigger');
  });

  it('are told again when Alertmanager finds, long after the end, that it fired all along', async () => {
    const it = desk();
    await told(it, [fires(0), ends(0, 5)]);
    it.now += LATE_MS + 1;
    const { state, pages } = await told(it, [fires(0)]);
    expect(state).toBe('firing');
    expect(pages.at(-1)).toBe('trigger');
  });

  it('end as the last step in time says, in any order and however often each comes', async () => {
    const steps = [fires(0), ends(0, 5), fires(6), ends(6, 10), fires(12), ends(12, 12), fires(20)];
    const some = fc.integer({ min: 1, max: steps.length }).chain((length) => {
      const timeline = steps.slice(0, length);
      const heard = fc
        .shuffledSubarray([...timeline, ...timeline], { minLength: length })
        .filter((order) => timeline.every((step) => order.includes(step)));
      return fc.record({ timeline: fc.constant(timeline), heard });
    });
    await fc.assert(
      fc.asyncProperty(some, async ({ timeline, heard }) => {
        const last = timeline.at(-1);
        const { state, starts_at, pages, records } = await told(desk(), heard);
        expect({ state, starts_at }).toEqual({ state: last?.status, starts_at: last?.starts_at });
        expect(pages.at(-1)).toBe(last?.status === 'firing' ? 'trigger' : 'resolve');
        expect(records).toHaveLength(timeline.length);
      }),
      { numRuns: 60 },
    );
  });

  it('are taken on by whoever acknowledges, also when the state changes meanwhile', async () => {
    const it = desk();
    const { notifier } = it.open();
    await notifier.hear(notice([fires(6)]));
    const table = new FaultyTable(it.table);
    const slow = it.open({
      ...table,
      get: async (pk, sk) => {
        const item = await it.table.get(pk, sk);
        // Between the reading and the writing another process notes a late end.
        if (it.records.length === 1) await notifier.hear(notice([ends(0, 5)]));
        return item;
      },
      put: table.put.bind(table),
      query: table.query.bind(table),
      remove: table.remove.bind(table),
      putRun: table.putRun.bind(table),
      add: table.add.bind(table),
      merge: table.merge.bind(table),
    });
    await slow.notifier.acknowledge('f00d', { who: { issuer: 'test', sub: 'jake' }, name: 'Jake Smith' });
    expect((await notifier.alerts({ limit: 10 })).alerts).toMatchObject([
      { state: 'firing', acknowledged_by: 'Jake Smith' },
    ]);
  });
});

describe('an alert that cannot be written', () => {
  it('keeps none behind it from being told, and the sender from thinking that all is well', async () => {
    const it = desk();
    const table = new FaultyTable(it.table).fail('get', 'before', { matches: ({ sk }) => sk === 'bad' });
    const { notifier, outbox } = it.open(table);
    const heard = notice([alert({ fingerprint: 'bad' }), alert({ fingerprint: 'good' })]);
    await expect(notifier.hear(heard)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await settle(it, outbox);
    expect(it.sent.map((one) => one.courier).sort()).toEqual(['pagerduty', 'slack-violations']);
    await notifier.hear(heard);
    await settle(it, outbox);
    expect(it.sent.filter((one) => one.courier === PAGERDUTY)).toHaveLength(2);
    expect(it.records.map(({ data }) => data.fingerprint)).toEqual(['good', 'bad']);
  });

  it('ends the attempt when the store is away, instead of waiting for each', async () => {
    const it = desk();
    const table = new FaultyTable(it.table).down();
    const { notifier } = it.open(table);
    const many = Array.from({ length: 100 }, (_, n) => alert({ fingerprint: `f${n}` }));
    await expect(notifier.hear(notice(many))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(table.calls.length).toBeLessThan(10);
  });
});

describe('the list of alerts', () => {
  it('has them all, page after page', async () => {
    const it = desk();
    const { notifier } = it.open();
    const all = Array.from({ length: 1_205 }, (_, n) => `f${String(n).padStart(4, '0')}`);
    await notifier.hear(notice(all.map((fingerprint) => alert({ fingerprint }))));
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await notifier.alerts({ limit: 100, ...(after === undefined ? {} : { after }) });
      seen.push(...page.alerts.map((one) => one.fingerprint));
      after = page.next;
      if (after === undefined) break;
    }
    expect(seen).toEqual(all);
  });
});
