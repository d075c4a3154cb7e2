/**
 * Exposition of the accumulators: Prometheus text format 0.0.4, and OpenMetrics 1.0 with exemplars that carry
 * the trace id and the hash of the record that a number can be traced to.
 */

import { mediaQuality } from '../../basics/accept.ts';
import { METRIC_NAMES, type MetricName, PREFIX } from '../../catalogue/catalogue.ts';
import { type Family, seriesBudget } from '../../catalogue/family.ts';
import type { Accumulators } from './accumulators.ts';
import type { Series } from './cell.ts';
import { familyOf } from './delta.ts';

export type PageFormat = 'text' | 'openmetrics';

export const CONTENT_TYPE: Readonly<Record<PageFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** A gauge that is worked out when it is read (start time, charter in force), in the base unit. */
export interface Reading {
  readonly metric: MetricName;
  readonly labels: readonly string[];
  readonly value: number;
}

/** OpenMetrics where the client names it and likes it as much; 0.0.4 is what everything understands. */
export function negotiate(accept = ''): PageFormat {
  const [openMetrics, text] = ['application/openmetrics-text', 'text/plain'].map((type) =>
    mediaQuality(accept, type),
  );
  const named = /application\/openmetrics-text/i.test(accept);
  return openMetrics && (named || !text) && openMetrics >= (text ?? 0) ? 'openmetrics' : 'text';
}

/** The whole exposition. Families without a series are left out; readings stand in for stored gauges. */
export function render(state: Accumulators, readings: readonly Reading[], format: PageFormat): string {
  const families = collect(state, readings);
  const lines: string[] = [];
  for (const metric of METRIC_NAMES) {
    const series = families.get(metric);
    if (series !== undefined && series.length > 0) renderFamily(lines, metric, series, format);
  }
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

/** Every series of every family, cells and their proven and measured parts merged; sorted by label values. */
export function collect(state: Accumulators, readings: readonly Reading[]): Map<MetricName, Series[]> {
  const families = new Map<MetricName, Map<string, Series>>();
  const of = (metric: MetricName): Map<string, Series> => {
    const known = families.get(metric);
    if (known) return known;
    const made = new Map<string, Series>();
    families.set(metric, made);
    return made;
  };
  for (const { cell } of state.cells.values()) {
    const family = of(cell.metric);
    for (const [key, series] of cell.series) {
      const held = family.get(key);
      family.set(key, held === undefined ? series : merged(held, series));
    }
  }
  for (const metric of FROM_ZERO) fill(metric, of(metric));
  const read = new Set(readings.map(({ metric }) => metric));
  for (const metric of read) families.delete(metric);
  for (const { metric, labels, value } of readings) {
    of(metric).set(labels.join('\u001f'), { labels, value: value * familyOf(metric).scale, buckets: [] });
  }
  return new Map([...families].map(([metric, family]) => [metric, sorted(family)]));
}

/**
 * Families whose few series are all known beforehand are shown from zero on: a counter that appears
 * with its first event at 1 hides that event from `increase`. A counter of time has no first event.
 */
const FROM_ZERO: readonly MetricName[] = METRIC_NAMES.filter((metric) => {
  const family = familyOf(metric);
  const known = Object.values(family.labels).every((label) => 'values' in label);
  return (
    known &&
    seriesBudget(family) <= 64 &&
    ((family.type === 'counter' && family.unit === '') ||
      (family.type === 'gauge' && family.source === 'ledger'))
  );
});

function fill(metric: MetricName, family: Map<string, Series>): void {
  const rows = Object.values(familyOf(metric).labels).reduce<string[][]>(
    (made, label) =>
      made.flatMap((row) => ('values' in label ? label.values : []).map((value) => [...row, value])),
    [[]],
  );
  for (const labels of rows) {
    const key = labels.join('\u001f');
    if (!family.has(key)) family.set(key, { labels, value: 0, buckets: [] });
  }
}

const sorted = (family: ReadonlyMap<string, Series>): Series[] =>
  [...family].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, series]) => series);

const merged = (left: Series, right: Series): Series => ({
  ...left,
  value: left.value + right.value,
  buckets: left.buckets.map((count, index) => count + (right.buckets[index] ?? 0)),
});

function renderFamily(lines: string[], metric: MetricName, all: readonly Series[], format: PageFormat): void {
  const family = familyOf(metric);
  const name = PREFIX + metric;
  const bare = format === 'openmetrics' && family.type === 'counter' ? name.replace(/_total$/, '') : name;
  lines.push(`# HELP ${bare} ${escapeHelp(family.help, format)}`, `# TYPE ${bare} ${family.type}`);
  if (format === 'openmetrics' && isUnitSuffix(family, bare)) lines.push(`# UNIT ${bare} ${family.unit}`);
  const names = Object.keys(family.labels);
  for (const series of all) {
    const labels = labelPairs(names, series.labels);
    if (family.type === 'histogram') renderHistogram(lines, name, labels, family, series, format);
    else {
      const shown = labels === '' ? name : `${name}{${labels}}`;
      const exemplar =
        family.type === 'counter' && format === 'openmetrics' ? exemplarOf(family, series) : '';
      lines.push(`${shown} ${number(series.value, family.scale)}${exemplar}`);
    }
  }
}

/** OpenMetrics: a family with a unit must end in it. `timestamp` and `ratio` name what the number means instead. */
const isUnitSuffix = (family: Family, name: string): boolean =>
  family.unit !== '' && name.endsWith(`_${family.unit}`);

function renderHistogram(
  lines: string[],
  name: string,
  labels: string,
  family: Family,
  series: Series,
  format: PageFormat,
): void {
  const prefix = labels === '' ? '' : `${labels},`;
  const { exemplar } = series;
  let sum = 0;
  let shown = exemplar === undefined || format === 'text';
  for (let index = 0; index <= family.buckets.length; index += 1) {
    sum += series.buckets[index] ?? 0;
    const bound = family.buckets[index];
    let line = `${name}_bucket{${prefix}le="${bound === undefined ? '+Inf' : boundText(bound, format)}"} ${sum}`;
    if (
      !shown &&
      exemplar !== undefined &&
      (bound === undefined || exemplar.value <= Math.round(bound * family.scale))
    ) {
      line += exemplarOf(family, series);
      shown = true;
    }
    lines.push(line);
  }
  const suffix = labels === '' ? '' : `{${labels}}`;
  lines.push(`${name}_sum${suffix} ${number(series.value, family.scale)}`, `${name}_count${suffix} ${sum}`);
}

/** OpenMetrics wants `le` as a float in canonical form; 0.0.4 takes `1`. */
const boundText = (bound: number, format: PageFormat): string =>
  format === 'openmetrics' && Number.isInteger(bound) ? `${bound}.0` : String(bound);

/** OpenMetrics §"Exemplars": names and values of its labels together are at most 128 characters. */
const EXEMPLAR_CHARACTERS = 128;

function exemplarOf(family: Family, { exemplar }: Series): string {
  if (exemplar === undefined) return '';
  const room = EXEMPLAR_CHARACTERS - 'trace_id'.length - exemplar.trace.length - 'record_hash'.length;
  const labels = [
    `trace_id="${escapeLabel(exemplar.trace)}"`,
    ...(exemplar.hash === '' ? [] : [`record_hash="${exemplar.hash.slice(0, Math.max(0, room))}"`]),
  ].join(',');
  return ` # {${labels}} ${number(exemplar.value, family.scale)} ${Date.parse(exemplar.time) / 1000}`;
}

/** A stored integer in the base unit. Doubles print the shortest decimal that reads back the same. */
const number = (stored: number, scale: number): string => String(scale === 1 ? stored : stored / scale);

function labelPairs(names: readonly string[], values: readonly string[]): string {
  let text = '';
  for (let index = 0; index < names.length; index += 1) {
    text += `${index === 0 ? '' : ','}${names[index]}="${escapeLabel(values[index] ?? '')}"`;
  }
  return text;
}

/** Both formats: backslash, double quote and line feed. */
function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}

/** 0.0.4 escapes backslash and line feed in help; OpenMetrics the double quote too. */
function escapeHelp(help: string, format: PageFormat): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}
