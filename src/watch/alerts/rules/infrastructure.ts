/** The machines under it: CloudWatch alarms on what AWS publishes, Prometheus rules where it runs locally. */
import { appears, flows, stands } from './drill.ts';
import { grew, increase, rate, series } from './promql.ts';
import type { AlertRule, AwsAlarm } from './rule.ts';

const metric = (namespace: string, name: string, stat: string) => ({
  id: 'value',
  namespace,
  metric: name,
  stat,
});

const sustained = { period: 60, evaluation_periods: 5, datapoints: 5, missing: 'notBreaching' } as const;
const atOnce = { period: 60, evaluation_periods: 1, datapoints: 1, missing: 'notBreaching' } as const;
const above = { comparison: 'GreaterThanThreshold' } as const;

const DISK = '{fstype!~"tmpfs|overlay|ramfs"}';

/** A cache that is hardly asked answers little, and nobody waits for it. */
const LOOK_UPS = `(${increase('cache_hits_total', { by: ['cache'], window: '10m' })} + ${increase('cache_misses_total', { by: ['cache'], window: '10m' })})`;

export const INFRASTRUCTURE = [
  {
    name: 'LambdaMemoryHigh',
    group: 'infrastructure',
    severity: 'warning',
    source: 'cloudwatch',
    summary: 'A function uses more than 80 % of its memory',
    description: 'Memory use of a function, as Lambda Insights measures it, is over 80 % for 5 minutes.',
    threshold: 80,
    unit: 'percent',
    bad: 'above',
    aws: {
      subject: 'function',
      metrics: [metric('LambdaInsights', 'memory_utilization', 'Maximum')],
      threshold: 80,
      ...above,
      ...sustained,
    },
  },
  {
    name: 'LambdaCpuHigh',
    group: 'infrastructure',
    severity: 'warning',
    source: 'cloudwatch',
    summary: 'A function uses more than 80 % of its share of a processor',
    description:
      'CPU time over duration, from Lambda Insights and Lambda, is over 80 % of what comes with the memory of the function (a whole core at 1,769 MB) for 5 minutes: more memory brings more CPU.',
    threshold: 80,
    unit: 'percent',
    bad: 'above',
    aws: {
      subject: 'function',
      metrics: [
        { id: 'cpu', namespace: 'LambdaInsights', metric: 'cpu_total_time', stat: 'Average' },
        { id: 'elapsed', namespace: 'AWS/Lambda', metric: 'Duration', stat: 'Average' },
      ],
      expression: '100 * cpu / elapsed',
      // 512 MB bring 29 % of a core: measured against a whole one it would never be reached.
      threshold: { share: 0.8, of: 'cpu_percent' },
      ...above,
      ...sustained,
    },
  },
  {
    name: 'LambdaNearTimeout',
    group: 'infrastructure',
    severity: 'warning',
    source: 'cloudwatch',
    summary: 'A function runs for more than 90 % of its time-out',
    description:
      'The longest invocation of a function took more than 90 % of its time-out in 3 of 5 minutes.',
    threshold: 0.9,
    unit: 'percentunit',
    bad: 'above',
    aws: {
      subject: 'function',
      metrics: [metric('AWS/Lambda', 'Duration', 'Maximum')],
      threshold: { share: 0.9, of: 'timeout_ms' },
      ...above,
      ...sustained,
      datapoints: 3,
    },
  },
  {
    name: 'LambdaConcurrencyHigh',
    group: 'infrastructure',
    severity: 'warning',
    source: 'cloudwatch',
    summary: 'More than 80 % of the account’s Lambda concurrency is in use',
    description:
      'Concurrent executions in the account are over 80 % of its limit for 5 minutes; beyond it, requests are throttled.',
    threshold: 0.8,
    unit: 'percentunit',
    bad: 'above',
    aws: {
      subject: 'account',
      metrics: [metric('AWS/Lambda', 'ConcurrentExecutions', 'Maximum')],
      threshold: { share: 0.8, of: 'concurrency' },
      ...above,
      ...sustained,
    },
  },
  {
    name: 'IteratorAgeHigh',
    group: 'infrastructure',
    severity: 'critical',
    source: 'cloudwatch',
    summary: 'A stream reader is more than a minute behind',
    description:
      'The oldest record that a stream reader has yet to read is more than 60 s old, for 5 minutes.',
    threshold: 60,
    unit: 's',
    bad: 'above',
    aws: {
      subject: 'stream',
      metrics: [metric('AWS/Lambda', 'IteratorAge', 'Maximum')],
      threshold: 60_000,
      ...above,
      ...sustained,
    },
  },
  {
    name: 'DeadLetters',
    group: 'infrastructure',
    severity: 'critical',
    source: 'cloudwatch',
    summary: 'A dead-letter queue is not empty',
    description: 'Something was given up on and waits in a dead-letter queue.',
    threshold: 0,
    unit: 'short',
    bad: 'above',
    aws: {
      subject: 'queue',
      metrics: [metric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum')],
      threshold: 0,
      ...above,
      ...atOnce,
    },
  },
  {
    name: 'DynamoThrottles',
    group: 'infrastructure',
    severity: 'warning',
    source: 'cloudwatch',
    summary: 'DynamoDB throttles a table',
    description: 'Reads or writes of a table were throttled in 2 of 5 minutes.',
    threshold: 0,
    unit: 'short',
    bad: 'above',
    aws: {
      subject: 'table',
      metrics: [
        { id: 'reads', namespace: 'AWS/DynamoDB', metric: 'ReadThrottleEvents', stat: 'Sum' },
        { id: 'writes', namespace: 'AWS/DynamoDB', metric: 'WriteThrottleEvents', stat: 'Sum' },
      ],
      expression: 'FILL(reads, 0) + FILL(writes, 0)',
      threshold: 0,
      ...above,
      ...sustained,
      datapoints: 2,
    },
  },
  {
    name: 'FunctionErrors',
    group: 'infrastructure',
    severity: 'critical',
    source: 'cloudwatch',
    summary: 'A function fails',
    description:
      'A function ended in an error in 3 of 5 minutes: the code threw, ran out of memory or out of time.',
    threshold: 0,
    unit: 'short',
    bad: 'above',
    aws: {
      subject: 'function',
      metrics: [metric('AWS/Lambda', 'Errors', 'Sum')],
      threshold: 0,
      ...above,
      ...sustained,
      datapoints: 3,
    },
  },
  {
    name: 'DiskSpaceLow',
    group: 'infrastructure',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Less than 20 % of {{ $labels.mountpoint }} is free',
    description:
      '{{ $value | humanizePercentage }} of {{ $labels.mountpoint }} is free; the limit is 20 %. The local ledger needs room to grow.',
    expr: `node_filesystem_avail_bytes${DISK} / node_filesystem_size_bytes${DISK} < 0.2`,
    for: 300,
    threshold: 0.2,
    unit: 'percentunit',
    bad: 'below',
    drill: {
      settle: 0,
      feeds: [
        stands('node_filesystem_avail_bytes{fstype="ext4",mountpoint="/"}', {
          calm: 60,
          over: 19,
          under: 20,
        }),
        stands('node_filesystem_size_bytes{fstype="ext4",mountpoint="/"}', {
          calm: 100,
          over: 100,
          under: 100,
        }),
      ],
    },
  },
  {
    name: 'CacheHitRateLow',
    group: 'infrastructure',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Cache {{ $labels.cache }} answers fewer than half of its look-ups',
    description:
      'Cache {{ $labels.cache }} answers {{ $value | humanizePercentage }} of its look-ups over 10 minutes; the limit is 50 %, looked at only above 100 look-ups.',
    expr: `${rate('cache_hits_total', { by: ['cache'], window: '10m' })} / (${rate('cache_hits_total', { by: ['cache'], window: '10m' })} + ${rate('cache_misses_total', { by: ['cache'], window: '10m' })}) < 0.5 and ${LOOK_UPS} > 100`,
    for: 600,
    threshold: 0.5,
    unit: 'percentunit',
    bad: 'below',
    drill: {
      settle: 600,
      feeds: [
        flows(series('cache_hits_total', { cache: 'jwks' }), { calm: 9, over: 4.9, under: 5.1 }),
        flows(series('cache_misses_total', { cache: 'jwks' }), { calm: 1, over: 5.1, under: 4.9 }),
      ],
    },
  },
  {
    name: 'NotificationDeadLetter',
    group: 'infrastructure',
    severity: 'critical',
    source: 'prometheus',
    summary: 'A notification to {{ $labels.channel }} was given up on',
    description:
      '{{ $value }} notifications to {{ $labels.channel }} were dead-lettered after their last attempt.',
    expr: grew('notifications_total', { by: ['channel'], where: { result: 'dead_letter' } }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [appears(series('notifications_total', { channel: 'slack', result: 'dead_letter' }))],
    },
    aws: {
      subject: 'own',
      metrics: [{ ...metric('Chancery', 'Notifications', 'Sum'), dimensions: { Result: 'dead_letter' } }],
      threshold: 0,
      ...above,
      ...atOnce,
    } satisfies AwsAlarm,
  },
] as const satisfies readonly AlertRule[];
