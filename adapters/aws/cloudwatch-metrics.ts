/**
 * What AWS itself publishes (Lambda, API Gateway, DynamoDB), read with GetMetricData: batched, kept for some
 * minutes, and never more queries a month than allowed, since each is billed. These figures are of the last
 * full period, so they are gauges and never counters.
 */
import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import type { Clock } from '../../src/ports.ts';

export interface Wanted {
  /** Own name of the figure: `lambda_duration_p95`. */
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  /** `Sum`, `Average`, `p95`, `TC(:0.1)`. */
  readonly stat: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface Published {
  readonly id: string;
  readonly value: number;
  /** End of the period, milliseconds. */
  readonly at: number;
}

export interface CloudWatchReaderDeps {
  readonly client: Pick<CloudWatchClient, 'send'>;
  readonly clock: Clock;
  /** Seconds; answers are kept as long. */
  readonly period_seconds?: number;
  /** Metrics that may be asked for in a calendar day; beyond it the last answers are given. */
  readonly most_a_day?: number;
}

/** GetMetricData takes at most so many queries a call. */
const BATCH = 500;
/** CloudWatch's figures still move for a while after a period ends. */
const SETTLE_MS = 60_000;

export function createCloudWatchReader(deps: CloudWatchReaderDeps) {
  const period = deps.period_seconds ?? 300;
  const budget = deps.most_a_day ?? 30_000;
  let held: { at: number; figures: readonly Published[] } = { at: Number.NEGATIVE_INFINITY, figures: [] };
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
      for (const { Id, Values, Timestamps } of answer.MetricDataResults ?? []) {
        const each = batch[Number(Id?.slice(1))];
        const [value, time] = [Values?.[0], Timestamps?.[0]];
        if (each !== undefined && value !== undefined && Number.isFinite(value)) {
          figures.push({ id: each.id, value, at: (time?.getTime() ?? end) + period * 1_000 });
        }
      }
    }
    return figures;
  }

  return {
    /** The figures of the last full period, or the last that could be afforded. */
    async read(wanted: readonly Wanted[]): Promise<readonly Published[]> {
      const now = deps.clock();
      if (now - held.at < period * 1_000) return held.figures;
      const day = Math.floor(now / 86_400_000);
      if (spent.day !== day) spent = { day, queries: 0 };
      if (spent.queries + wanted.length > budget) return held.figures;
      spent.queries += wanted.length;
      const end = Math.floor((now - SETTLE_MS) / (period * 1_000)) * period * 1_000;
      held = { at: now, figures: await ask(wanted, end) };
      return held.figures;
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
