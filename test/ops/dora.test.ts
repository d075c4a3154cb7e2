import { describe, expect, it } from 'vitest';
import { doraReport } from '../../src/watch/ops/dora.ts';

const from = '2026-11-01T00:00:00Z';
const to = '2026-11-11T00:00:00Z';

describe('the four figures of delivery', () => {
  it('are read off the recorded deployments', () => {
    const records = [
      { result: 'success', lead_time_us: 60e6 },
      { result: 'failure', lead_time_us: 120e6 },
      { result: 'success', lead_time_us: 600e6, restore_us: 90e6 },
      { result: 'success' },
      { result: 'rollback' },
    ];
    expect(doraReport(records, from, to)).toEqual({
      from,
      to,
      deployments: 5,
      deployments_per_day: 0.5,
      lead_time_seconds: 120,
      change_failure_rate: 0.4,
      time_to_restore_seconds: 90,
    });
  });

  it('takes the middle of an even number', () => {
    const records = [
      { result: 'success', lead_time_us: 10e6 },
      { result: 'success', lead_time_us: 30e6 },
    ];
    expect(doraReport(records, from, to).lead_time_seconds).toBe(20);
  });

  it('say that there is no data rather than nothing went wrong', () => {
    expect(doraReport([], from, to)).toMatchObject({
      deployments: 0,
      lead_time_seconds: null,
      change_failure_rate: null,
      time_to_restore_seconds: null,
    });
  });
});
