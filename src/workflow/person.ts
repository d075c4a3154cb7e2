/** Whose data a run is about, where one of its tasks discloses a person's. */
import type { Reason } from '../errors.ts';
import type { Issuers } from '../identity/issuers.ts';
import type { JsonObject } from '../json.ts';
import type { Workflow } from './workflow.ts';

/** Empty unless it is not clear, by `parameters.subject` and `parameters.issuer`, who is meant. */
export function checkPerson(
  { tasks }: Pick<Workflow, 'tasks'>,
  parameters: JsonObject,
  issuers: Pick<Issuers, 'person'>,
): Reason[] {
  const { subject, issuer } = parameters;
  if (!tasks.includes('subject_export') || typeof subject !== 'string') return [];
  const named = issuers.person(subject, typeof issuer === 'string' ? issuer : undefined);
  if (named.ok) return [];
  const { path = '', message } = named.reason;
  return [{ code: 'schema_error', path: `/parameters${path}`, message, kind: 'invalid' }];
}
