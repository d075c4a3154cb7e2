/** Who tries what, and whether anything was touched. */
import { counted, increase, matching, rate } from '../src/watch/alerts/rules/promql.ts';
import type { Dashboard } from './panel.ts';
import { contributors, events, metrics, own, RANGE, WINDOW } from './panel.ts';
import { TAMPER_EVENTS } from './vital.ts';

const window = WINDOW;

export const SECURITY: Dashboard = {
  uid: 'chancery-security',
  title: 'Chancery / Security',
  description: 'Refused tokens and scopes, denials, limits, suspicious activity, alerts and tampering.',
  variables: [],
  panels: [
    {
      title: 'Authentication failures by type',
      description:
        'Refused requests per second by what was wrong with the token. The line is the critical limit.',
      kind: 'timeseries',
      unit: 'ops',
      w: 12,
      h: 8,
      stack: true,
      queries: [
        { expr: rate('auth_failures_total', { by: ['failure_type'], window }), legend: '{{failure_type}}' },
      ],
      aws: events('auth.unauthorized|auth.jwt_invalid|auth.scope_denied', 'detail.data.data.reason'),
      limits: ['AuthFailureRateHigh'],
      runbook: 'AuthFailureRateHigh',
    },
    {
      title: 'Denials by reason',
      description: 'Denied and rejected decisions per second by their first reason.',
      kind: 'timeseries',
      unit: 'ops',
      w: 12,
      h: 8,
      stack: true,
      queries: [{ expr: rate('decisions_denied_total', { by: ['reason'], window }), legend: '{{reason}}' }],
      aws: events('decision.made', 'detail.data.data.reasons.0.code'),
      runbook: 'DenialRateHigh',
    },
    {
      title: 'Denials by policy',
      description: 'Forbids that determined a decision in the chosen time.',
      kind: 'toplist',
      unit: 'short',
      w: 8,
      h: 8,
      queries: [
        {
          expr: `topk(10, ${counted('policy_evaluations_total', { by: ['policy'], where: { effect: 'forbid' }, window: RANGE })})`,
          legend: '{{policy}}',
        },
      ],
      aws: events('decision.made', 'detail.data.data.policies.0.id'),
      runbook: 'DenialRateHigh',
    },
    {
      title: 'Failed requests by user',
      description:
        'Principals with the most refused requests, by pseudonym, from Contributor Insights. On one machine: `chancery metrics top-users --by unsuccessful`.',
      kind: 'toplist',
      unit: 'short',
      w: 8,
      h: 8,
      queries: [],
      aws: contributors(
        'chancery-refused-subjects',
        'detail.subject',
        'detail.data.data.outcome in ["deny", "rejected"] or detail.type = "org.chancery.auth.scope_denied"',
      ),
      runbook: 'PrivilegeEscalation',
    },
    TAMPER_EVENTS,
    {
      title: 'Privileged refusals',
      description: 'Requests in 5 minutes for a privileged scope that the token lacked.',
      kind: 'stat',
      unit: 'short',
      w: 4,
      h: 8,
      queries: [
        {
          expr: `${increase('scope_checks_total', { where: { decision: 'denied', scope: matching('admin:.*|charter:(write|activate)|emergency:.*|approvals:decide|sanctions:write') }, window: '5m' })} or vector(0)`,
          legend: 'refused',
        },
      ],
      aws: metrics(own('scope_checks_total', 'Sum', ['decision'])),
      limits: ['PrivilegeEscalation'],
      runbook: 'PrivilegeEscalation',
    },
    {
      title: 'Alerts over time',
      description: 'Which alerts fired when.',
      kind: 'rows',
      unit: 'short',
      w: 16,
      h: 8,
      queries: [{ expr: 'sum by (alertname) (ALERTS{alertstate="firing"})', legend: '{{alertname}}' }],
      aws: { as: 'alarms' },
      runbook: 'SecurityEvent',
    },
    {
      title: 'Rate limit hits',
      description: 'Requests per second over a limit, by kind. The line is where RateLimitAbuse fires.',
      kind: 'timeseries',
      unit: 'ops',
      w: 8,
      h: 8,
      queries: [{ expr: rate('rate_limit_hits_total', { by: ['reason'], window }), legend: '{{reason}}' }],
      aws: events('rate_limit.hit', 'detail.data.data.reason'),
      limits: ['RateLimitAbuse'],
      runbook: 'RateLimitAbuse',
    },
    {
      title: 'Scope use',
      description: 'Checks of scopes over time, granted and denied: the darker, the more.',
      kind: 'rows',
      unit: 'short',
      w: 16,
      h: 9,
      queries: [{ expr: increase('scope_checks_total', { by: ['scope'], window }), legend: '{{scope}}' }],
      aws: metrics(own('scope_checks_total', 'Sum', ['decision'])),
      runbook: 'UnusualScopeUse',
    },
    {
      title: 'Suspicious activity',
      description: 'Patterns seen by the detector.',
      kind: 'bars',
      unit: 'short',
      w: 8,
      h: 9,
      queries: [
        { expr: counted('suspicious_activity_total', { by: ['pattern'], window }), legend: '{{pattern}}' },
      ],
      aws: events('security.suspicious_activity|security.brute_force_attempt', 'detail.data.data.pattern'),
      limits: ['SuspiciousPattern'],
      runbook: 'SuspiciousPattern',
    },
    {
      title: 'Security events',
      description: 'Ledger records of the families auth, admin, security and sanction.',
      kind: 'bars',
      unit: 'short',
      w: 24,
      h: 8,
      stack: true,
      queries: [
        {
          expr: counted('ledger_entries_total', {
            by: ['event_type'],
            where: { event_type: matching('(auth|admin|security|sanction)\\..+') },
            window,
          }),
          legend: '{{event_type}}',
        },
      ],
      aws: events('(auth|admin|security|sanction)..*', 'detail.type'),
      runbook: 'SecurityEvent',
    },
  ],
};
