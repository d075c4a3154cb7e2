import { describe, expect, it } from 'vitest';
import { runCanary } from '../../src/watch/ops/canary.ts';

function world(attempt: Parameters<typeof runCanary>[0]['attempt']) {
  const seen: string[] = [];
  const meter = {
    count: (metric: string, labels: Readonly<Record<string, string>>) =>
      void seen.push(`${metric} ${labels.result}`),
    set: (metric: string, _labels: unknown, value: number) => void seen.push(`${metric} ${value}`),
    observe: () => {},
  };
  return { seen, run: () => runCanary({ attempt, meter, clock: () => 5_000, log: { write: () => {} } }) };
}

describe('the canary', () => {
  it('counts a success and says when it was', async () => {
    const { seen, run } = world(async () => ({ ok: true }));
    expect(await run()).toBe(true);
    expect(seen).toEqual(['canary_runs_total success', 'canary_last_success_timestamp_seconds 5']);
  });

  it.each([
    ['an answer that is not as it should be', async () => ({ ok: false, detail: '503' }) as const],
    [
      'no answer',
      async () => {
        throw new Error('ECONNREFUSED');
      },
    ],
  ])('counts %s as a failure and leaves the time of the last success', async (_, attempt) => {
    const { seen, run } = world(attempt);
    expect(await run()).toBe(false);
    expect(seen).toEqual(['canary_runs_total failure']);
  });
});
