/** What the governed work costs, how long it takes, and who does it. */
import { SENSITIVITIES } from '../../../terms.ts';
import { flows, spread, stands } from './drill.ts';
import { increase, matching, max, quantile, rate, SEEN_A_DAY, series } from './promql.ts';
import type { AlertRule } from './rule.ts';

/** Seconds in which 95 % of runs must end, by the sensitivity of the workflow or tool (its manifest says which). */
const SLA = { critical: 5, high: 10, medium: 20, low: 30 } as const;

const workflow = { workflow: 'data-export', outcome: 'success', drag_mode: 'execute' } as const;
const workflowBucket = (le: string) => series('workflow_duration_seconds', workflow, '_bucket', { le });
const toolBucket = (le: string) => series('tool_duration_seconds', { tool: 'jira-query' }, '_bucket', { le });

const slowWorkflows = quantile(0.95, 'workflow_duration_seconds', { by: ['workflow'], window: '10m' });
const slowTools = quantile(0.95, 'tool_duration_seconds', { by: ['tool'], window: '10m' });

/** `value` per name, against the SLA of the sensitivity that the info series gives for the name. */
const breaches = (value: string, key: string, info: (sensitivity: keyof typeof SLA) => string): string =>
  SENSITIVITIES.toReversed()
    .map((level) => `${value} * on (${key}) group_left (sensitivity) ${info(level)} > ${SLA[level]}`)
    .join(' or ');

export const BUSINESS = [
  {
    name: 'WorkflowSlaBreached',
    group: 'business',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Workflow {{ $labels.workflow }} misses the SLA of {{ $labels.sensitivity }} sensitivity',
    description:
      'The 95th percentile of {{ $labels.workflow }} is {{ $value | humanizeDuration }}; for sensitivity critical, high, medium and low it may be 5, 10, 20 and 30 s.',
    expr: breaches(slowWorkflows, 'workflow', (sensitivity) => series('workflow_info', { sensitivity })),
    for: 300,
    threshold: SLA.critical,
    unit: 's',
    bad: 'above',
    evidence: ['workflow.succeeded', 'workflow.failed'],
    drill: {
      settle: 600,
      feeds: [
        ...spread(workflowBucket, 0.95, SLA.high),
        stands(series('workflow_info', { workflow: workflow.workflow, sensitivity: 'high' }), {
          calm: 1,
          over: 1,
          under: 1,
        }),
      ],
    },
  },
  {
    name: 'ToolSlaBreached',
    group: 'business',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Tool {{ $labels.tool }} misses the SLA of {{ $labels.sensitivity }} sensitivity',
    description:
      'The 95th percentile of {{ $labels.tool }} is {{ $value | humanizeDuration }}; for sensitivity critical, high, medium and low it may be 5, 10, 20 and 30 s.',
    expr: breaches(slowTools, 'tool', (sensitivity) => series('tool_info', { sensitivity })),
    for: 300,
    threshold: SLA.critical,
    unit: 's',
    bad: 'above',
    evidence: ['tool.invoked', 'tool.failed'],
    drill: {
      settle: 600,
      feeds: [
        ...spread(toolBucket, 0.95, SLA.critical),
        stands(series('tool_info', { tool: 'jira-query', sensitivity: 'critical' }), {
          calm: 1,
          over: 1,
          under: 1,
        }),
      ],
    },
  },
  {
    name: 'WorkflowSlow',
    group: 'business',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Workflow {{ $labels.workflow }} takes longer than 30 s',
    description:
      'The 95th percentile of {{ $labels.workflow }} is {{ $value | humanizeDuration }}; the limit is 30 s.',
    expr: `${slowWorkflows} > 30`,
    for: 300,
    threshold: 30,
    unit: 's',
    bad: 'above',
    evidence: ['workflow.succeeded', 'workflow.failed'],
    drill: { settle: 600, feeds: spread(workflowBucket, 0.95, 30) },
  },
  {
    name: 'WorkflowVerySlow',
    group: 'business',
    severity: 'critical',
    source: 'prometheus',
    summary: 'Workflow {{ $labels.workflow }} takes longer than 60 s',
    description:
      'The 95th percentile of {{ $labels.workflow }} is {{ $value | humanizeDuration }}; the limit is 60 s.',
    expr: `${slowWorkflows} > 60`,
    for: 300,
    threshold: 60,
    unit: 's',
    bad: 'above',
    evidence: ['workflow.succeeded', 'workflow.failed'],
    drill: { settle: 600, feeds: spread(workflowBucket, 0.95, 60) },
  },
  {
    name: 'ToolSlow',
    group: 'business',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Tool {{ $labels.tool }} takes longer than 30 s',
    description:
      'The 95th percentile of {{ $labels.tool }} is {{ $value | humanizeDuration }}; the limit is 30 s.',
    expr: `${slowTools} > 30`,
    for: 300,
    threshold: 30,
    unit: 's',
    bad: 'above',
    evidence: ['tool.invoked', 'tool.failed'],
    drill: { settle: 600, feeds: spread(toolBucket, 0.95, 30) },
  },
  {
    name: 'ToolVerySlow',
    group: 'business',
    severity: 'critical',
    source: 'prometheus',
    summary: 'Tool {{ $labels.tool }} takes longer than 60 s',
    description:
      'The 95th percentile of {{ $labels.tool }} is {{ $value | humanizeDuration }}; the limit is 60 s.',
    expr: `${slowTools} > 60`,
    for: 300,
    threshold: 60,
    unit: 's',
    bad: 'above',
    evidence: ['tool.invoked', 'tool.failed'],
    drill: { settle: 600, feeds: spread(toolBucket, 0.95, 60) },
  },
  {
    name: 'WorkflowFailuresHigh',
    group: 'business',
    severity: 'critical',
    source: 'prometheus',
    summary: 'More than half of the runs of {{ $labels.workflow }} fail',
    description:
      '{{ $value | humanizePercentage }} of the runs of {{ $labels.workflow }} failed in 10 minutes; the limit is 50 %.',
    expr: `${rate('workflow_executions_total', { by: ['workflow'], where: { outcome: 'failure' }, window: '10m' })} / ${rate('workflow_executions_total', { by: ['workflow'], window: '10m' })} > 0.5`,
    for: 300,
    threshold: 0.5,
    unit: 'percentunit',
    bad: 'above',
    evidence: ['workflow.failed'],
    drill: {
      settle: 600,
      feeds: [
        flows(series('workflow_executions_total', { ...workflow, outcome: 'failure' }), {
          over: 0.52,
          under: 0.48,
        }),
        flows(series('workflow_executions_total', workflow), { calm: 0.5, over: 0.48, under: 0.52 }),
      ],
    },
  },
  {
    name: 'ToolFailuresHigh',
    group: 'business',
    severity: 'critical',
    source: 'prometheus',
    summary: 'More than half of the calls of {{ $labels.tool }} fail',
    description:
      '{{ $value | humanizePercentage }} of the calls of {{ $labels.tool }} failed in 10 minutes; the limit is 50 %.',
    expr: `${rate('tool_invocations_total', { by: ['tool'], where: { outcome: 'failure' }, window: '10m' })} / ${rate('tool_invocations_total', { by: ['tool'], window: '10m' })} > 0.5`,
    for: 300,
    threshold: 0.5,
    unit: 'percentunit',
    bad: 'above',
    evidence: ['tool.failed'],
    drill: {
      settle: 600,
      feeds: [
        flows(series('tool_invocations_total', { tool: 'jira-query', outcome: 'failure' }), {
          over: 0.52,
          under: 0.48,
        }),
        flows(series('tool_invocations_total', { tool: 'jira-query', outcome: 'success' }), {
          calm: 0.5,
          over: 0.48,
          under: 0.52,
        }),
      ],
    },
  },
  {
    name: 'QuotaExceeded',
    group: 'business',
    severity: 'warning',
    source: 'prometheus',
    summary: 'The quota of {{ $labels.workflow }} is used up',
    description:
      '{{ $value | humanizePercentage }} of the quota of {{ $labels.workflow }} is used; further runs are refused.',
    expr: `${max('quota_used_ratio', { by: ['workflow'] })} >= 1`,
    for: 0,
    threshold: 1,
    unit: 'percentunit',
    bad: 'above',
    evidence: ['rate_limit.hit'],
    drill: {
      settle: 0,
      feeds: [stands(series('quota_used_ratio', { workflow: 'data-export' }), { over: 1, under: 0.99 })],
    },
  },
  {
    name: 'BudgetNearlySpent',
    group: 'business',
    severity: 'warning',
    source: 'prometheus',
    summary: 'The budget of {{ $labels.workflow }} is nearly spent',
    description:
      '{{ $value | humanizePercentage }} of the budget of {{ $labels.workflow }} is spent: the charter has people warned from here (`warn_at`).',
    expr: `${max('budget_spent_ratio', { by: ['workflow'] })} >= on (workflow) ${max('budget_warning_ratio', { by: ['workflow'] })}`,
    for: 0,
    threshold: 0.8,
    unit: 'percentunit',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [
        stands(series('budget_warning_ratio', { workflow: 'data-export' }), {
          calm: 0.8,
          over: 0.8,
          under: 0.8,
        }),
        stands(series('budget_spent_ratio', { workflow: 'data-export' }), { over: 0.8, under: 0.79 }),
      ],
    },
  },
  {
    name: 'BudgetSpent',
    group: 'business',
    severity: 'critical',
    source: 'prometheus',
    summary: 'The budget of {{ $labels.workflow }} is spent',
    description:
      '{{ $value | humanizePercentage }} of the budget of {{ $labels.workflow }} is spent; further runs are refused.',
    expr: `${max('budget_spent_ratio', { by: ['workflow'] })} >= 1`,
    for: 0,
    threshold: 1,
    unit: 'percentunit',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [stands(series('budget_spent_ratio', { workflow: 'data-export' }), { over: 1, under: 0.99 })],
    },
  },
  {
    name: 'UnusualCost',
    group: 'business',
    severity: 'warning',
    source: 'prometheus',
    summary: '{{ $labels.workflow }} costs three times as much as usual',
    description:
      '{{ $labels.workflow }} cost {{ $value | humanize }} dollars in the last hour, more than three times its hourly average of the day before. Judged once a day is known.',
    expr: `${increase('workflow_cost_dollars_total', { by: ['workflow'], window: '1h' })} > 1 and ${increase('workflow_cost_dollars_total', { by: ['workflow'], window: '1h' })} > 3 * sum by (workflow) (increase(${series('workflow_cost_dollars_total')}[1d] offset 1h)) / 24 and ${SEEN_A_DAY}`,
    for: 0,
    threshold: 3,
    unit: 'short',
    bad: 'above',
    drill: {
      settle: 3600,
      calm: 93_600,
      feeds: [
        flows(series('workflow_cost_dollars_total', { workflow: 'data-export' }), {
          calm: 0.001,
          over: 0.0035,
          under: 0.0028,
        }),
      ],
    },
  },
  {
    name: 'OverrideRateHigh',
    group: 'business',
    severity: 'warning',
    source: 'prometheus',
    summary: 'More than 30 % of refusals are overridden',
    description:
      '{{ $value | humanizePercentage }} as many overrides as refusals in the last hour; the limit is 30 %. A rule that is mostly overridden is the wrong rule.',
    expr: `${increase('charter_overrides_total', { window: '1h' })} / ${increase('decisions_total', { where: { outcome: matching('deny|require_approval') }, window: '1h' })} > 0.3`,
    for: 300,
    threshold: 0.3,
    unit: 'percentunit',
    bad: 'above',
    evidence: ['override.started'],
    drill: {
      settle: 3600,
      feeds: [
        flows(series('charter_overrides_total', { reason: 'time_limited_exception' }), {
          over: 0.032,
          under: 0.028,
        }),
        flows(
          series('decisions_total', {
            outcome: 'deny',
            drag_mode: 'execute',
            risk_level: '5',
            actor_type: 'human_user',
          }),
          { calm: 0.1, over: 0.1, under: 0.1 },
        ),
      ],
    },
  },
  {
    name: 'ActorConcentrationHigh',
    group: 'business',
    severity: 'warning',
    source: 'prometheus',
    summary: 'One actor makes more than 80 % of the requests',
    description: 'One actor made {{ $value | humanizePercentage }} of the requests; the limit is 80 %.',
    // Of a handful of requests, one person's share is high by itself.
    expr: `${max('actor_concentration_ratio')} > 0.8 and on () ${increase('decisions_total', { window: '1h' })} >= 50`,
    for: 1800,
    threshold: 0.8,
    unit: 'percentunit',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [
        stands(series('actor_concentration_ratio'), { calm: 0.3, over: 0.81, under: 0.8 }),
        flows(series('decisions_total', { outcome: 'allow' }), { calm: 1, over: 1, under: 1 }),
      ],
    },
  },
] as const satisfies readonly AlertRule[];
