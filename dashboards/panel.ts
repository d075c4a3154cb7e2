/**
 * What a panel shows, said once: Grafana's JSON, CloudWatch's widgets and the preview are made from this.
 */

import type { LabelOf, MetricName } from '../src/catalogue/catalogue.ts';
import type { AlertName } from '../src/watch/alerts/rules/rules.ts';
import { cloudwatchDimension, cloudwatchName, NAMESPACE } from '../src/watch/metrics/cloudwatch.ts';
import type { SLO_ALERTS } from '../src/watch/slo/prometheus.ts';

/** Grafana's unit names. */
export type PanelUnit =
  | 's'
  | 'short'
  | 'reqps'
  | 'ops'
  | 'percentunit'
  | 'percent'
  | 'bytes'
  | 'currencyUSD'
  | 'dateTimeFromNow';

export interface Query {
  readonly expr: string;
  /** Grafana legend with `{{label}}`. */
  readonly legend: string;
}

/** One line or one family of lines in CloudWatch. `by` splits it into a line per value of the dimensions. */
export interface AwsSeries {
  readonly namespace: string;
  readonly metric: string;
  readonly stat: string;
  readonly by: readonly string[];
  readonly label: string;
}

interface Math {
  readonly expression: string;
  readonly label: string;
}

export type AwsFigure =
  /** `math` over the series, m0, m1, …, which are then not drawn themselves. */
  | { readonly as: 'metrics'; readonly series: readonly AwsSeries[]; readonly math?: Math }
  /** Logs Insights over the log group that receives the ledger's events (`detail` is a CloudEvent). */
  | { readonly as: 'events'; readonly query: string }
  /** Logs Insights over the functions' JSON logs. */
  | { readonly as: 'logs'; readonly query: string }
  /** A Contributor Insights rule; `query` gives the same list where rules cannot be shown. */
  | { readonly as: 'contributors'; readonly rule: string; readonly query: string }
  | { readonly as: 'alarms' };

export type Kind =
  | 'timeseries'
  | 'bars'
  | 'stat'
  | 'gauge'
  | 'pie'
  | 'table'
  | 'toplist'
  | 'heatmap'
  | 'rows';

/** Colour from `at` on; the first is the ground colour. */
export interface Step {
  readonly at: number | null;
  readonly color: 'green' | 'yellow' | 'red' | 'blue';
}

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly kind: Kind;
  readonly unit: PanelUnit;
  /** Columns of 24, rows of 30 px. */
  readonly w: number;
  readonly h: number;
  /** Empty: the figure comes from CloudWatch only. */
  readonly queries: readonly Query[];
  readonly aws: AwsFigure;
  /** Alerts whose thresholds are drawn; steps, where no alert watches the figure. */
  readonly limits?: readonly AlertName[];
  readonly steps?: readonly Step[];
  /** The section of the runbook that helps when this looks wrong. */
  readonly runbook: AlertName | (typeof SLO_ALERTS)[number];
  readonly min?: number;
  readonly max?: number;
  readonly stack?: boolean;
  /** Column names of a table, by label; labels that are not named are hidden. */
  readonly columns?: Readonly<Record<string, string>>;
  readonly exemplars?: boolean;
  /** Words for a value, e.g. 1 → met. */
  readonly words?: Readonly<Record<string, { readonly text: string; readonly color: Step['color'] }>>;
}

/** A dashboard variable over a label of one of our metrics; `All` matches everything. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly metric: MetricName;
  readonly from: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly panels: readonly Panel[];
}

/** Grafana fills it in with at least four scrape intervals, so that a rate always has its samples. */
export const WINDOW = '$__rate_interval';
export const RANGE = '$__range';

/** One of our own metrics in CloudWatch, in the spelling under which it is emitted. */
export function own<M extends MetricName>(
  metric: M,
  stat: 'Sum' | 'Average' | 'Maximum' | 'p50' | 'p95' | 'p99',
  by: readonly LabelOf<M>[] = [],
  label: string = stat,
): AwsSeries {
  return {
    namespace: NAMESPACE,
    metric: cloudwatchName(metric),
    stat,
    by: by.map(cloudwatchDimension),
    label: by.length === 0 ? label : '',
  };
}

export const published = (
  namespace: string,
  metric: string,
  stat: string,
  by: readonly string[],
): AwsSeries => ({ namespace, metric, stat, by, label: '' });

export const metrics = (...series: AwsSeries[]): AwsFigure => ({ as: 'metrics', series });

/** How many ledger records of the types there were, per five minutes and by a field of their data. */
export function events(types: string, by: string): AwsFigure {
  return {
    as: 'events',
    query: `filter detail.type like /^org\\.chancery\\.(${types})$/ | stats count(*) as records by bin(5m), ${by}`,
  };
}

/** What the first series is of both together. */
export const shareOf = (label: string, part: AwsSeries, rest: AwsSeries): AwsFigure => ({
  as: 'metrics',
  series: [part, rest],
  math: { expression: 'm0 / (m0 + m1)', label },
});

/** The busiest values of a field, by a Contributor Insights rule of that name (made in `lib/`). */
export const contributors = (rule: string, field: string, filter?: string): AwsFigure => ({
  as: 'contributors',
  rule,
  query: `${filter === undefined ? '' : `filter ${filter} | `}filter ispresent(${field}) | stats count(*) as requests by ${field} | sort requests desc | limit 10`,
});

/** Application Signals publishes attainment and burn rate per objective. */
export function signals(metric: string) {
  return metrics(published('AWS/ApplicationSignals', metric, 'Average', ['SloName']));
}
