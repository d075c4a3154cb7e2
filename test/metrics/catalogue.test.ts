import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Accumulators } from '../../src/metrics/accumulators.ts';
import { CATALOGUE, METRIC_NAMES } from '../../src/metrics/catalogue.ts';
import { Cell, cellName, cellsOf, SERIES_PER_CELL } from '../../src/metrics/cell.ts';
import { familyOf, observe } from '../../src/metrics/delta.ts';
import { type Family, seriesBudget } from '../../src/metrics/family.ts';
import { exampleQuery, metricsPage } from '../../src/metrics/page.ts';
import { syntaxErrors } from '../support/promql.ts';
import { memory, plant, projectorOn, record } from './support.ts';

/** Requirements §7, the names of the table, without the prefix. */
const REQUIRED =
  `http_requests_total http_request_duration_seconds http_response_size_bytes http_requests_in_flight
aim_requests_total aim_validation_failures_total prescriptive_detections_total
decisions_total decisions_denied_total decision_duration_seconds policy_evaluations_total policy_errors_total
policy_evaluation_duration_seconds risk_assessments_total shadow_divergences_total
workflow_executions_total workflow_duration_seconds workflow_errors_total workflow_settlements_total workflows_stale
workflow_cost_dollars_total budget_spent_ratio quota_used_ratio tool_invocations_total tool_duration_seconds
jwt_validations_total auth_attempts_total auth_failures_total scope_checks_total scope_request_duration_seconds
scope_rate_limits_total mfa_challenges_total mfa_checks_total suspicious_activity_total active_sessions rate_limit_hits_total
charter_violations_total charter_forbidden_metric_attempts_total charter_metric_validation_duration_seconds
charter_load_duration_seconds charter_loads_total charter_last_load_timestamp_seconds charter_info charter_policies
charter_committee_notifications_total charter_committee_notification_duration_seconds charter_committee_size
charter_data_revocations_total charter_data_revocation_duration_seconds charter_violation_report_duration_seconds
charter_investigations_total charter_violations_open charter_overrides_total charter_overrides_active sanctions_active
approvals_pending approval_wait_seconds healing_actions_total mapek_cycles_total mapek_phase_duration_seconds mapek_threat_level
ledger_entries_total audit_log_entries_total ledger_append_duration_seconds ledger_append_failures_total ledger_lanes_open
ledger_unsealed_entries ledger_seal_lag_seconds ledger_tree_size ledger_checkpoints_total ledger_checkpoint_timestamp_seconds
ledger_integrity_checks_total ledger_tamper_events_total ledger_bytes_total siem_events_total siem_lag_seconds
errors_total exceptions_total error_recoveries_total cache_hits_total cache_misses_total cache_evictions_total cache_items
cache_size_bytes store_operations_total store_operation_duration_seconds store_conflicts_total store_connections
ws_connections ws_connections_total ws_messages_total ws_errors_total feature_flag_evaluations_total feature_flag_errors_total
deployments_total deployment_lead_time_seconds metrics_projection_lag_seconds metrics_ledger_drift label_overflow_total
notifications_total notification_duration_seconds canary_runs_total canary_last_success_timestamp_seconds
actor_concentration_ratio service_start_time_seconds build_info`.split(/\s+/);

describe('the catalogue', () => {
  it('declares every family of the requirements', () => {
    expect(REQUIRED.filter((name) => !Object.hasOwn(CATALOGUE, name))).toEqual([]);
  });

  it('names counters _total, and ends what has a unit in it', () => {
    for (const name of METRIC_NAMES) {
      const { type, unit } = familyOf(name);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      if (unit === 'seconds' || unit === 'timestamp') expect(name, name).toMatch(/_seconds$/);
      if (unit === 'bytes') expect(name, name).toMatch(/_bytes(_total)?$/);
    }
  });

  it('has help that is a sentence, ascending buckets, and no label for a user', () => {
    for (const name of METRIC_NAMES) {
      const family: Family = CATALOGUE[name];
      expect(family.help, name).toMatch(/^[A-Z].*\.$/);
      expect(
        [...family.buckets].sort((left, right) => left - right),
        name,
      ).toEqual([...family.buckets]);
      for (const label of Object.keys(family.labels))
        expect(label).not.toMatch(/user|subject|email|actor$|trace|request_id/);
    }
  });

  it('is what docs/metrics.md says: run `npm run docs:metrics` if this fails', () => {
    expect(readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')).toBe(metricsPage());
  });

  it('has an example query for each family that parses', () => {
    for (const name of METRIC_NAMES) expect(syntaxErrors(exampleQuery(name)), exampleQuery(name)).toEqual([]);
  });
});

describe('the stored items', () => {
  it('stay under 300 KB with a full cell of the widest family and a thousand lanes', async () => {
    const metric = 'workflow_duration_seconds';
    const state = new Accumulators();
    let series = 0;
    for (let workflow = 0; series < 10_000; workflow += 1) {
      const labels = {
        workflow: `workflow-with-a-long-name-${workflow}`.padEnd(64, 'x'),
        outcome: 'success',
        drag_mode: 'execute',
      } as const;
      const delta = observe(metric, labels, 123_456_789);
      const name = cellName(delta, 'ledger');
      const held = state.cells.get(name) ?? {
        cell: new Cell(metric),
        ahead: new Map(),
        version: 0,
        dirty: false,
      };
      if (held.cell.series.size >= SERIES_PER_CELL) break;
      state.cells.set(name, held);
      for (let times = 0; times < 3; times += 1) {
        held.cell.apply(delta, {
          time: '2026-11-21T08:00:00.000Z',
          lane: 99_999,
          seq: 9_999_999,
          trace: 'a'.repeat(64),
          hash: 'f'.repeat(64),
        });
      }
      series += 1;
    }
    for (const { cell } of state.cells.values()) expect(cell.encode().length).toBeLessThan(300_000);
    expect(Math.max(...[...state.cells.values()].map(({ cell }) => cell.series.size))).toBe(SERIES_PER_CELL);

    const ledger = memory();
    for (let lane = 1; lane <= 1_000; lane += 1)
      await plant(ledger, lane, 0, record('ledger.lane_opened', {}));
    await projectorOn(ledger).run();
    for (const { m, d = '' } of (await ledger.query('METRICS')).items) {
      expect(String(m).length + String(d).length).toBeLessThan(300_000);
    }
  });

  it('are so many that no family outgrows its own', () => {
    for (const name of METRIC_NAMES) {
      const budget = seriesBudget(familyOf(name));
      expect(cellsOf(name) * SERIES_PER_CELL, name).toBeGreaterThanOrEqual(
        Math.min(budget, 64 * SERIES_PER_CELL),
      );
    }
  });
});
