/**
 * Recording and alerting rules of the objectives. Multi-window, multi-burn-rate after the Site Reliability
 * Workbook, chapter 5, table 5-8: the long window says that budget is really being lost, the short one that it
 * still is, so that an alert ends soon after the trouble does.
 */
import { PREFIX } from '../../catalogue/catalogue.ts';
import type { AlertingRule, RecordingRule, RuleGroup } from '../rule-group.ts';
import { budgetOf, burns, type Indicator, SLOS, type Slo, type Where } from './slos.ts';

/** Recorded per objective, labelled `slo`; the dashboard and the alerts read these and nothing else. */
export const RECORDED = {
  errors: (window: string) => `chancery:slo_errors:ratio_rate${window}`,
  samples: (window: string) => `chancery:slo_samples:increase${window}`,
  /** 0 met, 1 close, 2 missed, -1 too few samples. */
  status: 'chancery:slo_status',
  budgetLeft: 'chancery:slo_budget_left:ratio',
  burnRate: 'chancery:slo_burn_rate:ratio1h',
} as const;

export const BURNS = [
  {
    alert: 'ServiceLevelBurnsFast',
    severity: 'critical',
    factor: 14.4,
    long: '1h',
    short: '5m',
    spends: '2 % in an hour',
  },
  {
    alert: 'ServiceLevelBurnsFast',
    severity: 'critical',
    factor: 6,
    long: '6h',
    short: '30m',
    spends: '5 % in six hours',
  },
  {
    alert: 'ServiceLevelBurnsSlowly',
    severity: 'warning',
    factor: 3,
    long: '1d',
    short: '2h',
    spends: '10 % in a day',
  },
  {
    alert: 'ServiceLevelBurnsSlowly',
    severity: 'warning',
    factor: 1,
    long: '3d',
    short: '6h',
    spends: '10 % in three days',
  },
] as const;

export const INTEGRITY_ALERT = 'AuditIntegrityBroken';
export const SLO_ALERTS = ['ServiceLevelBurnsFast', 'ServiceLevelBurnsSlowly', INTEGRITY_ALERT] as const;

/** Windows that are read off the series themselves, every 30 s. */
const SHORT = ['5m', '30m', '1h'] as const;
/** Windows that are summed up of steps: Managed Prometheus bills every sample that a rule reads. */
const LONG = ['2h', '6h', '1d', '3d', '30d'] as const;
type Window = (typeof SHORT)[number] | (typeof LONG)[number];

/** Below the five minutes for which Prometheus still knows a value. */
export const STEP = '4m';
const STEPS = {
  bad: 'chancery:slo_bad:increase4m',
  all: 'chancery:slo_all:increase4m',
} as const;

export interface RuleOptions {
  readonly runbookUrl: (alert: string) => string;
}

/** Where the runbook stands in the project; deployments pass where they serve it. */
const IN_PROJECT: RuleOptions = { runbookUrl: (alert) => `docs/runbook.md#${alert.toLowerCase()}` };

/** Two groups for each objective: what is looked at every 30 s, and the steps that long windows are made of. */
export function sloRuleGroups({ runbookUrl }: RuleOptions = IN_PROJECT): RuleGroup[] {
  return SLOS.flatMap((slo) => {
    const name = `chancery-slo-${slo.id.replaceAll('_', '-')}`;
    return [
      {
        name,
        interval: '30s',
        rules: burns(slo)
          ? [...recordings(slo), ...BURNS.map((burn) => burnAlert(slo, burn, runbookUrl))]
          : [integrityAlert(slo, runbookUrl)],
      },
      { name: `${name}-steps`, interval: STEP, rules: burns(slo) ? steps(slo) : integrityStatus(slo) },
    ];
  });
}

function recordings(slo: Slo): RecordingRule[] {
  const labels = { slo: slo.id };
  const own = (metric: string): string => `${metric}{slo="${slo.id}"}`;
  const budget = budgetOf(slo);
  const errors30d = own(RECORDED.errors('30d'));
  const enough = `sum(${own(RECORDED.samples('30d'))}) >= ${slo.min_samples}`;
  const { indicator } = slo;
  const moments: RecordingRule[] =
    indicator.kind === 'gauge'
      ? [{ record: MOMENT, expr: `max(${PREFIX}${indicator.gauge}) > bool ${indicator.limit}`, labels }]
      : [];
  return [
    ...moments,
    ...SHORT.map((window) => ({ record: RECORDED.errors(window), expr: errorRatio(slo, window), labels })),
    ...SHORT.map((window) => ({
      record: RECORDED.samples(window),
      expr: sampleCount(slo, window),
      labels,
    })),
    { record: RECORDED.budgetLeft, expr: `1 - ${errors30d} / ${budget}`, labels },
    { record: RECORDED.burnRate, expr: `${own(RECORDED.errors('1h'))} / ${budget}`, labels },
    {
      record: RECORDED.status,
      expr: `((sum(${errors30d} > bool ${warningShare(slo)}) + sum(${errors30d} > bool ${budget})) and on () (${enough})) or on () vector(-1)`,
      labels,
    },
  ];
}

/** How many there were in each step and how many of them were bad, and what long windows hold of both. */
function steps(slo: Slo): RecordingRule[] {
  const labels = { slo: slo.id };
  const summed = (metric: string, window: string): string =>
    `sum_over_time(${metric}{slo="${slo.id}"}[${window}])`;
  return [
    { record: STEPS.all, expr: sampleCount(slo, STEP), labels },
    { record: STEPS.bad, expr: badCount(slo), labels },
    ...LONG.map((window) => ({
      record: RECORDED.errors(window),
      expr: `${summed(STEPS.bad, window)} / (${summed(STEPS.all, window)} > 0)`,
      labels,
    })),
    ...LONG.map((window) => ({ record: RECORDED.samples(window), expr: summed(STEPS.all, window), labels })),
  ];
}

function badCount({ id, indicator }: Slo): string {
  switch (indicator.kind) {
    case 'counters':
      return `sum(increase(${PREFIX}${indicator.total}${matchers(indicator.bad)}[${STEP}])) or vector(0)`;
    case 'latency': {
      const name = PREFIX + indicator.histogram;
      return `sum(increase(${name}_count[${STEP}])) - sum(increase(${name}_bucket{le=~"${bound(indicator.seconds)}"}[${STEP}]))`;
    }
    case 'gauge':
      return `sum(sum_over_time(${MOMENT}{slo="${id}"}[${STEP}]))`;
    case 'never':
      throw new TypeError(`${id} has no budget`);
  }
}

/** Share of bad events at which it is close: three quarters of the budget. */
const warningShare = (slo: Slo): number => Math.round(budgetOf(slo) * 0.75 * 1e9) / 1e9;

const MOMENT = 'chancery:slo_bad_moment';

/** No bad series yet means none was bad; no events at all means no answer, not a division by nothing. */
function errorRatio(slo: Slo, window: Window): string {
  const { indicator } = slo;
  switch (indicator.kind) {
    case 'counters': {
      const total = PREFIX + indicator.total;
      return `(sum(rate(${total}${matchers(indicator.bad)}[${window}])) or vector(0)) / (sum(rate(${total}[${window}])) > 0)`;
    }
    case 'latency': {
      const name = PREFIX + indicator.histogram;
      return `1 - sum(rate(${name}_bucket{le=~"${bound(indicator.seconds)}"}[${window}])) / (sum(rate(${name}_count[${window}])) > 0)`;
    }
    case 'gauge':
      return `avg_over_time(${MOMENT}{slo="${slo.id}"}[${window}])`;
    case 'never':
      throw new TypeError(`${slo.id} has no error ratio`);
  }
}

function sampleCount(slo: Slo, window: Window | typeof STEP): string {
  const { indicator } = slo;
  switch (indicator.kind) {
    case 'counters':
      return `sum(increase(${PREFIX}${indicator.total}[${window}]))`;
    case 'latency':
      return `sum(increase(${PREFIX}${indicator.histogram}_count[${window}]))`;
    case 'gauge':
      return `sum(count_over_time(${MOMENT}{slo="${slo.id}"}[${window}]))`;
    case 'never':
      throw new TypeError(`${slo.id} counts no samples`);
  }
}

/** OpenMetrics and Prometheus 3 write a whole bound as `2.0`, text 0.0.4 as `2`. */
const bound = (seconds: number): string =>
  Number.isInteger(seconds) ? `${seconds}(\\\\.0)?` : String(seconds).replace('.', '\\\\.');

const matchers = (where: Where): string => {
  const parts = Object.entries(where).map(([label, values]) =>
    values.length === 1 ? `${label}="${values[0]}"` : `${label}=~"${values.join('|')}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
};

function burnAlert(
  slo: Slo,
  burn: (typeof BURNS)[number],
  runbookUrl: RuleOptions['runbookUrl'],
): AlertingRule {
  const limit = Math.round(budgetOf(slo) * burn.factor * 1e9) / 1e9;
  const over = (window: string): string => `${RECORDED.errors(window)}{slo="${slo.id}"} > ${limit}`;
  const enough = `${RECORDED.samples(burn.long)}{slo="${slo.id}"} >= ${samplesFor(slo, burn.long)}`;
  return {
    alert: burn.alert,
    expr: `${over(burn.long)} and ${over(burn.short)} and ${enough}`,
    labels: { severity: burn.severity, group: 'slo', channel: 'performance', slo: slo.id, window: burn.long },
    annotations: {
      summary: `${slo.title}: the error budget burns ${burn.factor} times too fast`,
      description: `Over ${burn.long} and ${burn.short} more than ${percent(limit)} of events were bad; that spends ${burn.spends} of the budget of ${slo.window_days} days (objective: ${objectiveText(slo)}).`,
      runbook_url: runbookUrl(burn.alert),
    },
  };
}

/** A burn over a short window needs fewer events than the objective over its own, but never a mere handful. */
export const samplesFor = (slo: Slo, window: string): number =>
  window.endsWith('h') ? Math.max(1, Math.ceil(slo.min_samples / 5)) : slo.min_samples;

const increases = (indicator: Extract<Indicator, { kind: 'never' }>, window: string): string =>
  indicator.counters
    .map(({ counter, bad }) => `(sum(increase(${PREFIX}${counter}${matchers(bad)}[${window}])) or vector(0))`)
    .join(' + ');

/** Each step looks back over the one before too: of an event between two, both windows would see nothing. */
function integrityStatus(slo: Slo): RecordingRule[] {
  if (slo.indicator.kind !== 'never') throw new TypeError(`${slo.id} has a budget`);
  const labels = { slo: slo.id };
  return [
    { record: STEPS.bad, expr: increases(slo.indicator, '8m'), labels },
    {
      record: RECORDED.status,
      expr: `2 * (sum_over_time(${STEPS.bad}{slo="${slo.id}"}[30d]) > bool 0)`,
      labels,
    },
  ];
}

/** The counters are exposed from zero on (render.ts), so that `increase` sees the very first event. */
function integrityAlert(slo: Slo, runbookUrl: RuleOptions['runbookUrl']): AlertingRule {
  if (slo.indicator.kind !== 'never') throw new TypeError(`${slo.id} has a budget`);
  return {
    alert: INTEGRITY_ALERT,
    expr: `${increases(slo.indicator, '10m')} > 0`,
    labels: { severity: 'critical', group: 'slo', channel: 'violations', slo: slo.id },
    annotations: {
      summary: 'The ledger does not verify, or was tampered with',
      description: `${slo.description} It fires for ten minutes after each such event.`,
      runbook_url: runbookUrl(INTEGRITY_ALERT),
    },
  };
}

const percent = (share: number): string => `${Math.round(share * 100_000) / 1000} %`;

export function objectiveText(slo: Slo): string {
  switch (slo.measure) {
    case 'success':
      return `${percent(slo.target)} good`;
    case 'errors':
      return `under ${percent(slo.critical)} bad`;
    case 'seconds':
      return slo.indicator.kind === 'gauge'
        ? `under ${slo.critical} s, ${percent(slo.target)} of the time`
        : `p${Math.round(slo.target * 100)} under ${slo.critical} s`;
  }
}
