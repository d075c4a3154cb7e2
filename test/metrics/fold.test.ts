import { describe, expect, it } from 'vitest';
import { CATALOGUE, METRIC_NAMES } from '../../src/catalogue/catalogue.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { SANCTION_KINDS, TAMPER_KINDS } from '../../src/terms.ts';
import { bucketOf, familyOf, labelValues } from '../../src/watch/metrics/delta.ts';
import { fold } from '../../src/watch/metrics/fold.ts';
import { decision, record } from './support.ts';

/** `name{a,b}` → what the record adds to it. */
const sums = (what: LedgerRecord): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const delta of fold(what, 100)) {
    const key = `${delta.metric}{${delta.labels.join(',')}}`;
    found[key] = (found[key] ?? 0) + (delta.kind === 'add' ? delta.by : delta.value);
  }
  return found;
};
const labelled = (labels: Record<string, string>) => ({ labels });

describe('the fold', () => {
  it('counts an allowed decision once in every family that it concerns', () => {
    expect(sums(decision())).toEqual({
      'ledger_entries_total{decision.made}': 1,
      'audit_log_entries_total{allow,execute}': 1,
      'ledger_bytes_total{}': 100,
      'aim_requests_total{execute,operator,data-export}': 1,
      'decisions_total{allow,execute,2,human_user}': 1,
      'risk_assessments_total{2}': 1,
      'decision_duration_seconds{}': 1_500,
      'policy_evaluation_duration_seconds{}': 300,
      'policy_evaluations_total{permit-operators,permit}': 1,
    });
  });

  it('does not call a dry run a decision', () => {
    const dry = sums(
      record(
        'decision.dry_run',
        decision().data,
        labelled({ drag_mode: 'draft', actor_role: 'agent', workflow: 'none' }),
      ),
    );
    expect(dry['aim_requests_total{draft,agent,none}']).toBe(1);
    expect(Object.keys(dry).filter((key) => key.startsWith('decisions_total'))).toEqual([]);
  });

  it('counts each AIM rule that was broken, and the denial under its first reason', () => {
    const data = {
      outcome: 'rejected',
      drag_mode: 'execute',
      actor_type: 'ai_agent',
      risk_level: 1,
      reasons: [{ code: 'actor_name_too_short' }, { code: 'objective_too_short' }, { code: 'made_up' }],
    };
    const found = sums(
      record('decision.made', data, labelled({ drag_mode: 'execute', reason: 'actor_name_too_short' })),
    );
    expect(found['aim_validation_failures_total{actor_name_too_short,execute}']).toBe(1);
    expect(found['aim_validation_failures_total{objective_too_short,execute}']).toBe(1);
    expect(found['aim_validation_failures_total{other,execute}']).toBe(1);
    expect(found['decisions_denied_total{actor_name_too_short,ai_agent}']).toBe(1);
  });

  it('counts an analysis request without a fresh second factor as a challenge', () => {
    const data = {
      outcome: 'rejected',
      principal: { fresh_mfa: false },
      reasons: [{ code: 'analysis_human_only' }],
    };
    const found = sums(record('decision.made', data, labelled({ drag_mode: 'analysis' })));
    expect(found['mfa_checks_total{stale}']).toBe(1);
    expect(found['mfa_challenges_total{}']).toBe(1);
  });

  it.each(TAMPER_KINDS)('counts tampering that is %s as that', (kind) => {
    expect(sums(record('security.tamper_detected', { kind }))[`ledger_tamper_events_total{${kind}}`]).toBe(1);
  });

  it.each(SANCTION_KINDS)(
    'counts a revocation that put somebody under a %s as that, and one that changed nothing not at all',
    (kind) => {
      expect(sums(record('revocation.requested', { sanction: kind }))[`sanctions_active{${kind}}`]).toBe(1);
      expect(Object.keys(sums(record('revocation.requested', {}))).join()).not.toContain('sanctions_active');
    },
  );

  it('counts a healing action by what came of it, and one that is only begun not yet', () => {
    const key = (outcome: string) => `healing_actions_total{quarantine_network,${outcome},SUSPENSION}`;
    const healing = { action: 'quarantine_network', severity: 'SUSPENSION' };
    expect(sums(record('healing.planned', healing))[key('success')]).toBeUndefined();
    for (const [type, outcome] of [
      ['healing.planned', 'deferred'],
      ['healing.executed', 'success'],
      ['healing.failed', 'rolled_back'],
    ] as const)
      expect(sums(record(type, { ...healing, outcome }))[key(outcome)]).toBe(1);
  });

  it('counts a flood record as the number of requests that it stands for', () => {
    expect(
      sums(record('auth.unauthorized', { reason: 'expired', status: 401, count: 731 }))[
        'auth_failures_total{jwt,expired,401}'
      ],
    ).toBe(731);
    expect(
      sums(record('auth.scope_denied', { reason: 'scope', status: 403, count: 1 }))[
        'auth_failures_total{jwt,scope,403}'
      ],
    ).toBe(1);
  });

  it('counts a run, its duration, cost, settlement and error', () => {
    const data = {
      outcome: 'failure',
      duration_us: 2_000_000,
      cost_micro_dollars: 1_500,
      settlement: { result: 'unknown' },
      prescriptive: { counts: { directive: 3 }, first: [] },
    };
    const found = sums(
      record(
        'workflow.failed',
        data,
        labelled({ workflow: 'data-export', drag_mode: 'draft', error_type: 'States.Timeout' }),
      ),
    );
    expect(found['workflow_executions_total{data-export,failure,draft}']).toBe(1);
    expect(found['workflow_duration_seconds{data-export,failure,draft}']).toBe(2_000_000);
    expect(found['workflow_cost_dollars_total{data-export}']).toBe(1_500);
    expect(found['workflow_settlements_total{data-export,unknown}']).toBe(1);
    expect(found['workflow_errors_total{data-export,States.Timeout}']).toBe(1);
    expect(found['prescriptive_detections_total{draft,directive}']).toBe(3);
  });

  it('moves the gauges of what is open up and down again', () => {
    const paths: [LedgerRecord[], string][] = [
      [
        [
          record('approval.requested', { priority: 'high' }),
          record('approval.approved', { priority: 'high', final: true }),
        ],
        'approvals_pending{high}',
      ],
      [[record('ledger.lane_opened', {}), record('ledger.lane_closed', {})], 'ledger_lanes_open{}'],
      [
        [record('workflow.stale', {}), record('workflow.succeeded', { was_stale: true })],
        'workflows_stale{}',
      ],
    ];
    for (const [records, key] of paths) {
      const moves = records.map((each) => sums(each)[key] ?? 0);
      expect(Math.max(...moves), key).toBe(1);
      expect(
        moves.reduce((sum, move) => sum + move, 0),
        key,
      ).toBe(0);
    }
  });

  it('does not end an approval with a vote that is not the last', () => {
    expect(
      sums(record('approval.approved', { priority: 'high', final: false }))['approvals_pending{high}'],
    ).toBeUndefined();
  });

  it('counts an attempt with its violation from one record', () => {
    const found = sums(
      record(
        'metric.blocked',
        {
          status: 'blocked',
          latency_ns: 12_345,
          violation: { severity: 'SUSPENSION', violation_type: 'silent_collection' },
        },
        labelled({ metric_name: 'user_location', node_or_service: 'node-1' }),
      ),
    );
    expect(found['charter_forbidden_metric_attempts_total{user_location,node-1,blocked}']).toBe(1);
    expect(found['charter_violations_total{SUSPENSION,silent_collection,node-1}']).toBe(1);
    expect(found['charter_metric_validation_duration_seconds{}']).toBe(12_345);
  });

  it('counts a value over its budget as an overflow of the family that it happened to', () => {
    const found = sums(
      record(
        'metric.blocked',
        { status: 'blocked' },
        labelled({ metric_name: 'user_location', node_or_service: 'other' }),
      ),
    );
    expect(found['label_overflow_total{charter_forbidden_metric_attempts_total}']).toBe(1);
  });

  it('folds a type that a governed application registered under the name admitted for it', () => {
    expect(
      sums(record('memory.forgotten', {}, labelled({ event_type: 'memory.forgotten' })))[
        'ledger_entries_total{memory.forgotten}'
      ],
    ).toBe(1);
    expect(sums(record('memory.forgotten', {}))['ledger_entries_total{other}']).toBe(1);
  });

  it('never throws and never leaves the integers, whatever stands in the data', () => {
    const odd = [null, [], 'x', -5, 1e300, Number.NaN, { deep: [] }, true];
    const types = METRIC_TYPES;
    for (const type of types) {
      for (const value of odd) {
        const data = Object.fromEntries(FIELDS.map((field) => [field, value])) as LedgerRecord['data'];
        for (const delta of fold(record(type, data), 10)) {
          expect(
            Number.isSafeInteger(delta.kind === 'add' ? delta.by : delta.value),
            `${type} ${delta.metric}`,
          ).toBe(true);
        }
      }
    }
    expect(() => fold(record('constructor', {}), 1)).not.toThrow();
  });

  it('reads every ledger-sourced family from some record', () => {
    const moved = new Set(EXAMPLES.flatMap((example) => fold(example, 1).map(({ metric }) => metric)));
    const still = METRIC_NAMES.filter((name) => CATALOGUE[name].source === 'ledger' && !moved.has(name));
    expect(still).toEqual([]);
  });
});

describe('labels and buckets', () => {
  it('put what a closed list does not hold under other, and what is missing under none', () => {
    expect(
      labelValues('http_requests_total', { method: 'BREW', route: '/x', status: '418', class: 'client' }),
    ).toEqual(['other', '/x', 'other', 'client']);
    expect(labelValues('workflow_settlements_total', { workflow: '', result: 'met' })).toEqual([
      'none',
      'met',
    ]);
  });

  it('take a bound as inclusive, as le does', () => {
    const family = familyOf('decision_duration_seconds');
    expect(bucketOf(family, 100)).toBe(0);
    expect(bucketOf(family, 101)).toBe(1);
    expect(bucketOf(family, 10_000_000)).toBe(family.buckets.length);
  });
});

const FIELDS = [
  'outcome',
  'reasons',
  'policies',
  'policy_errors',
  'prescriptive',
  'principal',
  'shadow',
  'latency_us',
  'evaluation_us',
  'duration_us',
  'settlement',
  'count',
  'status',
  'severity',
  'violation',
  'case',
  'priority',
  'final',
  'waited_us',
  'latency_ns',
  'kind',
  'cost_micro_dollars',
  'lead_time_us',
  'risk_level',
  'reason',
  'investigation',
];
const METRIC_TYPES = [
  'decision.made',
  'decision.dry_run',
  'workflow.succeeded',
  'workflow.failed',
  'workflow.stale',
  'auth.unauthorized',
  'auth.scope_denied',
  'rate_limit.hit',
  'approval.requested',
  'approval.approved',
  'metric.blocked',
  'metric.allowed',
  'violation.reported',
  'healing.planned',
  'healing.executed',
  'healing.failed',
  'revocation.requested',
  'revocation.erased',
  'committee.notified',
  'override.started',
  'tool.invoked',
  'tool.failed',
  'deployment.recorded',
  'security.tamper_detected',
  'security.suspicious_activity',
];

const shadow = { ...decision().data, shadow: { outcome: 'deny' }, policy_errors: ['p'] };
const EXAMPLES: LedgerRecord[] = [
  decision(),
  record(
    'decision.made',
    shadow,
    labelled({ drag_mode: 'analysis', policy_errors: 'p', actor_role: 'other' }),
  ),
  record(
    'decision.made',
    { outcome: 'rejected', principal: {}, reasons: [{ code: 'analysis_human_only' }] },
    labelled({ drag_mode: 'analysis' }),
  ),
  record('workflow.failed', {
    duration_us: 1,
    cost_micro_dollars: 1,
    settlement: { result: 'met' },
    prescriptive: { counts: { absolute: 1 } },
  }),
  record('workflow.stale', {}),
  record('tool.invoked', { duration_us: 1 }),
  record('tool.unreviewed', { change: 'changed' }),
  record('auth.jwt_invalid', { reason: 'kid' }),
  record('rate_limit.hit', { reason: 'per_minute', scope: 'workflows:execute' }),
  record('security.suspicious_activity', {}),
  record('security.tamper_detected', { kind: 'stream_modify' }),
  record('metric.blocked', { latency_ns: 1, violation: {}, case: { change: 'opened' } }),
  record('violation.reported', { duration_us: 1, investigation: { initiated_by: 'system' } }),
  record('healing.executed', { outcome: 'success' }),
  record('revocation.requested', { sanction: 'revocation' }),
  record('revocation.erased', { duration_us: 1 }),
  record('override.started', { final: true }),
  record('committee.notified', { severity: 'BAN', duration_us: 1 }),
  record('approval.requested', {}),
  record('approval.expired', { waited_us: 1 }),
  record('ledger.lane_opened', {}),
  record('deployment.recorded', { lead_time_us: 1, restore_us: 1 }),
];
