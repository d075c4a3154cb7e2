/** Where the time goes. */
import { matching, quantile, rate, series, sum } from '../src/watch/alerts/rules/promql.ts';
import { COLD_STARTS, NAMESPACE } from '../src/watch/metrics/cloudwatch.ts';
import type { Dashboard, Panel } from './panel.ts';
import { metrics, own, published, RANGE, WINDOW } from './panel.ts';

const window = WINDOW;
const route = { route: { op: '=~', value: '$route' } } as const;

const SLOW = `sum by (route) (increase(${series('http_request_duration_seconds', route, '_count')}[${RANGE}])) - sum by (route) (increase(${series('http_request_duration_seconds', route, '_bucket', { le: matching('2(\\.0)?') })}[${RANGE}]))`;

/** Figures that only AWS has: shown from CloudWatch, in Grafana too. */
const vended = (
  panel: Pick<Panel, 'title' | 'description' | 'unit' | 'runbook'>,
  ...series: ReturnType<typeof published>[]
): Panel => ({ ...panel, kind: 'timeseries', w: 8, h: 7, queries: [], aws: metrics(...series) });

const FUNCTION = ['FunctionName'];

export const PERFORMANCE: Dashboard = {
  uid: 'chancery-performance',
  title: 'Chancery / Performance',
  description:
    'Latency by route, scope, workflow and tool; policy overhead; caches, store and what AWS measures.',
  variables: [{ name: 'route', label: 'Route', metric: 'http_requests_total', from: 'route' }],
  panels: [
    {
      title: 'Latency',
      description: 'How many requests took how long, over time.',
      kind: 'heatmap',
      unit: 's',
      w: 24,
      h: 9,
      queries: [
        {
          expr: `sum by (le) (increase(${series('http_request_duration_seconds', route, '_bucket')}[${window}]))`,
          legend: '{{le}}',
        },
      ],
      aws: metrics(own('http_request_duration_seconds', 'p50'), own('http_request_duration_seconds', 'p99')),
      runbook: 'LatencyP99High',
    },
    ...([0.5, 0.95, 0.99] as const).map(
      (q): Panel => ({
        title: `p${q * 100} by route`,
        description: `${q * 100}th percentile of request duration by route.`,
        kind: 'timeseries',
        unit: 's',
        w: 8,
        h: 8,
        exemplars: q === 0.99,
        queries: [
          {
            expr: quantile(q, 'http_request_duration_seconds', { by: ['route'], where: route, window }),
            legend: '{{route}}',
          },
        ],
        aws: metrics(
          published('AWS/ApiGateway', 'Latency', `p${q * 100}`, ['ApiName', 'Method', 'Resource', 'Stage']),
        ),
        ...(q === 0.95
          ? { limits: ['LatencyP95High', 'LatencyP95Critical'] as const }
          : q === 0.99
            ? { limits: ['LatencyP99High'] as const }
            : {}),
        runbook: q === 0.99 ? 'LatencyP99High' : 'LatencyP95High',
      }),
    ),
    {
      title: 'Latency by scope',
      description: '95th percentile of request duration by the scope that guards the route.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      queries: [
        {
          expr: quantile(0.95, 'scope_request_duration_seconds', { by: ['scope'], window }),
          legend: 'p95 {{scope}}',
        },
        {
          expr: quantile(0.99, 'scope_request_duration_seconds', { by: ['scope'], window }),
          legend: 'p99 {{scope}}',
        },
      ],
      aws: {
        as: 'logs',
        query:
          'filter ispresent(duration_seconds) | stats pct(duration_seconds, 95) as p95, pct(duration_seconds, 99) as p99 by bin(1m), scope',
      },
      limits: ['LatencyP95High'],
      runbook: 'LatencyP95High',
    },
    {
      title: 'Decision and policy time',
      description: 'Policy evaluation beside the whole decision: the gap is store and limits.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      queries: [
        { expr: quantile(0.95, 'decision_duration_seconds', { window }), legend: 'decision p95' },
        { expr: quantile(0.95, 'policy_evaluation_duration_seconds', { window }), legend: 'policies p95' },
      ],
      aws: metrics(own('decision_duration_seconds', 'p95', [], 'decision p95')),
      limits: ['DecisionLatencyHigh'],
      runbook: 'DecisionLatencyHigh',
    },
    {
      title: 'Workflow time',
      description: '95th percentile of run duration by workflow.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      queries: [
        {
          expr: quantile(0.95, 'workflow_duration_seconds', { by: ['workflow'], window }),
          legend: '{{workflow}}',
        },
      ],
      aws: metrics(own('workflow_duration_seconds', 'p95', ['workflow', 'outcome', 'drag_mode'])),
      limits: ['WorkflowSlow', 'WorkflowVerySlow'],
      runbook: 'WorkflowSlow',
    },
    {
      title: 'Tool time',
      description: '95th percentile of tool calls by tool.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      queries: [
        { expr: quantile(0.95, 'tool_duration_seconds', { by: ['tool'], window }), legend: '{{tool}}' },
      ],
      aws: {
        as: 'events',
        query:
          'filter detail.type like /^org\\.chancery\\.tool\\./ | stats pct(detail.data.data.duration_us, 95) / 1e6 as p95 by bin(5m), detail.data.data.tool',
      },
      limits: ['ToolSlow', 'ToolVerySlow'],
      runbook: 'ToolSlow',
    },
    {
      title: 'Share of time in policies',
      description: 'Time in the policy engine as a share of the decision time.',
      kind: 'timeseries',
      unit: 'percentunit',
      w: 8,
      h: 7,
      min: 0,
      queries: [
        {
          expr: `sum(rate(${series('policy_evaluation_duration_seconds', {}, '_sum')}[${window}])) / sum(rate(${series('decision_duration_seconds', {}, '_sum')}[${window}]))`,
          legend: 'policies',
        },
      ],
      aws: {
        as: 'events',
        query:
          'filter detail.type = "org.chancery.decision.made" | stats sum(detail.data.data.evaluation_us) / sum(detail.data.data.latency_us) as share by bin(5m)',
      },
      runbook: 'DecisionLatencyHigh',
    },
    {
      title: 'Cache look-ups',
      description: 'Hits and misses per second by cache.',
      kind: 'timeseries',
      unit: 'ops',
      w: 8,
      h: 7,
      queries: [
        { expr: rate('cache_hits_total', { by: ['cache'], window }), legend: '{{cache}} hit' },
        { expr: rate('cache_misses_total', { by: ['cache'], window }), legend: '{{cache}} miss' },
      ],
      aws: metrics(
        own('cache_hits_total', 'Sum', [], 'hits'),
        own('cache_misses_total', 'Sum', [], 'misses'),
      ),
      runbook: 'CacheHitRateLow',
    },
    {
      title: 'Store connections',
      description: 'Connections to the store. The line is where the alert fires.',
      kind: 'timeseries',
      unit: 'short',
      w: 8,
      h: 7,
      queries: [{ expr: sum('store_connections', { by: ['state'] }), legend: '{{state}}' }],
      aws: metrics(own('store_connections', 'Maximum')),
      limits: ['StoreConnectionsHigh'],
      runbook: 'StoreConnectionsHigh',
    },
    {
      title: 'Store operation time',
      description: '95th percentile by operation.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      queries: [
        {
          expr: quantile(0.95, 'store_operation_duration_seconds', { by: ['operation'], window }),
          legend: '{{operation}}',
        },
      ],
      aws: metrics(published('AWS/DynamoDB', 'SuccessfulRequestLatency', 'p95', ['TableName', 'Operation'])),
      runbook: 'StoreErrors',
    },
    {
      title: 'Append time',
      description: 'From asking for an append to its durability; the objective is a p99 of 50 ms.',
      kind: 'timeseries',
      unit: 's',
      w: 12,
      h: 8,
      queries: [
        { expr: quantile(0.5, 'ledger_append_duration_seconds', { window }), legend: 'p50' },
        { expr: quantile(0.99, 'ledger_append_duration_seconds', { window }), legend: 'p99' },
      ],
      aws: metrics(
        own('ledger_append_duration_seconds', 'p50', [], 'p50'),
        own('ledger_append_duration_seconds', 'p99', [], 'p99'),
      ),
      runbook: 'LedgerAppendFailures',
    },
    {
      title: 'Processor',
      description: 'Processors in use: 1 is one of them all the time.',
      kind: 'timeseries',
      unit: 'short',
      w: 8,
      h: 7,
      queries: [{ expr: rate('process_cpu_seconds_total', { window }), legend: 'processors' }],
      aws: metrics(published('LambdaInsights', 'cpu_total_time', 'Average', ['function_name'])),
      runbook: 'LatencyP95High',
    },
    {
      title: 'Memory in use',
      description: 'Memory of the process. It rises after a start and is flat then.',
      kind: 'timeseries',
      unit: 'bytes',
      w: 8,
      h: 7,
      queries: [{ expr: sum('process_resident_memory_bytes'), legend: 'resident' }],
      aws: metrics(published('LambdaInsights', 'used_memory_max', 'Maximum', ['function_name'])),
      runbook: 'LambdaMemoryHigh',
    },
    {
      title: 'Open file handles',
      description:
        'Files and connections of the process; on AWS, connections to the store. What only rises is never closed.',
      kind: 'timeseries',
      unit: 'short',
      w: 8,
      h: 7,
      queries: [{ expr: sum('process_open_fds'), legend: 'open' }],
      aws: metrics(own('store_connections', 'Maximum')),
      runbook: 'StoreConnectionsHigh',
    },
    vended(
      {
        title: 'Lambda memory',
        description: 'Share of its memory that a function used at most (Lambda Insights).',
        unit: 'percent',
        runbook: 'LambdaMemoryHigh',
      },
      published('LambdaInsights', 'memory_utilization', 'Maximum', ['function_name']),
    ),
    vended(
      {
        title: 'Lambda CPU time',
        description: 'Milliseconds of CPU per invocation (Lambda Insights).',
        unit: 'short',
        runbook: 'LambdaCpuHigh',
      },
      published('LambdaInsights', 'cpu_total_time', 'Average', ['function_name']),
    ),
    vended(
      {
        title: 'Lambda duration',
        description: 'Milliseconds per invocation, 99th percentile.',
        unit: 'short',
        runbook: 'LambdaNearTimeout',
      },
      published('AWS/Lambda', 'Duration', 'p99', FUNCTION),
    ),
    vended(
      {
        title: 'Lambda cold starts',
        description: 'Processes that Lambda had to start for a request, by function; each counts itself.',
        unit: 'short',
        runbook: 'LatencyP99High',
      },
      published(NAMESPACE, COLD_STARTS.name, 'Sum', COLD_STARTS.dimensions),
    ),
    vended(
      {
        title: 'Lambda throttles',
        description: 'Invocations that Lambda turned away.',
        unit: 'short',
        runbook: 'LambdaConcurrencyHigh',
      },
      published('AWS/Lambda', 'Throttles', 'Sum', FUNCTION),
    ),
    vended(
      {
        title: 'DynamoDB capacity',
        description: 'Read and write units consumed per minute.',
        unit: 'short',
        runbook: 'DynamoThrottles',
      },
      published('AWS/DynamoDB', 'ConsumedReadCapacityUnits', 'Sum', ['TableName']),
      published('AWS/DynamoDB', 'ConsumedWriteCapacityUnits', 'Sum', ['TableName']),
    ),
    {
      title: 'Slow requests by route',
      description:
        'Requests that took more than 2 s in the chosen time. Each point on p99 by route leads to the trace of a slowest request; `chancery logs slow-requests` lists them.',
      kind: 'toplist',
      unit: 'short',
      w: 24,
      h: 6,
      queries: [{ expr: `topk(10, ${SLOW})`, legend: '{{route}}' }],
      aws: {
        as: 'logs',
        query: 'filter duration_seconds >= 2 | stats count(*) as requests by route | sort requests desc',
      },
      runbook: 'LatencyP95Degraded',
    },
    {
      title: 'Slow requests',
      description: 'The slowest requests of the chosen time; the trace id leads to the trace.',
      kind: 'table',
      unit: 's',
      w: 24,
      h: 8,
      queries: [],
      aws: {
        as: 'logs',
        query:
          'filter duration_seconds >= 2 | fields @timestamp, duration_seconds, route, outcome, workflow_name, trace_id | sort duration_seconds desc | limit 50',
      },
      runbook: 'LatencyP95Degraded',
    },
  ],
};
