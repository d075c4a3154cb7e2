/**
 * The quarterly report: a fold of the records of a time, in the order of the log, and of nothing else. Whoever has the
 * log between the two checkpoints comes to the same figures.
 */
import type { Json, JsonObject } from '../../json.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { SEVERITIES, type Severity, VIOLATION_TYPES } from '../../terms.ts';

export const REPORT_FORMATS = ['json', 'markdown', 'html'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export type QuarterlyFigures = {
  /** Records of the time. */
  records: number;
  violations: {
    total: number;
    /** Attempts at forbidden metrics that were blocked, each beside the case that it belongs to. */
    blocked_attempts: number;
    by_type: Record<string, number>;
    by_severity: Record<Severity, number>;
    confirmed: number;
    dismissed: number;
    appealed: number;
    restored: number;
  };
  sanctions: { applied: number; lifted: number; expired: number; bans: number };
  overrides: { started: number; renewed: number; ended: number; in_production: number };
  approvals: { requested: number; approved: number; rejected: number; expired: number };
  revocations: { requested: number; erased: number };
  whistleblower: { received: number; answered: number; answered_late: number };
  committee: { notices: number };
};

/** More violations than this in a quarter, and the committee is to look every two months. */
const AUDIT_OVER = 10;
/** More overrides than this, and the rules that were overridden are to be looked at. */
const REVIEW_OVER = 3;
const ANSWER_US = 24 * 3_600_000_000;

export function noFigures(): QuarterlyFigures {
  return {
    records: 0,
    violations: {
      total: 0,
      blocked_attempts: 0,
      by_type: Object.fromEntries(VIOLATION_TYPES.map((type) => [type, 0])),
      by_severity: { WARNING: 0, SUSPENSION: 0, BAN: 0, CRIMINAL: 0 },
      confirmed: 0,
      dismissed: 0,
      appealed: 0,
      restored: 0,
    },
    sanctions: { applied: 0, lifted: 0, expired: 0, bans: 0 },
    overrides: { started: 0, renewed: 0, ended: 0, in_production: 0 },
    approvals: { requested: 0, approved: 0, rejected: 0, expired: 0 },
    revocations: { requested: 0, erased: 0 },
    whistleblower: { received: 0, answered: 0, answered_late: 0 },
    committee: { notices: 0 },
  };
}

const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

/** Counts one record. A case is counted once, at the severity with which it was opened. */
export function count(figures: QuarterlyFigures, { type, data }: LedgerRecord): void {
  const { violations, sanctions, overrides, approvals, revocations, whistleblower } = figures;
  figures.records += 1;
  const final = data.final !== false;
  switch (type) {
    case 'violation.reported':
      opened(violations, data);
      return;
    case 'metric.blocked': {
      const seen = objectOf(data.violation);
      if (data.violation === undefined) return;
      violations.blocked_attempts += 1;
      if (objectOf(data.case).change === 'opened') opened(violations, seen);
      return;
    }
    case 'violation.confirmed':
      violations.confirmed += final ? 1 : 0;
      return;
    case 'violation.dismissed':
      violations.dismissed += final ? 1 : 0;
      return;
    case 'violation.appealed':
      violations.appealed += 1;
      return;
    case 'violation.restored':
      violations.restored += final ? 1 : 0;
      return;
    case 'sanction.applied':
      sanctions.applied += 1;
      sanctions.bans += data.kind === 'ban' ? 1 : 0;
      return;
    case 'sanction.lifted':
      sanctions.lifted += 1;
      return;
    case 'sanction.expired':
      sanctions.expired += 1;
      return;
    case 'override.started':
      overrides.started += final ? 1 : 0;
      overrides.in_production += final && data.production === true ? 1 : 0;
      return;
    case 'override.renewed':
      overrides.renewed += final ? 1 : 0;
      return;
    case 'override.ended':
      overrides.ended += data.was === 'active' ? 1 : 0;
      return;
    case 'approval.requested':
      approvals.requested += 1;
      return;
    case 'approval.approved':
      approvals.approved += final ? 1 : 0;
      return;
    case 'approval.rejected':
      approvals.rejected += 1;
      return;
    case 'approval.expired':
      approvals.expired += 1;
      return;
    case 'revocation.requested':
      revocations.requested += 1;
      return;
    case 'revocation.erased':
      revocations.erased += 1;
      return;
    case 'whistleblower.received':
      whistleblower.received += 1;
      return;
    case 'whistleblower.answered':
      whistleblower.answered += 1;
      whistleblower.answered_late += Number(data.took_us) > ANSWER_US ? 1 : 0;
      return;
    case 'committee.notified':
      figures.committee.notices += 1;
      return;
    default:
      return;
  }
}

function opened(violations: QuarterlyFigures['violations'], about: JsonObject): void {
  const type = VIOLATION_TYPES.find((known) => known === about.violation_type) ?? 'other';
  const severity = SEVERITIES.find((known) => known === about.severity) ?? 'WARNING';
  violations.total += 1;
  violations.by_type[type] = (violations.by_type[type] ?? 0) + 1;
  violations.by_severity[severity] += 1;
}

export type Recommendation = { readonly code: string; readonly message: string };

/** What follows from the figures. */
export function recommendationsFor({ violations, overrides }: QuarterlyFigures): Recommendation[] {
  return [
    ...(violations.total > AUDIT_OVER
      ? [
          {
            code: 'bi_monthly_audits',
            message: `${violations.total} violations are more than ${AUDIT_OVER}: audit every two months instead of every quarter`,
          },
        ]
      : []),
    ...(overrides.started > REVIEW_OVER
      ? [
          {
            code: 'override_review',
            message: `${overrides.started} overrides are more than ${REVIEW_OVER}: review the rules that were overridden`,
          },
        ]
      : []),
  ];
}
