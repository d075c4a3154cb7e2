import { describe, expect, it } from 'vitest';
import { judgeSample, severityOfAttempts } from '../../src/charter/collection.ts';
import { NOW, shipped } from './world.ts';

const at = (...seconds: number[]) =>
  severityOfAttempts(
    shipped,
    seconds.map((second) => NOW - second * 1000),
    NOW,
  );

describe('the ladder of attempts', () => {
  it('counts an attempt exactly 60 seconds ago, and not one a millisecond before', () => {
    expect(at(60, 30, 0)).toBe('SUSPENSION');
    expect(at(60.001, 30, 0)).toBe('WARNING');
    expect(at(60, 45, 30, 15, 0)).toBe('BAN');
    expect(at(60.001, 45, 30, 15, 0)).toBe('SUSPENSION');
    expect(at(0)).toBe('WARNING');
  });
});

describe('a sample', () => {
  const sample = { metric_name: 'latency_p50', value: 12.5, timestamp: NOW, source: 'node-1' };

  it('may be dated in seconds, milliseconds or RFC 3339, up to the tolerance of clocks', () => {
    const dated = (timestamp: string | number) => judgeSample(shipped, { ...sample, timestamp }, NOW).reason;
    expect([dated(NOW), dated(NOW / 1000), dated(new Date(NOW).toISOString())]).toEqual([
      'ALLOWED',
      'ALLOWED',
      'ALLOWED',
    ]);
    expect(dated(NOW + 5000)).toBe('ALLOWED');
    expect(dated(NOW + 5001)).toBe('FUTURE_DATED');
    expect(dated('21 November')).toBe('MALFORMED');
    expect(dated('2026-13-45T99:99:99Z')).toBe('MALFORMED');
    // The Date of JavaScript takes both for days of the next month.
    for (const day of ['2026-02-30', '2025-02-29']) expect(dated(`${day}T09:00:00Z`), day).toBe('MALFORMED');
  });

  it('may be a number, a flag or a short text; old and odd values are warned of', () => {
    for (const value of [0, -1, true, 'v1.2.3'])
      expect(judgeSample(shipped, { ...sample, value }, NOW).allowed).toBe(true);
    for (const value of [null, [], {}, '', 'x'.repeat(257)])
      expect(judgeSample(shipped, { ...sample, value }, NOW).reason).toBe('MALFORMED');
    expect(judgeSample(shipped, { ...sample, timestamp: NOW - 25 * 3_600_000 }, NOW).warnings).toHaveLength(
      1,
    );
    expect(
      judgeSample(shipped, { ...sample, metric_name: 'cpu_usage_percent', value: 101 }, NOW).warnings,
    ).toHaveLength(1);
  });

  it('of every forbidden metric is blocked, of every allowed one is allowed', () => {
    const { allowed, forbidden } = shipped.documents['metrics.yaml'];
    for (const { name } of forbidden)
      expect(judgeSample(shipped, { ...sample, metric_name: name }, NOW).enforcement_action).toBe('BLOCK');
    for (const { name, access } of allowed) {
      expect(judgeSample(shipped, { ...sample, metric_name: name }, NOW)).toMatchObject({
        enforcement_action: 'ALLOW',
        access_level: access,
        access_roles: shipped.documents['charter.yaml'].access_control[access],
      });
    }
  });
});
