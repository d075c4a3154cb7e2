/** The accumulators as flat samples, for those who do not scrape: remote write and reports. */

import { METRIC_NAMES, PREFIX } from '../../catalogue/catalogue.ts';
import type { Accumulators } from './accumulators.ts';
import { familyOf } from './delta.ts';
import { collect, type Reading } from './render.ts';

export interface Sample {
  /** Sorted by name, `__name__` among them, as remote write demands. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
}

export function samplesOf(state: Accumulators, readings: readonly Reading[]): Sample[] {
  const families = collect(state, readings);
  return METRIC_NAMES.flatMap((metric) => {
    const family = familyOf(metric);
    const names = Object.keys(family.labels);
    return (families.get(metric) ?? []).flatMap(({ labels, value, buckets }) => {
      const own = names.map((name, index): [string, string] => [name, labels[index] ?? '']);
      const sample = (suffix: string, number: number, more: readonly [string, string][] = []): Sample => ({
        labels: [['__name__', PREFIX + metric + suffix] as const, ...own, ...more].sort(([left], [right]) =>
          left < right ? -1 : 1,
        ),
        value: number,
      });
      if (family.type !== 'histogram') return [sample('', value / family.scale)];
      let sum = 0;
      const cumulative = [...family.buckets, Number.POSITIVE_INFINITY].map((bound, index) => {
        sum += buckets[index] ?? 0;
        return sample('_bucket', sum, [['le', bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)]]);
      });
      return [...cumulative, sample('_sum', value / family.scale), sample('_count', sum)];
    });
  });
}
