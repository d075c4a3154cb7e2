/**
 * Who counts as one person where governing takes people. A person is a human who acts for themselves, and has one
 * word however many accounts: those who share an e-mail or a name are one, also when it is written otherwise (case,
 * width, blanks, look-alike letters).
 */
import { normalForm } from '../basics/normal-form.ts';
import { skeleton } from '../basics/skeleton.ts';
import type { Reason } from '../errors.ts';
import type { Principal } from '../terms.ts';

/** What is known of who somebody is. A `sub` is a name within its issuer only. */
export interface Known {
  readonly sub: string;
  readonly issuer?: string | undefined;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
}

/** A person as state and records keep them: nothing but pseudonyms. Two that share a mark are one person. */
export type Marked = {
  /** Pseudonym of the principal. */
  readonly by: string;
  /** Pseudonyms of the folded `sub`, name and e-mail, as far as they are known. */
  readonly marks: string[];
};

/** Text as a reader takes it: case folded, blanks joined and trimmed, look-alike letters as what they pass for. */
export function fold(text: string): string {
  return skeleton(normalForm(text, 'NFKC'));
}

/** A mailbox has one owner, whatever stands behind a `+` (RFC 5233 §1). */
function mailbox(folded: string): string {
  const [plus, at] = [folded.indexOf('+'), folded.indexOf('@')];
  return plus === -1 || plus > at ? folded : folded.slice(0, plus) + folded.slice(at);
}

/** A name as it is said: `Holt, Vera` and `Vera-Holt` are read as `Vera Holt`. */
function spoken(folded: string): string {
  const [, last, first] = /^([^,]+),([^,]+)$/.exec(folded) ?? [];
  const inOrder = last === undefined || first === undefined ? folded : `${first} ${last}`;
  return inOrder.replace(/[\s.,_-]+/gu, ' ').trim();
}

/** By what somebody is known, folded. A `sub` or a name that is an e-mail is one. */
export function handlesOf({ sub, issuer = '', name, email }: Known): string[] {
  const named = (text: string | undefined): string[] => {
    const folded = text === undefined ? '' : fold(text);
    if (folded.includes('@')) return [`email ${mailbox(folded)}`];
    const said = spoken(folded);
    return said === '' ? [] : [`name ${said}`];
  };
  const own = fold(sub);
  const subs = own === '' ? [] : [own.includes('@') ? `email ${mailbox(own)}` : `sub ${issuer} ${own}`];
  return [...new Set([...subs, ...named(name), ...named(email)])];
}

/** Whether two are one person, as far as anybody can tell. */
export function samePerson(one: Known, other: Known): boolean {
  const handles = new Set(handlesOf(one));
  return handlesOf(other).some((handle) => handles.has(handle));
}

/** @param pseudonym keyed and one-way: handles are personal and must not stand in state or records */
export function markedAs(person: Known, by: string, pseudonym: (handle: string) => string): Marked {
  return { by, marks: handlesOf(person).map(pseudonym) };
}

/** The same for those of whom only marks are kept. */
export function sameMarked(one: Marked, other: Marked): boolean {
  return (one.by !== '' && one.by === other.by) || one.marks.some((mark) => other.marks.includes(mark));
}

/** Why this is nobody whose word counts; undefined for a person who acts for themselves. */
export function notAPerson({ kind, act }: Pick<Principal, 'kind' | 'act'>, what: string): Reason | undefined {
  if (act.length > 0) {
    const message = `${what} is for people, and not through an agent`;
    return { code: 'people_only', path: 'token:act', message, kind: 'forbidden' };
  }
  if (kind === 'human') return undefined;
  return {
    code: 'people_only',
    path: 'token:kind',
    message: `${what} is for people, not for a ${kind}`,
    kind: 'forbidden',
  };
}
