/** The types of violation that the charter in force knows. */
import { nearest } from '../../src/basics/nearest.ts';
import type { Charter } from '../../src/charter/charter.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Severity } from '../../src/terms.ts';

/**
 * The charter's severity for the type. What is misspelt would be recorded as something milder: it is refused.
 * Throws VALIDATION_ERROR.
 */
export function severityOf(charter: Charter, type: string): Severity {
  const { violations } = charter.documents['remediation.yaml'];
  const known = Object.hasOwn(violations, type) ? violations[type] : undefined;
  if (known !== undefined) return known.severity;
  const names = Object.keys(violations);
  const meant = nearest(type, names);
  const message =
    meant === undefined ? `must be one of ${names.join(', ')}` : `no such type; did you mean ${meant}?`;
  throw new ChanceryError('VALIDATION_ERROR', `/violation_type: ${message}`, {
    reasons: [{ code: 'schema_error', path: '/violation_type', message, kind: 'invalid' }],
  });
}
