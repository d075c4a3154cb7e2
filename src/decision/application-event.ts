/** What governed applications may put on record, and about whom: as the charter gives it, and nothing else. */
import { APPLICATION_FAMILIES, familyOf } from '../charter/applications.ts';
import type { Charter } from '../charter/charter.ts';
import { calledIn } from '../charter/subject.ts';
import type { Reason } from '../errors.ts';
import type { Issuers } from '../identity/issuers.ts';
import { EVENT_TYPES } from '../ledger/record.ts';
import type { Principal, PrincipalId } from '../terms.ts';

/** Why this caller may not record an event of this type about this person; undefined when they may. */
export function eventObjection(
  charter: Charter,
  issuers: Issuers,
  caller: Principal,
  event: { readonly type: string; readonly about: PrincipalId },
): Reason | undefined {
  const { event_types, applications } = charter.documents['charter.yaml'];
  const { type, about } = event;
  const standard =
    EVENT_TYPES.some((known) => known === type) && APPLICATION_FAMILIES.includes(familyOf(type));
  if (!standard && !event_types.includes(type)) {
    const message = `register ${type} under event_types in charter.yaml`;
    return { code: 'unknown_event_type', path: '/type', message, kind: 'invalid' };
  }
  const isApplication = caller.kind === 'service' && caller.act.length === 0;
  const given = applications.filter(({ id }) => id === '*' || (isApplication && id === calledIn(caller)));
  const within = given.filter(({ families }) => families.includes(familyOf(type)));
  if (within.length === 0) {
    const message = `the charter gives events of the family ${familyOf(type)} to others (applications in charter.yaml)`;
    return { code: 'family_not_given', path: '/type', message, kind: 'not_permitted' };
  }
  if (about.sub === caller.sub && about.issuer === caller.issuer) return undefined;
  // An agent, or a person, speaks for nobody but itself; an application for its own issuer's people, and those given.
  const speaks = within.some(
    ({ issuers: of }) => about.issuer === caller.issuer || of.includes(issuers.nameOf(about.issuer)),
  );
  if (isApplication && speaks) return undefined;
  const message = isApplication
    ? 'an application records events about the people of its own issuer, and of those that the charter names for it'
    : 'only a governed application, a service, records events about somebody else';
  return { code: 'not_your_principal', path: '/subject', message, kind: 'forbidden' };
}
