/** Whom a body, a query or a path means that names a person. */
import { ChanceryError } from '../src/errors.ts';
import type { Issuers } from '../src/identity/issuers.ts';
import { isPseudonym } from '../src/ledger/entry-filter.ts';
import type { Pseudonym } from '../src/ledger/people/pseudonym.ts';
import type { PrincipalId } from '../src/terms.ts';

export interface People {
  readonly issuers: Issuers;
  readonly pseudonym: Pseudonym;
}

/** Throws VALIDATION_ERROR with the issuers to choose from, where the name alone does not say who it is. */
export function personNamed(issuers: Issuers, sub: string, issuer: string | undefined): PrincipalId {
  const named = issuers.person(sub, issuer);
  if (named.ok) return named.who;
  throw new ChanceryError('VALIDATION_ERROR', `${named.reason.message}.`, { reasons: [named.reason] });
}

/** The same as a pseudonym; a pseudonym, as entries show it, is taken as it is where no issuer is named. */
export function subjectNamed(people: People, subject: string, issuer: string | undefined): string {
  if (issuer === undefined && isPseudonym(subject)) return subject;
  return people.pseudonym(personNamed(people.issuers, subject, issuer));
}
