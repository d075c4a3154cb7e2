/**
 * A dashboard as Grafana's JSON, by the Foundation SDK. The data sources are variables, so that it imports into
 * any Grafana: a Prometheus (or Managed Prometheus) and, for what only AWS measures, a CloudWatch.
 */
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as cloudwatch from '@grafana/grafana-foundation-sdk/cloudwatch';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as grafana from '@grafana/grafana-foundation-sdk/dashboard';
import * as gauge from '@grafana/grafana-foundation-sdk/gauge';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as piechart from '@grafana/grafana-foundation-sdk/piechart';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { runbookUrl } from '../src/watch/alerts/publish/runbook.ts';
import { quoted } from '../src/watch/alerts/rules/promql.ts';
import { flow, type Place } from './layout.ts';
import { stepsOf } from './limits.ts';
import type { Dashboard, Panel, Variable } from './panel.ts';

/** Grafana's own variable syntax. */
const variableOf = (name: string): string => ['$', '{', name, '}'].join('');

/** dashboard-linter's names: `datasource` where there is one kind, else one by kind. */
const PROMETHEUS_VARIABLE = { alone: 'datasource', beside: 'prometheus_datasource' } as const;
const CLOUDWATCH_VARIABLE = 'cloudwatch_datasource';
const CLOUDWATCH = { type: 'cloudwatch', uid: variableOf(CLOUDWATCH_VARIABLE) };

/** Where functions log and where the ledger's events go; `lib/` makes groups of these names. */
const EVENT_LOG = `/aws/events/chancery-${variableOf('environment')}`;
const FUNCTION_LOG = `/chancery/${variableOf('environment')}/gate`;

const INSTANT: ReadonlySet<Panel['kind']> = new Set(['pie', 'table', 'toplist', 'stat', 'gauge']);

const refId = (index: number): string => String.fromCharCode(65 + index);

function fromPrometheus(panel: Panel, source: common.DataSourceRef): Builder<Dataquery>[] {
  return panel.queries.map((query, index) => {
    const target = new prometheus.DataqueryBuilder()
      .datasource(source)
      .expr(query.expr)
      .legendFormat(query.legend)
      .refId(refId(index))
      .exemplar(panel.exemplars ?? false);
    if (panel.kind === 'heatmap') target.format(prometheus.PromQueryFormat.Heatmap);
    if (panel.kind === 'table') target.format(prometheus.PromQueryFormat.Table);
    return INSTANT.has(panel.kind) ? target.instant() : target.range();
  });
}

/** Only for panels that no Prometheus can fill. */
function fromCloudWatch(panel: Panel): Builder<Dataquery>[] {
  const figure = panel.aws;
  if (figure.as === 'metrics') {
    return figure.series.map((series, index) =>
      new cloudwatch.MetricsQueryBuilder()
        .datasource(CLOUDWATCH)
        .queryMode(cloudwatch.QueryMode.Metrics)
        .metricQueryType(cloudwatch.MetricQueryType.Search)
        .metricEditorMode(cloudwatch.MetricEditorMode.Builder)
        .namespace(series.namespace)
        .metricName(series.metric)
        .statistic(series.stat)
        .dimensions(Object.fromEntries(series.by.map((dimension) => [dimension, ['*']])))
        .matchExact(true)
        .region('default')
        .id(`m${index}`)
        .expression('')
        .refId(refId(index)),
    );
  }
  const query = 'query' in figure ? figure.query : '';
  return [
    new cloudwatch.LogsQueryBuilder()
      .datasource(CLOUDWATCH)
      .queryMode(cloudwatch.QueryMode.Logs)
      .region('default')
      .logGroupNames([figure.as === 'logs' ? FUNCTION_LOG : EVENT_LOG])
      .expression(query)
      .id('l0')
      .refId('A'),
  ];
}

function colours(panel: Panel) {
  const steps = stepsOf(panel).map(({ at, color }) => ({ value: at, color }));
  return new grafana.ThresholdsConfigBuilder().mode(grafana.ThresholdsMode.Absolute).steps(steps);
}

const list = (calcs: string[] = []) =>
  new common.VizLegendOptionsBuilder()
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(calcs);

const newest = () => new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);

/** What Grafana's panel kinds have in common, whichever builder makes them. */
interface Common {
  id(id: number): this;
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  noValue(text: string): this;
  datasource(ref: common.DataSourceRef): this;
  gridPos(place: grafana.GridPos): this;
  links(links: Builder<grafana.DashboardLink>[]): this;
  targets(targets: Builder<Dataquery>[]): this;
  thresholds(steps: Builder<grafana.ThresholdsConfig>): this;
  min(value: number): this;
  max(value: number): this;
  decimals(count: number): this;
  build(): grafana.Panel;
}

function lines(panel: Panel): timeseries.PanelBuilder {
  const bars = panel.kind === 'bars';
  const builder = new timeseries.PanelBuilder()
    .legend(list())
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    )
    .drawStyle(bars ? common.GraphDrawStyle.Bars : common.GraphDrawStyle.Line)
    .lineWidth(bars ? 0 : 2)
    .fillOpacity(bars ? 80 : panel.stack === true ? 40 : 8)
    .showPoints(common.VisibilityMode.Never)
    .axisSoftMin(0);
  if (panel.stack === true) {
    builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  }
  if (stepsOf(panel).length > 1) {
    builder.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    );
  }
  return builder;
}

function words(panel: Panel): grafana.ValueMapping[] {
  const entries = Object.entries(panel.words ?? {});
  if (entries.length === 0) return [];
  return [{ type: grafana.MappingType.ValueToText, options: Object.fromEntries(entries) }];
}

function columns(panel: Panel): grafana.DataTransformerConfig[] {
  const names = panel.columns ?? {};
  return [
    {
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(Object.keys(names).map((name, index) => [name, index])),
        renameByName: names,
      },
    },
  ];
}

function body(panel: Panel): Common {
  switch (panel.kind) {
    case 'timeseries':
    case 'bars':
      return lines(panel);
    case 'stat':
      return new stat.PanelBuilder()
        .reduceOptions(newest())
        .colorMode(common.BigValueColorMode.Background)
        .graphMode(common.BigValueGraphMode.None)
        .textMode(
          panel.words === undefined ? common.BigValueTextMode.Auto : common.BigValueTextMode.ValueAndName,
        )
        .mappings(words(panel));
    case 'gauge':
      return new gauge.PanelBuilder().reduceOptions(newest()).showThresholdMarkers(true);
    case 'pie':
      return new piechart.PanelBuilder()
        .pieType(piechart.PieChartType.Donut)
        .reduceOptions(newest())
        .displayLabels([piechart.PieChartLabels.Percent])
        .legend(
          new piechart.PieChartLegendOptionsBuilder()
            .displayMode(common.LegendDisplayMode.List)
            .placement(common.LegendPlacement.Bottom)
            .showLegend(true)
            .values([piechart.PieChartLegendValues.Value]),
        );
    case 'toplist':
      return new bargauge.PanelBuilder()
        .orientation(common.VizOrientation.Horizontal)
        .displayMode(common.BarGaugeDisplayMode.Basic)
        .reduceOptions(newest());
    case 'table':
      return new table.PanelBuilder().showHeader(true).transformations(columns(panel));
    case 'heatmap':
    case 'rows':
      return new heatmap.PanelBuilder()
        .calculate(false)
        .color(
          new heatmap.HeatmapColorOptionsBuilder()
            .mode(heatmap.HeatmapColorMode.Scheme)
            .scheme('Oranges')
            .steps(64),
        )
        .yAxis(new heatmap.YAxisConfigBuilder().unit(panel.kind === 'heatmap' ? panel.unit : 'short'))
        .hideLegend();
  }
}

interface Around {
  readonly id: number;
  readonly place: Place;
  readonly source: common.DataSourceRef;
  readonly docs: string | undefined;
}

function toPanel(panel: Panel, { id, place, source, docs }: Around): Builder<grafana.Panel> {
  const aws = panel.queries.length === 0;
  const builder = body(panel)
    .id(id)
    .title(panel.title)
    .description(panel.description)
    .unit(panel.unit)
    .noValue('none')
    .datasource(aws ? CLOUDWATCH : source)
    .gridPos(place)
    .targets(aws ? fromCloudWatch(panel) : fromPrometheus(panel, source))
    .thresholds(colours(panel))
    .links([
      new grafana.DashboardLinkBuilder('Runbook')
        .type(grafana.DashboardLinkType.Link)
        .url(runbookUrl(panel.runbook, docs))
        .targetBlank(true),
    ]);
  if (panel.min !== undefined) builder.min(panel.min);
  if (panel.max !== undefined) builder.max(panel.max);
  // Extrapolation makes fractions of what can only be counted.
  if (panel.unit === 'short' && INSTANT.has(panel.kind)) builder.decimals(0);
  return builder;
}

const variable = ({ name, label, metric, from }: Variable, source: common.DataSourceRef) =>
  new grafana.QueryVariableBuilder(name)
    .label(label)
    .datasource(source)
    .query(`label_values(chancery_${metric}, ${from})`)
    .refresh(grafana.VariableRefresh.OnTimeRangeChanged)
    .sort(grafana.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: 'All', value: '$__all' });

/** Deployments and critical alerts as marks on every chart. */
export const MARKS = [
  {
    name: 'Deployments',
    color: 'blue',
    expr: 'sum by (environment, result) (changes(chancery_deployments_total[$__rate_interval])) > 0',
    title: 'Deployment',
    text: '{{environment}}: {{result}}',
  },
  {
    name: 'Alerts',
    color: 'red',
    expr: `max by (alertname) (ALERTS{alertstate=${quoted('firing')},severity=${quoted('critical')}})`,
    title: '{{alertname}}',
    text: 'critical alert',
  },
] as const;

const marks = (source: common.DataSourceRef) =>
  MARKS.map(({ name, color, expr, title, text }) =>
    new grafana.AnnotationQueryBuilder()
      .name(name)
      .datasource(source)
      .enable(true)
      .iconColor(color)
      .expr(expr)
      .step('60s')
      .titleFormat(title)
      .textFormat(text),
  );

export interface GrafanaOptions {
  /** Where the runbook is served. */
  readonly docs?: string | undefined;
}

/** The result is what `JSON.stringify` makes Grafana's import format. */
export function toGrafana(dashboard: Dashboard, { docs }: GrafanaOptions = {}): grafana.Dashboard {
  const places = flow(dashboard.panels);
  const aws = dashboard.panels.some((panel) => panel.queries.length === 0);
  const name = aws ? PROMETHEUS_VARIABLE.beside : PROMETHEUS_VARIABLE.alone;
  const source = { type: 'prometheus', uid: variableOf(name) };
  const builder = new grafana.DashboardBuilder(dashboard.title)
    .uid(dashboard.uid)
    .description(dashboard.description)
    .tags(['chancery', 'generated'])
    .readonly()
    .timezone('browser')
    .tooltip(grafana.DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('5s')
    .timepicker(new grafana.TimePickerBuilder().refreshIntervals(['5s', '15s', '1m', '5m']))
    .variables([
      new grafana.DatasourceVariableBuilder(name)
        .label(aws ? 'Prometheus data source' : 'Data source')
        .type('prometheus'),
      ...(aws
        ? [
            new grafana.DatasourceVariableBuilder(CLOUDWATCH_VARIABLE)
              .label('Cloudwatch data source')
              .type('cloudwatch'),
            new grafana.CustomVariableBuilder('environment').label('Environment').values('dev,staging,prod'),
          ]
        : []),
      ...dashboard.variables.map((one) => variable(one, source)),
    ])
    .annotations(marks(source))
    .links([
      new grafana.DashboardLinkBuilder('Chancery')
        .type(grafana.DashboardLinkType.Dashboards)
        .tags(['chancery'])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(false),
    ]);
  for (const [index, panel] of dashboard.panels.entries()) {
    const place = places[index];
    if (place !== undefined) builder.withPanel(toPanel(panel, { id: index + 1, place, source, docs }));
  }
  return builder.build();
}
