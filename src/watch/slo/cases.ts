/**
 * Incidents replayed for `promtool test rules`: a fast burn, a slow burn, too few samples, recovery, and one
 * failed verification. Each says at which step which alert must and must not fire.
 */
import { PREFIX } from '../../catalogue/catalogue.ts';
import type { PromtoolCase } from '../rule-group.ts';
import { BURNS, INTEGRITY_ALERT, RECORDED } from './prometheus.ts';

const SLO = 'api_availability';
const REQUESTS = `${PREFIX}http_requests_total`;
const [FAST, MIDDLE, SLOW] = BURNS;

/** Good and bad requests a minute, for so many minutes each, as cumulative counters. */
function traffic(stretches: readonly (readonly [minutes: number, good: number, bad: number])[]) {
  const parts: [string[], string[]] = [[], []];
  const sums = [0, 0];
  for (const [minutes, ...rates] of stretches) {
    rates.forEach((rate, index) => {
      const from = (sums[index] ?? 0) + rate;
      parts[index]?.push(minutes === 1 ? String(from) : `${from}+${rate}x${minutes - 1}`);
      sums[index] = (sums[index] ?? 0) + rate * minutes;
    });
  }
  const labels = 'method="GET",route="/x"';
  return [
    { series: `${REQUESTS}{${labels},status="200",class="ok"}`, values: parts[0].join(' ') },
    { series: `${REQUESTS}{${labels},status="500",class="fault"}`, values: parts[1].join(' ') },
  ];
}

const firing = (alert: string, window: string, minutes: number, fires: boolean, slo = SLO) => ({
  expr: `count(ALERTS{alertname="${alert}",slo="${slo}",window="${window}",alertstate="firing"})`,
  eval_time: `${minutes}m`,
  exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
});
const fast = (minutes: number, fires: boolean) => firing(FAST.alert, FAST.long, minutes, fires);
const middle = (minutes: number, fires: boolean) => firing(MIDDLE.alert, MIDDLE.long, minutes, fires);
const slow = (minutes: number, fires: boolean) => firing(SLOW.alert, SLOW.long, minutes, fires);
const status = (minutes: number, value: number) => ({
  expr: `${RECORDED.status}{slo="${SLO}"}`,
  eval_time: `${minutes}m`,
  exp_samples: [{ labels: `${RECORDED.status}{slo="${SLO}"}`, value }],
});

export function sloCases(): PromtoolCase[] {
  return [
    {
      // The long window passes 1.44 % within a few minutes of 10 % faults; the short one is over at once.
      name: 'a fast burn fires within an hour and ends five minutes after the faults do',
      interval: '1m',
      input_series: traffic([
        [120, 100, 0],
        [30, 90, 10],
        [60, 100, 0],
      ]),
      promql_expr_test: [
        fast(119, false),
        status(119, 0),
        fast(121, false),
        fast(135, true),
        status(149, 2),
        fast(149, true),
        fast(160, false),
      ],
    },
    {
      name: 'faults just under the limit do not page',
      interval: '1m',
      input_series: traffic([
        [120, 1_000, 0],
        [120, 987, 13],
      ]),
      promql_expr_test: [fast(150, false), fast(200, false), fast(239, false)],
    },
    {
      name: 'a burn of six times too fast pages over six hours, not over one',
      interval: '1m',
      input_series: traffic([
        [420, 1_000, 0],
        [400, 992, 8],
      ]),
      promql_expr_test: [middle(419, false), fast(800, false), middle(800, true)],
    },
    {
      name: 'a slow burn makes a warning and no page',
      interval: '1m',
      input_series: traffic([
        [1_440, 1_000, 0],
        [1_440, 996, 4],
      ]),
      promql_expr_test: [slow(1_439, false), slow(2_850, true), fast(2_850, false), middle(2_850, false)],
    },
    {
      name: 'too few samples say nothing, however bad they are',
      interval: '1m',
      input_series: traffic([
        [60, 0, 0],
        [4, 1, 2],
        [60, 0, 0],
      ]),
      promql_expr_test: [fast(66, false), status(70, -1)],
    },
    {
      name: 'one failed verification is enough, from the first on',
      interval: '1m',
      input_series: [
        { series: `${PREFIX}ledger_integrity_checks_total{result="MODIFIED"}`, values: '0x29 1x60' },
        { series: `${PREFIX}ledger_tamper_events_total{kind="modified"}`, values: '0x90' },
      ],
      promql_expr_test: [
        integrity(29, false),
        integrity(31, true),
        integrity(38, true),
        integrity(45, false),
        {
          expr: `${RECORDED.status}{slo="audit_integrity"}`,
          eval_time: '45m',
          exp_samples: [{ labels: `${RECORDED.status}{slo="audit_integrity"}`, value: 2 }],
        },
      ],
    },
  ];
}

const integrity = (minutes: number, fires: boolean) => ({
  expr: `count(ALERTS{alertname="${INTEGRITY_ALERT}",slo="audit_integrity",alertstate="firing"})`,
  eval_time: `${minutes}m`,
  exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
});
