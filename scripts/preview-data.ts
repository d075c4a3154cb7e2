/** What a Grafana would ask Prometheus for each panel, asked once and kept. */
import { DASHBOARDS } from '../dashboards/all.ts';
import { MARKS } from '../dashboards/grafana.ts';
import type { Panel } from '../dashboards/panel.ts';
import type { Monitoring, Series } from '../test/real/monitoring.ts';

export interface Line {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, number])[];
}
/** By dashboard uid, then by panel title; `$name` holds a variable's values, `@name` an annotation's marks. */
export type Snapshot = Readonly<Record<string, Readonly<Record<string, readonly Line[]>>>>;

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** In place of Grafana's rate interval. */
  readonly window: string;
}

const INSTANT: ReadonlySet<Panel['kind']> = new Set(['pie', 'table', 'toplist', 'stat', 'gauge']);

export const asked = (expr: string, span: Span): string =>
  expr
    .replaceAll('$__rate_interval', span.window)
    .replaceAll('$__range', `${Math.round(span.to - span.from)}s`)
    .replace(/\$\w+/g, '.+');

const legend = (template: string, labels: Readonly<Record<string, string>>): string =>
  template.replace(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');

async function ask(monitoring: Monitoring, panel: Panel, expr: string, span: Span): Promise<Series[]> {
  const query = asked(expr, span);
  return INSTANT.has(panel.kind)
    ? monitoring.query(query, span.to)
    : monitoring.range(query, span.from, span.to, span.step);
}

export async function snapshot(monitoring: Monitoring, span: Span): Promise<Snapshot> {
  const taken: Record<string, Record<string, Line[]>> = {};
  for (const dashboard of DASHBOARDS) {
    const panels: Record<string, Line[]> = {};
    for (const panel of dashboard.panels) {
      const lines: Line[] = [];
      for (const query of panel.queries) {
        for (const { metric, values } of await ask(monitoring, panel, query.expr, span)) {
          lines.push({ name: legend(query.legend, metric), labels: metric, values });
        }
      }
      panels[panel.title] = lines;
    }
    for (const { name, metric, from } of dashboard.variables) {
      const values = await monitoring.query(`group by (${from}) (chancery_${metric})`, span.to);
      panels[`$${name}`] = values.map((one) => ({
        ...one,
        name: one.metric[from] ?? '',
        labels: one.metric,
      }));
    }
    for (const { name, expr } of MARKS) {
      const marks = await monitoring.range(asked(expr, span), span.from, span.to, span.step);
      panels[`@${name}`] = marks.map((one) => ({ ...one, name, labels: one.metric }));
    }
    taken[dashboard.uid] = panels;
  }
  return taken;
}
