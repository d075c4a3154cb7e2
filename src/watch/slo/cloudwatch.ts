/**
 * The objectives for CloudWatch: burn-rate alarms (two windows and a composite of both), and Application
 * Signals objects, which keep the budget. Plain data; `lib/` makes resources of it.
 */
import {
  cloudwatchDimension,
  cloudwatchName,
  dimensionSets,
  ENVIRONMENT,
  NAMESPACE,
} from '../metrics/cloudwatch.ts';
import { BURNS, objectiveText, type SLO_ALERTS } from './prometheus.ts';
import { budgetOf, burns, type Indicator, SLOS, type Slo, type Where } from './slos.ts';

/** One metric, or one expression, of an alarm or an objective. Field names as CloudFormation has them, in camelCase. */
export interface MetricQuery {
  readonly id: string;
  readonly expression?: string;
  readonly metricStat?: {
    readonly metric: {
      readonly namespace: string;
      readonly metricName: string;
      readonly dimensions: readonly { readonly name: string; readonly value: string }[];
    };
    readonly period: number;
    readonly stat: string;
  };
  readonly returnData: boolean;
}

export interface BurnAlarm {
  readonly name: string;
  readonly description: string;
  readonly metrics: readonly MetricQuery[];
  readonly threshold: number;
  readonly evaluationPeriods: 1;
  readonly comparisonOperator: 'GreaterThanThreshold';
  readonly treatMissingData: 'notBreaching';
}

export interface BurnAlarms {
  readonly slo: string;
  readonly alert: (typeof SLO_ALERTS)[number];
  readonly severity: 'critical' | 'warning';
  /** All of them in alarm make the composite; a single one is the alarm itself. */
  readonly alarms: readonly BurnAlarm[];
  readonly composite: string;
}

const SECONDS: Readonly<Record<string, number>> = {
  '5m': 300,
  '30m': 1_800,
  '1h': 3_600,
  '2h': 7_200,
  '6h': 21_600,
};

/** Fast burns: CloudWatch cannot look back far enough for the slow ones, which Application Signals covers. */
export function burnAlarms(environment: string): BurnAlarms[] {
  return SLOS.filter((slo) => hasMetrics(slo.indicator)).map((slo) =>
    burns(slo) ? fastBurn(environment, slo) : integrity(environment, slo),
  );
}

function fastBurn(environment: string, slo: Slo): BurnAlarms {
  const [burn] = BURNS;
  const limit = round(budgetOf(slo) * burn.factor);
  const alarm = (window: string): BurnAlarm => ({
    name: `chancery-slo-${slo.id}-burn-${window}`,
    description: `${slo.title} (${objectiveText(slo)}): over ${window} the error budget burns more than ${burn.factor} times too fast.`,
    metrics: [
      ...queries(environment, slo.indicator, SECONDS[window] ?? 3_600),
      { id: 'errors', expression: errorExpression(environment, slo.indicator), returnData: true },
    ],
    threshold: limit,
    evaluationPeriods: 1,
    comparisonOperator: 'GreaterThanThreshold',
    treatMissingData: 'notBreaching',
  });
  return {
    slo: slo.id,
    alert: burn.alert,
    severity: burn.severity,
    alarms: [alarm(burn.long), alarm(burn.short)],
    composite: `chancery-slo-${slo.id}-burns-fast`,
  };
}

/** One is too many: a single alarm on the count. */
function integrity(environment: string, slo: Slo): BurnAlarms {
  return {
    slo: slo.id,
    alert: 'AuditIntegrityBroken',
    severity: 'critical',
    alarms: [
      {
        name: `chancery-slo-${slo.id}`,
        description: slo.description,
        metrics: [
          ...queries(environment, slo.indicator, 300),
          { id: 'errors', expression: errorExpression(environment, slo.indicator), returnData: true },
        ],
        threshold: 0,
        evaluationPeriods: 1,
        comparisonOperator: 'GreaterThanThreshold',
        treatMissingData: 'notBreaching',
      },
    ],
    composite: `chancery-slo-${slo.id}-broken`,
  };
}

/** Application Signals, `AWS::ApplicationSignals::ServiceLevelObjective`, request-based. */
export interface ApplicationSignalsSlo {
  readonly name: string;
  readonly description: string;
  readonly requestBasedSli: {
    readonly requestBasedSliMetric: {
      readonly totalRequestCountMetric: readonly MetricQuery[];
      readonly monitoredRequestCountMetric: { readonly badCountMetric: readonly MetricQuery[] };
    };
  };
  readonly goal: {
    readonly attainmentGoal: number;
    readonly warningThreshold: number;
    readonly interval: {
      readonly rollingInterval: { readonly duration: number; readonly durationUnit: 'DAY' };
    };
  };
  readonly burnRateConfigurations: readonly { readonly lookBackWindowMinutes: number }[];
}

/** Zero tolerance has no budget, and a gauge has no requests: those two stay with their alarms. */
export function applicationSignals(environment: string): ApplicationSignalsSlo[] {
  return SLOS.filter((slo) => burns(slo) && slo.indicator.kind !== 'gauge' && hasMetrics(slo.indicator)).map(
    (slo) => ({
      name: `chancery-${slo.id.replaceAll('_', '-')}`,
      description: `${slo.description} Objective: ${objectiveText(slo)}.`,
      requestBasedSli: {
        requestBasedSliMetric: {
          totalRequestCountMetric: only(environment, slo.indicator, 'total'),
          monitoredRequestCountMetric: { badCountMetric: only(environment, slo.indicator, 'bad') },
        },
      },
      goal: {
        attainmentGoal: round(slo.target * 100),
        warningThreshold: 75,
        interval: { rollingInterval: { duration: slo.window_days, durationUnit: 'DAY' } },
      },
      burnRateConfigurations: [
        { lookBackWindowMinutes: 60 },
        { lookBackWindowMinutes: 360 },
        { lookBackWindowMinutes: 1_440 },
      ],
    }),
  );
}

/** Whether everything that the indicator needs goes out as EMF, under the dimensions that it is cut by. */
function hasMetrics(indicator: Indicator): boolean {
  switch (indicator.kind) {
    case 'counters':
      return isEmitted(indicator.total, indicator.bad);
    case 'latency':
      return dimensionSets(indicator.histogram).some((set) => set.length === 0);
    case 'gauge':
      return dimensionSets(indicator.gauge).some((set) => set.length === 0);
    case 'never':
      return indicator.counters.every(({ counter, bad }) => isEmitted(counter, bad));
  }
}

function isEmitted(metric: string, where: Where): boolean {
  const wanted = Object.keys(where).map(cloudwatchDimension);
  return dimensionSets(metric).some(
    (set) => set.length === wanted.length && wanted.every((name) => set.includes(name)),
  );
}

/** `b0…`: bad, `t0…`: total. Totals of a cut metric are the sum over the values of its cut. */
function queries(environment: string, indicator: Indicator, period: number): MetricQuery[] {
  switch (indicator.kind) {
    case 'counters':
      return [
        ...combinations(indicator.bad).map((dimensions, index) =>
          stat(environment, `b${index}`, indicator.total, dimensions, period, 'Sum'),
        ),
        ...totals(environment, indicator.total, indicator.bad, period),
      ];
    case 'latency':
      return [
        stat(environment, 'b0', indicator.histogram, [], period, `TC(${indicator.seconds}:)`),
        stat(environment, 't0', indicator.histogram, [], period, 'SampleCount'),
      ];
    case 'gauge':
      return [
        stat(environment, 'b0', indicator.gauge, [], period, `TC(${indicator.limit}:)`),
        stat(environment, 't0', indicator.gauge, [], period, 'SampleCount'),
      ];
    case 'never':
      return indicator.counters.flatMap(({ counter, bad }, at) =>
        combinations(bad).map((dimensions, index) =>
          stat(environment, `b${at}${index}`, counter, dimensions, period, 'Sum'),
        ),
      );
  }
}

function totals(
  environment: string,
  metric: Parameters<typeof cloudwatchName>[0],
  bad: Where,
  period: number,
): MetricQuery[] {
  if (isEmitted(metric, {})) return [stat(environment, 't0', metric, [], period, 'Sum')];
  const names = [ENVIRONMENT, ...Object.keys(bad).map(cloudwatchDimension)];
  const search = `SUM(SEARCH('{${NAMESPACE},${names.join(',')}} MetricName="${cloudwatchName(metric)}" ${ENVIRONMENT}="${environment}"', 'Sum', ${period}))`;
  return [{ id: 't0', expression: search, returnData: false }];
}

function errorExpression(environment: string, indicator: Indicator): string {
  const bad = queries(environment, indicator, 60)
    .filter(({ id }) => id.startsWith('b'))
    .map(({ id }) => `FILL(${id}, 0)`)
    .join(' + ');
  return indicator.kind === 'never' ? bad : `(${bad}) / t0`;
}

function only(environment: string, indicator: Indicator, part: 'bad' | 'total'): MetricQuery[] {
  const found = queries(environment, indicator, 60).filter(({ id }) =>
    id.startsWith(part === 'bad' ? 'b' : 't'),
  );
  if (found.length === 1) return found.map((query) => ({ ...query, returnData: true }));
  const sum = found.map(({ id }) => `FILL(${id}, 0)`).join(' + ');
  return [...found, { id: `${part}_sum`, expression: sum, returnData: true }];
}

/** Every choice of one value per label: CloudWatch knows no "one of". */
function combinations(where: Where): { name: string; value: string }[][] {
  return Object.entries(where).reduce<{ name: string; value: string }[][]>(
    (made, [label, values]) =>
      made.flatMap((row) => values.map((value) => [...row, { name: cloudwatchDimension(label), value }])),
    [[]],
  );
}

const stat = (
  environment: string,
  id: string,
  metric: Parameters<typeof cloudwatchName>[0],
  dimensions: readonly { readonly name: string; readonly value: string }[],
  period: number,
  statistic: string,
): MetricQuery => ({
  id,
  metricStat: {
    metric: {
      namespace: NAMESPACE,
      metricName: cloudwatchName(metric),
      dimensions: [{ name: ENVIRONMENT, value: environment }, ...dimensions],
    },
    period,
    stat: statistic,
  },
  returnData: false,
});

const round = (value: number): number => Math.round(value * 1e9) / 1e9;
