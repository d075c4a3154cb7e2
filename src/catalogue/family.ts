/** How a metric family is declared: the words that `catalogue.ts` is written in. */

/**
 * Where a figure comes from. `ledger`: folded from signed records, provable. `process`: measured in a process,
 * rides unsigned on records. `aws`: what AWS itself publishes, as gauges.
 */
export type FigureSource = 'ledger' | 'process' | 'aws';

/** Base units. `timestamp` is seconds since the epoch; `ratio` is 0 to 1; '' counts things. */
export type Unit = '' | 'seconds' | 'bytes' | 'dollars' | 'ratio' | 'timestamp';

/** A label whose values are all known here. */
export interface ClosedLabel<V extends readonly string[] = readonly string[]> {
  readonly values: V;
}

/**
 * A label whose values come from outside. At most `max` different ones are admitted, over all writers
 * together, the rest is `other` (admission.ts). `dictionary` names the admitted set: labels that mean
 * the same thing share one.
 */
export interface DrawnLabel {
  readonly dictionary: string;
  readonly max: number;
  readonly from: string;
}

export type Label = ClosedLabel | DrawnLabel;

export interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly source: FigureSource;
  readonly unit: Unit;
  readonly help: string;
  readonly labels: Readonly<Record<string, Label>>;
  /** Upper bounds in the base unit, ascending, without +Inf. Histograms only. */
  readonly buckets: readonly number[];
  /** Stored integers per base unit: 1e6 makes seconds microseconds. */
  readonly scale: number;
  /** The section of the requirements that brings it, where it does not come with the first release. */
  readonly since: string;
}
export type Families = Readonly<Record<string, Family>>;

interface Options {
  readonly unit?: Unit;
  readonly scale?: number;
  readonly since?: string;
}

const scaleOf = (unit: Unit): number => (unit === '' || unit === 'bytes' ? 1 : 1e6);

/**
 * Bounds hold every threshold that an SLO or an alert is cut at (0.05, 0.5, 1, 2, 5, 30 and 60 s), so that
 * `le` counts answer them exactly instead of by interpolation.
 */
export const BUCKETS = {
  tiny: [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1],
  fast: [1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  request: [1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
  run: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 300, 3600],
  hours: [1, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200],
  days: [1, 60, 3600, 14400, 86400, 259200, 604800, 1209600, 2592000],
  size: [256, 1024, 4096, 16384, 65536, 262144, 1048576],
} as const;

export const closed = <const V extends readonly string[]>(values: V): ClosedLabel<V> => ({ values });

export const drawn = (dictionary: string, max: number, from: string): DrawnLabel => ({
  dictionary,
  max,
  from,
});

/** A label with one value at a time, such as the version in `build_info`. */
export const single = (from: string): DrawnLabel => ({ dictionary: from, max: 1, from });

type Declared<T extends Family['type'], S extends FigureSource, L> = Omit<
  Family,
  'type' | 'source' | 'labels'
> & {
  readonly type: T;
  readonly source: S;
  readonly labels: L;
};

function declare<T extends Family['type'], S extends FigureSource, L>(
  type: T,
  source: S,
  help: string,
  labels: L,
  buckets: readonly number[],
  options: Options,
): Declared<T, S, L> {
  const unit = options.unit ?? (type === 'histogram' ? 'seconds' : '');
  const scale = options.scale ?? scaleOf(unit);
  return { type, source, unit, help, labels, buckets, scale, since: options.since ?? '' };
}

export const count = <S extends FigureSource, const L extends Record<string, Label>>(
  source: S,
  help: string,
  labels: L,
  options: Options = {},
) => declare('counter', source, help, labels, [], options);

export const gauge = <S extends FigureSource, const L extends Record<string, Label>>(
  source: S,
  help: string,
  labels: L,
  options: Options = {},
) => declare('gauge', source, help, labels, [], options);

export const histogram = <S extends FigureSource, const L extends Record<string, Label>>(
  source: S,
  help: string,
  labels: L,
  buckets: readonly number[],
  options: Options = {},
) => declare('histogram', source, help, labels, buckets, options);

/** The meter of a process gives a family no more than this, whatever its labels could make (meter.ts). */
export const MAX_PROCESS_SERIES = 2_000;

/** Most series that a family can have: the product over its labels, `other` and `none` included for drawn ones. */
export function seriesBudget(family: Family): number {
  const product = Object.values(family.labels).reduce(
    (made, label) => made * ('values' in label ? label.values.length : label.max + 2),
    1,
  );
  return family.source === 'ledger' ? product : Math.min(product, MAX_PROCESS_SERIES);
}
