import { describe, expect, it } from 'vitest';
import { createFlood } from '../../src/identity/flood.ts';
import type { Ledger, NewRecord } from '../../src/ledger/record.ts';
import { NOW } from './issuer.ts';

function setUp() {
  const state = { now: NOW, records: [] as NewRecord[], failing: false };
  const ledger: Ledger = {
    async append(record) {
      if (state.failing) throw new Error('away');
      state.records.push(record);
      return {
        ...{ id: '1.1', lane: 1, seq: 1, record_hash: '', signature: '', certificate_hash: '', time: '' },
        max_merge_delay_seconds: 2,
      };
    },
  };
  return { state, flood: createFlood({ clock: () => state.now, ledger }) };
}

const counted = (records: readonly NewRecord[]) =>
  records.map(({ type, data }) => [type, data.second, data.reason, data.count, data.route]);

describe('refused tokens', () => {
  it('are recorded as counts per second and reason', async () => {
    const { state, flood } = setUp();
    for (let i = 0; i < 10_000; i++) flood.note(i % 4 === 0 ? 'missing' : 'signature', '/decisions');
    state.now += 1000;
    flood.note('missing', '/decisions');
    flood.note('missing', '/metrics');
    await flood.flush();
    expect(counted(state.records)).toEqual([
      ['auth.unauthorized', '2026-11-21T12:00:00.000Z', 'missing', 2500, '/decisions'],
      ['auth.jwt_invalid', '2026-11-21T12:00:00.000Z', 'signature', 7500, '/decisions'],
      ['auth.unauthorized', '2026-11-21T12:00:01.000Z', 'missing', 2, 'several'],
    ]);
    expect(state.records[0]).toMatchObject({ data: { method: 'jwt', status: 401 } });
  });

  it('are recorded once, and a flush of nothing records nothing', async () => {
    const { state, flood } = setUp();
    flood.note('kid', '/decisions');
    await Promise.all([flood.flush(), flood.flush()]);
    await flood.flush();
    expect(state.records).toHaveLength(1);
  });

  it('stay counted while the ledger cannot be written', async () => {
    const { state, flood } = setUp();
    state.failing = true;
    for (let second = 0; second < 5000; second++) {
      flood.note('expired', '/decisions');
      state.now += 1000;
    }
    await expect(flood.flush()).rejects.toThrow('away');
    await expect(flood.flush()).rejects.toThrow('away');
    state.failing = false;
    await flood.flush();
    const sum = state.records.reduce((total, { data }) => total + Number(data.count), 0);
    expect(sum).toBe(5000);
    expect(state.records.length).toBeLessThanOrEqual(3601);
  });
});

describe('refusals of a known principal', () => {
  const jake = { issuer: 'corp', sub: 'jake' };
  const denied = (who = jake, scope = 'ledger:read') =>
    ({
      type: 'auth.scope_denied',
      who,
      data: { reason: 'scope', method: 'jwt', status: 403, route: '/ledger/entries', scope, count: 1 },
    }) as const;

  it('are records of their own up to twenty a second and reason, and counted beyond', async () => {
    const { state, flood } = setUp();
    const singles = Array.from({ length: 7_827 }, () => flood.single(denied())).filter(Boolean);
    expect(singles).toHaveLength(20);
    await flood.flush();
    expect(state.records).toEqual([
      {
        type: 'auth.scope_denied',
        trace: '0'.repeat(32),
        who: jake,
        data: expect.objectContaining({
          count: 7_807,
          second: '2026-11-21T12:00:00.000Z',
          scope: 'ledger:read',
        }),
      },
    ]);
    state.now += 1_000;
    expect(flood.single(denied())).toBe(true);
  });

  it('are bounded for each by themselves: two issuers share nothing, nor do two reasons', () => {
    const { flood } = setUp();
    for (let i = 0; i < 30; i++) flood.single(denied());
    expect(flood.single(denied({ issuer: 'other', sub: 'jake' }))).toBe(true);
    const data = { reason: 'principal', limit: 1, window_seconds: 60 };
    expect(flood.single({ type: 'rate_limit.hit', who: jake, data })).toBe(true);
    expect(flood.single(denied())).toBe(false);
  });
});
