/**
 * What a decision's record says in the open of words that its caller chose. What the charter names is named; what has
 * another form than a name of ours can hold a person, and stands by its digest (`names.ts`), or sealed beside it.
 */
import type { Charter } from '../charter/charter.ts';
import type { Reason } from '../errors.ts';
import type { DecisionData } from '../ledger/payloads.ts';
import { isMachineName, type Veil } from '../ledger/people/names.ts';

type Spoken = Pick<DecisionData, 'action' | 'resource' | 'reasons' | 'asked'>;

/** The same with every word of the caller's own veiled. */
export function openly<Said extends Spoken>(charter: Charter, said: Said, veil: Veil): Said {
  const { action, resource, asked } = said;
  const open = {
    action: openAction(charter, action, veil),
    type: TYPE.test(resource.type) ? resource.type : veil(resource.type),
    id: isNamed(charter, resource) ? resource.id : veil(resource.id),
  };
  const words = [
    [resource.id, open.id],
    [resource.type, open.type],
    [action, open.action],
  ] as const;
  return {
    ...said,
    action: open.action,
    resource: { type: open.type, id: open.id },
    reasons: said.reasons.map((reason) => openReason(reason, words)),
    ...(asked === undefined ? {} : { asked: { ...asked, action: openAction(charter, asked.action, veil) } }),
  };
}

const ACTION = /^[a-z][a-z0-9_]{0,31}(?::[a-z][a-z0-9_]{0,31}){0,3}$/;
const TYPE = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
/** A member of a body as we name them, or a place in a list. */
const MEMBER = /^(?:[a-z][a-z0-9_]{0,39}|\d{1,6})$/;

const openAction = (charter: Charter, action: string, veil: Veil): string =>
  charter.schema.actions.has(action) || ACTION.test(action) ? action : veil(action);

/** Workflows are registered, and what else the charter does not name is somebody's: a document, a calendar, a memory. */
const isNamed = (charter: Charter, { type, id }: DecisionData['resource']): boolean =>
  type === 'workflow' ||
  (MACHINES.has(type) && isMachineName(id)) ||
  charter.policies.some(({ resource }) => resource === id);

const MACHINES: ReadonlySet<string> = new Set(['tool', 'server', 'agent']);

/** What was wrong with a body is said in the body's words: the sentence is sealed, the place is kept. */
function openReason(reason: Reason, words: readonly (readonly [string, string])[]): Reason {
  const path = reason.path === undefined ? {} : { path: openPath(reason.path) };
  if (reason.kind === 'invalid') return { ...reason, ...path, message: SEALED };
  const message = words.reduce(
    (text, [said, open]) => (said === open || said === '' ? text : text.replaceAll(said, open)),
    reason.message,
  );
  return { ...reason, ...path, message };
}

const SEALED = 'what is wrong with it is said in the sealed part of this record';

/** Paths that are no pointer (`token:scope`, `header:Idempotency-Key`) are ours. */
const openPath = (path: string): string =>
  path.startsWith('/')
    ? path
        .split('/')
        .map((segment) => (segment === '' || MEMBER.test(segment) ? segment : '*'))
        .join('/')
    : path;
