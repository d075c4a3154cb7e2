/**
 * CloudWatch embedded metric format: the few metrics that alarms and CloudWatch dashboards need, as log lines.
 * Delivery is at least once, so none of this is the audit-grade count.
 *
 * Written here and not through Powertools, because its metrics hold one combination of dimension values at a time:
 * a second workflow or outcome needs an object of its own, or a line for every single value. Here each combination
 * gathers by itself over an invocation, in pure code that leaves the writing to its caller.
 */

import type { MetricName } from '../../catalogue/catalogue.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { Clock } from '../../ports.ts';
import type { Accumulators } from './accumulators.ts';
import {
  cloudwatchDimension,
  cloudwatchName,
  dimensionSets,
  EMITTED,
  ENVIRONMENT,
  goesOut,
  NAMESPACE,
} from './cloudwatch.ts';
import { familyOf } from './delta.ts';
import { fold } from './fold.ts';
import type { Listener } from './meter.ts';
import { collect, type Reading } from './render.ts';

/** A function that never comes to its flush must not gather for ever. */
const MAX_GATHERED = 500;

/** Limits of the format: values of one metric in a line, characters of a dimension's value. */
const MAX_VALUES = 100;
const MAX_DIMENSION = 1_024;

export interface Emf {
  /** For the meter: takes what processes measure. */
  readonly listener: Listener;
  /** For the lane: takes what the ledger proves, once it is durable. */
  appended(records: readonly LedgerRecord[]): void;
  /** Writes what has gathered, one line per metric and combination of labels. At the end of an invocation. */
  flush(): void;
}

interface Gathered {
  readonly metric: MetricName;
  readonly labels: readonly string[];
  readonly values: number[];
}

export interface EmfDeps {
  /** Of the deployment: a dimension of every line. */
  readonly environment: string;
  /** Which metrics go out (default all). */
  readonly only?: 'vital' | 'all';
  readonly write: (line: string) => void;
  readonly clock: Clock;
  /** Runs the flush a little later, in functions that end without one (`setImmediate`). */
  readonly soon?: (flush: () => void) => void;
}

export function createEmf({ environment, only = 'all', write, clock, soon }: EmfDeps): Emf {
  let gathered = new Map<string, Gathered>();
  let taken = 0;

  /** A value that is no number would become null in JSON, and the whole line would be refused. */
  const take: Listener = (metric, labels, value) => {
    if (!Number.isFinite(value) || !goesOut(metric, only)) return;
    const key = `${metric}\u001f${labels.join('\u001f')}`;
    const held = gathered.get(key) ?? { metric, labels, values: [] };
    gathered.set(key, held);
    const { type } = familyOf(metric);
    if (type === 'histogram') held.values.push(value);
    else held.values[0] = type === 'counter' ? (held.values[0] ?? 0) + value : value;
    taken += 1;
    if (taken === 1) soon?.(flush);
    if (taken >= MAX_GATHERED) flush();
  };

  function flush(): void {
    const lines = gathered;
    gathered = new Map();
    taken = 0;
    for (const each of lines.values()) {
      for (let from = 0; from < each.values.length; from += MAX_VALUES) {
        write(
          emfLine(environment, each.metric, each.labels, each.values.slice(from, from + MAX_VALUES), clock()),
        );
      }
    }
  }

  return {
    listener: take,
    appended(records) {
      for (const record of records) {
        for (const delta of fold(record, 0)) {
          const { type, scale } = familyOf(delta.metric);
          if (type !== 'gauge')
            take(delta.metric, delta.labels, (delta.kind === 'add' ? delta.by : delta.value) / scale);
        }
      }
    },
    flush,
  };
}

/**
 * Lines of the gauges that only the whole ledger knows: cases open, sanctions in force, lanes. For whoever folds it,
 * after each fold; what processes measure goes out where it is measured.
 */
export function gaugeLines(
  { environment, only = 'all' }: Pick<EmfDeps, 'environment' | 'only'>,
  state: Accumulators,
  readings: readonly Reading[],
  at: number,
): string[] {
  const read = new Set(readings.map(({ metric }) => metric));
  const families = collect(state, readings);
  return EMITTED.flatMap(({ metric }) => {
    if (!goesOut(metric, only)) return [];
    const { type, source, scale } = familyOf(metric);
    if (type !== 'gauge' || (source !== 'ledger' && !read.has(metric))) return [];
    return (families.get(metric) ?? []).map(({ labels, value }) =>
      emfLine(environment, metric, labels, [value / scale], at),
    );
  });
}

const UNITS: Readonly<Record<string, string>> = { seconds: 'Seconds', bytes: 'Bytes', timestamp: 'Seconds' };

/** One line: the directive, the dimensions as members, the values. */
export function emfLine(
  environment: string,
  metric: MetricName,
  labels: readonly string[],
  values: readonly number[],
  at: number,
): string {
  const family = familyOf(metric);
  const name = cloudwatchName(metric);
  const unit = UNITS[family.unit] ?? (family.type === 'gauge' ? 'None' : 'Count');
  const members = Object.keys(family.labels).map((label, index): [string, string] => [
    cloudwatchDimension(label),
    (labels[index] || 'none').slice(0, MAX_DIMENSION),
  ]);
  return JSON.stringify({
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: NAMESPACE,
          Dimensions: dimensionSets(metric).map((set) => [ENVIRONMENT, ...set]),
          Metrics: [{ Name: name, Unit: unit }],
        },
      ],
    },
    [ENVIRONMENT]: environment,
    ...Object.fromEntries(members),
    [name]: values.length === 1 ? values[0] : values,
  });
}
