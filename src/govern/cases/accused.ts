/** Whom a report means by `node_or_service`: the principal of that name, and whoever is known by it. */
import { ChanceryError } from '../../errors.ts';
import type { Issuers } from '../../identity/issuers.ts';
import type { Known, Marked } from '../../identity/person.ts';
import type { PrincipalId } from '../../terms.ts';

export interface WhoIsWho {
  readonly issuers: Issuers;
  readonly marked: (who: Known & PrincipalId) => Marked;
}

/**
 * `by` is empty where nobody can say which principal it is: the name is no `sub`, or more than one issuer may have
 * one. A report is taken all the same; who finds on the case has to say it then.
 * Throws VALIDATION_ERROR for an issuer that is not trusted.
 */
export function accusedAs(deps: WhoIsWho, name: string, issuer?: string): Marked {
  const { issuers, marked } = deps;
  const named = issuers.person(name, issuer);
  if (named.ok) return marked({ ...named.who, name });
  if (issuer !== undefined) throw invalidIssuer(named.reason.message);
  const marks = issuers.names.flatMap((each) => {
    const theirs = issuers.person(name, each);
    return theirs.ok ? marked({ ...theirs.who, name }).marks : [];
  });
  const known = issuers.home === undefined ? [] : marked({ issuer: issuers.home, sub: '', name }).marks;
  return { by: '', marks: [...new Set([...marks, ...known])] };
}

/** For a finding: as above, and throws where more than one issuer may have a principal of that name. */
export function whoseIs(deps: WhoIsWho, name: string, issuer?: string): Marked {
  const named = deps.issuers.person(name, issuer);
  if (!named.ok && named.reason.path === '/issuer') throw invalidIssuer(named.reason.message);
  return accusedAs(deps, name, issuer);
}

export const invalidIssuer = (message: string): ChanceryError =>
  new ChanceryError('VALIDATION_ERROR', `/issuer: ${message}`, {
    reasons: [{ code: 'issuer_needed', path: '/issuer', message, kind: 'invalid' }],
  });
