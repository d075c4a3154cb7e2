/** The signs of life that stand on the first page too: whoever sees them green may look away. */
import { max, series } from '../src/watch/alerts/rules/promql.ts';
import { RECORDED } from '../src/watch/slo/prometheus.ts';
import type { Panel } from './panel.ts';
import { metrics, own, signals } from './panel.ts';

export const ALERTS_FIRING: Panel = {
  title: 'Alerts firing',
  description: 'How many alerts of severity warning or critical fire now.',
  kind: 'stat',
  unit: 'short',
  w: 4,
  h: 5,
  queries: [{ expr: 'count(ALERTS{alertstate="firing",severity!="info"}) or vector(0)', legend: 'firing' }],
  aws: { as: 'alarms' },
  steps: [
    { at: null, color: 'green' },
    { at: 1, color: 'red' },
  ],
  runbook: 'HighErrorRatio',
};

export const TAMPER_EVENTS: Panel = {
  title: 'Tamper events',
  description:
    'Ledger items changed, removed or forged since the ledger began. Nothing legitimate does that.',
  kind: 'stat',
  unit: 'short',
  w: 4,
  h: 8,
  queries: [{ expr: `sum(${series('ledger_tamper_events_total')}) or vector(0)`, legend: 'tampered' }],
  aws: metrics(own('ledger_tamper_events_total', 'Sum')),
  steps: [
    { at: null, color: 'green' },
    { at: 1, color: 'red' },
  ],
  runbook: 'LedgerTamperEvent',
};

export const CHECKPOINT_AGE: Panel = {
  title: 'Checkpoint age',
  description: 'Time since the newest checkpoint was cosigned.',
  kind: 'stat',
  unit: 's',
  w: 4,
  h: 5,
  queries: [{ expr: `time() - ${max('ledger_checkpoint_timestamp_seconds')}`, legend: 'age' }],
  aws: metrics(own('ledger_seal_lag_seconds', 'Maximum')),
  limits: ['CheckpointStale'],
  runbook: 'CheckpointStale',
};

export const LEVELS_MISSED: Panel = {
  title: 'Service levels missed',
  description: 'How many objectives have used up the error budget of their window.',
  kind: 'stat',
  unit: 'short',
  w: 4,
  h: 5,
  queries: [{ expr: `count(max by (slo) (${RECORDED.status}) == 2) or vector(0)`, legend: 'missed' }],
  aws: signals('AttainmentRate'),
  steps: [
    { at: null, color: 'green' },
    { at: 1, color: 'red' },
  ],
  runbook: 'ServiceLevelBurnsSlowly',
};
