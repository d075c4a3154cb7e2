import type { CloudWatchClient, GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { createCloudWatchReader } from '../../adapters/aws/cloudwatch-metrics.ts';
import type { Wanted } from '../../src/watch/metrics/published.ts';

const NOW = Date.parse('2026-11-21T08:07:30.000Z');
const wanted = (count: number): Wanted[] =>
  Array.from({ length: count }, (_, index) => ({
    namespace: 'AWS/Lambda',
    metric: 'Duration',
    stat: 'p95',
    dimensions: { FunctionName: `fn-${index}` },
    resource: `fn-${index}`,
  }));

/** Answers each query with its own index; remembers what it was asked. */
function cloudwatch() {
  const asked: GetMetricDataCommandInput[] = [];
  const client = {
    send: async ({ input }: { input: GetMetricDataCommandInput }) => {
      asked.push(input);
      return {
        MetricDataResults: (input.MetricDataQueries ?? []).map(({ Id, MetricStat }) => ({
          Id,
          Values: MetricStat?.Metric?.Dimensions?.[0]?.Value === 'fn-1' ? [] : [Number(Id?.slice(1)) + 0.5],
          Timestamps: [new Date(NOW - 450_000)],
        })),
      };
    },
  };
  return { asked, client: client as unknown as Pick<CloudWatchClient, 'send'> };
}

describe('reading what AWS publishes', () => {
  it('asks for the last full period, in batches of five hundred, and leaves out what has no value', async () => {
    const { asked, client } = cloudwatch();
    const figures = await createCloudWatchReader({ client, clock: () => NOW }).read(wanted(501));
    expect(asked.map(({ MetricDataQueries }) => MetricDataQueries?.length)).toEqual([500, 1]);
    expect(asked[0]?.EndTime).toEqual(new Date('2026-11-21T08:05:00.000Z'));
    expect(asked[0]?.StartTime).toEqual(new Date('2026-11-21T08:00:00.000Z'));
    expect(figures).toHaveLength(500);
    expect(figures[0]).toEqual({ wanted: wanted(1)[0], value: 0.5 });
    expect(figures.map(({ wanted: { resource } }) => resource)).not.toContain('fn-1');
  });

  it('asks once in a period', async () => {
    const { asked, client } = cloudwatch();
    let now = NOW;
    const reader = createCloudWatchReader({ client, clock: () => now });
    await reader.read(wanted(3));
    await reader.read(wanted(3));
    expect(asked).toHaveLength(1);
    now += 300_000;
    await reader.read(wanted(3));
    expect(asked).toHaveLength(2);
  });

  it('never asks for more in a day than it may cost, and gives the last answer instead', async () => {
    const { asked, client } = cloudwatch();
    let now = NOW;
    const reader = createCloudWatchReader({ client, clock: () => now, most_a_day: 7 });
    for (let turn = 0; turn < 10; turn += 1) {
      expect(await reader.read(wanted(3))).toHaveLength(2);
      now += 300_000;
    }
    expect(asked).toHaveLength(2);
    now += 86_400_000;
    await reader.read(wanted(3));
    expect(asked).toHaveLength(3);
  });

  it('asks once for all who come at the same time, and not again at once when AWS does not answer', async () => {
    const { asked, client } = cloudwatch();
    let now = NOW;
    let away = true;
    const send = async (command: never) => {
      const answer = await client.send(command);
      if (away) throw new Error('Throttling');
      return answer;
    };
    const reader = createCloudWatchReader({ client: { send } as unknown as typeof client, clock: () => now });
    const first = await Promise.allSettled([reader.read(wanted(3)), reader.read(wanted(3))]);
    expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await reader.read(wanted(3))).toEqual([]);
    expect(asked).toHaveLength(1);
    away = false;
    now += 300_000;
    expect(await reader.read(wanted(3))).toHaveLength(2);
  });
});
