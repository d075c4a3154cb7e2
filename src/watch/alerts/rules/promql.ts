/**
 * PromQL, written against the catalogue: a metric or a label that nobody emits does not compile. Only the few
 * shapes that the rules and the dashboards use.
 */
import type { LabelOf, LabelsOf, MetricName } from '../../../catalogue/catalogue.ts';

/** A matcher other than plain equality. */
export type Matcher = { readonly op: '=~' | '!=' | '!~'; readonly value: string };
export type Matchers<N extends MetricName> = { readonly [L in LabelOf<N>]?: LabelsOf<N>[L] | Matcher };

export const matching = (value: string): Matcher => ({ op: '=~', value });
export const not = (value: string): Matcher => ({ op: '!=', value });
export const notMatching = (value: string): Matcher => ({ op: '!~', value });

/** A label value inside PromQL's double quotes. */
export const quoted = (value: string): string =>
  `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

type Suffix = '' | '_bucket' | '_sum' | '_count';

/** `chancery_name{label="value"}`; `suffix` picks a histogram's parts, `extra` adds matchers that are no labels of ours (`le`). */
export function series<N extends MetricName>(
  name: N,
  matchers: Matchers<N> = {},
  suffix: Suffix = '',
  extra: Readonly<Record<string, string | Matcher>> = {},
): string {
  const parts = Object.entries<string | Matcher | undefined>({ ...matchers, ...extra }).flatMap(
    ([label, matcher]) => {
      if (matcher === undefined) return [];
      return typeof matcher === 'string'
        ? [`${label}=${quoted(matcher)}`]
        : [`${label}${matcher.op}${quoted(matcher.value)}`];
    },
  );
  return `chancery_${name}${suffix}${parts.length === 0 ? '' : `{${parts.join(',')}}`}`;
}

export interface Over<N extends MetricName> {
  readonly by?: readonly LabelOf<N>[];
  readonly where?: Matchers<N>;
  /** A PromQL duration, or Grafana's `$__rate_interval`. */
  readonly window?: string;
}

const by = (labels: readonly string[] | undefined): string =>
  labels === undefined || labels.length === 0 ? '' : ` by (${labels.join(', ')})`;

/** Per second, summed. */
export function rate<N extends MetricName>(name: N, over: Over<N> = {}): string {
  return `sum${by(over.by)} (rate(${series(name, over.where)}[${over.window ?? '5m'}]))`;
}

/** How many in the window, summed. */
export function increase<N extends MetricName>(name: N, over: Over<N> = {}): string {
  return `sum${by(over.by)} (increase(${series(name, over.where)}[${over.window ?? '5m'}]))`;
}

/**
 * How many in the window, the first event of a new label set included: `increase()` alone starts counting at
 * the first sample it sees, and so never sees what made the series appear.
 */
export function counted<N extends MetricName>(name: N, over: Over<N> = {}): string {
  const window = over.window ?? '5m';
  const all = series(name, over.where);
  const grown = `sum${by(over.by)} (increase(${all}[${window}]) or 0 * ${all})`;
  const appeared = `sum${by(over.by)} ((min_over_time(${all}[${window}]) unless ${all} offset ${window}) or 0 * ${all})`;
  return `${grown} + ${appeared}`;
}

export function sum<N extends MetricName>(name: N, over: Omit<Over<N>, 'window'> = {}): string {
  return `sum${by(over.by)} (${series(name, over.where)})`;
}

export function max<N extends MetricName>(name: N, over: Omit<Over<N>, 'window'> = {}): string {
  return `max${by(over.by)} (${series(name, over.where)})`;
}

/** A quantile of a histogram, in its base unit. */
export function quantile<N extends MetricName>(q: number, name: N, over: Over<N> = {}): string {
  const labels = ['le', ...(over.by ?? [])].join(', ');
  const bucket = series(name, over.where, '_bucket');
  return `histogram_quantile(${q}, sum by (${labels}) (rate(${bucket}[${over.window ?? '5m'}])))`;
}

/** A counter that every ledger has and that no filter leaves out: by it Prometheus' own sight is told. */
export const ALWAYS_THERE = 'chancery_ledger_entries_total';

/** Holds when the office was already seen a day ago: a young Prometheus knows no usual day to compare with. */
export const SEEN_A_DAY = `on () count (last_over_time(${ALWAYS_THERE}[1h] offset 1d)) > 0`;

/**
 * By how much a counter grew in the last five minutes, above zero. `increase()` needs two samples, so it never sees
 * the first event of a new label set, and forgets events that fell into a gap of the scraping. This compares
 * with the last value known up to a day before. A series that was unknown then is new when it appeared while
 * Prometheus was looking: it has fewer samples than a counter that is always there. One that was there from
 * Prometheus' first sample on counts what is long past, and says nothing; `even_old` reports it all the same, for
 * what is bad however long ago it happened.
 */
export function grew<N extends MetricName>(
  name: N,
  over: Omit<Over<N>, 'window'> & { readonly even_old?: boolean } = {},
): string {
  const all = series(name, over.where);
  const now = `sum${by(over.by)} (${all})`;
  const before = `sum${by(over.by)} (last_over_time(${all}[1d] offset 5m))`;
  const seen = `max${by(over.by)} (count_over_time(${all}[5m]))`;
  const appeared = `${seen} < on () group_left () max (count_over_time(${ALWAYS_THERE}[5m]))`;
  const unknown = over.even_old ? `${now} unless ${before}` : `${now} unless ${before} and (${appeared})`;
  return `((${now} - ${before}) or (${unknown})) > 0`;
}
