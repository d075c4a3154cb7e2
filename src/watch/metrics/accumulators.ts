/** All cells in memory, what was folded into them, and how a record or a ride is applied. No I/O. */

import { isMetricName, type MetricName } from '../../catalogue/catalogue.ts';
import type { PlaceInTime } from '../../ledger/places/lane-stream.ts';
import { Cell, cellName } from './cell.ts';
import { type Delta, type Exemplar, familyOf } from './delta.ts';
import { fold } from './fold.ts';
import { decodeRide, dense, type Ride } from './ride.ts';
import type { TailEntry } from './tail.ts';

/** Lane number → seq of the last record folded. */
export type Marks = Map<number, number>;

export interface Held {
  readonly cell: Cell;
  /** Lanes of which this cell holds more than the base mark says (after a crash between two writes). */
  readonly ahead: Marks;
  /** Version of the stored item; 0 when there is none. */
  version: number;
  dirty: boolean;
}

export class Accumulators {
  readonly cells = new Map<string, Held>();
  readonly marks: Marks = new Map();
  /** Lanes that are folded to their tombstone: forgotten once that is stored (projector.ts). */
  readonly ended = new Set<number>();
  /** All lanes below this number are either in `marks` or done. */
  nextLane = 0;

  /** Folds the next record of its lane. */
  fold(entry: TailEntry): void {
    const { record } = entry;
    const { lane, seq, time, trace } = record;
    const from = { time, lane, seq, trace, hash: entry.hash };
    for (const delta of fold(record, entry.bytes)) this.#apply(delta, 'ledger', from);
    if (entry.deltas !== undefined) this.ride(decodeRide(entry.deltas), from);
    this.marks.set(lane, seq);
    if (record.type === 'ledger.lane_closed') this.ended.add(lane);
  }

  /** Adds what a process measured. `carrier` is the record it rode on, which is no example of it. */
  ride(ride: Ride, carrier: PlaceInTime): void {
    const from = { ...carrier, trace: '', hash: '' };
    for (const [metric, labels, by] of ride.counts)
      this.#apply({ kind: 'add', metric, labels, by }, 'process', from);
    for (const [metric, labels, value] of ride.set) {
      this.#apply({ kind: 'set', metric, labels, value }, 'process', from);
    }
    for (const [metric, labels, sum, pairs] of ride.observed) {
      const delta: Delta = { kind: 'observe', metric, labels, value: sum };
      const held = this.#held(cellName(delta, 'process'), metric);
      if (isFolded(held, from)) continue;
      held.cell.merge(labels, sum, dense(pairs, familyOf(metric).buckets.length + 1));
      held.dirty = true;
    }
    for (const [metric, labels, value, trace, time] of ride.traced) {
      const held = this.#held(cellName({ kind: 'observe', metric, labels, value }, 'process'), metric);
      if (!isFolded(held, from)) held.cell.exemplify(labels, { ...carrier, time, trace, hash: '', value });
    }
  }

  #apply(delta: Delta, origin: 'ledger' | 'process', from: Omit<Exemplar, 'value'>): void {
    const held = this.#held(cellName(delta, origin), delta.metric);
    if (isFolded(held, from)) return;
    held.cell.apply(delta, from);
    held.dirty = true;
  }

  #held(name: string, metric: MetricName): Held {
    const known = this.cells.get(name);
    if (known) return known;
    const made: Held = { cell: new Cell(metric), ahead: new Map(), version: 0, dirty: false };
    this.cells.set(name, made);
    return made;
  }

  /** Takes in a stored cell; undefined when its metric is not in this version's catalogue. */
  restore(name: string, version: number, encoded: string, ahead: Marks): void {
    const metric = name.slice(0, name.indexOf('#'));
    if (!isMetricName(metric)) return;
    this.cells.set(name, { cell: Cell.decode(metric, encoded), ahead, version, dirty: false });
  }
}

const isFolded = (held: Held, from: PlaceInTime): boolean =>
  from.lane >= 0 && held.ahead.size > 0 && (held.ahead.get(from.lane) ?? -1) >= from.seq;

/** Where figures come from that no record carried: a scrape in the process itself, at this time. */
export const scrapeAt = (time: string): PlaceInTime => ({ time, lane: -1, seq: -1 });
