/** Agents and their tools: who calls what, what is denied, what waits for people, what is slow. */
import { counted, quantile, rate, sum } from '../src/watch/alerts/rules/promql.ts';
import type { Dashboard } from './panel.ts';
import { events, RANGE, WINDOW } from './panel.ts';

const window = WINDOW;
const TOOL = 'detail.data.data.tool';
const CALLS = 'filter detail.type like /^org\\.chancery\\.tool\\.(invoked|failed)$/';
const CALL_DECISIONS = 'filter detail.data.data.action = "gateway:tool:invoke"';

export const TOOLS: Dashboard = {
  uid: 'chancery-tools',
  title: 'Chancery / Tools',
  description:
    'Tools that agents reach through the office: who called what, what was denied, what waits, what is slow.',
  variables: [],
  panels: [
    {
      title: 'Calls by outcome',
      description: 'Tool calls per second: made, failed, denied, cancelled.',
      kind: 'timeseries',
      unit: 'ops',
      w: 12,
      h: 8,
      stack: true,
      queries: [{ expr: rate('tool_invocations_total', { by: ['outcome'], window }), legend: '{{outcome}}' }],
      aws: events('tool.invoked|tool.failed', 'detail.data.data.outcome'),
      runbook: 'ToolFailuresHigh',
    },
    {
      title: 'Calls by tool',
      description: 'The ten tools with the most calls in the chosen time.',
      kind: 'toplist',
      unit: 'short',
      w: 6,
      h: 8,
      queries: [
        {
          expr: `topk(10, ${counted('tool_invocations_total', { by: ['tool'], window: RANGE })})`,
          legend: '{{tool}}',
        },
      ],
      aws: events('tool.invoked|tool.failed', TOOL),
      runbook: 'ToolFailuresHigh',
    },
    {
      title: 'Who called what',
      description:
        'Principals by their pseudonym, and the tools that they called: users are never a metric label.',
      kind: 'toplist',
      unit: 'short',
      w: 6,
      h: 8,
      queries: [],
      aws: {
        as: 'events',
        query: `${CALLS} | stats count(*) as calls by detail.subject, ${TOOL} | sort calls desc | limit 20`,
      },
      runbook: 'ActorConcentrationHigh',
    },
    {
      title: 'Denied, by reason',
      description: 'Decisions of no, by the first reason; on AWS those of tool calls alone.',
      kind: 'timeseries',
      unit: 'ops',
      w: 12,
      h: 8,
      stack: true,
      queries: [{ expr: rate('decisions_denied_total', { by: ['reason'], window }), legend: '{{reason}}' }],
      aws: {
        as: 'events',
        query: `${CALL_DECISIONS} and detail.data.data.outcome in ["deny", "rejected"] | stats count(*) as denied by bin(5m), detail.data.data.reasons.0.code`,
      },
      runbook: 'DenialRateHigh',
    },
    {
      title: 'Waiting for people',
      description: 'Approvals that are pending, by priority.',
      kind: 'stat',
      unit: 'short',
      w: 6,
      h: 8,
      queries: [{ expr: sum('approvals_pending', { by: ['priority'] }), legend: '{{priority}}' }],
      aws: events('approval.requested', 'detail.data.data.priority'),
      runbook: 'CommitteeQueueLong',
    },
    {
      title: 'Time until people decided',
      description: 'Median and 95th percentile of the wait for an approval.',
      kind: 'timeseries',
      unit: 's',
      w: 6,
      h: 8,
      queries: [
        { expr: quantile(0.5, 'approval_wait_seconds', { window }), legend: 'p50' },
        { expr: quantile(0.95, 'approval_wait_seconds', { window }), legend: 'p95' },
      ],
      aws: {
        as: 'events',
        query:
          'filter detail.type like /^org\\.chancery\\.approval\\.(approved|rejected)$/ | stats count(*) as decided by bin(5m), detail.type',
      },
      runbook: 'CommitteeQueueLong',
    },
    {
      title: 'Call duration',
      description:
        'Median, 95th and 99th percentile over all tools, from the request to its server to the answer.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      queries: [
        { expr: quantile(0.5, 'tool_duration_seconds', { window }), legend: 'p50' },
        { expr: quantile(0.95, 'tool_duration_seconds', { window }), legend: 'p95' },
        { expr: quantile(0.99, 'tool_duration_seconds', { window }), legend: 'p99' },
      ],
      aws: {
        as: 'events',
        query: `${CALLS} | stats pct(detail.data.data.duration_us, 95) / 1e6 as p95 by bin(5m)`,
      },
      limits: ['ToolSlow', 'ToolVerySlow'],
      runbook: 'ToolSlow',
    },
    {
      title: 'Slowest tools',
      description: '95th percentile by tool, the ten slowest.',
      kind: 'toplist',
      unit: 's',
      w: 6,
      h: 8,
      queries: [
        {
          expr: `topk(10, ${quantile(0.95, 'tool_duration_seconds', { by: ['tool'], window: RANGE })})`,
          legend: '{{tool}}',
        },
      ],
      aws: {
        as: 'events',
        query: `${CALLS} | stats pct(detail.data.data.duration_us, 95) / 1e6 as p95 by ${TOOL} | sort p95 desc | limit 10`,
      },
      runbook: 'ToolSlow',
    },
    {
      title: 'Definitions nobody has reviewed',
      description:
        'Tools that were found new or changed in the chosen time; each is denied until somebody looked at it.',
      kind: 'toplist',
      unit: 'short',
      w: 6,
      h: 8,
      queries: [
        { expr: counted('tools_unreviewed_total', { by: ['tool'], window: RANGE }), legend: '{{tool}}' },
      ],
      aws: {
        as: 'events',
        query: 'filter detail.type = "org.chancery.tool.unreviewed" | stats count(*) as found by bin(1h)',
      },
      runbook: 'ToolUnreviewed',
    },
  ],
};
