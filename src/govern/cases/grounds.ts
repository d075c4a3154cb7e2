/** What a case gives reason for. Pure. */
import type { Charter } from '../../charter/charter.ts';
import type { Grounds } from '../sanctions/sanctions.ts';
import type { Case } from './case.ts';

/** @param subject pseudonym; undefined where the case does not accuse it */
export function groundsOf(
  kase: Case,
  subject: string,
  charter: Pick<Charter, 'documents'>,
): Grounds | undefined {
  const { accused, status, severity, violation_type, origin, confirmed, events } = kase;
  if (accused.by === '' || accused.by !== subject) return undefined;
  const { violations } = charter.documents['remediation.yaml'];
  const term = Object.hasOwn(violations, violation_type) ? violations[violation_type]?.term : undefined;
  const round = events.filter(
    ({ type }) => type === 'violation.dismissed' || type === 'violation.restored',
  ).length;
  return {
    basis: confirmed !== undefined ? 'confirmed' : origin === 'observed' ? 'observed' : 'reported',
    severity,
    ...(term === undefined ? {} : { term }),
    // A dismissal stands while it is appealed; so does what was done before anybody has found on it.
    open: confirmed !== undefined || status === 'investigating' || (status === 'appealed' && round === 0),
    round,
  };
}
