/**
 * How a family is called in CloudWatch, and which of them go there at all. Every combination of dimension
 * values is billed as a metric of its own, so only what alarms and the five AIM figures need is emitted.
 */
import { CATALOGUE, isMetricName, type LabelOf, type MetricName } from '../../catalogue/catalogue.ts';
import type { Label } from '../../catalogue/family.ts';

export const NAMESPACE = 'Chancery';

/**
 * A dimension of every metric of ours. Environments may share an account: without it the canary of one would keep the
 * alarm of another quiet, and tampering with one would page for the other.
 */
export const ENVIRONMENT = 'Environment';

/** Names that PascalCase alone would not give. */
const NAMES: Partial<Record<MetricName, string>> = {
  aim_requests_total: 'AIMRequests',
  aim_validation_failures_total: 'AIMValidationFailures',
  workflow_executions_total: 'WorkflowExecutions',
  workflow_duration_seconds: 'WorkflowDuration',
  audit_log_entries_total: 'AuditLogEntries',
};
const ACRONYMS: Readonly<Record<string, string>> = {
  aim: 'AIM',
  http: 'HTTP',
  jwt: 'JWT',
  drag: 'DRAG',
  ws: 'WS',
  mfa: 'MFA',
  siem: 'SIEM',
};

const pascal = (name: string): string =>
  name
    .split('_')
    .map((word) => ACRONYMS[word] ?? word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** `workflow` is the workflow's name; all other labels in PascalCase. */
export const cloudwatchDimension = (label: string): string =>
  label === 'workflow' ? 'WorkflowName' : pascal(label);

export const cloudwatchName = (metric: MetricName): string =>
  NAMES[metric] ?? pascal(metric.replace(/_total$/, '').replace(/_seconds$/, ''));

type Emission<M extends MetricName> = {
  readonly metric: M;
  /** Each set is a metric of its own in CloudWatch; the empty set is the total, which alarms watch. */
  readonly sets: readonly (readonly LabelOf<M>[])[];
};
const emit = <M extends MetricName>(metric: M, ...sets: (readonly LabelOf<M>[])[]): Emission<M> => ({
  metric,
  sets,
});

/** What goes out as EMF. Alarms and CloudWatch dashboards may name nothing else of ours, but for the cold starts. */
export const EMITTED = [
  emit('aim_requests_total', ['drag_mode', 'actor_role', 'workflow'], []),
  emit('aim_validation_failures_total', ['failure_reason', 'drag_mode'], []),
  emit('workflow_executions_total', ['workflow', 'outcome', 'drag_mode'], ['outcome']),
  emit('workflow_duration_seconds', ['workflow', 'outcome', 'drag_mode'], []),
  emit('audit_log_entries_total', ['outcome', 'drag_mode'], []),
  emit('http_requests_total', ['class'], []),
  emit('http_request_duration_seconds', []),
  emit('errors_total', ['severity'], []),
  emit('decision_duration_seconds', []),
  emit('jwt_validations_total', ['outcome']),
  emit('scope_checks_total', ['decision']),
  emit('ledger_append_duration_seconds', []),
  emit('ledger_append_failures_total', []),
  emit('ledger_tamper_events_total', []),
  emit('ledger_integrity_checks_total', ['result']),
  emit('ledger_seal_lag_seconds', []),
  emit('metrics_projection_lag_seconds', []),
  emit('metrics_ledger_drift', []),
  emit('canary_runs_total', ['result']),
  emit('notifications_total', ['result']),
  emit('charter_committee_notification_duration_seconds', []),
  emit('auth_attempts_total', ['result']),
  emit('siem_events_total', ['result']),
  emit('siem_lag_seconds', []),
  emit('store_operations_total', ['result']),
  emit('store_connections', []),
  emit('cache_hits_total', []),
  emit('cache_misses_total', []),
  emit('active_sessions', []),
  emit('http_requests_in_flight', []),
  emit('charter_loads_total', ['result']),
  emit('charter_load_duration_seconds', []),
  emit('charter_policies', []),
  emit('mapek_phase_duration_seconds', ['phase']),
  emit('scope_request_duration_seconds', []),
  emit('notification_duration_seconds', []),
  emit('charter_last_load_timestamp_seconds', []),
  emit('ledger_unsealed_entries', []),
  emit('ledger_lanes_open', []),
  emit('charter_violations_open', ['severity']),
  emit('charter_overrides_active', []),
  emit('sanctions_active', ['kind']),
] as const satisfies
  | readonly Emission<never>[]
  | readonly { metric: MetricName; sets: readonly (readonly string[])[] }[];

/** What the vital alarms watch (lib/environments.ts): the rest is for dashboards, service levels and further alarms. */
export const VITAL: readonly MetricName[] = [
  'canary_runs_total',
  'ledger_append_failures_total',
  'ledger_integrity_checks_total',
  'ledger_tamper_events_total',
  'notifications_total',
];

/** Whether a metric is emitted where so much of CloudWatch is wanted. */
export const goesOut = (metric: MetricName, only: 'vital' | 'all'): boolean =>
  dimensionSets(metric).length > 0 && (only === 'all' || VITAL.includes(metric));

/**
 * Cold starts by function: counted through Powertools (adapters/aws/cold-start.ts), which chooses these names. No
 * family of the catalogue, since a process that starts has no meter that outlives it.
 */
export const COLD_STARTS = {
  name: 'ColdStart',
  dimensions: ['service', ENVIRONMENT, 'function_name'],
} as const;

/** The dimension sets, in CloudWatch's spelling and beside `ENVIRONMENT`, under which a metric is emitted; empty if it is not. */
export function dimensionSets(metric: string): readonly (readonly string[])[] {
  if (!isMetricName(metric)) return [];
  const emission = EMITTED.find((candidate) => candidate.metric === metric);
  return emission === undefined ? [] : emission.sets.map((set) => set.map(cloudwatchDimension));
}

/** How many values a drawn label really has in a deployment; the budget of the catalogue is what it may have. */
export type Expected = Readonly<Partial<Record<string, number>>>;

export interface Billed {
  /** CloudWatch metrics: one for each combination of dimension values in each set. */
  readonly series: number;
  readonly dollars_a_month: number;
  readonly by_metric: readonly { readonly metric: MetricName; readonly series: number }[];
}

/** CloudWatch, custom metrics: $0.30 a month each up to 10,000, then $0.10 (us-east-1). */
const FIRST = { metrics: 10_000, dollars: 0.3 };
const NEXT_DOLLARS = 0.1;

/**
 * What the emitted metrics cost a month, at most, with every combination of values seen.
 * `functions`: how many are deployed, each with its cold starts.
 */
export function billed(expected: Expected, functions = 0): Billed {
  const by_metric = EMITTED.map(({ metric, sets }) => ({
    metric,
    series: sets.reduce(
      (sum, set) => sum + set.reduce((product, label) => product * valuesOf(metric, label, expected), 1),
      0,
    ),
  }));
  const series = by_metric.reduce((sum, each) => sum + each.series, functions);
  const dollars =
    Math.min(series, FIRST.metrics) * FIRST.dollars + Math.max(0, series - FIRST.metrics) * NEXT_DOLLARS;
  return { series, dollars_a_month: Math.round(dollars * 100) / 100, by_metric };
}

function valuesOf(metric: MetricName, label: string, expected: Expected): number {
  const labels: Readonly<Record<string, Label>> = CATALOGUE[metric].labels;
  const declared = labels[label];
  if (declared === undefined) throw new RangeError(`${metric} has no label ${label}`);
  return 'values' in declared ? declared.values.length : (expected[declared.dictionary] ?? declared.max);
}
