/**
 * The same dashboards as CloudWatch has them, from the same panels. Alarm addresses and names of log groups
 * are known to the stack only, so they come as arguments.
 */
import { ENVIRONMENT, NAMESPACE } from '../src/watch/metrics/cloudwatch.ts';
import { flow, type Place } from './layout.ts';
import { stepsOf } from './limits.ts';
import type { AwsFigure, AwsSeries, Dashboard, Kind, Panel } from './panel.ts';

export interface CloudWatchPlaces {
  readonly environment: string;
  readonly region: string;
  /** Receives the ledger's events from EventBridge. */
  readonly eventLogGroup: string;
  readonly functionLogGroups: readonly string[];
  readonly alarmArns: readonly string[];
  /** Prefix of the Contributor Insights rules, so that environments can share an account. */
  readonly insightPrefix: string;
  readonly docs?: string;
}

const PERIOD = 60;
const HEADER = 2;

/** `SEARCH` finds every combination of the dimensions, so new workflows appear by themselves. */
function metric(environment: string, series: AwsSeries, index: number, drawn: boolean): unknown[] {
  const { namespace, metric: name, stat, label, by } = series;
  const ours = namespace === NAMESPACE;
  const shown = { stat, label, id: `m${index}`, ...(drawn ? {} : { visible: false }) };
  if (by.length === 0)
    return ours ? [namespace, name, ENVIRONMENT, environment, shown] : [namespace, name, shown];
  // What AWS publishes has no environment but in the names of functions, tables and the API: two words of them.
  const here = ours ? `${ENVIRONMENT}="${environment}"` : `chancery ${environment}`;
  const dimensions = ours && !by.includes(ENVIRONMENT) ? [ENVIRONMENT, ...by] : by;
  const search = `SEARCH('{${[namespace, ...dimensions].join(',')}} MetricName="${name}" ${here}', '${stat}', ${PERIOD})`;
  return [{ expression: search, id: `e${index}`, label: '' }];
}

const METRIC_VIEW: Readonly<Record<Kind, string>> = {
  timeseries: 'timeSeries',
  bars: 'timeSeries',
  heatmap: 'timeSeries',
  rows: 'timeSeries',
  stat: 'singleValue',
  gauge: 'gauge',
  pie: 'pie',
  table: 'table',
  toplist: 'bar',
};

const LOG_VIEW: Readonly<Record<Kind, string>> = {
  timeseries: 'timeSeries',
  bars: 'bar',
  heatmap: 'timeSeries',
  rows: 'timeSeries',
  stat: 'table',
  gauge: 'table',
  pie: 'pie',
  table: 'table',
  toplist: 'table',
};

const HEX = { green: '#2ca02c', yellow: '#ff9900', red: '#d62728', blue: '#1f77b4' } as const;

/** Limits of our own metrics. CloudWatch shows sums per period where Grafana shows rates per second. */
function annotations(panel: Panel, { series }: Extract<AwsFigure, { as: 'metrics' }>): object {
  const comparable = series.every((one) => one.namespace === NAMESPACE && one.stat !== 'Average');
  if (!comparable) return {};
  const perPeriod = panel.unit === 'ops' || panel.unit === 'reqps' ? PERIOD : 1;
  const horizontal = stepsOf(panel)
    .filter((step) => step.at !== null && step.at > 1e-6)
    .map((step) => ({ value: (step.at ?? 0) * perPeriod, color: HEX[step.color], label: 'limit' }));
  return horizontal.length === 0 ? {} : { annotations: { horizontal } };
}

function widget(panel: Panel, place: Place, where: CloudWatchPlaces): object {
  const box = { x: place.x, y: place.y + HEADER, width: place.w, height: place.h };
  const figure = panel.aws;
  const titled = { title: panel.title, region: where.region };
  switch (figure.as) {
    case 'metrics':
      return {
        type: 'metric',
        ...box,
        properties: {
          ...titled,
          view: METRIC_VIEW[panel.kind],
          stacked: panel.stack === true,
          period: PERIOD,
          ...(panel.kind === 'gauge'
            ? { yAxis: { left: { min: panel.min ?? 0, max: panel.max ?? 100 } } }
            : {}),
          metrics: [
            ...(figure.math === undefined ? [] : [[{ ...figure.math, id: 'result' }]]),
            ...figure.series.map((series, index) =>
              metric(where.environment, series, index, figure.math === undefined),
            ),
          ],
          ...annotations(panel, figure),
        },
      };
    case 'alarms':
      return { type: 'alarm', ...box, properties: { title: panel.title, alarms: where.alarmArns } };
    case 'contributors':
      return {
        type: 'metric',
        ...box,
        properties: {
          ...titled,
          view: 'timeSeries',
          period: 300,
          insightRule: {
            ruleName: where.insightPrefix + figure.rule,
            maxContributorCount: 10,
            orderBy: 'Sum',
          },
        },
      };
    case 'events':
    case 'logs': {
      const groups = figure.as === 'events' ? [where.eventLogGroup] : where.functionLogGroups;
      return {
        type: 'log',
        ...box,
        properties: {
          ...titled,
          view: LOG_VIEW[panel.kind],
          query: `${groups.map((group) => `SOURCE '${group}'`).join(' | ')} | ${figure.query}`,
        },
      };
    }
  }
}

/** The body of an `AWS::CloudWatch::Dashboard`. */
export function toCloudWatch(dashboard: Dashboard, where: CloudWatchPlaces): { widgets: object[] } {
  const places = flow(dashboard.panels);
  const docs = where.docs === undefined ? '' : ` [Runbook](${where.docs}/runbook.md)`;
  return {
    widgets: [
      {
        type: 'text',
        x: 0,
        y: 0,
        width: 24,
        height: HEADER,
        properties: { markdown: `## ${dashboard.title}\n${dashboard.description}${docs}` },
      },
      ...dashboard.panels.flatMap((panel, index) => {
        const place = places[index];
        return place === undefined ? [] : [widget(panel, place, where)];
      }),
    ],
  };
}

/** Contributor Insights rules: top subjects and nodes without a label for each. */
export interface InsightRule {
  readonly name: string;
  readonly body: object;
}

const rule = (name: string, key: string, filters: readonly object[], logGroup: string): InsightRule => ({
  name,
  body: {
    Schema: { Name: 'CloudWatchLogRule', Version: 1 },
    LogGroupNames: [logGroup],
    LogFormat: 'JSON',
    Contribution: { Keys: [key], Filters: filters },
    AggregateOn: 'Count',
  },
});

export function insightRules(
  where: Pick<CloudWatchPlaces, 'eventLogGroup' | 'insightPrefix'>,
): InsightRule[] {
  const named = (name: string) => where.insightPrefix + name;
  return [
    rule(named('chancery-top-subjects'), '$.detail.subject', [], where.eventLogGroup),
    rule(
      named('chancery-refused-subjects'),
      '$.detail.subject',
      [{ Match: '$.detail.data.data.outcome', In: ['deny', 'rejected'] }],
      where.eventLogGroup,
    ),
    rule(
      named('chancery-violating-nodes'),
      '$.detail.data.data.source',
      [{ Match: '$.detail.type', In: ['org.chancery.metric.blocked'] }],
      where.eventLogGroup,
    ),
  ];
}
