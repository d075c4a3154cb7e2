/**
 * The name under which a person stands in records and in working state: a keyed digest of the pair of issuer and
 * `sub`. Everything that is anybody's is found by it: records, standing, limits, keys, votes, executions, exports.
 */
import { createHmac, createSecretKey } from 'node:crypto';
import { Recent } from '../../basics/recent.ts';
import type { PrincipalId } from '../../terms.ts';

/** 64 hex digits; the same for the same pair, different for every other. */
export type Pseudonym = (who: PrincipalId) => string;

/**
 * @param key 32 bytes; whoever has it can tell whether a pseudonym is a given person
 * @param home `iss` of the issuer whose people are digested by `sub` alone. Records from before issuers were told
 *   apart name everybody so, and they must go on belonging to the same people. No other issuer's people can meet
 *   one of these: their text has a NUL in it, and a `sub` has visible characters only.
 */
export function createPseudonym(key: Uint8Array, home: string | undefined): Pseudonym {
  // Imported once: `node:crypto` takes ten times as long over raw bytes.
  const secret = createSecretKey(key);
  // One request asks for its caller's ten times.
  const known = new Recent<string>(MOST_KNOWN);
  return ({ issuer, sub }) => {
    const text = issuer === home ? sub : `${issuer}\0${sub}`;
    const before = known.get(text);
    if (before !== undefined) return before;
    const pseudonym = createHmac('sha256', secret).update(text, 'utf8').digest('hex');
    return text.length > LONGEST_KNOWN ? pseudonym : known.keep(text, pseudonym);
  };
}

const MOST_KNOWN = 5_000;
/** Characters: names that callers choose for things are digested too, and may be huge. */
const LONGEST_KNOWN = 300;

/** The same issuer's same `sub`. */
export const isSame = (a: PrincipalId, b: PrincipalId): boolean => a.issuer === b.issuer && a.sub === b.sub;

/** The pair alone, of somebody of whom more is known: what is kept of them is no more than is needed. */
export const idOf = ({ issuer, sub }: PrincipalId): PrincipalId => ({ issuer, sub });
