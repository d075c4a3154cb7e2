/**
 * The service-level objectives, each declared once. Recording and burn-rate rules, CloudWatch alarms,
 * Application Signals objects, OpenSLO documents, panels and runbook entries are generated from here.
 *
 * Availability and error objectives count class `fault` only: a denial or a failed workflow is the service
 * doing its work.
 */
import {
  CATALOGUE,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelOf,
} from '../../catalogue/catalogue.ts';
import type { Label } from '../../catalogue/family.ts';
import { BROKEN_VERDICTS } from '../../terms.ts';

/** Label values of which any may match; a label left out matches all. */
export type Where = Readonly<Record<string, readonly string[]>>;

/** What is measured, as a share of events that were bad. */
export type Indicator =
  | { readonly kind: 'counters'; readonly total: CounterName; readonly bad: Where }
  /** Slower than `seconds` is bad; `seconds` is a bucket bound, so the count is exact. */
  | { readonly kind: 'latency'; readonly histogram: HistogramName; readonly seconds: number }
  /** A moment at which the gauge is over `limit` is bad. */
  | { readonly kind: 'gauge'; readonly gauge: GaugeName; readonly limit: number }
  /** Any such event at all breaks it: no ratio, no burn rate. */
  | {
      readonly kind: 'never';
      readonly counters: readonly { readonly counter: CounterName; readonly bad: Where }[];
    };

/** How the objective is said and shown. */
export type Measure =
  /** Share of good events: higher is better. */
  | 'success'
  /** Share of bad events: lower is better. */
  | 'errors'
  /** A quantile in seconds: lower is better. */
  | 'seconds';

export interface Slo {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly indicator: Indicator;
  readonly measure: Measure;
  /** Which way is good. */
  readonly direction: 'at_least' | 'at_most';
  /** Share of events that must be good: 0.999. For a quantile of 0.95, 0.95. */
  readonly target: number;
  readonly window_days: number;
  /** In the measure's own unit: on the wrong side of `warning` it is close, of `critical` it is missed. */
  readonly warning: number;
  readonly critical: number;
  /** Fewer events than this in the window say nothing. */
  readonly min_samples: number;
}

const WINDOW_DAYS = 30;

type Wanted<M extends CounterName> = Readonly<Partial<Record<LabelOf<M>, readonly string[]>>>;

/** A value that nobody emits would make an objective that is always met: it must be in the closed list. */
function where<M extends CounterName>(metric: M, wanted: Wanted<M>): Where {
  const labels: Readonly<Record<string, Label>> = CATALOGUE[metric].labels;
  const chosen = Object.entries<readonly string[] | undefined>(wanted).map(
    ([name, values = []]): [string, readonly string[]] => {
      const declared = labels[name];
      const known = declared !== undefined && 'values' in declared ? declared.values : values;
      const stray = values.find((value) => !known.includes(value));
      if (stray !== undefined) throw new RangeError(`${metric} has no ${name} ${stray}`);
      return [name, values];
    },
  );
  return Object.fromEntries(chosen);
}

const bad = <M extends CounterName>(total: M, wanted: Wanted<M>): Indicator => ({
  kind: 'counters',
  total,
  bad: where(total, wanted),
});

const slower = (histogram: HistogramName, seconds: number): Indicator => {
  const bounds: readonly number[] = CATALOGUE[histogram].buckets;
  if (!bounds.includes(seconds)) throw new RangeError(`${histogram} has no bucket bound at ${seconds} s`);
  return { kind: 'latency', histogram, seconds };
};

type Given = Pick<Slo, 'id' | 'title' | 'description' | 'indicator'> & {
  readonly min_samples?: number;
};

/** `warning` of a success objective: a quarter of the budget is left. */
const success = (target: number, slo: Given): Slo => ({
  ...base(slo),
  measure: 'success',
  direction: 'at_least',
  target,
  critical: target,
  warning: round(1 - (1 - target) * 0.75),
});

const errors = (limit: number, slo: Given): Slo => ({
  ...base(slo),
  measure: 'errors',
  direction: 'at_most',
  target: round(1 - limit),
  critical: limit,
  warning: round(limit * 0.75),
});

const quantile = (target: number, slo: Given): Slo => {
  const { indicator } = slo;
  if (indicator.kind !== 'latency') throw new TypeError(`${slo.id} needs a latency`);
  const { seconds } = indicator;
  return {
    ...base(slo),
    measure: 'seconds',
    direction: 'at_most',
    target,
    critical: seconds,
    warning: round(seconds * 0.8),
  };
};

const base = ({ min_samples = 100, ...slo }: Given) => ({
  ...slo,
  min_samples,
  window_days: WINDOW_DAYS,
});
const round = (value: number): number => Math.round(value * 1e9) / 1e9;

export const SLOS: readonly Slo[] = [
  success(0.999, {
    id: 'api_availability',
    title: 'API availability',
    description: 'Requests that did not end in a fault of ours.',
    indicator: bad('http_requests_total', { class: ['fault'] }),
  }),
  quantile(0.95, {
    id: 'api_latency',
    title: 'API latency',
    description: '95 of 100 requests are answered within 2 s.',
    indicator: slower('http_request_duration_seconds', 2),
  }),
  success(0.995, {
    id: 'auth_success',
    title: 'Authentication success',
    description: 'Attempts to authenticate that succeed.',
    indicator: bad('auth_attempts_total', { result: ['failure'] }),
  }),
  quantile(0.95, {
    id: 'auth_latency',
    title: 'Authorised request latency',
    description: '95 of 100 requests to guarded routes are answered within 500 ms.',
    indicator: slower('scope_request_duration_seconds', 0.5),
  }),
  success(0.999, {
    id: 'authz_success',
    title: 'Authorisation success',
    description: 'Scope checks that grant.',
    indicator: bad('scope_checks_total', { decision: ['denied'] }),
  }),
  errors(0.005, {
    id: 'error_rate_5xx',
    title: 'Fault rate',
    description: 'Requests that ended in a fault of ours.',
    indicator: bad('http_requests_total', { class: ['fault'] }),
  }),
  errors(0.05, {
    id: 'error_rate_4xx',
    title: 'Client error rate',
    description: "Requests that ended in the caller's mistake.",
    indicator: bad('http_requests_total', { class: ['client'] }),
  }),
  {
    id: 'audit_integrity',
    title: 'Audit integrity',
    description: 'No verification of the ledger fails and no tampering is seen. One is too many.',
    indicator: {
      kind: 'never',
      counters: [
        {
          counter: 'ledger_integrity_checks_total',
          bad: where('ledger_integrity_checks_total', { result: [...BROKEN_VERDICTS] }),
        },
        { counter: 'ledger_tamper_events_total', bad: {} },
      ],
    },
    measure: 'success',
    direction: 'at_least',
    target: 1,
    window_days: WINDOW_DAYS,
    warning: 1,
    critical: 1,
    min_samples: 0,
  },
  quantile(0.95, {
    id: 'decision_latency',
    title: 'Decision latency',
    description: '95 of 100 decisions take less than 50 ms.',
    indicator: slower('decision_duration_seconds', 0.05),
  }),
  quantile(0.99, {
    id: 'ledger_append',
    title: 'Ledger append latency',
    description: '99 of 100 appends are durable within 50 ms.',
    indicator: slower('ledger_append_duration_seconds', 0.05),
  }),
  {
    id: 'seal_lag',
    title: 'Seal lag',
    description: 'No record waits longer than 60 s for a checkpoint, 99 % of the time.',
    indicator: { kind: 'gauge', gauge: 'ledger_seal_lag_seconds', limit: 60 },
    measure: 'seconds',
    direction: 'at_most',
    target: 0.99,
    window_days: WINDOW_DAYS,
    warning: 30,
    critical: 60,
    min_samples: 1,
  },
  success(0.95, {
    id: 'workflow_success',
    title: 'Workflow success',
    description: 'Workflow runs that succeed.',
    indicator: bad('workflow_executions_total', { outcome: ['failure', 'stale'] }),
    min_samples: 20,
  }),
  success(0.95, {
    id: 'tool_success',
    title: 'Tool call success',
    description: 'Calls of tools that their server answered as it promises.',
    indicator: bad('tool_invocations_total', { outcome: ['failure', 'stale'] }),
    min_samples: 20,
  }),
  success(0.99, {
    id: 'ws_connection',
    title: 'Live connection success',
    description: 'WebSocket handshakes that do not fail by a fault of ours.',
    indicator: bad('ws_connections_total', { result: ['failed'] }),
    min_samples: 20,
  }),
  quantile(0.99, {
    id: 'committee_notification',
    title: 'Committee notification',
    description: '99 of 100 notices reach the committee within 1 s.',
    indicator: slower('charter_committee_notification_duration_seconds', 1),
    min_samples: 20,
  }),
];

export const sloById = (id: string): Slo | undefined => SLOS.find((slo) => slo.id === id);

/** Share of events that may be bad. */
export const budgetOf = (slo: Slo): number => round(1 - slo.target);

/** Zero tolerance has no budget, so nothing can burn. */
export const burns = (slo: Slo): boolean => slo.indicator.kind !== 'never';

/** Whether every figure behind it is folded from ledger records, so that it can be recomputed. */
export function isProvable({ indicator }: Slo): boolean {
  switch (indicator.kind) {
    case 'counters':
      return CATALOGUE[indicator.total].source === 'ledger';
    case 'latency':
      return CATALOGUE[indicator.histogram].source === 'ledger';
    case 'gauge':
    case 'never':
      return false;
  }
}
