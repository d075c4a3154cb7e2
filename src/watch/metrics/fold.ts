/**
 * The fold: what one ledger record adds to the counters. Pure and total: the same record gives the same
 * deltas for ever, whoever folds it, so that a replay of the ledger must equal the counters to the last unit.
 * It reads the label values that were admitted when the record was appended and never guesses.
 */

import * as values from '../../catalogue/values.ts';
import type { JsonObject } from '../../json.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { add, type Delta, familyOf, layoutOf, observe } from './delta.ts';
import { SEPARATOR, STANDARD_TYPES } from './raw-labels.ts';
import { flag, integer, object, objects, oneOf, text } from './read.ts';

/** `bytes`: length of the record's canonical form. */
export function fold(record: LedgerRecord, bytes: number): Delta[] {
  const deltas: Delta[] = [
    add('ledger_entries_total', { event_type: typeOf(record) }),
    add('audit_log_entries_total', { outcome: auditOutcome(record), drag_mode: modeOf(record) }),
    add('ledger_bytes_total', {}, bytes),
    ...(Object.hasOwn(FOLDS, record.type) ? (FOLDS[record.type]?.(record, record.data) ?? []) : []),
  ];
  const over = overflows(deltas);
  return over.length === 0 ? deltas : deltas.concat(over);
}

type Fold = (record: LedgerRecord, data: JsonObject) => Delta[];

const FOLDS: Readonly<Record<string, Fold>> = {
  'decision.made': (record, data) => [...asked(record, data), ...decided(record, data)],
  'decision.dry_run': asked,
  'workflow.succeeded': ended,
  'workflow.failed': ended,
  'workflow.stale': ended,
  'auth.unauthorized': refused,
  'auth.jwt_invalid': refused,
  'auth.scope_denied': refused,
  'rate_limit.hit': limited,
  'security.suspicious_activity': suspicious,
  'security.brute_force_attempt': suspicious,
  'security.tamper_detected': (_, data) => [
    add('ledger_tamper_events_total', { kind: oneOf(values.TAMPER_LABELS, text(data, 'kind'), 'other') }),
  ],
  'tool.unreviewed': (record) => [add('tools_unreviewed_total', { tool: label(record, 'tool') })],
  'approval.requested': (_, data) => [add('approvals_pending', { priority: priorityOf(data) })],
  'approval.approved': approvalEnded,
  'approval.rejected': approvalEnded,
  'approval.expired': approvalEnded,
  'metric.allowed': judged,
  'metric.rejected': judged,
  'metric.blocked': (record, data) => [
    ...judged(record, data),
    ...blocked(record, data),
    ...investigated(object(data, 'violation') ?? {}, data),
    ...caseMoved(data),
  ],
  'violation.reported': (record, data) => [
    ...reported(record, data),
    ...investigated(data, data),
    ...caseMoved(data),
  ],
  'violation.confirmed': (_, data) => caseMoved(data),
  'violation.dismissed': (_, data) => caseMoved(data),
  'violation.appealed': (_, data) => caseMoved(data),
  'violation.restored': (_, data) => caseMoved(data),
  'sanction.applied': (_, data) => [add('sanctions_active', { kind: sanctionOf(data) })],
  'sanction.lifted': (_, data) => [add('sanctions_active', { kind: sanctionOf(data) }, -1)],
  'sanction.expired': (_, data) => [add('sanctions_active', { kind: sanctionOf(data) }, -1)],
  'admin.config_changed': (_, data) => sanctioned(data),
  'healing.planned': (_, data) => (text(data, 'outcome') === undefined ? [] : [healed(data)]),
  'healing.executed': (_, data) => [healed(data)],
  'healing.failed': (_, data) => [healed(data)],
  'revocation.requested': (_, data) => [
    add('charter_data_revocations_total', {
      reason: oneOf(values.REVOCATION_REASONS, text(data, 'reason'), 'user_request'),
    }),
    ...sanctioned(data),
  ],
  'revocation.erased': (_, data) =>
    timed(data, 'duration_us', (us) => observe('charter_data_revocation_duration_seconds', {}, us)),
  'override.started': (_, data) =>
    data.final === true
      ? [
          add('charter_overrides_total', {
            reason: oneOf(values.OVERRIDE_REASONS, text(data, 'reason'), 'time_limited_exception'),
          }),
          add('charter_overrides_active', {}),
        ]
      : [],
  'override.ended': (_, data) => (data.was === 'active' ? [add('charter_overrides_active', {}, -1)] : []),
  'committee.notified': (_, data) => [
    add('charter_committee_notifications_total', { severity: severityOf(data) }),
    ...timed(data, 'duration_us', (us) => observe('charter_committee_notification_duration_seconds', {}, us)),
  ],
  'tool.invoked': (record, data) => toolCalled(record, data, 'success'),
  'tool.failed': (record, data) => toolCalled(record, data, 'failure'),
  'deployment.recorded': (_, data) => [
    add('deployments_total', {
      environment: oneOf(values.DEPLOYMENT_ENVIRONMENTS, text(data, 'environment'), 'other'),
      result: oneOf(values.DEPLOYMENT_RESULTS, text(data, 'result'), 'failure'),
    }),
    ...timed(data, 'lead_time_us', (us) => observe('deployment_lead_time_seconds', {}, us)),
    ...timed(data, 'restore_us', (us) => observe('deployment_restore_seconds', {}, us)),
  ],
  'ledger.lane_opened': () => [add('ledger_lanes_open', {})],
  'ledger.lane_closed': () => [add('ledger_lanes_open', {}, -1)],
};

/** What a question tells by itself, in force or not: AIM, prescriptive language, the second factor. */
function asked(record: LedgerRecord, data: JsonObject): Delta[] {
  const drag_mode = modeOf(record);
  const deltas: Delta[] = [...phrases(record, data)];
  const rejected = text(data, 'outcome') === 'rejected';
  if (drag_mode !== 'none' || rejected) {
    deltas.push(
      add('aim_requests_total', {
        drag_mode,
        actor_role: label(record, 'actor_role'),
        workflow: label(record, 'workflow'),
      }),
    );
  }
  const codes = objects(data, 'reasons').map((reason) => text(reason, 'code'));
  if (rejected) {
    for (const code of codes) {
      const failure_reason = oneOf(values.AIM_FAILURES, code, 'other');
      deltas.push(add('aim_validation_failures_total', { failure_reason, drag_mode }));
    }
  }
  if (drag_mode === 'analysis') {
    const fresh = flag(object(data, 'principal') ?? {}, 'fresh_mfa');
    deltas.push(add('mfa_checks_total', { result: fresh ? 'fresh' : 'stale' }));
    if (!fresh && codes.includes('analysis_human_only')) deltas.push(add('mfa_challenges_total', {}));
  }
  const shadow = object(data, 'shadow');
  const from = text(data, 'outcome');
  const to = shadow === undefined ? undefined : text(shadow, 'outcome');
  if (to !== undefined && to !== from) {
    deltas.push(add('shadow_divergences_total', { from: outcomeOf(from), to: outcomeOf(to) }));
  }
  return deltas;
}

/** What a decision in force adds beyond the question. */
function decided(record: LedgerRecord, data: JsonObject): Delta[] {
  const outcome = outcomeOf(text(data, 'outcome'));
  const actor_type = oneOf(values.ACTOR_TYPES, text(data, 'actor_type'), 'external_party');
  const risk_level = oneOf(values.RISK_LEVELS, String(integer(data, 'risk_level') ?? 1), '1');
  const deltas: Delta[] = [
    add('decisions_total', { outcome, drag_mode: modeOf(record), risk_level, actor_type }),
    add('risk_assessments_total', { risk_level }),
    ...timed(data, 'latency_us', (us) => observe('decision_duration_seconds', {}, us)),
  ];
  if (outcome === 'deny' || outcome === 'rejected') {
    deltas.push(add('decisions_denied_total', { reason: label(record, 'reason'), actor_type }));
  }
  if ((integer(data, 'evaluation_us') ?? 0) > 0) {
    deltas.push(
      ...timed(data, 'evaluation_us', (us) => observe('policy_evaluation_duration_seconds', {}, us)),
    );
  }
  const admitted = list(record, 'policies');
  objects(data, 'policies').forEach((policy, index) => {
    const effect = oneOf(['permit', 'forbid'], text(policy, 'effect'), 'forbid');
    deltas.push(add('policy_evaluations_total', { policy: admitted[index] ?? 'other', effect }));
  });
  for (const policy of list(record, 'policy_errors')) deltas.push(add('policy_errors_total', { policy }));
  return deltas;
}

function ended(record: LedgerRecord, data: JsonObject): Delta[] {
  const outcome = oneOf(values.RUN_OUTCOMES, text(data, 'outcome'), RUN_OF[record.type] ?? 'failure');
  const labels = { workflow: label(record, 'workflow'), outcome, drag_mode: modeOf(record) };
  const deltas: Delta[] = [
    add('workflow_executions_total', labels),
    ...timed(data, 'duration_us', (us) => observe('workflow_duration_seconds', labels, us)),
    ...phrases(record, data),
    ...settled(record, data),
  ];
  if (outcome === 'failure') {
    deltas.push(
      add('workflow_errors_total', { workflow: labels.workflow, error_type: label(record, 'error_type') }),
    );
  }
  if (outcome === 'stale') deltas.push(add('workflows_stale', {}));
  else if (flag(data, 'was_stale')) deltas.push(add('workflows_stale', {}, -1));
  const cost = integer(data, 'cost_micro_dollars') ?? 0;
  if (cost > 0) deltas.push(add('workflow_cost_dollars_total', { workflow: labels.workflow }, cost));
  return deltas;
}

const RUN_OF: Readonly<Record<string, (typeof values.RUN_OUTCOMES)[number]>> = {
  'workflow.succeeded': 'success',
  'workflow.failed': 'failure',
  'workflow.stale': 'stale',
};

/** A run's settlement stands in the record of its end. */
function settled(record: LedgerRecord, data: JsonObject): Delta[] {
  const settlement = object(data, 'settlement');
  if (settlement === undefined) return [];
  const result = oneOf(values.SETTLEMENTS, text(settlement, 'result'), 'unknown');
  return [add('workflow_settlements_total', { workflow: label(record, 'workflow'), result })];
}

/** One record may stand for many refusals: a flood is recorded as counts per second and reason. */
function refused(record: LedgerRecord, data: JsonObject): Delta[] {
  const failure_type = record.type === 'auth.scope_denied' ? 'scope' : text(data, 'reason');
  const status = oneOf(values.AUTH_STATUS_CODES, String(integer(data, 'status') ?? 401), '401');
  const labels = {
    method: 'jwt',
    failure_type: oneOf(values.AUTH_FAILURES, failure_type, 'other'),
    status,
  } as const;
  return [add('auth_failures_total', labels, Math.max(1, integer(data, 'count') ?? 1))];
}

function limited(record: LedgerRecord, data: JsonObject): Delta[] {
  const times = Math.max(1, integer(data, 'count') ?? 1);
  const hit = add('rate_limit_hits_total', { reason: label(record, 'reason') }, times);
  return text(data, 'scope') === undefined
    ? [hit]
    : [hit, add('scope_rate_limits_total', { scope: label(record, 'scope') }, times)];
}

function suspicious(record: LedgerRecord): Delta[] {
  return [add('suspicious_activity_total', { pattern: label(record, 'pattern') })];
}

/** A principal that was under it already is not counted twice. */
function sanctioned(data: JsonObject): Delta[] {
  const known = (name: JsonObject[string]) => values.SANCTION_KINDS.find((kind) => kind === name);
  const [given, lifted] = [known(data.sanction), known(data.lifts)];
  return [
    ...(given === undefined ? [] : [add('sanctions_active', { kind: given })]),
    ...(lifted === undefined ? [] : [add('sanctions_active', { kind: lifted }, -1)]),
  ];
}

/** A quorum of two makes two `approval.approved` records; only the one that ends the wait says `final`. */
function approvalEnded(_: LedgerRecord, data: JsonObject): Delta[] {
  if (data.final === false) return [];
  return [
    add('approvals_pending', { priority: priorityOf(data) }, -1),
    ...timed(data, 'waited_us', (us) => observe('approval_wait_seconds', {}, us)),
  ];
}

function judged(_: LedgerRecord, data: JsonObject): Delta[] {
  return timed(data, 'latency_ns', (ns) => observe('charter_metric_validation_duration_seconds', {}, ns));
}

/** An attempt is one record with its violation in it. */
function blocked(record: LedgerRecord, data: JsonObject): Delta[] {
  const node_or_service = label(record, 'node_or_service');
  const status = oneOf(values.BLOCKED_STATUSES, text(data, 'status'), 'blocked');
  const metric_name = label(record, 'metric_name');
  const deltas = [add('charter_forbidden_metric_attempts_total', { metric_name, node_or_service, status })];
  const violation = object(data, 'violation');
  return violation === undefined ? deltas : [...deltas, violated(violation, node_or_service)];
}

function reported(record: LedgerRecord, data: JsonObject): Delta[] {
  return [
    violated(data, label(record, 'node_or_service')),
    ...timed(data, 'duration_us', (us) => observe('charter_violation_report_duration_seconds', {}, us)),
  ];
}

/** @param violation where its type stands */
function investigated(violation: JsonObject, data: JsonObject): Delta[] {
  const investigation = object(data, 'investigation');
  if (investigation === undefined) return [];
  return [
    add('charter_investigations_total', {
      violation_type: violationOf(violation),
      initiated_by: oneOf(values.INITIATORS, text(investigation, 'initiated_by'), 'report'),
    }),
  ];
}

/** Open cases by severity: opened +1, closed −1 where it was counted, raised from one severity to the other. */
function caseMoved(data: JsonObject): Delta[] {
  const moved = object(data, 'case');
  if (moved === undefined) return [];
  const severity = severityOf(moved);
  const from = oneOf(values.SEVERITIES, text(moved, 'from'), severity);
  switch (text(moved, 'change')) {
    case 'opened':
    case 'reopened':
      return [add('charter_violations_open', { severity })];
    case 'closed':
      return [add('charter_violations_open', { severity: from }, -1)];
    case 'raised':
      return [
        add('charter_violations_open', { severity }),
        add('charter_violations_open', { severity: from }, -1),
      ];
    default:
      return [];
  }
}

const violated = (violation: JsonObject, node_or_service: string): Delta =>
  add('charter_violations_total', {
    severity: severityOf(violation),
    violation_type: violationOf(violation),
    node_or_service,
  });

const healed = (data: JsonObject): Delta =>
  add('healing_actions_total', {
    action: oneOf(values.HEALING_ACTIONS, text(data, 'action'), 'log_and_monitor'),
    outcome: oneOf(values.HEALING_OUTCOMES, text(data, 'outcome'), 'failure'),
    severity: severityOf(data),
  });

function toolCalled(record: LedgerRecord, data: JsonObject, fallback: 'success' | 'failure'): Delta[] {
  const tool = label(record, 'tool');
  const outcome = oneOf(values.TOOL_OUTCOMES, text(data, 'outcome'), fallback);
  return [
    add('tool_invocations_total', { tool, outcome }),
    ...timed(data, 'duration_us', (us) => observe('tool_duration_seconds', { tool }, us)),
  ];
}

/** The counts by type are complete, also where the record lists the first hits only. */
const phrases = (record: LedgerRecord, data: JsonObject): Delta[] => {
  const counts = object(object(data, 'prescriptive') ?? {}, 'counts') ?? {};
  return values.PHRASE_TYPES.flatMap((phrase_type) => {
    const found = integer(counts, phrase_type) ?? 0;
    return found > 0
      ? [add('prescriptive_detections_total', { drag_mode: modeOf(record), phrase_type }, found)]
      : [];
  });
};

/** `other` under a label drawn from outside is an overflow, counted against the family that it happened to. */
function overflows(deltas: readonly Delta[]): Delta[] {
  return deltas.filter(isOver).map(({ metric }) => add('label_overflow_total', { metric }));
}

function isOver({ metric, labels }: Delta): boolean {
  const declared = layoutOf(familyOf(metric));
  return (
    declared.draws &&
    declared.labels.some(([, label], index) => labels[index] === 'other' && 'dictionary' in label)
  );
}

const timed = (data: JsonObject, name: string, make: (value: number) => Delta): Delta[] => {
  const value = integer(data, name);
  return value === undefined ? [] : [make(value)];
};

const label = (record: LedgerRecord, name: string): string => record.labels?.[name] ?? 'none';
const list = (record: LedgerRecord, name: string): string[] => record.labels?.[name]?.split(SEPARATOR) ?? [];
const typeOf = ({ type, labels }: LedgerRecord): string =>
  STANDARD_TYPES.has(type) ? type : (labels?.event_type ?? 'other');
const modeOf = (record: LedgerRecord) =>
  oneOf(values.MODES, record.labels?.drag_mode ?? text(record.data, 'drag_mode'), 'none');
const outcomeOf = (outcome: string | undefined) => oneOf(values.DECISION_OUTCOMES, outcome, 'deny');
const severityOf = (data: JsonObject) => oneOf(values.SEVERITIES, text(data, 'severity'), 'WARNING');
const violationOf = (data: JsonObject) =>
  oneOf(values.VIOLATION_TYPES, text(data, 'violation_type'), 'other');
const sanctionOf = (data: JsonObject) => oneOf(values.SANCTION_KINDS, text(data, 'kind'), 'quarantine');
const priorityOf = (data: JsonObject) => oneOf(values.PRIORITIES, text(data, 'priority'), 'medium');

const auditOutcome = (record: LedgerRecord) =>
  /^(decision|workflow)\./.test(record.type)
    ? oneOf(values.AUDIT_OUTCOMES, text(record.data, 'outcome'), 'none')
    : 'none';
