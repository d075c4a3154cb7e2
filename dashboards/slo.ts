/** Service levels: is each met, how much of the error budget is left, how fast does it burn. */
import { rate } from '../src/watch/alerts/rules/promql.ts';
import { RECORDED } from '../src/watch/slo/prometheus.ts';
import type { Dashboard } from './panel.ts';
import { metrics, own, published, signals, WINDOW } from './panel.ts';

const window = WINDOW;

export const SLO: Dashboard = {
  uid: 'chancery-slo',
  title: 'Chancery / Service levels',
  description: 'Objectives, what is left of their error budgets, and how fast they burn.',
  variables: [],
  panels: [
    {
      title: 'Objectives',
      description: 'Each objective now: met, close to its limit, missed, or too few samples to say.',
      kind: 'stat',
      unit: 'short',
      w: 24,
      h: 8,
      queries: [{ expr: `max by (slo) (${RECORDED.status})`, legend: '{{slo}}' }],
      aws: { as: 'alarms' },
      words: {
        '-1': { text: 'few samples', color: 'blue' },
        '0': { text: 'met', color: 'green' },
        '1': { text: 'close', color: 'yellow' },
        '2': { text: 'missed', color: 'red' },
      },
      runbook: 'ServiceLevelBurnsSlowly',
    },
    {
      title: 'Error budget left',
      description:
        'Share of the error budget of the window that is left. Below nothing, the objective is missed.',
      kind: 'toplist',
      unit: 'percentunit',
      w: 12,
      h: 11,
      min: 0,
      max: 1,
      queries: [{ expr: `max by (slo) (${RECORDED.budgetLeft})`, legend: '{{slo}}' }],
      aws: signals('AttainmentRate'),
      steps: [
        { at: null, color: 'red' },
        { at: 0.1, color: 'yellow' },
        { at: 0.25, color: 'green' },
      ],
      runbook: 'ServiceLevelBurnsSlowly',
    },
    {
      title: 'Burn rate',
      description: 'How many times faster than allowed the budget burns, over an hour. 14.4 pages.',
      kind: 'timeseries',
      unit: 'short',
      w: 12,
      h: 11,
      queries: [{ expr: `max by (slo) (${RECORDED.burnRate})`, legend: '{{slo}}' }],
      aws: signals('BurnRate'),
      steps: [
        { at: null, color: 'green' },
        { at: 1, color: 'yellow' },
        { at: 14.4, color: 'red' },
      ],
      runbook: 'ServiceLevelBurnsFast',
    },
    {
      title: 'Refusals and faults by route',
      description: '401, 403, 429 and 5xx per second by route.',
      kind: 'timeseries',
      unit: 'reqps',
      w: 16,
      h: 9,
      stack: true,
      queries: [
        {
          expr: rate('http_requests_total', {
            by: ['route', 'status'],
            where: { status: { op: '=~', value: '401|403|429|5..' } },
            window,
          }),
          legend: '{{status}} {{route}}',
        },
      ],
      aws: metrics(
        published('AWS/ApiGateway', '4XXError', 'Sum', ['ApiName', 'Method', 'Resource', 'Stage']),
        published('AWS/ApiGateway', '5XXError', 'Sum', ['ApiName', 'Method', 'Resource', 'Stage']),
      ),
      runbook: 'HighErrorRatio',
    },
    {
      title: 'Requests by class',
      description: 'What the availability objective counts: only class fault is ours.',
      kind: 'timeseries',
      unit: 'reqps',
      w: 8,
      h: 9,
      stack: true,
      queries: [{ expr: rate('http_requests_total', { by: ['class'], window }), legend: '{{class}}' }],
      aws: metrics(own('http_requests_total', 'Sum', ['class'])),
      runbook: 'HighErrorRatio',
    },
  ],
};
