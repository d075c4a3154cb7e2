/**
 * Reporting conduct that breaks the charter: one record that opens an investigation. The
 * severity is the charter's default for the type; nothing is done to anybody on a report alone.
 */
import { nearest } from '../basics/nearest.ts';
import type { Charter } from '../charter/charter.ts';
import type { Caller } from '../decision/question.ts';
import { ChanceryError } from '../errors.ts';
import { type Ledger, metaOf, type Receipt } from '../ledger/record.ts';
import type { Ids } from '../ports.ts';
import type { Severity } from '../terms.ts';

export interface ViolationReport {
  readonly violation_type: string;
  readonly node_or_service: string;
  readonly description: string;
  readonly evidence: readonly string[];
}

export interface Reported {
  readonly violation_id: string;
  readonly violation_type: string;
  readonly severity: Severity;
  readonly status: 'investigating';
  readonly receipt: Receipt;
}

export interface ViolationsDeps {
  readonly ledger: Ledger;
  readonly charter: () => Promise<Charter>;
  readonly ids: Ids;
  /** Monotonic microseconds, whole. */
  readonly micros: () => number;
}

/** Description and evidence may name people: they are sealed under the reporter's key. */
export async function reportViolation(
  deps: ViolationsDeps,
  caller: Caller,
  report: ViolationReport,
): Promise<Reported> {
  const began = deps.micros();
  const charter = await deps.charter();
  const { violations } = charter.documents['remediation.yaml'];
  const known = Object.hasOwn(violations, report.violation_type)
    ? violations[report.violation_type]
    : undefined;
  if (known === undefined) throw unknownType(report.violation_type, Object.keys(violations));
  const { violation_type } = report;
  const { severity } = known;
  const violation_id = deps.ids('vio');
  const receipt = await deps.ledger.append({
    type: 'violation.reported',
    trace: caller.trace,
    who: caller.principal,
    meta: { ...metaOf(caller), charter: charter.digest },
    data: {
      violation_id,
      violation_type,
      severity,
      node_or_service: report.node_or_service,
      status: 'investigating',
      investigation: { initiated_by: 'report' },
      case: { id: violation_id, severity, change: 'opened' },
      duration_us: deps.micros() - began,
    },
    personal: {
      sub: caller.principal.sub,
      ...caller.seen,
      description: report.description,
      evidence: [...report.evidence],
    },
  });
  return { violation_id, violation_type, severity, status: 'investigating', receipt };
}

/** What is misspelt would be recorded as something milder. */
function unknownType(type: string, known: readonly string[]): ChanceryError {
  const meant = nearest(type, known);
  const message =
    meant === undefined ? `must be one of ${known.join(', ')}` : `no such type; did you mean ${meant}?`;
  return new ChanceryError('VALIDATION_ERROR', `/violation_type: ${message}`, {
    reasons: [{ code: 'schema_error', path: '/violation_type', message, kind: 'invalid' }],
  });
}
