/** The ledger: is it whole, is it sealed, and do the figures still agree with it. */
import type { MetricName } from '../../../catalogue/catalogue.ts';
import { BROKEN_VERDICTS } from '../../../terms.ts';
import { cloudwatchName, NAMESPACE } from '../../metrics/cloudwatch.ts';
import { aged, appears, flows, stands, steps } from './drill.ts';
import { grew, max, notMatching, rate, series, sum } from './promql.ts';
import type { AlertRule, AwsAlarm } from './rule.ts';

/** One is too many, and it must be heard without Managed Prometheus: an alarm on our own metric. */
const anyOf = (metric: MetricName): AwsAlarm => ({
  subject: 'own',
  metrics: [{ id: 'count', namespace: NAMESPACE, metric: cloudwatchName(metric), stat: 'Sum' }],
  threshold: 0,
  comparison: 'GreaterThanThreshold',
  period: 60,
  evaluation_periods: 1,
  datapoints: 1,
  missing: 'notBreaching',
});

const BROKEN: AwsAlarm = {
  ...anyOf('ledger_integrity_checks_total'),
  metrics: BROKEN_VERDICTS.map((verdict) => ({
    id: verdict.toLowerCase(),
    namespace: NAMESPACE,
    metric: cloudwatchName('ledger_integrity_checks_total'),
    stat: 'Sum',
    dimensions: { Result: verdict },
  })),
  expression: BROKEN_VERDICTS.map((verdict) => `FILL(${verdict.toLowerCase()}, 0)`).join(' + '),
};

export const LEDGER = [
  {
    name: 'LedgerIntegrityFailure',
    group: 'ledger',
    severity: 'critical',
    source: 'prometheus',
    summary: 'The ledger failed verification: {{ $labels.result }}',
    description: '{{ $value }} integrity checks ended with {{ $labels.result }}. Zero is the objective.',
    expr: grew('ledger_integrity_checks_total', {
      by: ['result'],
      where: { result: notMatching('OK|PENDING|ERASED') },
      even_old: true,
    }),
    for: 60,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['security.tamper_detected'],
    drill: {
      settle: 0,
      feeds: [
        appears(series('ledger_integrity_checks_total', { result: 'MODIFIED' })),
        steps(series('ledger_integrity_checks_total', { result: 'OK' })),
      ],
    },
    aws: BROKEN,
  },
  {
    name: 'LedgerTamperEvent',
    group: 'ledger',
    severity: 'critical',
    source: 'prometheus',
    summary: 'A ledger record was tampered with: {{ $labels.kind }}',
    description:
      '{{ $value }} tamper events of kind {{ $labels.kind }}. Nothing legitimate changes or removes a record.',
    expr: grew('ledger_tamper_events_total', { by: ['kind'], even_old: true }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['security.tamper_detected'],
    drill: { settle: 0, feeds: [appears(series('ledger_tamper_events_total', { kind: 'stream_modify' }))] },
    aws: anyOf('ledger_tamper_events_total'),
  },
  {
    name: 'LedgerAppendFailures',
    group: 'ledger',
    severity: 'critical',
    source: 'prometheus',
    summary: 'Records cannot be appended: {{ $labels.reason }}',
    description:
      '{{ $value }} appends failed with {{ $labels.reason }}. No record, no run: those requests were refused.',
    expr: grew('ledger_append_failures_total', { by: ['reason'] }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    drill: { settle: 0, feeds: [appears(series('ledger_append_failures_total', { reason: 'store' }))] },
    aws: anyOf('ledger_append_failures_total'),
  },
  {
    name: 'LedgerSealLag',
    group: 'ledger',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Records wait longer than 60 s to be sealed',
    description: 'The oldest unsealed record is {{ $value | humanizeDuration }} old; the objective is 60 s.',
    expr: `${max('ledger_seal_lag_seconds')} > 60`,
    for: 120,
    threshold: 60,
    unit: 's',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [stands(series('ledger_seal_lag_seconds'), { calm: 3, over: 61, under: 60 })],
    },
  },
  {
    name: 'MetricsLedgerDrift',
    group: 'ledger',
    severity: 'critical',
    source: 'prometheus',
    summary: 'Metrics and ledger disagree',
    description:
      'Counters differ from a replay of the ledger by {{ $value }}. They must be equal to the last unit.',
    expr: `${max('metrics_ledger_drift')} != 0`,
    for: 60,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    drill: { settle: 0, feeds: [stands(series('metrics_ledger_drift'), { over: 1, under: 0 })] },
  },
  {
    name: 'ProjectionLag',
    group: 'ledger',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Metrics are more than 30 s behind the ledger',
    description:
      'The newest record that is counted is {{ $value | humanizeDuration }} behind the head; the limit is 30 s.',
    expr: `${max('metrics_projection_lag_seconds')} > 30`,
    for: 120,
    threshold: 30,
    unit: 's',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [stands(series('metrics_projection_lag_seconds'), { calm: 1, over: 31, under: 30 })],
    },
  },
  {
    name: 'CheckpointStale',
    group: 'ledger',
    severity: 'critical',
    source: 'prometheus',
    summary: 'No checkpoint was signed for 5 minutes',
    description:
      'The newest checkpoint is {{ $value | humanizeDuration }} old; it is renewed every minute, even when idle.',
    expr: `time() - ${max('ledger_checkpoint_timestamp_seconds')} > 300`,
    for: 60,
    threshold: 300,
    unit: 's',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [aged(series('ledger_checkpoint_timestamp_seconds'), { calm: 5, over: 301, under: 300 })],
    },
  },
  {
    name: 'SiemExportFailing',
    group: 'ledger',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Export to the SIEM fails',
    description:
      '{{ $value | humanize }} events a second cannot be exported; they stay in the ledger and are sent later.',
    expr: `${rate('siem_events_total', { where: { result: 'failure' } })} > 0`,
    for: 300,
    threshold: 0,
    unit: 'ops',
    bad: 'above',
    drill: {
      settle: 60,
      feeds: [flows(series('siem_events_total', { result: 'failure' }), { over: 0.1, under: 0 })],
    },
  },
  {
    name: 'SiemExportLag',
    group: 'ledger',
    severity: 'warning',
    source: 'prometheus',
    summary: 'The SIEM is more than 5 minutes behind',
    description:
      'The newest exported record is {{ $value | humanizeDuration }} behind the ledger; the limit is 5 minutes.',
    expr: `${max('siem_lag_seconds')} > 300`,
    for: 300,
    threshold: 300,
    unit: 's',
    bad: 'above',
    drill: { settle: 0, feeds: [stands(series('siem_lag_seconds'), { calm: 2, over: 301, under: 300 })] },
  },
  {
    name: 'StaleWorkflow',
    group: 'ledger',
    severity: 'warning',
    source: 'prometheus',
    summary: 'A workflow started and never ended',
    description: '{{ $value }} executions have a decision in the ledger and no outcome past their deadline.',
    expr: `${sum('workflows_stale')} > 0`,
    for: 60,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['workflow.stale'],
    drill: { settle: 0, feeds: [stands(series('workflows_stale'), { over: 1, under: 0 })] },
  },
] as const satisfies readonly AlertRule[];
