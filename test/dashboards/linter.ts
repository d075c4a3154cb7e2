/**
 * The rules of grafana/dashboard-linter, by their documentation and as its revision 4d0844b (June 2026) applies them.
 * The tool itself needs a module that no proxy gives out, so CI holds the dashboards to the rules here. Both were run
 * over the same dashboards once, without exclusions: 345 findings each, rule for rule.
 */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { parser } from '@prometheus-io/lezer-promql';
import * as z from 'zod';
import { substituted, syntaxErrors } from '../support/promql.ts';

const source = z.object({ type: z.string().optional(), uid: z.string() });
const target = z.looseObject({ expr: z.string().default('') });
const panel = z.looseObject({
  type: z.string(),
  title: z.string().default(''),
  description: z.string().default(''),
  datasource: source,
  targets: z.array(target).optional(),
  fieldConfig: z.object({ defaults: z.looseObject({ unit: z.string().default('') }) }),
});
const variable = z.looseObject({
  name: z.string(),
  type: z.string(),
  label: z.string().default(''),
  query: z.union([z.string(), z.looseObject({})]).default(''),
  refresh: z.number().optional(),
});
const schema = z.looseObject({
  title: z.string(),
  editable: z.boolean(),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(panel),
});
export type Linted = z.infer<typeof schema>;
type Panel = z.infer<typeof panel>;
type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

export interface Found {
  readonly rule: string;
  readonly dashboard: string;
  readonly panel?: string;
}

export const RULES = [
  'template-datasource-rule',
  'template-job-rule',
  'template-instance-rule',
  'template-label-promql-rule',
  'template-on-time-change-reload-rule',
  'panel-datasource-rule',
  'panel-title-description-rule',
  'panel-units-rule',
  'panel-no-targets-rule',
  'target-logql-rule',
  'target-logql-auto-rule',
  'target-promql-rule',
  'target-rate-interval-rule',
  'target-job-rule',
  'target-instance-rule',
  'target-counter-agg-rule',
  'uneditable-dashboard',
] as const;
type Rule = (typeof RULES)[number];

const SHOWN = new Set(['stat', 'singlestat', 'graph', 'table', 'timeseries', 'gauge']);
const SOURCED = new Set(['singlestat', 'graph', 'table', 'timeseries']);
const ASKED = new Set(['singlestat', 'gauge', 'table', 'stat', 'state-timeline', 'timeseries']);
const UNITS: ReadonlySet<unknown> = new Set(Object.values(units));
const OVER_TIME = new Set(['rate', 'irate', 'increase']);

export const readDashboard = (json: unknown): Linted => schema.parse(json);

function nodes(expr: string, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  parser.parse(expr).iterate({
    enter: (at) => {
      if (at.name === name) found.push(at.node);
    },
  });
  return found;
}

/** The function whose argument a range is. */
function callOf(range: SyntaxNode, expr: string): string {
  const call = range.parent?.parent;
  const name = call?.name === 'FunctionCall' ? call.getChild('FunctionIdentifier') : null;
  return name ? expr.slice(name.from, name.to) : '';
}

function template({ templating: { list } }: Linted, name: string, wrong: (rule: Rule) => void): void {
  const found = list.find((one) => one.name === name);
  const good =
    found?.type === 'query' && found.multi === true && found.allValue === '.+' && found.refresh === 2;
  if (!good) wrong(`template-${name}-rule` as Rule);
}

function dashboardRules(dashboard: Linted, wrong: (rule: Rule) => void): void {
  const { list } = dashboard.templating;
  const sources = list.filter(({ type }) => type === 'datasource');
  if (sources.length === 0) wrong('template-datasource-rule');
  for (const { name, label, query } of sources) {
    const kind = String(query);
    const names = [`${kind}_datasource`, ...(sources.length === 1 ? ['datasource'] : [])];
    const title = kind.charAt(0).toUpperCase() + kind.slice(1).toLowerCase();
    const labels = [`${title} data source`, ...(sources.length === 1 ? ['Data source'] : [])];
    if (!names.includes(name) || !labels.includes(label)) wrong('template-datasource-rule');
  }
  if (sources[0]?.query === 'prometheus') {
    template(dashboard, 'job', wrong);
    template(dashboard, 'instance', wrong);
    for (const { type, query } of list) {
      if (type !== 'query') continue;
      const [, asked = '', what = ''] = /([a-z_]+)\((.+)\)/.exec(String(query)) ?? [];
      const selector = substituted(what.split(',')[0] ?? '');
      if (
        !['label_names', 'label_values', 'metrics', 'query_result'].includes(asked) ||
        syntaxErrors(selector).length > 0
      )
        wrong('template-label-promql-rule');
    }
  }
  for (const { type, refresh } of list) {
    if (type === 'query' && refresh !== 2) wrong('template-on-time-change-reload-rule');
  }
  if (dashboard.editable) wrong('uneditable-dashboard');
}

function panelRules({ templating: { list } }: Linted, panel: Panel, wrong: (rule: Rule) => void): void {
  const uids = list
    .filter(({ type }) => type === 'datasource')
    .flatMap(({ name }) => [`$${name}`, ['$', '{', name, '}'].join('')]);
  if (SOURCED.has(panel.type) && !uids.includes(panel.datasource.uid)) wrong('panel-datasource-rule');
  if (!SHOWN.has(panel.type)) return;
  if (panel.title === '' || panel.description === '') wrong('panel-title-description-rule');
  if (!UNITS.has(panel.fieldConfig.defaults.unit)) wrong('panel-units-rule');
  if (panel.targets === undefined) wrong('panel-no-targets-rule');
}

function targetRules(
  { type, datasource }: Panel,
  given: string,
  prometheus: boolean,
  wrong: (rule: Rule) => void,
): void {
  if (datasource.type === 'loki') wrong('target-logql-rule');
  const expr = substituted(given);
  if (given === '' || syntaxErrors(expr).length > 0) {
    if (prometheus && ASKED.has(type)) wrong('target-promql-rule');
    return;
  }
  const selectors = nodes(expr, 'VectorSelector');
  if (prometheus) {
    const matchers = nodes(given.replace(/\[[^\]]*\]|offset \$\w+/g, ''), 'VectorSelector');
    for (const label of ['job', 'instance'] as const) {
      const wanted = new RegExp(`\\b${label}=~"\\$${label}"`);
      const text = given.replace(/\[[^\]]*\]|offset \$\w+/g, '');
      for (const { from, to } of matchers)
        if (!wanted.test(text.slice(from, to))) wrong(`target-${label}-rule`);
    }
    const windows = nodes(expr, 'MatrixSelector').filter((range) => /^i?rate$/.test(callOf(range, expr)));
    const own = substituted('[$__rate_interval]');
    if (ASKED.has(type) && windows.some(({ from, to }) => !expr.slice(from, to).endsWith(own)))
      wrong('target-rate-interval-rule');
  }
  const bare = selectors.some((selector) => {
    if (!expr.slice(selector.from, selector.to).endsWith('_total')) return false;
    const range = selector.parent?.name === 'MatrixSelector' ? selector.parent : undefined;
    return range === undefined || !OVER_TIME.has(callOf(range, expr));
  });
  if (bare) wrong('target-counter-agg-rule');
}

/** Everything the rules find; `.lint` is applied by the caller. */
export function lint(dashboard: Linted): Found[] {
  const found: Found[] = [];
  const { title } = dashboard;
  dashboardRules(dashboard, (rule) => found.push({ rule, dashboard: title }));
  const [first] = dashboard.templating.list.filter(({ type }) => type === 'datasource');
  for (const one of dashboard.panels) {
    const wrong = (rule: Rule) => found.push({ rule, dashboard: title, panel: one.title });
    panelRules(dashboard, one, wrong);
    for (const { expr } of one.targets ?? []) targetRules(one, expr, first?.query === 'prometheus', wrong);
  }
  return found;
}
