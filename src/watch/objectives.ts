/** The objectives over the live figures: what GET /slos answers, and what makes an answer recomputable. */

import { CATALOGUE, type MetricName } from '../catalogue/catalogue.ts';
import type { Clock } from '../ports.ts';
import type { Accumulators } from './metrics/accumulators.ts';
import type { Series } from './metrics/cell.ts';
import type { Exposition } from './metrics/exposition.ts';
import { collect, type Reading } from './metrics/render.ts';
import type { Tail } from './metrics/tail.ts';
import { between, type Figures, judge, type SloJudgement, type Tally, tally } from './slo/evaluate.ts';
import type { History, Moment, Position } from './slo/history.ts';
import { SLOS, type Slo, type Where } from './slo/slos.ts';

const HOUR_MS = 3_600_000;
const NOTHING: Tally = { total: 0, bad: 0 };

/** Everything that somebody needs to get the same numbers: fold these records, subtract. */
export type SloProof = {
  from: Position;
  to: Position;
  /** Records in the range. */
  count: number;
  total: number;
  bad: number;
  /** The newest checkpoint, as a signed note, when one covers the ledger. */
  checkpoint: string | null;
};

export interface Objectives {
  judgements(): Promise<SloJudgement[]>;
  judgement(slo: Slo, proof: boolean): Promise<SloJudgement & { proof?: SloProof }>;
  /** Keeps a moment for later windows; at most one in five minutes is kept. */
  remember(): Promise<void>;
}

export interface ObjectivesDeps {
  readonly exposition: Pick<Exposition, 'snapshot'>;
  readonly history: History;
  readonly clock: Clock;
  readonly checkpoint: () => Promise<string | undefined>;
}

export function createObjectives({ exposition, history, clock, checkpoint }: ObjectivesDeps): Objectives {
  async function now(): Promise<Moment> {
    const { state, readings } = await exposition.snapshot();
    const before = await history.before(clock());
    return momentOf(state, readings, clock(), before);
  }

  /** Where a window begins: a young system's begins with its first record. */
  async function start(window_ms: number): Promise<Moment> {
    const found = await history.before(clock() - window_ms);
    return (
      found ?? {
        at: (await history.first())?.at ?? clock(),
        tallies: new Map(),
        position: BEGINNING,
        records: 0,
      }
    );
  }

  function judged(slo: Slo, from: Moment, hour: Moment, to: Moment): SloJudgement {
    const end = to.tallies.get(slo.id) ?? NOTHING;
    const window = between(from.tallies.get(slo.id) ?? NOTHING, end);
    const lastHour = between(hour.tallies.get(slo.id) ?? NOTHING, end);
    return judge(slo, window, lastHour, (to.at - from.at) / 1000);
  }

  return {
    async judgements() {
      const to = await now();
      const hour = await start(HOUR_MS);
      const starts = new Map<number, Moment>();
      for (const { window_days } of SLOS) {
        if (!starts.has(window_days)) starts.set(window_days, await start(window_days * 24 * HOUR_MS));
      }
      return SLOS.map((slo) => judged(slo, starts.get(slo.window_days) ?? to, hour, to));
    },

    async judgement(slo, proof) {
      const to = await now();
      const from = await start(slo.window_days * 24 * HOUR_MS);
      const judgement = judged(slo, from, await start(HOUR_MS), to);
      if (!proof || !judgement.provable) return judgement;
      const { total, bad } = judgement;
      const count = to.records - from.records;
      const signed = (await checkpoint()) ?? null;
      return {
        ...judgement,
        proof: { from: from.position, to: to.position, count, total, bad, checkpoint: signed },
      };
    },

    async remember() {
      await history.keep(await now());
    },
  };
}

const BEGINNING: Position = { next_lane: 0, lanes: [] };

function momentOf(state: Accumulators, readings: readonly Reading[], at: number, before?: Moment): Moment {
  const figures = figuresOf(state, readings);
  return {
    at,
    tallies: new Map(SLOS.map((slo) => [slo.id, tally(slo, figures, before?.tallies.get(slo.id))])),
    position: { next_lane: state.nextLane, lanes: [...state.marks].sort(([left], [right]) => left - right) },
    records: figures.counter('ledger_entries_total', {}),
  };
}

export function figuresOf(state: Accumulators, readings: readonly Reading[] = []): Figures {
  const families = collect(state, readings);
  const seriesOf = (metric: MetricName): readonly Series[] => families.get(metric) ?? [];
  return {
    counter: (name, where) =>
      seriesOf(name)
        .filter((series) => matches(name, series, where))
        .reduce((sum, series) => sum + series.value, 0),
    buckets: (name) => {
      const sums = new Array<number>(CATALOGUE[name].buckets.length + 1).fill(0);
      for (const series of seriesOf(name)) {
        series.buckets.forEach((count, index) => {
          sums[index] = (sums[index] ?? 0) + count;
        });
      }
      return sums;
    },
    gauge: (name) => {
      const values = seriesOf(name).map(({ value }) => value / CATALOGUE[name].scale);
      return values.length === 0 ? undefined : Math.max(...values);
    },
  };
}

function matches(metric: MetricName, { labels }: Series, where: Where): boolean {
  const names = Object.keys(CATALOGUE[metric].labels);
  return Object.entries(where).every(([name, values]) => values.includes(labels[names.indexOf(name)] ?? ''));
}

/** Folds the records of a proof's range anew. `fresh` makes empty accumulators. */
export async function recompute(
  slo: Slo,
  { from, to }: Pick<SloProof, 'from' | 'to'>,
  tail: Tail,
  fresh: () => Accumulators,
): Promise<{ total: number; bad: number; count: number }> {
  const state = fresh();
  const starts = new Map(from.lanes);
  const ends = new Map(to.lanes);
  let count = 0;
  for (const lane of await tail.lanes(0)) {
    if (lane >= to.next_lane) break;
    // A lane that neither side lists was over before the range began, unless it began within it.
    if (lane < from.next_lane && !starts.has(lane)) continue;
    const last = ends.get(lane) ?? Number.POSITIVE_INFINITY;
    for (let seq = (starts.get(lane) ?? -1) + 1; seq <= last; ) {
      const { entries } = await tail.read(lane, seq, 500);
      if (entries.length === 0) break;
      for (const entry of entries) {
        if (entry.record.seq > last) break;
        state.fold(entry);
        count += 1;
      }
      seq += entries.length;
    }
  }
  const { total, bad } = tally(slo, figuresOf(state));
  return { total, bad, count };
}
