/** How fast and how well the charter is enforced. */
import { increase, max, quantile, rate, sum } from '../src/watch/alerts/rules/promql.ts';
import { cloudwatchName } from '../src/watch/metrics/cloudwatch.ts';
import type { Dashboard } from './panel.ts';
import { events, metrics, own, WINDOW } from './panel.ts';

const window = WINDOW;
const notice = (q: number) => quantile(q, 'charter_committee_notification_duration_seconds', { window });
/** As the functions' EMF lines call it. */
const CHECKED = cloudwatchName('charter_last_load_timestamp_seconds');
const validation = (q: number) => quantile(q, 'charter_metric_validation_duration_seconds', { window });

export const ENFORCEMENT: Dashboard = {
  uid: 'chancery-enforcement',
  title: 'Chancery / Enforcement',
  description: 'Validation, charter loads, notices to the committee, what the loop does, and revocations.',
  variables: [],
  panels: [
    {
      title: 'Metric validation time',
      description: 'Time to judge one metric sample. The line is where ValidationLatency fires.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      queries: [
        { expr: validation(0.5), legend: 'p50' },
        { expr: validation(0.95), legend: 'p95' },
        { expr: validation(0.99), legend: 'p99' },
      ],
      aws: {
        as: 'events',
        query:
          'filter detail.type like /^org\\.chancery\\.metric\\./ | stats pct(detail.data.data.latency_ns, 50) / 1e9 as p50, pct(detail.data.data.latency_ns, 95) / 1e9 as p95, pct(detail.data.data.latency_ns, 99) / 1e9 as p99 by bin(5m)',
      },
      limits: ['ValidationLatency'],
      runbook: 'ValidationLatency',
    },
    {
      title: 'Committee notification time',
      description: 'Time from what happened until everybody was told who is to be told.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      queries: [
        { expr: notice(0.5), legend: 'p50' },
        { expr: notice(0.99), legend: 'p99' },
      ],
      aws: metrics(
        own('charter_committee_notification_duration_seconds', 'p50', [], 'p50'),
        own('charter_committee_notification_duration_seconds', 'p99', [], 'p99'),
      ),
      limits: ['CommitteeNotificationSlow'],
      runbook: 'CommitteeNotificationSlow',
    },
    {
      title: 'Charter loads per hour',
      description: 'Loads by result. More than ten an hour, or one failure, is an alert.',
      kind: 'bars',
      unit: 'short',
      w: 8,
      h: 8,
      queries: [
        { expr: increase('charter_loads_total', { by: ['result'], window: '1h' }), legend: '{{result}}' },
      ],
      aws: events('charter.activated|charter.rolled_back|charter.load_failed', 'detail.type'),
      limits: ['PolicyReloadsHigh'],
      runbook: 'PolicyLoadFailure',
    },
    {
      title: 'Charter load time',
      description: 'Time that the last load took: read, parse, validate, compile.',
      kind: 'timeseries',
      unit: 's',
      w: 8,
      h: 8,
      queries: [{ expr: max('charter_load_duration_seconds'), legend: 'load' }],
      aws: metrics(own('charter_load_duration_seconds', 'Maximum')),
      runbook: 'PolicyLoadFailure',
    },
    {
      title: 'Time since the charter was checked',
      description: 'It is looked at every 30 s; older than a day is an alert.',
      kind: 'stat',
      unit: 's',
      w: 8,
      h: 8,
      queries: [{ expr: `time() - ${max('charter_last_load_timestamp_seconds')}`, legend: 'age' }],
      aws: {
        as: 'logs',
        query: `filter ispresent(${CHECKED}) | stats max(${CHECKED}) as checked | fields now() - checked as seconds`,
      },
      limits: ['PolicyStale'],
      runbook: 'PolicyStale',
    },
    {
      title: 'Healing actions',
      description: 'What the loop did about violations, and what came of it. One that failed is an alert.',
      kind: 'bars',
      unit: 'short',
      w: 12,
      h: 8,
      stack: true,
      queries: [
        {
          expr: increase('healing_actions_total', { by: ['action', 'outcome'], window }),
          legend: '{{action}} {{outcome}}',
        },
      ],
      aws: events('healing.executed|healing.failed', 'detail.data.data.action, detail.data.data.outcome'),
      runbook: 'HealingFailed',
    },
    {
      title: 'MAPE-K phase time',
      description: '95th percentile of each phase of a cycle.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      queries: [
        {
          expr: quantile(0.95, 'mapek_phase_duration_seconds', { by: ['phase'], window }),
          legend: '{{phase}}',
        },
      ],
      aws: metrics(own('mapek_phase_duration_seconds', 'p95', ['phase'])),
      runbook: 'HealingFailed',
    },
    {
      title: 'Revocations',
      description: 'Data revocations asked for, by reason.',
      kind: 'bars',
      unit: 'short',
      w: 8,
      h: 8,
      queries: [
        {
          expr: increase('charter_data_revocations_total', { by: ['reason'], window }),
          legend: '{{reason}}',
        },
      ],
      aws: events('revocation.requested|revocation.erased', 'detail.type, detail.data.data.reason'),
      runbook: 'NewAdminAccess',
    },
    {
      title: 'Overrides in force',
      description: 'Overrides of the charter now. One for longer than 30 minutes is an alert.',
      kind: 'timeseries',
      unit: 'short',
      w: 8,
      h: 8,
      queries: [{ expr: sum('charter_overrides_active'), legend: 'overrides' }],
      aws: metrics(own('charter_overrides_active', 'Maximum')),
      limits: ['OverrideActiveLong'],
      runbook: 'OverrideActiveLong',
    },
    {
      title: 'Notices to the committee',
      description: 'Notices per second by severity of the case.',
      kind: 'timeseries',
      unit: 'ops',
      w: 8,
      h: 8,
      queries: [
        {
          expr: rate('charter_committee_notifications_total', { by: ['severity'], window }),
          legend: '{{severity}}',
        },
      ],
      aws: events('committee.notified', 'detail.data.data.severity'),
      runbook: 'CommitteeNotificationSlow',
    },
  ],
};
