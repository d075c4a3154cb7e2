/** The charter: is it in force, is it fast, and who breaks it. */
import { aged, appears, flows, spread, stands } from './drill.ts';
import { grew, increase, matching, max, quantile, rate, series, sum } from './promql.ts';
import type { AlertRule } from './rule.ts';

const NODE = { node_or_service: 'node-7' } as const;

export const CHARTER = [
  {
    name: 'ForbiddenMetricSpike',
    group: 'charter',
    severity: 'critical',
    source: 'prometheus',
    summary: 'Forbidden metrics are attempted more than ten times a second',
    description:
      'Collection of forbidden metrics is attempted {{ $value | humanize }} times a second over 5 minutes; the limit is 10. Every attempt was blocked.',
    expr: `${rate('charter_forbidden_metric_attempts_total')} > 10`,
    for: 300,
    threshold: 10,
    unit: 'ops',
    bad: 'above',
    evidence: ['metric.blocked'],
    drill: {
      settle: 300,
      feeds: [
        flows(
          series('charter_forbidden_metric_attempts_total', {
            metric_name: 'user_location',
            ...NODE,
            status: 'blocked',
          }),
          { over: 10.2, under: 9.8 },
        ),
      ],
    },
  },
  {
    name: 'CriticalViolation',
    group: 'charter',
    severity: 'critical',
    source: 'prometheus',
    summary: 'CRIMINAL violation {{ $labels.violation_type }} by {{ $labels.node_or_service }}',
    description:
      '{{ $value }} violations of severity CRIMINAL, type {{ $labels.violation_type }}, by {{ $labels.node_or_service }}. The committee decides.',
    expr: grew('charter_violations_total', {
      by: ['violation_type', 'node_or_service'],
      where: { severity: 'CRIMINAL' },
    }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['violation.reported', 'violation.confirmed', 'metric.blocked'],
    drill: {
      settle: 0,
      feeds: [
        appears(
          series('charter_violations_total', {
            severity: 'CRIMINAL',
            violation_type: 'unauthorized_override',
            ...NODE,
          }),
        ),
      ],
    },
  },
  {
    name: 'HealingFailed',
    group: 'charter',
    severity: 'critical',
    source: 'prometheus',
    summary: 'The loop could not do what a violation asks for',
    description:
      '{{ $value }} healing actions failed in the last 5 minutes, after all their tries: whoever violated the charter goes on unhindered until somebody acts.',
    expr: grew('healing_actions_total', { where: { outcome: matching('failure|rolled_back') } }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['healing.failed'],
    drill: {
      settle: 0,
      feeds: [
        appears(
          series('healing_actions_total', {
            action: 'quarantine_network',
            outcome: 'rolled_back',
            severity: 'SUSPENSION',
          }),
        ),
      ],
    },
  },
  {
    name: 'ValidationLatency',
    group: 'charter',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Metric validation takes longer than 50 ms',
    description:
      'The 99th percentile of metric validation is {{ $value | humanizeDuration }}; the limit is 50 ms.',
    expr: `${quantile(0.99, 'charter_metric_validation_duration_seconds')} > 0.05`,
    for: 300,
    threshold: 0.05,
    unit: 's',
    bad: 'above',
    drill: {
      settle: 300,
      feeds: spread(
        (le) => series('charter_metric_validation_duration_seconds', {}, '_bucket', { le }),
        0.99,
        0.05,
      ),
    },
  },
  {
    name: 'PolicyLoadFailure',
    group: 'charter',
    severity: 'critical',
    source: 'prometheus',
    summary: 'A charter could not be loaded',
    description:
      '{{ $value }} loads of a charter failed in the last 5 minutes; the last good one stays in force.',
    expr: grew('charter_loads_total', { where: { result: 'failure' } }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['charter.load_failed'],
    drill: { settle: 0, feeds: [appears(series('charter_loads_total', { result: 'failure' }))] },
  },
  {
    name: 'PolicyStale',
    group: 'charter',
    severity: 'warning',
    source: 'prometheus',
    summary: 'The charter was not checked for a day',
    description: 'The charter was last checked {{ $value | humanizeDuration }} ago; the limit is 24 h.',
    expr: `time() - ${max('charter_last_load_timestamp_seconds')} > 86400`,
    for: 0,
    threshold: 86_400,
    unit: 's',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [aged(series('charter_last_load_timestamp_seconds'), { calm: 30, over: 86_401, under: 86_400 })],
    },
  },
  {
    name: 'PolicyReloadsHigh',
    group: 'charter',
    severity: 'warning',
    source: 'prometheus',
    summary: 'The charter was loaded more than ten times in an hour',
    description: 'The charter was loaded {{ $value | humanize }} times in the last hour; the limit is 10.',
    expr: `${increase('charter_loads_total', { window: '1h' })} > 10`,
    for: 0,
    threshold: 10,
    unit: 'short',
    bad: 'above',
    evidence: ['charter.activated', 'charter.rolled_back', 'charter.load_failed'],
    drill: {
      settle: 3600,
      calm: 3600,
      feeds: [
        flows(series('charter_loads_total', { result: 'success' }), { over: 11 / 3600, under: 9 / 3600 }),
      ],
    },
  },
  {
    name: 'CommitteeQueueLong',
    group: 'charter',
    severity: 'warning',
    source: 'prometheus',
    summary: 'More than ten cases and approvals wait for the committee',
    description: '{{ $value }} approvals and open cases wait for the committee; the limit is 10.',
    expr: `(${sum('approvals_pending')} or vector(0)) + (${sum('charter_violations_open')} or vector(0)) > 10`,
    for: 300,
    threshold: 10,
    unit: 'short',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [
        stands(series('approvals_pending', { priority: 'high' }), { calm: 1, over: 6, under: 5 }),
        stands(series('charter_violations_open', { severity: 'BAN' }), { calm: 0, over: 5, under: 5 }),
      ],
    },
  },
  {
    name: 'CommitteeNotificationSlow',
    group: 'charter',
    severity: 'warning',
    source: 'prometheus',
    summary: 'The committee is told later than 1 s',
    description:
      'The 99th percentile of the time until the committee is notified is {{ $value | humanizeDuration }}; the limit is 1 s.',
    expr: `${quantile(0.99, 'charter_committee_notification_duration_seconds')} > 1`,
    for: 300,
    threshold: 1,
    unit: 's',
    bad: 'above',
    drill: {
      settle: 300,
      feeds: spread(
        (le) => series('charter_committee_notification_duration_seconds', {}, '_bucket', { le }),
        0.99,
        1,
      ),
    },
  },
  {
    name: 'OverrideActiveLong',
    group: 'charter',
    severity: 'warning',
    source: 'prometheus',
    summary: 'An override is in force for more than 30 minutes',
    description: '{{ $value }} overrides of the charter are in force, and have been for 30 minutes.',
    expr: `${sum('charter_overrides_active')} > 0`,
    for: 1800,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['override.started', 'override.renewed'],
    drill: { settle: 0, feeds: [stands(series('charter_overrides_active'), { over: 1, under: 0 })] },
  },
  {
    name: 'ComplianceViolations',
    group: 'charter',
    severity: 'critical',
    source: 'prometheus',
    summary: 'The charter is violated more than once a second',
    description: 'Violations occur {{ $value | humanize }} times a second over 2 minutes; the limit is 1.',
    expr: `${rate('charter_violations_total', { window: '2m' })} > 1`,
    for: 120,
    threshold: 1,
    unit: 'ops',
    bad: 'above',
    evidence: ['violation.reported', 'violation.confirmed', 'metric.blocked'],
    drill: {
      settle: 120,
      feeds: [
        flows(
          series('charter_violations_total', {
            severity: 'WARNING',
            violation_type: 'silent_collection',
            ...NODE,
          }),
          { over: 1.1, under: 0.9 },
        ),
      ],
    },
  },
] as const satisfies readonly AlertRule[];
