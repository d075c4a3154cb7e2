/**
 * What a process measured since it last told anyone, as it rides on a ledger item: a JSON string, unsigned.
 * Figures of a process are operational; nothing that must be proven travels here.
 */
import * as z from 'zod';
import { isMetricName, type MetricName } from '../../catalogue/catalogue.ts';
import type { Family } from '../../catalogue/family.ts';
import { familyOf } from './delta.ts';

const metric = z.custom<MetricName>((value) => typeof value === 'string' && isMetricName(value));
const labels = z.array(z.string().max(128));
const Value = z.tuple([metric, labels, z.int()]);
/** The buckets as `[index, count, index, count, …]`: most of one stretch are empty. */
const Observed = z.tuple([metric, labels, z.int().nonnegative(), z.array(z.int().nonnegative())]);
/** The greatest observation of the stretch: its value, trace and time (RFC 3339). */
const Traced = z.tuple([metric, labels, z.int().nonnegative(), z.string().max(64), z.iso.datetime()]);
const Ride = z.object({
  counts: z.array(Value),
  observed: z.array(Observed),
  set: z.array(Value),
  /** Absent from what was written before there was any. */
  traced: z.array(Traced).default([]),
});

/** One series' share per row: counters `[metric, labels, n]`, histograms with sum and buckets, gauges with the value. */
export type Ride = z.infer<typeof Ride>;

/**
 * Reads a ride; what does not fit the catalogue is left out, since anyone who can write to the store could
 * have written it, and an older version of the code may have.
 */
export function decodeRide(text: string): Ride {
  const ride = Ride.safeParse(parse(text));
  if (!ride.success) return { counts: [], observed: [], set: [], traced: [] };
  const { counts, observed, set, traced } = ride.data;
  return {
    counts: counts.filter(([name, values, by]) => fits(name, values, 'counter') && by >= 0),
    observed: observed.filter(
      ([name, values, , pairs]) => fits(name, values, 'histogram') && indexesFit(familyOf(name), pairs),
    ),
    set: set.filter(([name, values]) => fits(name, values, 'gauge')),
    traced: traced.filter(([name, values]) => fits(name, values, 'histogram')),
  };
}

const fits = (name: MetricName, values: readonly string[], type: Family['type']): boolean =>
  familyOf(name).type === type && values.length === Object.keys(familyOf(name).labels).length;

const indexesFit = (family: Family, pairs: readonly number[]): boolean =>
  pairs.every((index, at) => at % 2 === 1 || index <= family.buckets.length);

export const sparse = (buckets: readonly number[]): number[] =>
  buckets.flatMap((count, index) => (count === 0 ? [] : [index, count]));

export function dense(pairs: readonly number[], size: number): number[] {
  const buckets = new Array<number>(size).fill(0);
  for (let at = 0; at + 1 < pairs.length; at += 2) buckets[pairs[at] ?? 0] = pairs[at + 1] ?? 0;
  return buckets;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
