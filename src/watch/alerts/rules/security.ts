/** Who tries what they may not. */
import { appears, flows, steps } from './drill.ts';
import { grew, matching, rate, SEEN_A_DAY, series } from './promql.ts';
import type { AlertRule } from './rule.ts';

/** Scopes with which one could change who may do what. */
const PRIVILEGED =
  'admin:.*:write|admin:write|charter:activate|charter:write|emergency:.*|approvals:decide|sanctions:write';

const authFailures = series('auth_failures_total', {
  method: 'jwt',
  failure_type: 'signature',
  status: '401',
});
const aimFailures = series('aim_validation_failures_total', {
  failure_reason: 'missing_actor',
  drag_mode: 'execute',
});

export const SECURITY = [
  {
    name: 'AuthFailures',
    group: 'security',
    severity: 'warning',
    source: 'prometheus',
    summary: 'More than 20 authentication failures a minute',
    description: '{{ $value | humanize }} authentications fail a minute; the limit is 20.',
    expr: `60 * ${rate('auth_failures_total', { window: '2m' })} > 20`,
    for: 60,
    threshold: 20,
    unit: 'short',
    bad: 'above',
    evidence: ['auth.jwt_invalid', 'auth.unauthorized'],
    drill: { settle: 120, feeds: [flows(authFailures, { over: 0.34, under: 0.33 })] },
  },
  {
    name: 'AuthFailureRateHigh',
    group: 'security',
    severity: 'critical',
    source: 'prometheus',
    summary: 'More than 10 authentication failures a second',
    description:
      'Authentications fail at {{ $value | humanize }} a second over 5 minutes; the limit is 10. Someone guesses, or an issuer rotated its keys.',
    expr: `${rate('auth_failures_total')} > 10`,
    for: 300,
    threshold: 10,
    unit: 'ops',
    bad: 'above',
    evidence: ['auth.jwt_invalid', 'auth.unauthorized'],
    drill: { settle: 300, feeds: [flows(authFailures, { over: 10.1, under: 9.9 })] },
  },
  {
    name: 'AimValidationFailures',
    group: 'security',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Requests break the AIM rules more than once in ten seconds',
    description:
      'AIM validation fails {{ $value | humanize }} times a second over 5 minutes; the limit is 0.1.',
    expr: `${rate('aim_validation_failures_total')} > 0.1`,
    for: 300,
    threshold: 0.1,
    unit: 'ops',
    bad: 'above',
    evidence: ['decision.made'],
    drill: { settle: 300, feeds: [flows(aimFailures, { over: 0.11, under: 0.09 })] },
  },
  {
    name: 'AimValidationFailureSpike',
    group: 'security',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Requests break the AIM rules more than ten times a minute',
    description: 'AIM validation fails {{ $value | humanize }} times a minute; the limit is 10.',
    expr: `60 * ${rate('aim_validation_failures_total', { window: '2m' })} > 10`,
    for: 0,
    threshold: 10,
    unit: 'short',
    bad: 'above',
    evidence: ['decision.made'],
    drill: { settle: 120, feeds: [flows(aimFailures, { over: 0.175, under: 0.16 })] },
  },
  {
    name: 'DenialRateHigh',
    group: 'security',
    severity: 'warning',
    source: 'prometheus',
    summary: 'More than half of all decisions are denials',
    description:
      '{{ $value | humanizePercentage }} of decisions over 10 minutes were denials; the limit is 50 %, looked at only above one decision in ten seconds.',
    expr: `${rate('decisions_total', { where: { outcome: 'deny' }, window: '10m' })} / ${rate('decisions_total', { window: '10m' })} > 0.5 and on () ${rate('decisions_total', { window: '10m' })} > 0.1`,
    for: 300,
    threshold: 0.5,
    unit: 'percentunit',
    bad: 'above',
    evidence: ['decision.made'],
    drill: {
      settle: 600,
      feeds: [
        flows(
          series('decisions_total', {
            outcome: 'deny',
            drag_mode: 'execute',
            risk_level: '2',
            actor_type: 'ai_agent',
          }),
          { over: 0.52, under: 0.48 },
        ),
        flows(
          series('decisions_total', {
            outcome: 'allow',
            drag_mode: 'execute',
            risk_level: '2',
            actor_type: 'ai_agent',
          }),
          { calm: 0.5, over: 0.5, under: 0.5 },
        ),
      ],
    },
  },
  {
    name: 'RateLimitAbuse',
    group: 'security',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Limits of kind {{ $labels.reason }} are hit more than once a second',
    description:
      'Limits of kind {{ $labels.reason }} are hit {{ $value | humanize }} times a second; the limit is 1.',
    expr: `${rate('rate_limit_hits_total', { by: ['reason'] })} > 1`,
    for: 300,
    threshold: 1,
    unit: 'ops',
    bad: 'above',
    evidence: ['rate_limit.hit'],
    drill: {
      settle: 300,
      feeds: [flows(series('rate_limit_hits_total', { reason: 'principal' }), { over: 1.1, under: 0.9 })],
    },
  },
  {
    name: 'PrivilegeEscalation',
    group: 'security',
    severity: 'critical',
    source: 'prometheus',
    summary: 'Privileged scope {{ $labels.scope }} is asked for by those who lack it',
    description:
      '{{ $value | humanize }} requests in 5 minutes needed {{ $labels.scope }} and their tokens lacked it; the limit is 5.',
    expr: `sum by (scope) (increase(${series('scope_checks_total', { decision: 'denied', scope: matching(PRIVILEGED) })}[5m])) > 5`,
    for: 0,
    threshold: 5,
    unit: 'short',
    bad: 'above',
    evidence: ['auth.scope_denied'],
    drill: {
      settle: 300,
      feeds: [
        flows(series('scope_checks_total', { scope: 'charter:activate', decision: 'denied' }), {
          over: 0.018,
          under: 0.016,
        }),
      ],
    },
  },
  {
    name: 'SuspiciousPattern',
    group: 'security',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Suspicious activity: {{ $labels.pattern }}',
    description:
      'The pattern {{ $labels.pattern }} was seen on {{ $value }} occasions; the record names the subject by its pseudonym.',
    expr: grew('suspicious_activity_total', { by: ['pattern'] }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['security.suspicious_activity', 'security.brute_force_attempt'],
    drill: { settle: 0, feeds: [steps(series('suspicious_activity_total', { pattern: 'enumeration' }))] },
  },
  {
    name: 'ToolUnreviewed',
    group: 'security',
    severity: 'warning',
    source: 'prometheus',
    summary: 'The definition of {{ $labels.tool }} is new or has changed',
    description:
      'A server offers {{ $labels.tool }} otherwise than it was reviewed. It is denied until somebody has looked at it.',
    expr: grew('tools_unreviewed_total', { by: ['tool'] }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['tool.unreviewed'],
    drill: { settle: 0, feeds: [steps(series('tools_unreviewed_total', { tool: 'github-mcp.get_file' }))] },
  },
  {
    name: 'PrescriptiveDetection',
    group: 'security',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Prescriptive language ({{ $labels.phrase_type }}) in {{ $labels.drag_mode }} mode',
    description:
      '{{ $value }} phrases of type {{ $labels.phrase_type }} were found in {{ $labels.drag_mode }} mode, where output informs and does not direct.',
    expr: grew('prescriptive_detections_total', { by: ['drag_mode', 'phrase_type'] }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['decision.made', 'workflow.succeeded'],
    drill: {
      settle: 0,
      feeds: [
        appears(series('prescriptive_detections_total', { drag_mode: 'research', phrase_type: 'directive' })),
      ],
    },
  },
  {
    name: 'UnusualScopeUse',
    group: 'security',
    severity: 'warning',
    source: 'prometheus',
    summary: 'Scope {{ $labels.scope }} is used five times as much as usual',
    description:
      'Scope {{ $labels.scope }} is granted {{ $value | humanize }} times a second, more than five times its average of the day before. Judged once a day is known.',
    expr: `${rate('scope_checks_total', { by: ['scope'], where: { decision: 'granted' }, window: '10m' })} > 0.1 and ${rate('scope_checks_total', { by: ['scope'], where: { decision: 'granted' }, window: '10m' })} > 5 * sum by (scope) (rate(${series('scope_checks_total', { decision: 'granted' })}[1d] offset 10m)) and ${SEEN_A_DAY}`,
    for: 600,
    threshold: 5,
    unit: 'short',
    bad: 'above',
    drill: {
      settle: 660,
      calm: 90_000,
      feeds: [
        flows(series('scope_checks_total', { scope: 'ledger:export', decision: 'granted' }), {
          calm: 0.1,
          over: 0.56,
          under: 0.48,
        }),
      ],
    },
  },
  {
    name: 'NewAdminAccess',
    group: 'security',
    severity: 'info',
    source: 'prometheus',
    summary: 'Administrative access: {{ $labels.event_type }}',
    description: '{{ $value }} records of type {{ $labels.event_type }} in the last 5 minutes.',
    expr: grew('ledger_entries_total', { by: ['event_type'], where: { event_type: matching('admin\\..+') } }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['admin.access', 'admin.config_changed'],
    drill: { settle: 0, feeds: [appears(series('ledger_entries_total', { event_type: 'admin.access' }))] },
  },
  {
    name: 'SecurityEvent',
    group: 'security',
    severity: 'info',
    source: 'prometheus',
    summary: 'Security event: {{ $labels.event_type }}',
    description: '{{ $value }} records of type {{ $labels.event_type }} in the last 5 minutes.',
    expr: grew('ledger_entries_total', {
      by: ['event_type'],
      where: { event_type: matching('security\\..+') },
    }),
    for: 0,
    threshold: 0,
    unit: 'short',
    bad: 'above',
    evidence: ['security.suspicious_activity', 'security.brute_force_attempt'],
    drill: {
      settle: 0,
      feeds: [steps(series('ledger_entries_total', { event_type: 'security.brute_force_attempt' }))],
    },
  },
] as const satisfies readonly AlertRule[];
