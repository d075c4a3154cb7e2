/**
 * A cell: the accumulated series of one family (or of a fixed share of a large one), which is one item of the
 * table. A share is chosen by the series' own labels, so that a family may outgrow one item without any
 * reader or writer having to agree on more than this file.
 */
import type { MetricName } from '../../catalogue/catalogue.ts';
import type { PlaceInTime } from '../../ledger/places/lane-stream.ts';
import { bucketOf, type Delta, type Exemplar, familyOf, layoutOf } from './delta.ts';

export interface Series {
  readonly labels: readonly string[];
  /** Counters and gauges: the value. Histograms: the sum. Stored integers. */
  value: number;
  /** Histograms: count per bucket (not cumulative), +Inf last. */
  readonly buckets: number[];
  /** Where a `set` came from. */
  place?: PlaceInTime;
  exemplar?: Exemplar;
}

/** Most series in one cell: at about 400 bytes each, a cell stays far under 300 KB. */
export const SERIES_PER_CELL = 600;

/** Cells that a family of this source is spread over. Changing it means that all is folded anew. */
export const cellsOf = (metric: MetricName): number =>
  Math.min(64, Math.ceil(layoutOf(familyOf(metric)).budget / SERIES_PER_CELL));

const JOIN = '\u001f';

/** Of one label its value, so that no text is made for it. */
const keyOf = (labels: readonly string[]): string =>
  labels.length === 1 ? (labels[0] ?? '') : labels.join(JOIN);

/**
 * `p` marks what processes measured: kept apart from what the ledger proves, so that a replay can be compared
 * with, and can replace, the proven part alone.
 */
export function cellName(delta: Delta, origin: 'ledger' | 'process'): string {
  const cells = cellsOf(delta.metric);
  const share = cells === 1 ? 0 : fnv1a(keyOf(delta.labels)) % cells;
  return `${delta.metric}#${origin === 'ledger' ? '' : 'p'}${share}`;
}

export const isProven = (cell: string): boolean => !cell.includes('#p');

export class Cell {
  readonly metric: MetricName;
  readonly series: Map<string, Series>;

  constructor(metric: MetricName, series: Map<string, Series> = new Map()) {
    this.metric = metric;
    this.series = series;
  }

  apply(delta: Delta, from: Omit<Exemplar, 'value'>): void {
    const key = keyOf(delta.labels);
    let series = this.series.get(key);
    if (series === undefined) {
      const size = delta.kind === 'observe' ? familyOf(this.metric).buckets.length + 1 : 0;
      series = { labels: delta.labels, value: 0, buckets: new Array<number>(size).fill(0) };
      this.series.set(key, series);
    }
    switch (delta.kind) {
      case 'set':
        if (series.place === undefined || later(from, series.place)) {
          series.value = delta.value;
          series.place = { time: from.time, lane: from.lane, seq: from.seq };
        }
        return;
      case 'observe': {
        const bucket = bucketOf(familyOf(this.metric), delta.value);
        series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
        series.value += delta.value;
        mark(series, from, delta.value);
        return;
      }
      case 'add':
        series.value += delta.by;
        if (familyOf(this.metric).type === 'counter') mark(series, from, delta.by);
        return;
    }
  }

  /** Adds what is counted already: several observations at once, from a process. */
  merge(labels: readonly string[], sum: number, buckets: readonly number[]): void {
    const key = keyOf(labels);
    const series = this.series.get(key) ?? { labels, value: 0, buckets: buckets.map(() => 0) };
    this.series.set(key, series);
    series.value += sum;
    buckets.forEach((n, index) => {
      series.buckets[index] = (series.buckets[index] ?? 0) + n;
    });
  }

  /** A measurement that no record stands for: its trace leads to it, no hash does. The series is there already. */
  exemplify(labels: readonly string[], exemplar: Exemplar): void {
    const series = this.series.get(keyOf(labels));
    if (series !== undefined && (series.exemplar === undefined || later(exemplar, series.exemplar)))
      series.exemplar = exemplar;
  }

  /** The same series give the same text, in whatever order they came. */
  encode(): string {
    const rows = [...this.series.entries()]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, { labels, value, buckets, place, exemplar }]) => [
        labels,
        value,
        buckets,
        place ? [place.time, place.lane, place.seq] : 0,
        exemplar
          ? [exemplar.time, exemplar.lane, exemplar.seq, exemplar.trace, exemplar.hash, exemplar.value]
          : 0,
      ]);
    return JSON.stringify(rows);
  }

  static decode(metric: MetricName, encoded: string): Cell {
    const cell = new Cell(metric);
    for (const [labels, value, buckets, place, exemplar] of JSON.parse(encoded) as Row[]) {
      cell.series.set(keyOf(labels), {
        labels,
        value,
        buckets,
        ...(place === 0 ? {} : { place: { time: place[0], lane: place[1], seq: place[2] } }),
        ...(exemplar === 0
          ? {}
          : {
              exemplar: {
                time: exemplar[0],
                lane: exemplar[1],
                seq: exemplar[2],
                trace: exemplar[3],
                hash: exemplar[4],
                value: exemplar[5],
              },
            }),
      });
    }
    return cell;
  }
}

type Row = [
  string[],
  number,
  number[],
  0 | [string, number, number],
  0 | [string, number, number, string, string, number],
];

function mark(series: Series, from: Omit<Exemplar, 'value'>, value: number): void {
  if (from.hash === '') return;
  if (
    series.exemplar === undefined ||
    later(from, series.exemplar) ||
    samePlaceMore(from, series.exemplar, value)
  ) {
    series.exemplar = {
      time: from.time,
      lane: from.lane,
      seq: from.seq,
      trace: from.trace,
      hash: from.hash,
      value,
    };
  }
}

/** One record may observe a series twice: the greater value stands, so that their order does not matter. */
const samePlaceMore = (from: PlaceInTime, held: Exemplar, value: number): boolean =>
  from.lane === held.lane && from.seq === held.seq && value > held.value;

const later = (left: PlaceInTime, right: PlaceInTime): boolean =>
  left.time !== right.time
    ? left.time > right.time
    : left.lane !== right.lane
      ? left.lane > right.lane
      : left.seq > right.seq;

/** FNV-1a over UTF-16 code units, 32 bits: a stable share, nothing more. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
