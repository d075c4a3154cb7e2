/** Who asks to run what, in which mode, and what becomes of it. */
import { counted, increase, matching, quantile, rate, sum } from '../src/watch/alerts/rules/promql.ts';
import type { Dashboard } from './panel.ts';
import { events, metrics, own, RANGE, WINDOW } from './panel.ts';

const window = WINDOW;
const chosen = { drag_mode: matching('$drag_mode'), workflow: matching('$workflow') } as const;
const mode = { drag_mode: matching('$drag_mode') } as const;
const runs = (q: number) => quantile(q, 'workflow_duration_seconds', { where: chosen, window });

export const GOVERNANCE: Dashboard = {
  uid: 'chancery-governance',
  title: 'Chancery / Governance',
  description: 'Requests under AIM and DRAG: how many, how they were judged, how their workflows ended.',
  variables: [
    { name: 'drag_mode', label: 'Mode', metric: 'aim_requests_total', from: 'drag_mode' },
    { name: 'workflow', label: 'Workflow', metric: 'aim_requests_total', from: 'workflow' },
  ],
  panels: [
    {
      title: 'AIM requests by mode',
      description: 'Requests that declared actor, input and mission, per second.',
      kind: 'timeseries',
      unit: 'reqps',
      w: 12,
      h: 8,
      stack: true,
      queries: [
        {
          expr: rate('aim_requests_total', { by: ['drag_mode'], where: chosen, window }),
          legend: '{{drag_mode}}',
        },
      ],
      aws: metrics(own('aim_requests_total', 'Sum', ['drag_mode', 'actor_role', 'workflow'])),
      runbook: 'NoRequests',
    },
    {
      title: 'Validation failures by reason',
      description: 'AIM rules that requests broke, per second. The line is where the alert fires.',
      kind: 'timeseries',
      unit: 'ops',
      w: 12,
      h: 8,
      queries: [
        {
          expr: rate('aim_validation_failures_total', { by: ['failure_reason'], where: mode, window }),
          legend: '{{failure_reason}}',
        },
      ],
      aws: metrics(own('aim_validation_failures_total', 'Sum', ['failure_reason', 'drag_mode'])),
      limits: ['AimValidationFailures'],
      runbook: 'AimValidationFailures',
    },
    {
      title: 'Workflow duration',
      description: 'Time from start to end of a run: median, 95th and 99th percentile.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      exemplars: true,
      queries: [
        { expr: runs(0.5), legend: 'p50' },
        { expr: runs(0.95), legend: 'p95' },
        { expr: runs(0.99), legend: 'p99' },
      ],
      aws: metrics(
        own('workflow_duration_seconds', 'p50', [], 'p50'),
        own('workflow_duration_seconds', 'p95', [], 'p95'),
        own('workflow_duration_seconds', 'p99', [], 'p99'),
      ),
      limits: ['WorkflowSlow', 'WorkflowVerySlow'],
      runbook: 'WorkflowSlow',
    },
    {
      title: 'Workflow outcomes',
      description: 'How the runs in the chosen time ended.',
      kind: 'pie',
      unit: 'short',
      w: 6,
      h: 8,
      queries: [
        {
          expr: increase('workflow_executions_total', { by: ['outcome'], where: chosen, window: RANGE }),
          legend: '{{outcome}}',
        },
      ],
      aws: metrics(own('workflow_executions_total', 'Sum', ['outcome'])),
      runbook: 'WorkflowFailuresHigh',
    },
    {
      title: 'Requests in flight',
      description: 'Requests being answered now. From 50 on it fills up, from 80 on callers wait.',
      kind: 'gauge',
      unit: 'short',
      w: 6,
      h: 8,
      min: 0,
      max: 100,
      queries: [{ expr: sum('http_requests_in_flight'), legend: 'in flight' }],
      aws: metrics({
        namespace: 'AWS/Lambda',
        metric: 'ConcurrentExecutions',
        stat: 'Maximum',
        by: ['FunctionName'],
        label: '',
      }),
      steps: [
        { at: null, color: 'green' },
        { at: 50, color: 'yellow' },
        { at: 80, color: 'red' },
      ],
      runbook: 'LatencyP95Critical',
    },
    {
      title: 'Ledger entries by outcome',
      description: 'Records per second by what came out of the request.',
      kind: 'timeseries',
      unit: 'ops',
      w: 12,
      h: 8,
      stack: true,
      queries: [
        {
          expr: rate('audit_log_entries_total', { by: ['outcome'], where: mode, window }),
          legend: '{{outcome}}',
        },
      ],
      aws: metrics(own('audit_log_entries_total', 'Sum', ['outcome', 'drag_mode'])),
      runbook: 'LedgerAppendFailures',
    },
    {
      title: 'JWT validations',
      description: 'Bearer tokens accepted and refused, per second.',
      kind: 'timeseries',
      unit: 'ops',
      w: 12,
      h: 8,
      queries: [{ expr: rate('jwt_validations_total', { by: ['outcome'], window }), legend: '{{outcome}}' }],
      aws: metrics(own('jwt_validations_total', 'Sum', ['outcome'])),
      runbook: 'AuthFailureRateHigh',
    },
    {
      title: 'Mode distribution',
      description: 'Requests in the chosen time by mode, role and workflow.',
      kind: 'table',
      unit: 'short',
      w: 12,
      h: 9,
      columns: { drag_mode: 'Mode', actor_role: 'Role', workflow: 'Workflow', Value: 'Requests' },
      queries: [
        {
          expr: `sort_desc(${counted('aim_requests_total', { by: ['drag_mode', 'actor_role', 'workflow'], where: chosen, window: RANGE })})`,
          legend: '{{drag_mode}} {{actor_role}} {{workflow}}',
        },
      ],
      aws: events(
        'decision.made',
        'detail.data.labels.drag_mode, detail.data.labels.actor_role, detail.data.labels.workflow',
      ),
      runbook: 'DenialRateHigh',
    },
    {
      title: 'Request rate by route',
      description: 'Answered requests per second.',
      kind: 'timeseries',
      unit: 'reqps',
      w: 12,
      h: 9,
      queries: [{ expr: rate('http_requests_total', { by: ['route'], window }), legend: '{{route}}' }],
      aws: metrics({
        namespace: 'AWS/ApiGateway',
        metric: 'Count',
        stat: 'Sum',
        by: ['ApiName', 'Method', 'Resource', 'Stage'],
        label: '',
      }),
      runbook: 'NoRequests',
    },
    {
      title: 'Prescriptive detections',
      description: 'Phrases that direct instead of inform, found in draft, research and analysis.',
      kind: 'bars',
      unit: 'short',
      w: 8,
      h: 8,
      queries: [
        {
          expr: increase('prescriptive_detections_total', { by: ['phrase_type'], where: mode, window }),
          legend: '{{phrase_type}}',
        },
      ],
      aws: events('decision.made|workflow.succeeded', 'detail.data.data.prescriptive.first.0.phrase_type'),
      limits: ['PrescriptiveDetection'],
      runbook: 'PrescriptiveDetection',
    },
    {
      title: 'Decisions by outcome',
      description: 'Decisions in force per second.',
      kind: 'timeseries',
      unit: 'ops',
      w: 8,
      h: 8,
      stack: true,
      queries: [
        { expr: rate('decisions_total', { by: ['outcome'], where: mode, window }), legend: '{{outcome}}' },
      ],
      aws: events('decision.made', 'detail.data.data.outcome'),
      runbook: 'DenialRateHigh',
    },
    {
      title: 'Missions met',
      description: 'Runs by whether the mission’s own success checks were met.',
      kind: 'bars',
      unit: 'short',
      w: 8,
      h: 8,
      queries: [
        {
          expr: increase('workflow_settlements_total', {
            by: ['result'],
            where: { workflow: matching('$workflow') },
            window,
          }),
          legend: '{{result}}',
        },
      ],
      aws: events('workflow.succeeded|workflow.failed', 'detail.data.data.settlement.result'),
      runbook: 'WorkflowFailuresHigh',
    },
  ],
};
