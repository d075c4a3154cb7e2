/** What to do when an objective is in danger: one section per alert, one paragraph per objective. */
import { INTEGRITY_ALERT, objectiveText } from './prometheus.ts';
import { SLOS } from './slos.ts';

export interface RunbookEntry {
  readonly alert: string;
  readonly description: string;
  readonly investigation: readonly string[];
  readonly resolution: readonly string[];
}

/** Where to look first, by objective. */
const FIRST_LOOK: Readonly<Record<string, string>> = {
  api_availability:
    '`chancery metrics errors` names the error types; `chancery health --verbose` the dependency behind them.',
  api_latency:
    '`chancery metrics latency` shows which step is slow; `chancery logs slow-requests` which requests.',
  auth_success:
    '`chancery_auth_failures_total` by failure_type: `expired` and `kid` point at an issuer, `signature` and `malformed` at an attack.',
  auth_latency:
    '`chancery metrics latency`, family scope_request_duration_seconds, and the JWKS check of `chancery health`.',
  authz_success:
    '`chancery_scope_checks_total` by scope: a role lost a scope with the last charter, or somebody tries what they may not.',
  error_rate_5xx: 'as for api_availability.',
  error_rate_4xx:
    '`chancery_http_requests_total{class="client"}` by route and status: usually one client after a release of theirs.',
  decision_latency:
    '`chancery_policy_evaluation_duration_seconds` against `chancery_decision_duration_seconds`: the charter, or the store.',
  ledger_append: 'the disk or the table: `chancery_store_operation_duration_seconds` by operation.',
  seal_lag:
    'the sealer: `chancery_ledger_checkpoints_total` by result, then its log lines (`chancery logs search --query logger=seal`).',
  workflow_success:
    '`chancery_workflow_errors_total` by workflow and error_type; failed runs are the service at work, so the workflow is at fault.',
  tool_success:
    '`chancery tools stats` names the tools that fail, `error_type` of their records `tool.failed` how: a server is away, slow, or not what was reviewed.',
  ws_connection:
    '`chancery_ws_connections_total` by result, then the log lines of `live` and `http`: the ledger could not be read or written.',
  committee_notification: '`chancery_notifications_total` by channel and result.',
};

export function sloRunbook(): RunbookEntry[] {
  const looks = SLOS.filter(({ id }) => id in FIRST_LOOK).map(
    ({ id, title, ...slo }) =>
      `${title} (\`${id}\`, ${objectiveText({ id, title, ...slo })}): ${FIRST_LOOK[id]}`,
  );
  const common = [
    'Look at the label `slo` of the alert, then at its row in the dashboard "Service levels".',
    ...looks,
  ];
  return [
    {
      alert: 'ServiceLevelBurnsFast',
      description:
        'The error budget of an objective burns so fast that it is gone within days. Somebody should look now.',
      investigation: common,
      resolution: [
        'Undo the last change if the burn began with it: roll back the deployment, or the charter with `chancery charter rollback`.',
        'The alert ends by itself once the short window (5 or 30 minutes) is under the limit.',
      ],
    },
    {
      alert: 'ServiceLevelBurnsSlowly',
      description:
        'The error budget of an objective will not last for its window. It can wait for working hours.',
      investigation: common,
      resolution: [
        'Find the cause and plan the fix; `chancery slo report` shows what is left of the budget.',
      ],
    },
    {
      alert: INTEGRITY_ALERT,
      description:
        'A verification of the ledger failed, or the sentinel saw a record being changed or removed.',
      investigation: [
        '`chancery ledger verify --json` names the verdict, the lane and the place.',
        '`chancery metrics verify` shows whether the counters still are what the ledger says.',
        'The old image of a changed item is kept by the sentinel; see the security.tamper_detected record.',
      ],
      resolution: [
        'Treat it as a security incident: preserve the store, do not repair it in place.',
        'Restore the table from a backup beside the original and compare both with the newest checkpoint.',
      ],
    },
  ];
}
