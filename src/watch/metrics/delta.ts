/** What one record, or one stretch of a process, adds to the accumulators. Integers, so that any order adds up alike. */
import {
  CATALOGUE,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
} from '../../catalogue/catalogue.ts';
import { type Family, type Label, seriesBudget } from '../../catalogue/family.ts';
import type { PlaceInTime } from '../../ledger/places/lane-stream.ts';

/** What an exposed number can be traced to. `value` is in stored integers; `hash` is empty where no record stands for it. */
export interface Exemplar extends PlaceInTime {
  readonly trace: string;
  readonly hash: string;
  readonly value: number;
}

export type Delta = {
  readonly metric: MetricName;
  /** Values in the order in which the catalogue declares the labels. */
  readonly labels: readonly string[];
} & (
  | { readonly kind: 'add'; readonly by: number }
  | { readonly kind: 'observe'; readonly value: number }
  | { readonly kind: 'set'; readonly value: number }
);

export const familyOf = (metric: MetricName): Family => CATALOGUE[metric];

/** What a declaration comes to, worked out once: every record is folded into a dozen families. */
export interface Layout {
  readonly labels: readonly (readonly [name: string, label: Label])[];
  /** Whether any of its labels is drawn from outside. */
  readonly draws: boolean;
  /** Upper bounds of its buckets in stored integers. */
  readonly bounds: readonly number[];
  /** Most series that it may have. */
  readonly budget: number;
}

const layouts = new WeakMap<Family, Layout>();
export function layoutOf(family: Family): Layout {
  const known = layouts.get(family);
  if (known !== undefined) return known;
  const labels = Object.entries(family.labels);
  const layout: Layout = {
    labels,
    draws: labels.some(([, label]) => 'dictionary' in label),
    bounds: family.buckets.map((bound) => Math.round(bound * family.scale)),
    budget: seriesBudget(family),
  };
  layouts.set(family, layout);
  return layout;
}

/** Values in declared order; what is missing is `none`, what a closed label does not list is `other` or its last value. */
export function labelValues(metric: MetricName, labels: object): string[] {
  return layoutOf(familyOf(metric)).labels.map(([name, label]) => {
    const given: unknown = Reflect.get(labels, name);
    const value = typeof given === 'string' && given !== '' ? given : 'none';
    if (!('values' in label) || label.values.includes(value)) return value;
    return label.values.includes('other') ? 'other' : (label.values.at(-1) ?? 'none');
  });
}

/** Stored integer of a value in the base unit. Not a number, infinite or negative durations become 0. */
export function scaled(metric: MetricName, value: number): number {
  const integer = Math.round(value * familyOf(metric).scale);
  return Number.isSafeInteger(integer) ? integer : 0;
}

export const add = <M extends CounterName | GaugeName>(metric: M, labels: LabelsOf<M>, by = 1): Delta => ({
  kind: 'add',
  metric,
  labels: labelValues(metric, labels),
  by: Number.isSafeInteger(by) ? by : 0,
});

/** `value` in stored integers (microseconds, bytes). */
export const observe = <M extends HistogramName>(metric: M, labels: LabelsOf<M>, value: number): Delta => ({
  kind: 'observe',
  metric,
  labels: labelValues(metric, labels),
  value: Number.isSafeInteger(value) && value > 0 ? value : 0,
});

/** Index of the bucket that holds a stored integer: `le` is inclusive, the last index is +Inf. */
export function bucketOf(family: Family, value: number): number {
  const { bounds } = layoutOf(family);
  let index = 0;
  while (index < bounds.length && value > (bounds[index] ?? Number.POSITIVE_INFINITY)) index += 1;
  return index;
}
