/**
 * Every metric that Chancery has, declared once. Emitters, the fold, the exporter, dashboards, alerts and the
 * reference page import it; a misspelt name or label does not compile.
 *
 * Names stand here without the prefix; `PREFIX + name` is what is exposed. Order here is order of exposition.
 */
import type { Families, Family } from './family.ts';
import { BUCKETS, closed, count, drawn, gauge, histogram, single } from './family.ts';
import * as values from './values.ts';

export const PREFIX = 'chancery_';

const mode = closed(values.MODES);
const workflow = drawn('workflow', 40, 'registered workflows');
const node = drawn('node_or_service', 100, 'what callers name; the first 100');
const scope = drawn('scope', 80, 'scopes of the charter');
const route = drawn('route', 120, 'route patterns of the HTTP app');
const severity = closed(values.SEVERITIES);
const violationType = closed(values.VIOLATION_TYPES);
const riskLevel = closed(values.RISK_LEVELS);
const actorType = closed(values.ACTOR_TYPES);
const cache = drawn('cache', 20, 'caches in the code');
const flag = drawn('flag', 50, 'flags of the charter');
const policy = drawn('policy', 250, 'policy ids of the charter');
const tool = drawn('tool', 60, 'tools that callers name; the first 60');

export const CATALOGUE = {
  // HTTP
  http_requests_total: count('process', 'Answered HTTP requests.', {
    method: closed(values.METHODS),
    route,
    status: closed(values.STATUS_CODES),
    class: closed(values.RESPONSE_CLASSES),
  }),
  http_request_duration_seconds: histogram(
    'process',
    'Time from the first byte of a request to the last of its answer.',
    { method: closed(values.METHODS), route },
    BUCKETS.request,
  ),
  http_response_size_bytes: histogram('process', 'Size of answer bodies.', { route }, BUCKETS.size, {
    unit: 'bytes',
  }),
  http_requests_in_flight: gauge('process', 'Requests being answered now.', {}),

  // AIM
  aim_requests_total: count('ledger', 'Requests that declared actor, input and mission.', {
    drag_mode: mode,
    actor_role: drawn('actor_role', 40, 'roles of the charter'),
    workflow,
  }),
  aim_validation_failures_total: count('ledger', 'AIM rules that a request broke, one per rule.', {
    failure_reason: closed(values.AIM_FAILURES),
    drag_mode: mode,
  }),
  prescriptive_detections_total: count('ledger', 'Prescriptive phrases found in screened text.', {
    drag_mode: mode,
    phrase_type: closed(values.PHRASE_TYPES),
  }),

  // decisions
  decisions_total: count('ledger', 'Decisions in force (dry runs are not decisions).', {
    outcome: closed(values.DECISION_OUTCOMES),
    drag_mode: mode,
    risk_level: riskLevel,
    actor_type: actorType,
  }),
  decisions_denied_total: count('ledger', 'Denied or rejected decisions by their first reason.', {
    reason: drawn('reason', 80, 'reason codes'),
    actor_type: actorType,
  }),
  decision_duration_seconds: histogram('ledger', 'Time from authenticated to decided.', {}, BUCKETS.fast),
  policy_evaluations_total: count('ledger', 'Policies that determined a decision.', {
    policy,
    effect: closed(['permit', 'forbid']),
  }),
  policy_errors_total: count(
    'ledger',
    'Policies that could not be evaluated; each such decision is a deny.',
    {
      policy,
    },
  ),
  policy_evaluation_duration_seconds: histogram('ledger', 'Time in the policy engine.', {}, BUCKETS.fast),
  risk_assessments_total: count('ledger', 'Risk levels that requests were judged at.', {
    risk_level: riskLevel,
  }),
  shadow_divergences_total: count(
    'ledger',
    'Decisions on which a candidate charter differs.',
    {
      from: closed(values.DECISION_OUTCOMES),
      to: closed(values.DECISION_OUTCOMES),
    },
    { since: '4.2' },
  ),

  // workflows
  workflow_executions_total: count('ledger', 'Ended workflow runs.', {
    workflow,
    outcome: closed(values.RUN_OUTCOMES),
    drag_mode: mode,
  }),
  workflow_duration_seconds: histogram(
    'ledger',
    'Time from start to end of a workflow run.',
    { workflow, outcome: closed(values.RUN_OUTCOMES), drag_mode: mode },
    BUCKETS.run,
  ),
  workflow_errors_total: count('ledger', 'Failed workflow runs by States error name.', {
    workflow,
    error_type: drawn('error_type', 30, 'States error names'),
  }),
  workflow_settlements_total: count('ledger', 'Runs by whether their mission was met.', {
    workflow,
    result: closed(values.SETTLEMENTS),
  }),
  workflows_stale: gauge('ledger', 'Runs that started, never ended and were found stale.', {}),
  workflow_cost_dollars_total: count(
    'ledger',
    'Cost that ended runs declared.',
    { workflow },
    {
      unit: 'dollars',
      since: '3.6',
    },
  ),
  budget_spent_ratio: gauge(
    'process',
    'Share of the workflow budget that is spent.',
    { workflow },
    {
      unit: 'ratio',
      since: '3.6',
    },
  ),
  budget_warning_ratio: gauge(
    'process',
    'Share of the workflow budget from which the charter has people warned.',
    { workflow },
    {
      unit: 'ratio',
      since: '3.6',
    },
  ),
  quota_used_ratio: gauge(
    'process',
    'Share of the workflow quota that is used.',
    { workflow },
    {
      unit: 'ratio',
      since: '3.6',
    },
  ),

  workflow_info: gauge('process', 'Sensitivity of a registered workflow; always 1.', {
    workflow,
    sensitivity: closed(values.SENSITIVITIES),
  }),

  // tools
  tool_invocations_total: count(
    'ledger',
    'Tool calls through the gateway.',
    {
      tool,
      outcome: closed(values.TOOL_OUTCOMES),
    },
    { since: '3.5' },
  ),
  tool_duration_seconds: histogram('ledger', 'Duration of tool calls.', { tool }, BUCKETS.run, {
    since: '3.5',
  }),

  tools_unreviewed_total: count(
    'ledger',
    'Definitions of tools that were found new or changed, and that nobody has reviewed as they are.',
    { tool },
  ),

  tool_info: gauge(
    'process',
    'Sensitivity of a tool; always 1.',
    { tool, sensitivity: closed(values.SENSITIVITIES) },
    { since: '3.5' },
  ),

  // identity
  jwt_validations_total: count('process', 'Bearer tokens checked.', {
    outcome: closed(['valid', 'invalid', 'missing']),
  }),
  auth_attempts_total: count('process', 'Attempts to authenticate.', {
    method: closed(['jwt']),
    result: closed(['success', 'failure']),
  }),
  auth_failures_total: count('ledger', 'Refused requests by what was wrong with token or scope.', {
    method: closed(['jwt']),
    failure_type: closed(values.AUTH_FAILURES),
    status: closed(values.AUTH_STATUS_CODES),
  }),
  scope_checks_total: count('process', 'Checks of the scope that guards a route.', {
    scope,
    decision: closed(['granted', 'denied']),
  }),
  scope_request_duration_seconds: histogram(
    'process',
    'Duration of requests by the scope that guards their route.',
    { scope },
    BUCKETS.request,
  ),
  scope_rate_limits_total: count('ledger', 'Rate limits hit by scope.', { scope }),
  mfa_challenges_total: count('ledger', 'Requests refused for want of a fresh second factor.', {}),
  mfa_checks_total: count('ledger', 'Requests whose mode needs a fresh second factor.', {
    result: closed(['fresh', 'stale']),
  }),
  suspicious_activity_total: count('ledger', 'Suspicious patterns seen.', {
    pattern: drawn('pattern', 30, 'patterns of the detector'),
  }),
  active_sessions: gauge('process', 'Sessions seen in the last 15 minutes.', {}),
  rate_limit_hits_total: count('ledger', 'Requests over a limit.', {
    reason: drawn('limit_reason', 20, 'limits of the charter'),
  }),

  // charter
  charter_violations_total: count(
    'ledger',
    'Violations, attempts included.',
    {
      severity,
      violation_type: violationType,
      node_or_service: node,
    },
    { since: '6.2' },
  ),
  charter_forbidden_metric_attempts_total: count(
    'ledger',
    'Attempts to collect a metric that may not be.',
    {
      metric_name: drawn('metric_name', 25, 'the charter lists; the first 25'),
      node_or_service: node,
      status: closed(values.BLOCKED_STATUSES),
    },
    { since: '4.4' },
  ),
  charter_metric_validation_duration_seconds: histogram(
    'ledger',
    'Time to judge one metric sample.',
    {},
    BUCKETS.tiny,
    { scale: 1e9, since: '4.4' },
  ),
  charter_load_duration_seconds: gauge(
    'process',
    'Time that the last charter load took.',
    {},
    {
      unit: 'seconds',
    },
  ),
  charter_loads_total: count('process', 'Charter loads: a new digest, or a failure to load.', {
    result: closed(['success', 'failure']),
  }),
  charter_last_load_timestamp_seconds: gauge(
    'process',
    'When the charter was last checked.',
    {},
    {
      unit: 'timestamp',
    },
  ),
  charter_info: gauge('process', 'The charter in force; always 1.', {
    version: drawn('version', 1, 'the charter in force'),
    digest: drawn('digest', 1, 'the charter in force'),
  }),
  charter_policies: gauge('process', 'Policies in the charter in force.', {}),
  charter_committee_notifications_total: count(
    'ledger',
    'Notices to the committee and to whoever may decide.',
    { severity },
    { since: '6.5' },
  ),
  charter_committee_notification_duration_seconds: histogram(
    'ledger',
    'Time from what happened until everybody was told who is to be told.',
    {},
    BUCKETS.request,
    { since: '6.5' },
  ),
  charter_committee_size: gauge('process', 'Members of the committee that the charter names.', {}),
  charter_data_revocations_total: count(
    'ledger',
    'Data revocations asked for.',
    {
      reason: closed(values.REVOCATION_REASONS),
    },
    { since: '6.7' },
  ),
  charter_data_revocation_duration_seconds: histogram(
    'ledger',
    'Time from asking for a revocation to the erasure.',
    {},
    BUCKETS.days,
    { since: '6.7' },
  ),
  charter_violation_report_duration_seconds: histogram(
    'ledger',
    'Time to take in a violation report.',
    {},
    BUCKETS.request,
    { since: '6.2' },
  ),
  charter_investigations_total: count(
    'ledger',
    'Investigations opened.',
    {
      violation_type: violationType,
      initiated_by: closed(values.INITIATORS),
    },
    { since: '6.2' },
  ),
  charter_violations_open: gauge('ledger', 'Cases that wait for a finding.', { severity }, { since: '6.2' }),
  charter_overrides_total: count(
    'ledger',
    'Overrides that came into force.',
    { reason: closed(values.OVERRIDE_REASONS) },
    { since: '6.6' },
  ),
  charter_overrides_active: gauge('ledger', 'Overrides in force now.', {}, { since: '6.6' }),
  sanctions_active: gauge(
    'ledger',
    'Sanctions in force now.',
    { kind: closed(values.SANCTION_KINDS) },
    {
      since: '6.4',
    },
  ),
  approvals_pending: gauge('ledger', 'Approvals that wait for a person.', {
    priority: closed(values.PRIORITIES),
  }),
  approval_wait_seconds: histogram(
    'ledger',
    'Time from asking to the end of an approval.',
    {},
    BUCKETS.hours,
    {
      since: '6.5',
    },
  ),

  // MAPE-K
  healing_actions_total: count(
    'ledger',
    'Healing actions, by what came of them.',
    {
      action: closed(values.HEALING_ACTIONS),
      outcome: closed(values.HEALING_OUTCOMES),
      severity,
    },
    { since: '6.3' },
  ),
  mapek_cycles_total: count(
    'process',
    'Cycles of the loop.',
    { result: closed(['idle', 'acted', 'failed']) },
    { since: '6.3' },
  ),
  mapek_phase_duration_seconds: histogram(
    'process',
    'Duration of a phase of a cycle of the loop.',
    { phase: closed(['monitor', 'analyze', 'plan', 'execute', 'knowledge']) },
    BUCKETS.fast,
    { since: '6.3' },
  ),
  mapek_threat_level: gauge(
    'process',
    'How much a node threatens, 0 to 1; without violations it falls to 0.',
    { node_or_service: node },
    { unit: 'ratio', since: '6.3' },
  ),

  // ledger
  ledger_entries_total: count('ledger', 'Ledger records.', {
    event_type: drawn('event_type', 120, 'event types of the ledger and of the charter'),
  }),
  audit_log_entries_total: count('ledger', 'Ledger records by what came out of the request.', {
    outcome: closed(values.AUDIT_OUTCOMES),
    drag_mode: mode,
  }),
  ledger_append_duration_seconds: histogram(
    'process',
    'Time from asking for an append to its durability.',
    {},
    BUCKETS.fast,
  ),
  ledger_append_failures_total: count('process', 'Appends that were not made.', {
    reason: closed(values.APPEND_FAILURES),
  }),
  ledger_lanes_open: gauge('ledger', 'Lanes that are open.', {}),
  ledger_unsealed_entries: gauge('process', 'Records that no checkpoint covers yet.', {}, { since: '5.1' }),
  ledger_seal_lag_seconds: gauge(
    'process',
    'Age of the oldest record that no checkpoint covers.',
    {},
    {
      unit: 'seconds',
      since: '5.1',
    },
  ),
  ledger_tree_size: gauge('process', 'Entries in the sealed tree.', {}, { since: '5.1' }),
  ledger_checkpoints_total: count(
    'process',
    'Attempts to seal.',
    { result: closed(values.SEAL_RESULTS) },
    {
      since: '5.1',
    },
  ),
  ledger_checkpoint_timestamp_seconds: gauge(
    'process',
    'When the newest checkpoint was cosigned.',
    {},
    {
      unit: 'timestamp',
      since: '5.1',
    },
  ),
  ledger_integrity_checks_total: count('process', 'Verifications of the ledger.', {
    result: closed(values.VERDICTS),
  }),
  ledger_tamper_events_total: count(
    'ledger',
    'Tampering that was detected.',
    { kind: closed(values.TAMPER_LABELS) },
    {
      since: '5.1',
    },
  ),
  ledger_bytes_total: count('ledger', 'Canonical bytes of all records.', {}, { unit: 'bytes' }),
  siem_events_total: count(
    'process',
    'Records handed to the SIEM export.',
    { result: closed(['success', 'failure']) },
    {
      since: '5.6',
    },
  ),
  siem_lag_seconds: gauge(
    'process',
    'Age of the oldest record that the SIEM export has not sent.',
    {},
    {
      unit: 'seconds',
      since: '5.6',
    },
  ),

  // errors
  errors_total: count('process', 'Errors by code.', {
    error_type: closed(values.ERROR_TYPES),
    severity: closed(['info', 'warning', 'error', 'critical']),
    component: closed(values.COMPONENTS),
  }),
  exceptions_total: count('process', 'Exceptions that reached the edge.', {
    class: drawn('exception_class', 30, 'exception classes'),
    route,
  }),
  error_recoveries_total: count('process', 'Failures that a retry or fallback made good.', {
    component: closed(values.COMPONENTS),
  }),

  // caches
  cache_hits_total: count('process', 'Cache look-ups answered by the cache.', { cache }),
  cache_misses_total: count('process', 'Cache look-ups not answered by the cache.', { cache }),
  cache_evictions_total: count('process', 'Entries that a cache dropped.', {
    cache,
    reason: closed(values.EVICTIONS),
  }),
  cache_items: gauge('process', 'Entries in a cache.', { cache }),
  cache_size_bytes: gauge('process', 'Approximate bytes in a cache.', { cache }, { unit: 'bytes' }),

  // store
  store_operations_total: count('process', 'Operations on the table.', {
    operation: closed(values.STORE_OPERATIONS),
    result: closed(['ok', 'refused', 'error']),
  }),
  store_operation_duration_seconds: histogram(
    'process',
    'Duration of operations on the table.',
    { operation: closed(values.STORE_OPERATIONS) },
    BUCKETS.fast,
  ),
  store_conflicts_total: count('process', 'Conditional writes that were refused.', {
    operation: closed(values.STORE_OPERATIONS),
  }),
  store_connections: gauge('process', 'Connections to the store.', { state: closed(['open', 'idle']) }),

  // live
  ws_connections: gauge('process', 'WebSocket connections that are open.', {}, { since: '5.7' }),
  ws_connections_total: count(
    'process',
    'WebSocket handshakes; `failed` is a fault of ours.',
    { result: closed(['accepted', 'refused', 'failed']) },
    { since: '5.7' },
  ),
  ws_messages_total: count(
    'process',
    'Messages over WebSocket connections.',
    { direction: closed(['sent', 'received']) },
    { since: '5.7' },
  ),
  ws_errors_total: count(
    'process',
    'WebSocket connections that ended as they should not.',
    { error_type: closed(values.WS_ERRORS) },
    { since: '5.7' },
  ),

  // flags, DORA
  feature_flag_evaluations_total: count(
    'process',
    'Evaluations of a feature flag.',
    {
      flag,
      result: closed(['on', 'off']),
    },
    { since: '3.8' },
  ),
  feature_flag_errors_total: count(
    'process',
    'Feature flags that could not be evaluated (they are off).',
    {
      flag,
      error_type: closed(['unknown_flag', 'bad_rule', 'other']),
    },
    { since: '3.8' },
  ),
  deployments_total: count(
    'ledger',
    'Deployments recorded.',
    {
      environment: closed(values.DEPLOYMENT_ENVIRONMENTS),
      result: closed(values.DEPLOYMENT_RESULTS),
    },
    { since: '10' },
  ),
  deployment_lead_time_seconds: histogram('ledger', 'Time from commit to deployment.', {}, BUCKETS.days, {
    since: '10',
  }),

  deployment_restore_seconds: histogram(
    'ledger',
    'Time from a failed deployment to the one that restored service.',
    {},
    BUCKETS.days,
    {
      since: '10',
    },
  ),

  // self
  metrics_projection_lag_seconds: gauge(
    'process',
    'Age of the oldest record that is not folded yet.',
    {},
    {
      unit: 'seconds',
    },
  ),
  metrics_ledger_drift: gauge(
    'process',
    'Sum of differences between counters and a replay of the ledger.',
    {},
  ),
  label_overflow_total: count('ledger', 'Label values that went to `other` over their budget.', {
    metric: drawn('metric', 150, 'names in this catalogue'),
  }),
  notifications_total: count(
    'process',
    'Notifications sent out.',
    {
      channel: closed(values.COURIERS),
      result: closed(['delivered', 'retried', 'duplicate', 'dead_letter', 'suppressed']),
    },
    { since: '9' },
  ),
  notification_duration_seconds: histogram(
    'process',
    'Time to deliver a notification.',
    {},
    BUCKETS.request,
    {
      since: '9',
    },
  ),
  canary_runs_total: count(
    'process',
    'Canary runs.',
    { result: closed(['success', 'failure']) },
    { since: '9' },
  ),
  canary_last_success_timestamp_seconds: gauge(
    'process',
    'When the canary last succeeded.',
    {},
    {
      unit: 'timestamp',
      since: '9',
    },
  ),
  actor_concentration_ratio: gauge(
    'process',
    'Share of the busiest principal in the decisions of the last hour.',
    {},
    {
      unit: 'ratio',
    },
  ),
  aws_published: gauge(
    'aws',
    'A figure that AWS publishes, of the last full period.',
    {
      namespace: drawn('aws_namespace', 10, 'namespaces of AWS'),
      metric: drawn('aws_metric', 40, 'metrics of AWS'),
      stat: drawn('aws_stat', 10, 'statistics of CloudWatch'),
      resource: drawn('aws_resource', 40, 'resources of the stack'),
    },
    { since: '11' },
  ),
  process_cpu_seconds_total: count(
    'process',
    'Processor time of the local runtime, of all its threads. On AWS: Lambda Insights.',
    {},
    { unit: 'seconds' },
  ),
  process_resident_memory_bytes: gauge(
    'process',
    'Memory of the local runtime that is in use. On AWS: Lambda Insights.',
    {},
    { unit: 'bytes' },
  ),
  process_open_fds: gauge('process', 'Open file handles of the local runtime, where the system tells.', {}),
  service_start_time_seconds: gauge('process', 'When this process started.', {}, { unit: 'timestamp' }),
  build_info: gauge('process', 'The running build; always 1.', {
    version: single('release'),
    commit: single('commit'),
    spec: single('requirements edition'),
  }),
} as const satisfies Families;

export type MetricName = keyof typeof CATALOGUE;
type Labels<M extends MetricName> = (typeof CATALOGUE)[M]['labels'];

/** What `Meter` and the rest may be called with: exactly the declared labels, closed ones by their values. */
export type LabelsOf<M extends MetricName> = {
  readonly [L in keyof Labels<M>]: Labels<M>[L] extends { readonly values: readonly (infer V)[] }
    ? V
    : string;
};

export type LabelOf<M extends MetricName> = keyof Labels<M> & string;

/** Exactly the declared labels, any text as value: what `Meter` takes. What is not listed is counted as `other`. */
export type LabelNames<M extends MetricName> = { readonly [L in LabelOf<M>]: string };

type Of<T extends Family['type']> = {
  [M in MetricName]: (typeof CATALOGUE)[M]['type'] extends T ? M : never;
}[MetricName];
export type CounterName = Of<'counter'>;
export type GaugeName = Of<'gauge'>;
export type HistogramName = Of<'histogram'>;

export const METRIC_NAMES = Object.keys(CATALOGUE) as MetricName[];

export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(CATALOGUE, name);
}
