/**
 * Are the counters what the ledger says? Folds every record anew and compares each proven series, value and
 * buckets, to the last unit. Signatures and links are the ledger's own verification; both must hold.
 */
import type { Table } from '../../ports.ts';
import { Accumulators } from './accumulators.ts';
import { type Cell, isProven, type Series } from './cell.ts';
import { BITE, createProjector } from './project.ts';
import type { Tail } from './tail.ts';

export type SeriesDrift = {
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
  differences: SeriesDrift[];
};

const SHOWN = 100;

export interface VerifyDeps {
  readonly table: Pick<Table, 'query'>;
  readonly tail: Tail;
  readonly breathe?: () => Promise<void>;
}

/** The whole ledger anew, however long that takes. */
export async function verifyMetrics(deps: VerifyDeps): Promise<MetricsVerdict> {
  const verdict = await createDriftCheck(deps).check(Number.POSITIVE_INFINITY);
  if (verdict === undefined) throw new TypeError('a check without a limit comes to its end');
  return verdict;
}

/** The same again and again: what was folded anew once is kept, and each check goes on from there. */
export interface DriftCheck {
  /** Folds at most about so many records; undefined while there are more to fold before anything can be compared. */
  check(records: number): Promise<MetricsVerdict | undefined>;
}

export function createDriftCheck({ table, tail, breathe }: VerifyDeps): DriftCheck {
  const replay = new Replay(tail, breathe);
  return {
    async check(limit) {
      const broken: { lane: number; seq: number }[] = [];
      const onBroken = (lane: number, seq: number) => broken.push({ lane, seq });
      const stored = await storedState({ table, tail, breathe }, onBroken, limit);
      if (stored === undefined || !(await replay.reach(stored, limit))) return undefined;
      const differences = compare(stored, replay.state);
      const drift = differences.reduce((sum, difference) => sum + distance(difference), 0);
      const series = [...replay.state.cells.values()].reduce((sum, { cell }) => sum + cell.series.size, 0);
      return {
        equal: differences.length === 0 && broken.length === 0,
        drift,
        records: replay.records,
        series,
        broken,
        differences: differences.slice(0, SHOWN),
      };
    },
  };
}

/** The counters as the ledger alone makes them. */
class Replay {
  readonly state = new Accumulators();
  records = 0;
  readonly #tail: Tail;
  readonly #breathe: (() => Promise<void>) | undefined;

  constructor(tail: Tail, breathe?: () => Promise<void>) {
    this.#tail = tail;
    this.#breathe = breathe;
  }

  /** Folds up to where `stored` is; false when that would be more than `limit` records. */
  async reach(stored: Accumulators, limit: number): Promise<boolean> {
    const { marks, ended } = this.state;
    for (const lane of await this.#tail.lanes(this.state.nextLane)) {
      if (lane >= stored.nextLane) break;
      marks.set(lane, -1);
      this.state.nextLane = lane + 1;
    }
    let left = limit;
    for (const lane of [...marks.keys()]) {
      const end = stored.ended.has(lane) ? undefined : stored.marks.get(lane);
      const last = end ?? Number.POSITIVE_INFINITY;
      for (let more = true; more && !ended.has(lane); ) {
        const from = (marks.get(lane) ?? -1) + 1;
        if (left <= 0) return false;
        const { entries } =
          from > last ? { entries: [] } : await this.#tail.read(lane, from, Math.min(250, last - from + 1));
        for (const entry of entries) this.state.fold(entry);
        this.records += entries.length;
        left -= entries.length;
        more = entries.length > 0;
        if (more) await this.#breathe?.();
      }
      if (!ended.delete(lane)) continue;
      marks.delete(lane);
    }
    return true;
  }
}

/**
 * What is stored, with what was appended since folded on top, in memory: a projector that never writes. Undefined when
 * that is more than about `limit` records: whoever stores has not come so far yet.
 */
async function storedState(
  { table, tail, breathe }: VerifyDeps,
  onBroken: (lane: number, seq: number) => void,
  limit: number,
): Promise<Accumulators | undefined> {
  const refuse = (): never => {
    throw new TypeError('verification writes nothing');
  };
  const projector = createProjector({
    table: { query: table.query.bind(table), put: refuse },
    tail,
    clock: () => 0,
    wait: refuse,
    onBroken,
    ...(breathe ? { breathe } : {}),
  });
  for (let left = limit; !(await projector.catchUp()); ) {
    left -= BITE;
    if (left <= 0) return undefined;
  }
  return projector.state();
}

function compare(stored: Accumulators, replayed: Accumulators): SeriesDrift[] {
  const names = new Set([...stored.cells.keys(), ...replayed.cells.keys()].filter(isProven));
  return [...names]
    .sort()
    .flatMap((name) => compareCells(stored.cells.get(name)?.cell, replayed.cells.get(name)?.cell));
}

function compareCells(left: Cell | undefined, right: Cell | undefined): SeriesDrift[] {
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

const distance = ({ stored, replayed }: SeriesDrift): number =>
  Array.from({ length: Math.max(stored.length, replayed.length) }, (_, index) =>
    Math.abs((stored[index] ?? 0) - (replayed[index] ?? 0)),
  ).reduce((sum, difference) => sum + difference, 0);
