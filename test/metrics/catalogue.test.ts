import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, METRIC_NAMES } from '../../src/catalogue/catalogue.ts';
import { type Family, seriesBudget } from '../../src/catalogue/family.ts';
import { Accumulators } from '../../src/watch/metrics/accumulators.ts';
import { Cell, cellName, cellsOf, SERIES_PER_CELL } from '../../src/watch/metrics/cell.ts';
import { familyOf, observe } from '../../src/watch/metrics/delta.ts';
import { exampleQuery, metricsPage } from '../../src/watch/metrics/page.ts';
import { syntaxErrors } from '../support/promql.ts';
import { memory, plant, projectorOn, record } from './support.ts';

/** What dashboards of others rely on, written down once more: type, name without the prefix, labels in order. */
const REQUIRED = `
counter http_requests_total{method,route,status,class}
histogram http_request_duration_seconds{method,route}
histogram http_response_size_bytes{route}
gauge http_requests_in_flight{}
counter aim_requests_total{drag_mode,actor_role,workflow}
counter aim_validation_failures_total{failure_reason,drag_mode}
counter prescriptive_detections_total{drag_mode,phrase_type}
counter decisions_total{outcome,drag_mode,risk_level,actor_type}
counter decisions_denied_total{reason,actor_type}
histogram decision_duration_seconds{}
counter policy_evaluations_total{policy,effect}
counter policy_errors_total{policy}
histogram policy_evaluation_duration_seconds{}
counter risk_assessments_total{risk_level}
counter shadow_divergences_total{from,to}
counter workflow_executions_total{workflow,outcome,drag_mode}
histogram workflow_duration_seconds{workflow,outcome,drag_mode}
counter workflow_errors_total{workflow,error_type}
counter workflow_settlements_total{workflow,result}
gauge workflows_stale{}
counter workflow_cost_dollars_total{workflow}
gauge budget_spent_ratio{workflow}
gauge quota_used_ratio{workflow}
counter tool_invocations_total{tool,outcome}
histogram tool_duration_seconds{tool}
counter jwt_validations_total{outcome}
counter auth_attempts_total{method,result}
counter auth_failures_total{method,failure_type,status}
counter scope_checks_total{scope,decision}
histogram scope_request_duration_seconds{scope}
counter scope_rate_limits_total{scope}
counter mfa_challenges_total{}
counter mfa_checks_total{result}
counter suspicious_activity_total{pattern}
gauge active_sessions{}
counter rate_limit_hits_total{reason}
counter charter_violations_total{severity,violation_type,node_or_service}
counter charter_forbidden_metric_attempts_total{metric_name,node_or_service,status}
histogram charter_metric_validation_duration_seconds{}
gauge charter_load_duration_seconds{}
counter charter_loads_total{result}
gauge charter_last_load_timestamp_seconds{}
gauge charter_info{version,digest}
gauge charter_policies{}
counter charter_committee_notifications_total{severity}
histogram charter_committee_notification_duration_seconds{}
gauge charter_committee_size{}
counter charter_data_revocations_total{reason}
histogram charter_data_revocation_duration_seconds{}
histogram charter_violation_report_duration_seconds{}
counter charter_investigations_total{violation_type,initiated_by}
counter charter_overrides_total{reason}
gauge charter_overrides_active{}
gauge sanctions_active{kind}
gauge approvals_pending{priority}
histogram approval_wait_seconds{}
counter healing_actions_total{action,outcome,severity}
counter mapek_cycles_total{result}
histogram mapek_phase_duration_seconds{phase}
gauge mapek_threat_level{node_or_service}
counter ledger_entries_total{event_type}
counter audit_log_entries_total{outcome,drag_mode}
histogram ledger_append_duration_seconds{}
counter ledger_append_failures_total{reason}
gauge ledger_lanes_open{}
gauge ledger_unsealed_entries{}
gauge ledger_seal_lag_seconds{}
gauge ledger_tree_size{}
counter ledger_checkpoints_total{result}
gauge ledger_checkpoint_timestamp_seconds{}
counter ledger_integrity_checks_total{result}
counter ledger_tamper_events_total{kind}
counter ledger_bytes_total{}
counter siem_events_total{result}
gauge siem_lag_seconds{}
counter errors_total{error_type,severity,component}
counter exceptions_total{class,route}
counter error_recoveries_total{component}
counter cache_hits_total{cache}
counter cache_misses_total{cache}
counter cache_evictions_total{cache,reason}
gauge cache_items{cache}
gauge cache_size_bytes{cache}
counter store_operations_total{operation,result}
histogram store_operation_duration_seconds{operation}
counter store_conflicts_total{operation}
gauge store_connections{state}
counter feature_flag_evaluations_total{flag,result}
counter feature_flag_errors_total{flag,error_type}
counter deployments_total{environment,result}
histogram deployment_lead_time_seconds{}
gauge metrics_projection_lag_seconds{}
gauge metrics_ledger_drift{}
counter label_overflow_total{metric}
counter notifications_total{channel,result}
histogram notification_duration_seconds{}
counter canary_runs_total{result}
gauge canary_last_success_timestamp_seconds{}
gauge actor_concentration_ratio{}
gauge service_start_time_seconds{}
gauge build_info{version,commit,spec}
`
  .trim()
  .split('\n');

describe('the catalogue', () => {
  it('declares every family of the requirements, with that type and exactly those labels', () => {
    const declared = METRIC_NAMES.map(
      (name) => `${familyOf(name).type} ${name}{${Object.keys(familyOf(name).labels).join(',')}}`,
    );
    expect(REQUIRED).toHaveLength(101);
    expect(REQUIRED.filter((family) => !declared.includes(family))).toEqual([]);
  });

  it('names counters _total, and ends what has a unit in it', () => {
    for (const name of METRIC_NAMES) {
      const { type, unit } = familyOf(name);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      if (unit === 'seconds' || unit === 'timestamp') expect(name, name).toMatch(/_seconds(_total)?$/);
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

  it('is what docs/metrics.md says: run `npm run generate` if this fails', () => {
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
