/**
 * Which of the figures that AWS publishes are shown beside ours: what saturates, fails or is turned away, for each
 * function, table and queue, and for the API. Each is asked for by name, so that the bill is known beforehand.
 */
import { labelValues } from './delta.ts';
import type { Reading } from './render.ts';

/** The resources of one environment, by the names under which AWS publishes their figures. */
export interface Resources {
  readonly functions: readonly string[];
  /** Those that a stream wakes. */
  readonly streamed: readonly string[];
  readonly tables: readonly string[];
  readonly queues: readonly string[];
  readonly api: string;
}

export interface Wanted {
  readonly namespace: string;
  readonly metric: string;
  /** `Sum`, `Maximum`, `p95`. */
  readonly stat: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly resource: string;
}

const of =
  (namespace: string, dimension: string, figures: readonly (readonly [metric: string, stat: string])[]) =>
  (resource: string): Wanted[] =>
    figures.map(([metric, stat]) => ({
      namespace,
      metric,
      stat,
      dimensions: { [dimension]: resource },
      resource,
    }));

const ofFunction = of('AWS/Lambda', 'FunctionName', [
  ['Duration', 'p95'],
  ['Errors', 'Sum'],
  ['Throttles', 'Sum'],
]);
const ofStreamed = of('AWS/Lambda', 'FunctionName', [['IteratorAge', 'Maximum']]);
const ofTable = of('AWS/DynamoDB', 'TableName', [
  ['ConsumedWriteCapacityUnits', 'Sum'],
  ['ReadThrottleEvents', 'Sum'],
  ['WriteThrottleEvents', 'Sum'],
]);
const ofQueue = of('AWS/SQS', 'QueueName', [['ApproximateNumberOfMessagesVisible', 'Maximum']]);
const ofApi = of('AWS/ApiGateway', 'ApiName', [
  ['Count', 'Sum'],
  ['5XXError', 'Sum'],
  ['Latency', 'p95'],
]);

export const wantedOf = ({ functions, streamed, tables, queues, api }: Resources): Wanted[] => [
  ...functions.flatMap(ofFunction),
  ...streamed.flatMap(ofStreamed),
  ...tables.flatMap(ofTable),
  ...queues.flatMap(ofQueue),
  ...ofApi(api),
];

/** As a gauge: it is of one period, and a counter of periods would count some of them twice and others never. */
export const publishedReading = ({ namespace, metric, stat, resource }: Wanted, value: number): Reading => ({
  metric: 'aws_published',
  labels: labelValues('aws_published', { namespace, metric, stat, resource }),
  value,
});

/** GetMetricData costs this much for each metric asked for (us-east-1). */
const DOLLARS_A_METRIC = 0.01 / 1_000;
const MINUTES_A_MONTH = 30 * 24 * 60;

/** Dollars a month of one process that asks for all of them once in each period. */
export const publishedBill = (metrics: number, period_seconds: number): number =>
  Math.round(((metrics * MINUTES_A_MONTH * 60) / period_seconds) * DOLLARS_A_METRIC * 100) / 100;
