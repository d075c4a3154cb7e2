/** Who breaks the charter, how badly, and what is being done about it. */
import { counted, matching, rate, sum } from '../src/watch/alerts/rules/promql.ts';
import type { Dashboard } from './panel.ts';
import { contributors, events, metrics, own, RANGE, WINDOW } from './panel.ts';

const window = WINDOW;
const node = { node_or_service: matching('$node') } as const;

export const VIOLATIONS: Dashboard = {
  uid: 'chancery-violations',
  title: 'Chancery / Violations',
  description:
    'Violations of the charter and attempts at forbidden collection, by severity, type and source.',
  variables: [
    { name: 'node', label: 'Node or service', metric: 'charter_violations_total', from: 'node_or_service' },
  ],
  panels: [
    {
      title: 'Violations by severity',
      description: 'Violations, blocked attempts included, counted exactly.',
      kind: 'bars',
      unit: 'short',
      w: 16,
      h: 9,
      stack: true,
      queries: [
        {
          expr: counted('charter_violations_total', { by: ['severity'], where: node, window }),
          legend: '{{severity}}',
        },
      ],
      aws: events(
        'violation.reported|metric.blocked',
        'coalesce(detail.data.data.severity, detail.data.data.violation.severity)',
      ),
      runbook: 'ComplianceViolations',
    },
    {
      title: 'CRIMINAL violations',
      description: 'Violations of the highest severity in the chosen time. One is too many.',
      kind: 'stat',
      unit: 'short',
      w: 4,
      h: 9,
      queries: [
        {
          expr: `(${counted('charter_violations_total', { where: { severity: 'CRIMINAL', ...node }, window: RANGE })}) or vector(0)`,
          legend: 'CRIMINAL',
        },
      ],
      aws: {
        as: 'events',
        query:
          'filter detail.data.data.severity = "CRIMINAL" or detail.data.data.violation.severity = "CRIMINAL" | stats count(*) as violations',
      },
      steps: [
        { at: null, color: 'green' },
        { at: 0.001, color: 'red' },
      ],
      runbook: 'CriticalViolation',
    },
    {
      title: 'Open investigations',
      description: 'Cases that wait for a finding, by severity.',
      kind: 'stat',
      unit: 'short',
      w: 4,
      h: 9,
      queries: [{ expr: sum('charter_violations_open', { by: ['severity'] }), legend: '{{severity}}' }],
      aws: metrics(own('charter_violations_open', 'Maximum', ['severity'])),
      limits: ['CommitteeQueueLong'],
      runbook: 'CommitteeQueueLong',
    },
    {
      title: 'Top nodes and services',
      description: 'The ten sources with the most violations in the chosen time.',
      kind: 'toplist',
      unit: 'short',
      w: 8,
      h: 9,
      queries: [
        {
          expr: `topk(10, ${counted('charter_violations_total', { by: ['node_or_service'], where: node, window: RANGE })})`,
          legend: '{{node_or_service}}',
        },
      ],
      aws: contributors(
        'chancery-violating-nodes',
        'detail.data.data.source',
        'detail.type = "org.chancery.metric.blocked"',
      ),
      runbook: 'ForbiddenMetricSpike',
    },
    {
      title: 'Types',
      description: 'Violations in the chosen time by type.',
      kind: 'pie',
      unit: 'short',
      w: 8,
      h: 9,
      queries: [
        {
          expr: counted('charter_violations_total', { by: ['violation_type'], where: node, window: RANGE }),
          legend: '{{violation_type}}',
        },
      ],
      aws: events(
        'violation.reported|metric.blocked',
        'coalesce(detail.data.data.violation_type, detail.data.data.violation.violation_type)',
      ),
      runbook: 'ComplianceViolations',
    },
    {
      title: 'Sanctions in force',
      description: 'Principals under a sanction now, by kind.',
      kind: 'toplist',
      unit: 'short',
      w: 8,
      h: 9,
      queries: [{ expr: sum('sanctions_active', { by: ['kind'] }), legend: '{{kind}}' }],
      aws: metrics(own('sanctions_active', 'Maximum', ['kind'])),
      runbook: 'CriticalViolation',
    },
    {
      title: 'Attempts at forbidden metrics',
      description: 'Blocked attempts by metric over time: the darker, the more.',
      kind: 'rows',
      unit: 'short',
      w: 16,
      h: 9,
      queries: [
        {
          expr: counted('charter_forbidden_metric_attempts_total', {
            by: ['metric_name'],
            where: node,
            window,
          }),
          legend: '{{metric_name}}',
        },
      ],
      aws: events('metric.blocked', 'detail.data.data.metric_name'),
      runbook: 'ForbiddenMetricSpike',
    },
    {
      title: 'Forbidden attempts per second',
      description: 'All sources together. The line is where ForbiddenMetricSpike fires.',
      kind: 'timeseries',
      unit: 'ops',
      w: 8,
      h: 9,
      queries: [
        {
          expr: rate('charter_forbidden_metric_attempts_total', { by: ['status'], where: node, window }),
          legend: '{{status}}',
        },
      ],
      aws: events('metric.blocked', 'detail.data.data.status'),
      limits: ['ForbiddenMetricSpike'],
      runbook: 'ForbiddenMetricSpike',
    },
  ],
};
