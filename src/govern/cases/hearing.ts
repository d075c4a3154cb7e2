/**
 * Who may take which step of a case. Pure. Whoever finds on a case is a person who acts for themselves, and neither
 * the one who reported it nor the one whom it accuses, with no account; an appeal is heard by others than those whose
 * finding it is against.
 */
import type { Reason } from '../../errors.ts';
import { type Marked, notAPerson, sameMarked } from '../../identity/person.ts';
import type { Principal, Severity } from '../../terms.ts';
import { type Case, type CaseStep, STEPS } from './case.ts';

/**
 * People who must find the same. A crime takes two, and so does finding that what stands as one was less: else one
 * could close it alone at a milder severity.
 * @param severities that of the case, and the one that is found
 */
export const quorumFor = (...severities: readonly Severity[]): number =>
  severities.includes('CRIMINAL') ? 2 : 1;

/** As what somebody appeals. */
export type AppealStanding = 'accused' | 'reporter' | 'committee';

const refuse = (code: string, message: string): Reason => ({ code, message, kind: 'forbidden' });

const isOneOf = (people: readonly Marked[], who: Marked): boolean =>
  people.some((person) => sameMarked(person, who));

/**
 * Whether a caller is the one whom a case accuses, or who reported it. A person is, by whatever they are called; a
 * service or an agent is its own account and no other: `node-1` is not `node_1`.
 */
export const isParty = (party: Marked, { kind }: Pick<Principal, 'kind'>, who: Marked): boolean =>
  kind === 'human' ? sameMarked(party, who) : party.by === who.by;

/** Whether something was done to somebody before any person has found on it: the system acts on what it sees itself. */
const isActedOn = ({ status, origin, severity }: Case): boolean =>
  status === 'investigating' && origin === 'observed' && severity !== 'WARNING';

/**
 * Why this step cannot be taken now; undefined where it can.
 * @param as with an appeal: whom the system's own action touches need not wait for a finding
 */
export function illegal(kase: Case, step: CaseStep, as?: AppealStanding): Reason | undefined {
  const { status } = kase;
  if (STEPS[status][step] !== undefined) return undefined;
  if (step === 'appeal' && as === 'accused' && isActedOn(kase)) return undefined;
  return refuse('illegal_transition', `a case that is ${status} cannot be ${PAST[step]}`);
}

const PAST = { confirm: 'confirmed', dismiss: 'dismissed', appeal: 'appealed', restore: 'restored' } as const;

/**
 * Why this person's word on the case does not count; undefined where it does.
 * @param found the severity that they find, where it happened: whoever found another one before may change their mind
 */
export function objectionToFinding(
  kase: Case,
  principal: Pick<Principal, 'kind' | 'act'>,
  who: Marked,
  found?: Severity,
): Reason | undefined {
  const nobody = notAPerson(principal, 'a finding');
  if (nobody !== undefined) return nobody;
  if (sameMarked(kase.accused, who))
    return refuse('investigator_is_accused', 'who is accused finds nothing on the case, with no account');
  if (sameMarked(kase.reporter, who))
    return refuse('investigator_is_reporter', 'who reported it finds nothing on the case, with no account');
  if (kase.status === 'appealed' && isOneOf(kase.found_by, who))
    return refuse('heard_by_finder', 'the appeal is against your finding; somebody else hears it');
  if (kase.status === 'appealed' && isOneOf(kase.appellants, who))
    return refuse('heard_by_appellant', 'you appealed, with this account or another; somebody else hears it');
  if (kase.votes.some((vote) => sameMarked(vote, who) && (found === undefined || vote.severity === found)))
    return refuse('already_decided', 'you have decided this already, with this account or another');
  return undefined;
}

/** As what somebody may appeal; undefined for who has nothing to do with the case. */
export function standingIn(
  kase: Case,
  principal: Pick<Principal, 'kind'>,
  who: Marked,
  mayDecide: boolean,
): AppealStanding | undefined {
  if (isParty(kase.accused, principal, who)) return 'accused';
  if (isParty(kase.reporter, principal, who)) return 'reporter';
  return mayDecide ? 'committee' : undefined;
}

/** Everybody is heard once. */
export function objectionToAppeal(
  kase: Case,
  principal: Pick<Principal, 'kind'>,
  who: Marked,
): Reason | undefined {
  if (!kase.appellants.some((appellant) => isParty(appellant, principal, who))) return undefined;
  return refuse('appeal_spent', 'you have appealed in this case, with this account or another');
}
