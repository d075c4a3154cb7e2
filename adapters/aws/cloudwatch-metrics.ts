/**
 * What AWS itself publishes (Lambda, API Gateway, DynamoDB), read with GetMetricData: batched, kept for some
 * minutes, and never more queries a day than allowed, since each is billed. These figures are of the last
 * full period, so they are gauges and never counters.
 */
import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import type { Clock } from '../../src/ports.ts';
import type { Wanted } from '../../src/watch/metrics/published.ts';

export interface Published {
  readonly wanted: Wanted;
  readonly value: number;
}

export interface CloudWatchReaderDeps {
  readonly client: Pick<CloudWatchClient, 'send'>;
  readonly clock: Clock;
  /** Seconds; answers are kept as long. */
  readonly period_seconds?: number;
  /** Metrics that may be asked for in a calendar day; beyond it the last answers are given. */
  readonly most_a_day?: number;
}

export const PERIOD_SECONDS = 300;
/** GetMetricData takes at most so many queries a call. */
const BATCH = 500;
/** CloudWatch's figures still move for a while after a period ends. */
const SETTLE_MS = 60_000;

export function createCloudWatchReader(deps: CloudWatchReaderDeps) {
  const period = deps.period_seconds ?? PERIOD_SECONDS;
  const budget = deps.most_a_day ?? 30_000;
  let askedAt = Number.NEGATIVE_INFINITY;
  let held: readonly Published[] = [];
  let asking: Promise<readonly Published[]> | undefined;
  let spent = { day: -1, queries: 0 };

  async function ask(wanted: readonly Wanted[], end: number): Promise<Published[]> {
    const figures: Published[] = [];
    for (let from = 0; from < wanted.length; from += BATCH) {
      const batch = wanted.slice(from, from + BATCH);
      const answer = await deps.client.send(
        new GetMetricDataCommand({
          StartTime: new Date(end - period * 1_000),
          EndTime: new Date(end),
          ScanBy: 'TimestampDescending',
          MetricDataQueries: batch.map((each, index) => query(each, index, period)),
        }),
      );
      for (const { Id, Values } of answer.MetricDataResults ?? []) {
        const each = batch[Number(Id?.slice(1))];
        const value = Values?.[0];
        if (each !== undefined && value !== undefined && Number.isFinite(value))
          figures.push({ wanted: each, value });
      }
    }
    return figures;
  }

  return {
    /**
     * The figures of the last full period, or the last that could be afforded. Throws when AWS does not answer;
     * it is asked again in the next period, not by the next caller.
     */
    async read(wanted: readonly Wanted[]): Promise<readonly Published[]> {
      const now = deps.clock();
      if (asking !== undefined) return asking;
      if (now - askedAt < period * 1_000) return held;
      const day = Math.floor(now / 86_400_000);
      if (spent.day !== day) spent = { day, queries: 0 };
      if (spent.queries + wanted.length > budget) return held;
      spent.queries += wanted.length;
      askedAt = now;
      const end = Math.floor((now - SETTLE_MS) / (period * 1_000)) * period * 1_000;
      asking = ask(wanted, end).finally(() => {
        asking = undefined;
      });
      held = await asking;
      return held;
    },
  };
}

const query = (
  { namespace, metric, stat, dimensions }: Wanted,
  index: number,
  period: number,
): MetricDataQuery => ({
  Id: `q${index}`,
  MetricStat: {
    Metric: {
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: period,
    Stat: stat,
  },
  ReturnData: true,
});
