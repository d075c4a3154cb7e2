/**
 * What an alert is. Each is declared once, in the file of its group; rules for Prometheus and AMP, their unit
 * tests, the thresholds in the dashboards, the routing and the runbook's table are read off the declaration.
 */
import type { Feed } from './drill.ts';

export const GROUPS = [
  'gateway',
  'security',
  'charter',
  'ledger',
  'infrastructure',
  'business',
  'slo',
] as const;
export type Group = (typeof GROUPS)[number];

export const ALERT_SEVERITIES = ['critical', 'warning', 'info'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** Labels that route an alert, and by which people know it. */
export const ROUTING_LABELS: readonly string[] = ['alertname', 'severity', 'group', 'channel'];

export const CHANNELS = ['violations', 'performance', 'debug'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Units as Grafana names them, so that a threshold and its panel cannot disagree. */
export type PanelUnit = 's' | 'percentunit' | 'short' | 'reqps' | 'ops' | 'bytes' | 'currencyUSD' | 'percent';

interface Declared {
  /** UpperCamelCase; the runbook's heading and, in lower case, its anchor. */
  readonly name: string;
  readonly group: Exclude<Group, 'slo'>;
  readonly severity: AlertSeverity;
  /** One line for a phone's lock screen. May use `{{ $labels.x }}`. */
  readonly summary: string;
  /** What is wrong, with the figure and the limit. */
  readonly description: string;
  /** The limit of the comparison, in `unit`; panels draw it. */
  readonly threshold: number;
  readonly unit: PanelUnit;
  /** Which side of the threshold is bad. */
  readonly bad: 'above' | 'below';
  /** Ledger event types whose newest record is the evidence that the notification names. */
  readonly evidence?: readonly string[];
}

/** Evaluated by Prometheus: Managed Prometheus on AWS, Debian's or a container's locally. */
export interface PrometheusRule extends Declared {
  readonly source: 'prometheus';
  readonly expr: string;
  /** Seconds for which the expression must hold; 0 fires at once. */
  readonly for: number;
  /** Input under which `promtool test rules` must see it fire, stay quiet and resolve. */
  readonly drill: Drill;
  /** A CloudWatch alarm of the same name, where it must also work without Managed Prometheus. */
  readonly aws?: AwsAlarm;
}

/** Evaluated by CloudWatch on what AWS publishes. */
export interface CloudWatchRule extends Declared {
  readonly source: 'cloudwatch';
  readonly aws: AwsAlarm;
}

export type AlertRule = PrometheusRule | CloudWatchRule;

export interface Drill {
  /** Seconds from the change of input until the expression shows it in full: the rate window, or 0. */
  readonly settle: number;
  /** Seconds of normal input first (default 600). */
  readonly calm?: number;
  readonly feeds: readonly Feed[];
}

/**
 * Which of our resources an alarm is made for: `lib/` fills the dimensions, one alarm each, or one in all.
 * - `function`: every Lambda function · `stream`: those that read a stream · `table`, `queue`: every one
 * - `api`: the REST API · `canary`: the canary function · `own`: our namespace, dimensions as declared · `account`: none
 */
export type AlarmSubject = 'function' | 'stream' | 'table' | 'queue' | 'api' | 'canary' | 'own' | 'account';

export interface AwsMetric {
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly stat: string;
  /** On top of the subject's own dimension. */
  readonly dimensions?: Readonly<Record<string, string>>;
}

export interface AwsAlarm {
  readonly subject: AlarmSubject;
  readonly metrics: readonly AwsMetric[];
  /** Metric math over the ids, when there is more than one metric. `$TIMEOUT_MS`, `$CONCURRENCY` are filled in by `lib/`. */
  readonly expression?: string;
  /** A number, or a share of a figure that only the stack knows. */
  readonly threshold:
    | number
    | { readonly share: number; readonly of: 'timeout_ms' | 'concurrency' | 'cpu_percent' };
  readonly comparison:
    | 'GreaterThanThreshold'
    | 'GreaterThanOrEqualToThreshold'
    | 'LessThanThreshold'
    | 'LessThanOrEqualToThreshold';
  readonly period: number;
  readonly evaluation_periods: number;
  readonly datapoints: number;
  readonly missing: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
}

/** Violations ← charter, security, ledger; debug ← infrastructure and everything at info. */
export function channelOf(group: Group, severity: AlertSeverity): Channel {
  if (severity === 'info' || group === 'infrastructure') return 'debug';
  return group === 'charter' || group === 'security' || group === 'ledger' ? 'violations' : 'performance';
}
