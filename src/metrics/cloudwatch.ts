/**
 * How a family is called in CloudWatch, and which of them go there at all. Every combination of dimension
 * values is billed as a metric of its own, so only what alarms and the five AIM figures need is emitted.
 */
import { isMetricName, type LabelOf, type MetricName } from './catalogue.ts';

export const NAMESPACE = 'Chancery';

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

/** Everything that goes out as EMF. Alarms and CloudWatch dashboards may name nothing else of ours. */
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
  emit('ws_connections_total', ['result']),
] as const satisfies
  | readonly Emission<never>[]
  | readonly { metric: MetricName; sets: readonly (readonly string[])[] }[];

/** The dimension sets, in CloudWatch's spelling, under which a metric is emitted; empty if it is not. */
export function dimensionSets(metric: string): readonly (readonly string[])[] {
  if (!isMetricName(metric)) return [];
  const emission = EMITTED.find((candidate) => candidate.metric === metric);
  return emission === undefined ? [] : emission.sets.map((set) => set.map(cloudwatchDimension));
}
