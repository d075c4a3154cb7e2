/**
 * The issuers that this system trusts, by the names that its settings give them, and whom somebody means who names
 * a person by `sub`.
 */
import type { Reason } from '../errors.ts';
import type { PrincipalId } from '../terms.ts';

export interface NamedIssuer {
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** As records, commands and bodies call it. */
  readonly name: string;
  /** Its people are on record by `sub` alone (`ledger/people/pseudonym.ts`); the first issuer, if none says so. */
  readonly home?: boolean;
}

export type Named =
  | { readonly ok: true; readonly who: PrincipalId }
  | { readonly ok: false; readonly reason: Reason };

export interface Issuers {
  readonly names: readonly string[];
  /** `iss` of each. */
  readonly trusted: readonly string[];
  /** `iss` of the issuer whose people are on record by `sub` alone; undefined when none is trusted. */
  readonly home: string | undefined;
  /** The name in the settings; of an issuer that is not trusted (any more) its `iss`. */
  nameOf(issuer: string): string;
  /** What goes before the `sub` of its people in a charter; undefined for the home issuer, whose people have none. */
  realmOf(issuer: string): string | undefined;
  /**
   * The person of this `sub`. `issuer` (a name or an `iss`) may be left out while only one is trusted: with more,
   * taking a guess would govern somebody else.
   */
  person(sub: string, issuer?: string): Named;
}

/** Throws when two issuers share a name or an `iss`, one is called as another's `iss`, or more than one is to be the home of old records. */
export function knownIssuers(issuers: readonly NamedIssuer[]): Issuers {
  for (const key of ['issuer', 'name'] as const) {
    const twice = issuers.find((one, index) => issuers.findIndex((other) => other[key] === one[key]) < index);
    if (twice !== undefined) throw new Error(`two trusted issuers have the ${key} ${twice[key]}`);
  }
  const taken = issuers.find((one) => issuers.some((other) => other !== one && other.name === one.issuer));
  if (taken !== undefined) throw new Error(`another trusted issuer is called ${taken.issuer}`);
  const homes = issuers.filter(({ home }) => home === true);
  if (homes.length > 1) {
    throw new Error(`only one issuer can be home, not ${homes.map(({ name }) => name).join(' and ')}`);
  }
  const names = issuers.map(({ name }) => name);
  const home = (homes[0] ?? issuers[0])?.issuer;
  const nameOf = (issuer: string): string => issuers.find((known) => known.issuer === issuer)?.name ?? issuer;

  return {
    names,
    trusted: issuers.map(({ issuer }) => issuer),
    home,
    nameOf,
    realmOf: (issuer) => (issuer === home ? undefined : nameOf(issuer)),
    person(sub, issuer) {
      if (!isSub(sub)) return refuse('invalid_subject', '/subject', `a sub is ${SUB_RULE}`);
      const known = issuers.find(({ name, issuer: iss }) => name === issuer || iss === issuer);
      const [only, ...others] = issuers;
      if (issuer !== undefined) {
        return known === undefined
          ? refuse(
              'unknown_issuer',
              '/issuer',
              `no trusted issuer is called ${issuer}: give ${names.join(' or ')}`,
            )
          : { ok: true, who: { issuer: known.issuer, sub } };
      }
      if (only !== undefined && others.length === 0) return { ok: true, who: { issuer: only.issuer, sub } };
      return refuse('issuer_needed', '/issuer', `say whose ${sub} is meant: issuer is ${names.join(' or ')}`);
    },
  };
}

const refuse = (code: string, path: string, message: string): Named => ({
  ok: false,
  reason: { code, path, message, kind: 'invalid' },
});

export const SUB_RULE = '1 to 255 visible characters';

/**
 * Whether a text can be the `sub` of a person: 1 to 255 characters, each of which can be seen. No control
 * characters, blanks, invisible characters or lone surrogates: what looks like nobody, or like somebody else,
 * is not a name, and NUL is what separates issuer and `sub` where both are digested.
 */
export function isSub(text: string): boolean {
  return VISIBLE.test(text);
}

/** U+2800, the braille blank, is a symbol to Unicode and nothing to the eye. */
const VISIBLE = /^(?:(?!\p{Default_Ignorable_Code_Point}|\u2800)[\p{L}\p{M}\p{N}\p{P}\p{S}]){1,255}$/u;
