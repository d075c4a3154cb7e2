/**
 * Which votes for a charter count. A vote is for one candidate, on one replay of it, while one charter is in force:
 * it ends when another comes into force or goes back, and after three days. One person has one vote, and whoever
 * drafted has none.
 */
import type { Charter } from '../charter/charter.ts';
import { type ActivationVote, type Draft, replayOf } from '../charter/drafts.ts';
import type { Active } from '../charter/store.ts';
import type { Reason } from '../errors.ts';
import { type Marked, sameMarked } from '../identity/person.ts';

export const VOTE_MS = 72 * 3_600_000;

/** What a vote is bound to besides the candidate. */
export interface Bound {
  /** Digest of the charter in force. */
  readonly base: string;
  /** Record that put it in force; `shipped` when none did. So a charter that comes back brings no old votes along. */
  readonly term: string;
  /** Digest of the whole replay that the voter saw. */
  readonly replay: string;
}

/** What votes are bound to now; undefined while there is no replay against the charter in force. */
export function boundOf(draft: Draft, inForce: Charter, active: Active | undefined): Bound | undefined {
  const report = replayOf(draft);
  if (report === undefined || report.base !== inForce.digest) return undefined;
  return { base: report.base, term: active?.record ?? 'shipped', replay: report.replay_digest };
}

/** Votes of a draft that count now. */
export function standing(draft: Draft, bound: Bound, now: number): readonly ActivationVote[] {
  const votes: ActivationVote[] = [];
  for (const vote of draft.votes) {
    const same = vote.base === bound.base && vote.term === bound.term && vote.replay === bound.replay;
    const out = !same || now - vote.at >= VOTE_MS || sameMarked(vote, draft.drafted_by);
    if (!out && !votes.some((earlier) => sameMarked(earlier, vote))) votes.push(vote);
  }
  return votes;
}

/** Why this person cannot vote for the draft; undefined when they can. */
export function objection(draft: Draft, votes: readonly ActivationVote[], who: Marked): Reason | undefined {
  const refuse = (code: string, message: string): Reason => ({ code, message, kind: 'forbidden' });
  if (sameMarked(draft.drafted_by, who))
    return refuse('voter_is_drafter', 'who drafted a charter has no vote for it, with no account');
  if (votes.some((vote) => sameMarked(vote, who)))
    return refuse('already_voted', 'you have voted, with this account or another; another person has to');
  return undefined;
}
