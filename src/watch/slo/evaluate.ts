/** From counts to judgements: is an objective met over its window, what is left of its budget, how fast it burns. */
import {
  CATALOGUE,
  type CounterName,
  type GaugeName,
  type HistogramName,
} from '../../catalogue/catalogue.ts';
import { budgetOf, isProvable, type Slo, type Where } from './slos.ts';

/** The figures of one moment, cumulative since the beginning of the ledger. */
export interface Figures {
  /** Sum over the series whose labels match. */
  counter(name: CounterName, where: Where): number;
  /** Count per bucket, not cumulative, +Inf last; over all series. */
  buckets(name: HistogramName): readonly number[];
  /** The greatest over all series; undefined when nobody has set it. */
  gauge(name: GaugeName): number | undefined;
}

/** What an objective has counted up to one moment. */
export interface Tally {
  readonly total: number;
  readonly bad: number;
  /** Latencies only. */
  readonly buckets?: readonly number[];
}

export const STATUSES = ['met', 'warning', 'critical', 'too_few_samples'] as const;
export type SloStatus = (typeof STATUSES)[number];

export type SloJudgement = {
  id: string;
  title: string;
  description: string;
  status: SloStatus;
  /** In the measure's unit: a share of good events, of bad events, or seconds. Null without events. */
  value: number | null;
  measure: Slo['measure'];
  direction: Slo['direction'];
  target: number;
  warning: number;
  critical: number;
  window_days: number;
  /** Seconds that the figures really span: less than the window in a young system. */
  observed_seconds: number;
  total: number;
  bad: number;
  min_samples: number;
  /** Share of the error budget that is left; negative when overspent. Null where nothing can be spent. */
  budget_left: number | null;
  /** How many times faster than allowed the budget went in the last hour. */
  burn_rate: number | null;
  /** Folded from signed records: `?proof=1` gives what to recompute it from. */
  provable: boolean;
};

/**
 * What an objective counts now. A gauge is counted by moments: `before` is the tally at the last one.
 */
export function tally(slo: Slo, figures: Figures, before: Tally = { total: 0, bad: 0 }): Tally {
  const { indicator } = slo;
  switch (indicator.kind) {
    case 'counters':
      return {
        total: figures.counter(indicator.total, {}),
        bad: figures.counter(indicator.total, indicator.bad),
      };
    case 'latency': {
      const buckets = figures.buckets(indicator.histogram);
      const bounds: readonly number[] = CATALOGUE[indicator.histogram].buckets;
      const within = sum(buckets.slice(0, bounds.indexOf(indicator.seconds) + 1));
      const total = sum(buckets);
      return { total, bad: total - within, buckets };
    }
    case 'gauge': {
      const value = figures.gauge(indicator.gauge);
      if (value === undefined) return before;
      return { total: before.total + 1, bad: before.bad + (value > indicator.limit ? 1 : 0) };
    }
    case 'never':
      return {
        total: sum(indicator.counters.map(({ counter }) => figures.counter(counter, {}))),
        bad: sum(indicator.counters.map(({ counter, bad }) => figures.counter(counter, bad))),
      };
  }
}

/** `window` and `hour`: what was counted in the objective's window and in the last hour. */
export function judge(slo: Slo, window: Tally, hour: Tally, observed_seconds: number): SloJudgement {
  const budget = budgetOf(slo);
  const value = measured(slo, window);
  return {
    id: slo.id,
    title: slo.title,
    description: slo.description,
    status: statusOf(slo, window, value),
    value,
    measure: slo.measure,
    direction: slo.direction,
    target: slo.target,
    warning: slo.warning,
    critical: slo.critical,
    window_days: slo.window_days,
    observed_seconds: Math.round(observed_seconds),
    total: window.total,
    bad: window.bad,
    min_samples: slo.min_samples,
    budget_left: budget === 0 || window.total === 0 ? null : round(1 - window.bad / window.total / budget),
    burn_rate: budget === 0 || hour.total === 0 ? null : round(hour.bad / hour.total / budget),
    provable: isProvable(slo),
  };
}

/** Zero tolerance needs no minimum: one failure is a failure. */
function statusOf(slo: Slo, { total, bad }: Tally, value: number | null): SloStatus {
  if (slo.indicator.kind === 'never') return bad > 0 ? 'critical' : 'met';
  if (total < Math.max(1, slo.min_samples) || value === null) return 'too_few_samples';
  if (bad / total > budgetOf(slo)) return 'critical';
  const close = slo.direction === 'at_least' ? value < slo.warning : value > slo.warning;
  return close ? 'warning' : 'met';
}

function measured(slo: Slo, { total, bad, buckets }: Tally): number | null {
  if (slo.indicator.kind === 'never') return bad > 0 ? 0 : 1;
  if (total === 0) return null;
  if (slo.indicator.kind === 'latency') {
    return round(quantileOf(slo.target, CATALOGUE[slo.indicator.histogram].buckets, buckets ?? []));
  }
  // The share of moments stands for the gauge: its own value now says nothing about a month.
  if (slo.indicator.kind === 'gauge') return bad / total > budgetOf(slo) ? slo.critical : 0;
  return round(slo.measure === 'errors' ? bad / total : 1 - bad / total);
}

/** As Prometheus interpolates: linear within a bucket; beyond the last bound, that bound. */
export function quantileOf(q: number, bounds: readonly number[], buckets: readonly number[]): number {
  const rank = q * sum(buckets);
  let below = 0;
  for (let index = 0; index < bounds.length; index += 1) {
    const count = buckets[index] ?? 0;
    if (below + count >= rank && count > 0) {
      const [lower, upper] = [index === 0 ? 0 : (bounds[index - 1] ?? 0), bounds[index] ?? 0];
      return lower + ((upper - lower) * (rank - below)) / count;
    }
    below += count;
  }
  return bounds.at(-1) ?? 0;
}

/** What was counted between two moments. */
export const between = (from: Tally, to: Tally): Tally => ({
  total: Math.max(0, to.total - from.total),
  bad: Math.max(0, to.bad - from.bad),
  ...(to.buckets === undefined
    ? {}
    : { buckets: to.buckets.map((count, index) => Math.max(0, count - (from.buckets?.[index] ?? 0))) }),
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const round = (value: number): number => Math.round(value * 1e6) / 1e6;
