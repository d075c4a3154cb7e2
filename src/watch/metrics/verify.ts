/**
 * Are the counters what the ledger says? Folds every record anew and compares each proven series, value and
 * buckets, to the last unit. Signatures and links are the ledger's own verification; both must hold.
 */
import type { Table } from '../../ports.ts';
import { Accumulators } from './accumulators.ts';
import { type Cell, isProven, type Series } from './cell.ts';
import { createProjector } from './project.ts';
import type { Tail } from './tail.ts';

export type Difference = {
  metric: string;
  labels: string[];
  /** Stored integers (microseconds, bytes): as they are, and as a replay makes them. */
  stored: number[];
  replayed: number[];
};

export type MetricsVerdict = {
  equal: boolean;
  /** Sum of all differences; what `metrics_ledger_drift` shows. */
  drift: number;
  records: number;
  series: number;
  /** Items whose bytes are no record: nothing behind them in their lane can be counted. */
  broken: { lane: number; seq: number }[];
  /** The first hundred. */
  differences: Difference[];
};

const SHOWN = 100;

export interface VerifyDeps {
  readonly table: Pick<Table, 'query'>;
  readonly tail: Tail;
  readonly breathe?: () => Promise<void>;
}

export async function verifyMetrics({ table, tail, breathe }: VerifyDeps): Promise<MetricsVerdict> {
  const broken: { lane: number; seq: number }[] = [];
  const stored = await storedState(table, tail, breathe, (lane, seq) => broken.push({ lane, seq }));
  const replayed = new Accumulators();
  let records = 0;
  for (const lane of await tail.lanes(0)) {
    if (lane >= stored.nextLane) break;
    const last = stored.ended.has(lane)
      ? Number.POSITIVE_INFINITY
      : (stored.marks.get(lane) ?? Number.POSITIVE_INFINITY);
    records += await replay(replayed, tail, lane, last, breathe);
  }
  const differences = compare(stored, replayed);
  const drift = differences.reduce((sum, difference) => sum + distance(difference), 0);
  const series = [...replayed.cells.values()].reduce((sum, { cell }) => sum + cell.series.size, 0);
  return {
    equal: differences.length === 0 && broken.length === 0,
    drift,
    records,
    series,
    broken,
    differences: differences.slice(0, SHOWN),
  };
}

/** What is stored, with what was appended since folded on top, in memory: a projector that never writes. */
async function storedState(
  table: Pick<Table, 'query'>,
  tail: Tail,
  breathe: (() => Promise<void>) | undefined,
  onBroken: (lane: number, seq: number) => void,
): Promise<Accumulators> {
  const refuse = (): never => {
    throw new TypeError('verification writes nothing');
  };
  const projector = createProjector({
    table: { query: table.query.bind(table), put: refuse, remove: refuse },
    tail,
    clock: () => 0,
    onBroken,
    ...(breathe ? { breathe } : {}),
  });
  await projector.catchUp();
  return projector.state();
}

async function replay(
  into: Accumulators,
  tail: Tail,
  lane: number,
  last: number,
  breathe: (() => Promise<void>) | undefined,
): Promise<number> {
  let seq = 0;
  while (seq <= last) {
    const { entries } = await tail.read(lane, seq, Math.min(250, last - seq + 1));
    for (const entry of entries) into.fold(entry);
    seq += entries.length;
    if (entries.length === 0) break;
    await breathe?.();
  }
  return seq;
}

function compare(stored: Accumulators, replayed: Accumulators): Difference[] {
  const names = new Set([...stored.cells.keys(), ...replayed.cells.keys()].filter(isProven));
  return [...names]
    .sort()
    .flatMap((name) => compareCells(stored.cells.get(name)?.cell, replayed.cells.get(name)?.cell));
}

function compareCells(left: Cell | undefined, right: Cell | undefined): Difference[] {
  const keys = new Set([...(left?.series.keys() ?? []), ...(right?.series.keys() ?? [])]);
  return [...keys].sort().flatMap((key) => {
    const [stored, replayed] = [left?.series.get(key), right?.series.get(key)];
    const [ours, theirs] = [numbersOf(stored), numbersOf(replayed)];
    const length = Math.max(ours.length, theirs.length);
    const same = Array.from({ length }, (_, index) => (ours[index] ?? 0) === (theirs[index] ?? 0)).every(
      Boolean,
    );
    if (same) return [];
    const labels = [...((stored ?? replayed)?.labels ?? [])];
    return [{ metric: (left ?? right)?.metric ?? '', labels, stored: ours, replayed: theirs }];
  });
}

const numbersOf = (series: Series | undefined): number[] =>
  series === undefined ? [] : [series.value, ...series.buckets];

const distance = ({ stored, replayed }: Difference): number =>
  Array.from({ length: Math.max(stored.length, replayed.length) }, (_, index) =>
    Math.abs((stored[index] ?? 0) - (replayed[index] ?? 0)),
  ).reduce((sum, difference) => sum + difference, 0);
