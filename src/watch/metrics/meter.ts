/**
 * The meter of one process: counts and observations in memory, handed over at most every 5 s as a ride on the
 * next ledger record, or when somebody scrapes. Each figure is handed over once. What a crash takes with it
 * was never shown to anyone, so no counter is ever seen to go back.
 */

import { isoTime } from '../../basics/iso-time.ts';
import { isMetricName, type MetricName } from '../../catalogue/catalogue.ts';
import type { Family } from '../../catalogue/family.ts';
import type { Clock, Meter } from '../../ports.ts';
import { bucketOf, familyOf, labelValues, layoutOf, scaled } from './delta.ts';
import { KnownCells } from './known-cells.ts';
import { type Ride, sparse } from './ride.ts';

export const RIDE_INTERVAL_MS = 5_000;
/** Rides are kept far under DynamoDB's item size; what does not fit waits for the next one. */
export const MAX_RIDE_CHARACTERS = 16_384;

interface Cell {
  readonly metric: MetricName;
  readonly type: Family['type'];
  readonly labels: string[];
  value: number;
  readonly buckets: number[];
  slowest?: Traced;
}

/** The greatest single value of a stretch, in stored integers, and when and in which trace it was measured. */
interface Traced {
  readonly value: number;
  readonly trace: string;
  readonly time: string;
}

/** Told of every measurement as it is made: EMF on AWS. Values in base units, labels as counted. */
export type Listener = (metric: MetricName, labels: readonly string[], value: number) => void;

export interface ProcessMeter extends Meter {
  /** A ride for the next record, or undefined when the last one was less than 5 s ago or nothing happened. */
  ride(): string | undefined;
  /** Everything that was not handed over yet: for a scrape in this process, and at its end. */
  drain(): Ride;
}

export function createMeter(clock: Clock, listener: Listener = () => undefined): ProcessMeter {
  let cells = new Map<string, Cell>();
  /** Cells of `cells`. */
  const met = new KnownCells<Cell>();
  let series = new Map<MetricName, Set<string>>();
  let rode = clock();

  function cellOf(metric: string, labels: object, type: Family['type']): Cell {
    const known = met.find(metric, labels);
    if (known?.type === type) return known;
    if (!isMetricName(metric)) throw new TypeError(`${metric} is not in the catalogue`);
    const family = familyOf(metric);
    if (family.type !== type || family.source === 'ledger') {
      throw new TypeError(
        `${metric} is a ${family.type} of source ${family.source}: the meter does not take it`,
      );
    }
    const cell = find(metric, labelValues(metric, labels).map(fitting));
    const names = layoutOf(family).labels.map(([name]) => name);
    // Labels that count as others are looked at each time.
    if (names.every((name, at) => Reflect.get(labels, name) === cell.labels[at]))
      met.keep(metric, names, cell.labels, cell);
    return cell;
  }

  function find(metric: MetricName, values: string[]): Cell {
    const key = `${metric}${SEPARATOR}${values.join(SEPARATOR)}`;
    const known = cells.get(key);
    if (known) return known;
    const admitted = admit(metric, key) ? values : overflowOf(metric, values);
    if (admitted !== values) {
      overflowed(metric);
      return find(metric, admitted);
    }
    const { type, buckets } = familyOf(metric);
    const size = type === 'histogram' ? buckets.length + 1 : 0;
    const cell = { metric, type, labels: values, value: 0, buckets: new Array<number>(size).fill(0) };
    cells.set(key, cell);
    return cell;
  }

  /** Keeps what was seen across rides, so that a flood is one flood however often the meter is emptied. */
  function admit(metric: MetricName, key: string): boolean {
    const seen = series.get(metric) ?? new Set();
    series.set(metric, seen);
    if (seen.has(key)) return true;
    if (seen.size >= layoutOf(familyOf(metric)).budget && !key.includes(`${SEPARATOR}other`)) return false;
    seen.add(key);
    return true;
  }

  function overflowed(metric: MetricName): void {
    find('label_overflow_total', [metric]).value += 1;
  }

  return {
    count(metric, labels, by = 1) {
      const cell = cellOf(metric, labels, 'counter');
      cell.value += Math.max(0, Math.round(by));
      listener(cell.metric, cell.labels, by);
    },
    observe(metric, labels, value, trace) {
      const cell = cellOf(metric, labels, 'histogram');
      const stored = Math.max(0, scaled(cell.metric, value));
      cell.value += stored;
      const bucket = bucketOf(familyOf(cell.metric), stored);
      cell.buckets[bucket] = (cell.buckets[bucket] ?? 0) + 1;
      if (trace !== undefined && !(cell.slowest !== undefined && cell.slowest.value >= stored))
        cell.slowest = { value: stored, trace, time: isoTime(clock()) };
      listener(cell.metric, cell.labels, value);
    },
    set(metric, labels, value) {
      const cell = cellOf(metric, labels, 'gauge');
      cell.value = scaled(cell.metric, value);
      listener(cell.metric, cell.labels, value);
    },
    ride() {
      const now = clock();
      if (cells.size === 0 || now - rode < RIDE_INTERVAL_MS) return undefined;
      rode = now;
      const taken = new Map<string, Cell>();
      let size = 64;
      for (const [key, cell] of cells) {
        size += key.length + 64 + (cell.slowest === undefined ? 0 : key.length + 96);
        if (size > MAX_RIDE_CHARACTERS) break;
        taken.set(key, cell);
      }
      for (const key of taken.keys()) cells.delete(key);
      met.clear();
      return JSON.stringify(rideOf(taken));
    },
    drain() {
      const all = cells;
      cells = new Map();
      met.clear();
      if (series.size > 200) series = new Map();
      return rideOf(all);
    },
  };
}

function rideOf(cells: ReadonlyMap<string, Cell>): Ride {
  const ride: Ride = { counts: [], observed: [], set: [], traced: [] };
  for (const { metric, labels, value, buckets, slowest } of cells.values()) {
    const { type } = familyOf(metric);
    if (type === 'counter') ride.counts.push([metric, labels, value]);
    else if (type === 'gauge') ride.set.push([metric, labels, value]);
    else ride.observed.push([metric, labels, value, sparse(buckets)]);
    if (slowest !== undefined) ride.traced.push([metric, labels, slowest.value, slowest.trace, slowest.time]);
  }
  return ride;
}

/** Between the labels in the key of a cell. */
const SEPARATOR = '\u001f';

/** A label value that a dashboard can show and an item can hold. */
const fitting = (value: string): string => (value.length <= 128 ? value : 'other');

/** Drawn labels give way to `other`; closed ones stay. */
const overflowOf = (metric: MetricName, values: readonly string[]): string[] =>
  layoutOf(familyOf(metric)).labels.map(([, label], index) =>
    'values' in label ? (values[index] ?? 'none') : 'other',
  );
