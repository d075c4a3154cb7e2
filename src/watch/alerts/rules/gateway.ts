/** Is the service there, does it answer, and how fast. Class `fault` is ours; governed outcomes are not errors. */

import type { ResponseClass } from '../../../catalogue/values.ts';
import { cloudwatchName, NAMESPACE } from '../../metrics/cloudwatch.ts';
import { aged, flows, spread, stands } from './drill.ts';
import { matching, max, not, quantile, rate, series, sum } from './promql.ts';
import type { AlertRule } from './rule.ts';

const ROUTE = { method: 'POST', route: '/workflows/governed/execute' } as const;
const requests = (class_: ResponseClass, status: '200' | '403' | '404' | '429' | '500' | '503') =>
  series('http_requests_total', { ...ROUTE, status, class: class_ });
const duration = (le: string) => series('http_request_duration_seconds', ROUTE, '_bucket', { le });

/** The requests whose fate was in our hands: all but the caller's own mistakes. */
const OURS = { class: not('client') } as const;

export const GATEWAY = [
  {
    name: 'HighErrorRatio',
    group: 'gateway',
    severity: 'critical',
    source: 'prometheus',
    summary: 'More than 5 % of requests fail on our side',
    description:
      '{{ $value | humanizePercentage }} of requests ended in a fault over 5 minutes; the limit is 5 %.',
    expr: `${rate('http_requests_total', { where: { class: 'fault' } })} / ${rate('http_requests_total')} > 0.05`,
    for: 300,
    threshold: 0.05,
    unit: 'percentunit',
    bad: 'above',
    drill: {
      settle: 300,
      feeds: [
        flows(requests('fault', '500'), { over: 0.52, under: 0.48 }),
        flows(requests('ok', '200'), { calm: 9.5, over: 9.48, under: 9.52 }),
      ],
    },
    aws: {
      subject: 'api',
      metrics: [
        { id: 'faults', namespace: 'AWS/ApiGateway', metric: '5XXError', stat: 'Sum' },
        { id: 'requests', namespace: 'AWS/ApiGateway', metric: 'Count', stat: 'SampleCount' },
      ],
      expression: 'IF(requests > 20, 100 * faults / requests, 0)',
      threshold: 5,
      comparison: 'GreaterThanThreshold',
      period: 60,
      evaluation_periods: 5,
      datapoints: 5,
      missing: 'notBreaching',
    },
  },
  {
    name: 'LatencyP95High',
    group: 'gateway',
    severity: 'warning',
    source: 'prometheus',
    summary: 'One request in twenty takes longer than 1 s',
    description:
      'The 95th percentile of request duration is {{ $value | humanizeDuration }}; the limit is 1 s.',
    expr: `${quantile(0.95, 'http_request_duration_seconds')} > 1`,
    for: 300,
    threshold: 1,
    unit: 's',
    bad: 'above',
    drill: { settle: 300, feeds: spread(duration, 0.95, 1) },
  },
  {
    name: 'LatencyP95Degraded',
    group: 'gateway',
    severity: 'warning',
    source: 'prometheus',
    summary: 'One request in twenty takes longer than 2 s',
    description:
      'The 95th percentile of request duration is {{ $value | humanizeDuration }}; the objective is 2 s.',
    expr: `${quantile(0.95, 'http_request_duration_seconds')} > 2`,
    for: 300,
    threshold: 2,
    unit: 's',
    bad: 'above',
    drill: { settle: 300, feeds: spread(duration, 0.95, 2) },
  },
  {
    name: 'LatencyP95Critical',
    group: 'gateway',
    severity: 'critical',
    source: 'prometheus',
    summary: 'One request in twenty takes longer than 5 s',
    description:
      'The 95th percentile of request duration is {{ $value | humanizeDuration }}; the limit is 5 s.',
    expr: `${quantile(0.95, 'http_request_duration_seconds')} > 5`,
    for: 120,
    threshold: 5,
    unit: 's',
    bad: 'above',
    drill: { settle: 300, feeds: spread(duration, 0.95, 5) },
    aws: {
      subject: 'api',
      metrics: [{ id: 'latency', namespace: 'AWS/ApiGateway', metric: 'Latency', stat: 'p95' }],
      threshold: 5000,
      comparison: 'GreaterThanThreshold',
      period: 60,
      evaluation_periods: 3,
      datapoints: 2,
      missing: 'notBreaching',
    },
  },
  {
    name: 'LatencyP99High',
    group: 'gateway',
    severity: 'warning',
    source: 'prometheus',
    summary: 'One request in a hundred takes longer than 2 s',
    description:
      'The 99th percentile of request duration is {{ $value | humanizeDuration }}; the limit is 2 s.',
    expr: `${quantile(0.99, 'http_request_duration_seconds')} > 2`,
    for: 300,
    threshold: 2,
    unit: 's',
    bad: 'above',
    drill: { settle: 300, feeds: spread(duration, 0.99, 2) },
  },
  {
    name: 'SuccessRateLow',
    group: 'gateway',
    severity: 'critical',
    source: 'prometheus',
    summary: 'Fewer than 95 % of well-formed requests are served',
    description:
      '{{ $value | humanizePercentage }} of the requests that were not the caller’s mistake were served; the limit is 95 %.',
    expr: `${rate('http_requests_total', { where: { class: matching('ok|governed') } })} / ${rate('http_requests_total', { where: OURS })} < 0.95`,
    for: 600,
    threshold: 0.95,
    unit: 'percentunit',
    bad: 'below',
    drill: {
      settle: 300,
      feeds: [
        flows(requests('fault', '503'), { over: 0.55, under: 0.45 }),
        flows(requests('ok', '200'), { calm: 5, over: 5, under: 5 }),
        flows(requests('governed', '403'), { calm: 4.5, over: 4.45, under: 4.55 }),
        flows(requests('client', '404'), { calm: 3, over: 3, under: 3 }),
      ],
    },
  },
  {
    name: 'NoRequests',
    group: 'gateway',
    severity: 'critical',
    source: 'prometheus',
    summary: 'No request arrives although the canary runs',
    description:
      'The canary ran in the last 10 minutes, yet the service counted no request for 2 minutes: requests are lost on their way in, or their counts on the way out.',
    expr: `(${rate('http_requests_total', { window: '2m' })} or vector(0)) == 0 and on () ${rate('canary_runs_total', { window: '10m' })} > 0`,
    for: 120,
    threshold: 0,
    unit: 'reqps',
    bad: 'below',
    drill: {
      settle: 150,
      feeds: [
        flows(requests('ok', '200'), { calm: 1, over: 0, under: 0.02 }),
        flows(series('canary_runs_total', { result: 'success' }), {
          calm: 0.0167,
          over: 0.0167,
          under: 0.0167,
        }),
      ],
    },
  },
  {
    name: 'ServiceDown',
    group: 'gateway',
    severity: 'critical',
    source: 'prometheus',
    summary: 'Chancery reports nothing',
    description:
      'No Chancery series arrived for a minute: the service, its scrape or its remote write is down.',
    expr: `absent(${series('build_info')})`,
    for: 60,
    threshold: 1,
    unit: 'short',
    bad: 'above',
    drill: {
      settle: 300,
      feeds: [
        stands(series('build_info', { version: '1.0.0', commit: 'abc', spec: '1' }), {
          calm: 1,
          over: null,
          under: 1,
        }),
      ],
    },
    aws: {
      subject: 'own',
      metrics: [
        {
          id: 'success',
          namespace: NAMESPACE,
          metric: cloudwatchName('canary_runs_total'),
          stat: 'Sum',
          dimensions: { Result: 'success' },
        },
      ],
      threshold: 1,
      comparison: 'LessThanThreshold',
      period: 60,
      evaluation_periods: 5,
      datapoints: 5,
      missing: 'breaching',
    },
  },
  {
    name: 'CanaryStale',
    group: 'gateway',
    severity: 'critical',
    source: 'prometheus',
    summary: 'The canary has not succeeded for 5 minutes',
    description:
      'The last decision that the canary got is {{ $value | humanizeDuration }} old; it asks every minute.',
    expr: `time() - ${max('canary_last_success_timestamp_seconds')} > 300`,
    for: 60,
    threshold: 300,
    unit: 's',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [aged(series('canary_last_success_timestamp_seconds'), { calm: 30, over: 301, under: 300 })],
    },
  },
  {
    name: 'StoreErrors',
    group: 'gateway',
    severity: 'critical',
    source: 'prometheus',
    summary: 'The store fails more than 5 operations a second',
    description: 'Store operations fail at {{ $value | humanize }} a second; the limit is 5.',
    expr: `${rate('store_operations_total', { where: { result: 'error' }, window: '2m' })} > 5`,
    for: 120,
    threshold: 5,
    unit: 'ops',
    bad: 'above',
    drill: {
      settle: 120,
      feeds: [
        flows(series('store_operations_total', { operation: 'put', result: 'error' }), {
          over: 5.1,
          under: 4.9,
        }),
      ],
    },
  },
  {
    name: 'StoreConnectionsHigh',
    group: 'gateway',
    severity: 'warning',
    source: 'prometheus',
    summary: 'More than 80 store connections are open',
    description: '{{ $value }} connections to the store are open; the limit is 80.',
    expr: `${sum('store_connections')} > 80`,
    for: 300,
    threshold: 80,
    unit: 'short',
    bad: 'above',
    drill: {
      settle: 0,
      feeds: [
        stands(series('store_connections', { state: 'open' }), { calm: 4, over: 61, under: 60 }),
        stands(series('store_connections', { state: 'idle' }), { calm: 4, over: 20, under: 20 }),
      ],
    },
  },
  {
    name: 'CriticalErrors',
    group: 'gateway',
    severity: 'critical',
    source: 'prometheus',
    summary: 'Critical errors occur more than once a second',
    description: 'Errors of severity critical occur {{ $value | humanize }} times a second; the limit is 1.',
    expr: `${rate('errors_total', { where: { severity: 'critical' }, window: '2m' })} > 1`,
    for: 120,
    threshold: 1,
    unit: 'ops',
    bad: 'above',
    drill: {
      settle: 120,
      feeds: [
        flows(
          series('errors_total', {
            error_type: 'STORE_UNAVAILABLE',
            severity: 'critical',
            component: 'store',
          }),
          {
            over: 1.1,
            under: 0.9,
          },
        ),
      ],
    },
  },
  {
    name: 'ErrorsHigh',
    group: 'gateway',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Errors occur more than ten times a second',
    description: 'Errors of any severity occur {{ $value | humanize }} times a second; the limit is 10.',
    expr: `${rate('errors_total')} > 10`,
    for: 300,
    threshold: 10,
    unit: 'ops',
    bad: 'above',
    drill: {
      settle: 300,
      feeds: [
        flows(
          series('errors_total', { error_type: 'INTERNAL_ERROR', severity: 'error', component: 'http' }),
          {
            over: 10.2,
            under: 9.8,
          },
        ),
      ],
    },
  },
  {
    name: 'DecisionLatencyHigh',
    group: 'gateway',
    severity: 'warning',
    source: 'prometheus',
    summary: 'One decision in twenty takes longer than 0.5 s',
    description:
      'The 95th percentile of the time from the token to the decision is {{ $value | humanizeDuration }}; the limit is 0.5 s.',
    expr: `${quantile(0.95, 'decision_duration_seconds')} > 0.5`,
    for: 300,
    threshold: 0.5,
    unit: 's',
    bad: 'above',
    drill: {
      settle: 300,
      feeds: spread((le) => series('decision_duration_seconds', {}, '_bucket', { le }), 0.95, 0.5),
    },
  },
  {
    name: 'Throttled',
    group: 'gateway',
    severity: 'warning',
    source: 'prometheus',
    summary: 'More than one request a second is turned away with 429',
    description: '{{ $value | humanize }} requests a second are answered with 429; the limit is 1.',
    expr: `${rate('http_requests_total', { where: { status: '429' } })} > 1`,
    for: 300,
    threshold: 1,
    unit: 'reqps',
    bad: 'above',
    drill: {
      settle: 300,
      feeds: [flows(requests('client', '429'), { over: 1.1, under: 0.9 })],
    },
    aws: {
      subject: 'function',
      metrics: [{ id: 'throttles', namespace: 'AWS/Lambda', metric: 'Throttles', stat: 'Sum' }],
      threshold: 0,
      comparison: 'GreaterThanThreshold',
      period: 60,
      evaluation_periods: 5,
      datapoints: 3,
      missing: 'notBreaching',
    },
  },
] as const satisfies readonly AlertRule[];
