/**
 * Which charter follows which: the vote that completes a quorum puts a draft in force, and a rollback goes back to what was
 * in force before. The record comes first: what judges from now on is in the ledger before it judges.
 */

import type { Charter } from '../charter/charter.ts';
import { type Drafts, replayOf } from '../charter/drafts.ts';
import { type Active, type CharterStore, MOST_EARLIER } from '../charter/store.ts';
import type { CharterWatch } from '../charter/watch.ts';
import { ChanceryError } from '../errors.ts';
import type { Marked } from '../identity/person.ts';
import type { JsonObject } from '../json.ts';
import { type Said, sealedWords } from '../ledger/people/words.ts';
import type { Ledger, Receipt } from '../ledger/record.ts';
import type { Clock } from '../ports.ts';
import type { Principal } from '../terms.ts';
import { boundOf, objection, standing } from './ballot.ts';
import { conflict, type Mover, onlyPeople, recorder, refusal } from './mover.ts';

export interface SuccessionDeps {
  readonly drafts: Drafts;
  readonly store: CharterStore;
  readonly ledger: Ledger;
  readonly watch: CharterWatch;
  /** Who somebody is, in pseudonyms. */
  readonly marked: (principal: Principal) => Marked;
  readonly clock: Clock;
  /** The charter of a digest. Throws NOT_FOUND. */
  readonly load: (id: string) => Promise<Charter>;
}

export interface Voted {
  readonly activated: boolean;
  readonly votes: number;
  readonly quorum: number;
  readonly missing: number;
  readonly digest: string;
  readonly receipt: Receipt;
}

export interface RolledBack {
  /** False: it is where it should be already. */
  readonly rolled_back: boolean;
  readonly from: string;
  readonly to: string;
  /** Of the rollback; none when there was nothing to do. */
  readonly receipt?: Receipt;
}

export interface Succession {
  /** One vote. `acknowledge`: the kinds of flips that the voter has seen, or the replay's `flips_digest`. */
  activate(id: string, acknowledge: readonly string[], by: Mover): Promise<Voted>;
  /** Back to what was in force before, or to `to` if it ever was before. Repeated, it does nothing. */
  rollback(by: Mover, reason: Said, to?: string): Promise<RolledBack>;
}

export function createSuccession(deps: SuccessionDeps): Succession {
  const { drafts, store, watch, clock, marked, load } = deps;
  const record = recorder(deps);

  /** Puts a charter in force whose record is written. If that fails, another record says so. */
  async function follow(
    by: Mover,
    charter: Charter,
    expected: Active | undefined,
    next: Pick<Active, 'record' | 'activated_at' | 'how' | 'earlier'>,
  ): Promise<void> {
    const { digest, version: charter_version } = charter;
    try {
      const replaced = await store.replace(expected, {
        digest,
        charter_version,
        ...next,
      });
      if (!replaced && (await store.active())?.digest !== digest)
        throw new ChanceryError('CONFLICT', 'Another charter came into force meanwhile; look again.');
      await watch.refresh();
    } catch (error) {
      await record('charter.load_failed', by, {
        digest,
        reason: error instanceof Error ? error.message : String(error),
      });
      throw error;
    }
  }

  return {
    async activate(id, acknowledge, by) {
      onlyPeople(by, 'a vote');
      const inForce = await watch.current();
      if (id === inForce.digest) throw conflict('already_active', 'this charter is in force');
      const before = await store.active();
      const draft = await drafts.get(id);
      if (draft === undefined) throw new ChanceryError('NOT_FOUND', `There is no draft ${id}.`);
      const candidate = await load(id);
      const report = replayOf(draft);
      const bound = boundOf(draft, inForce, before);
      if (report === undefined || bound === undefined) {
        const message = 'replay the recorded decisions against the charter in force first';
        throw conflict('replay_missing', message);
      }
      const unseen = acknowledge.includes(report.flips_digest)
        ? []
        : report.flips.filter((flip) => !acknowledge.includes(flip.kind));
      if (unseen.length > 0) {
        const kinds = unseen.map(({ kind, count }) => `${kind} (${count})`).join(', ');
        throw conflict('flips_not_acknowledged', `these flips are not acknowledged: ${kinds}`);
      }
      if (candidate.status !== 'active') {
        throw conflict('charter_not_active', `the bundle calls itself ${candidate.status}`);
      }
      const who = marked(by.principal);
      const objected = objection(draft, standing(draft, bound, clock()), who);
      if (objected !== undefined)
        throw refusal(objected.code === 'already_voted' ? 'CONFLICT' : 'CHARTER_DENIED', objected);
      const { quorum } = inForce.documents['charter.yaml'].committee;
      const counted = standing(draft, bound, clock()).length + 1;
      const data: JsonObject = {
        digest: id,
        version: candidate.version,
        from: inForce.digest,
        term: bound.term,
        replay_digest: bound.replay,
        voter: { ...who },
        votes: counted,
        quorum,
        final: counted >= quorum,
        flips_digest: report.flips_digest,
        flips: report.flips.map(({ kind, count }) => ({ kind, count })),
      };
      // The record first: what judges from now on is in the ledger before it judges.
      let receipt = await record('charter.activated', by, data);
      const vote = { ...who, ...bound, at: Date.parse(receipt.time), record: receipt.id };
      const changed = await drafts.change(id, (current) => ({
        ...current,
        // Whoever keeps up with the ledger sees the own vote there already.
        votes: [...current.votes.filter(({ record }) => record !== vote.record), vote],
      }));
      const votes = standing(changed, bound, clock()).length;
      const activated = votes >= quorum;
      if (activated) {
        // Two voted at the same moment, and neither record could know of the other.
        if (data.final !== true)
          receipt = await record('charter.activated', by, { ...data, counts: false, votes, final: true });
        // The shipped bundle must be there to be gone back to.
        await store.keep(inForce.digest, inForce.files);
        const earlier = [inForce.digest, ...(before?.earlier ?? [])].slice(0, MOST_EARLIER);
        await follow(by, candidate, before, { ...namedBy(receipt), how: 'activated', earlier });
        await store.remember(
          { digest: id, version: candidate.version, from: inForce.digest, how: 'activated' },
          clock(),
        );
      }
      return { activated, votes, quorum, missing: Math.max(0, quorum - votes), digest: id, receipt };
    },

    async rollback(by, reason, to) {
      onlyPeople(by, 'a rollback');
      const active = await store.active();
      const there = to === undefined ? active?.how === 'rolled back' : to === active?.digest;
      if (active !== undefined && there)
        return { rolled_back: false, from: active.digest, to: active.digest };
      const target = to ?? active?.earlier[0];
      if (active === undefined || target === undefined) {
        throw conflict('nothing_to_roll_back', 'no charter was in force before this one');
      }
      const place = active.earlier.indexOf(target);
      if (place < 0) {
        throw conflict('not_earlier', `${target} was not in force before the present one`);
      }
      const previous = await load(target);
      const receipt = await record(
        'charter.rolled_back',
        by,
        {
          from: active.digest,
          digest: target,
          version: previous.version,
          reason: reason.open,
        },
        sealedWords('reason', reason),
      );
      const earlier = active.earlier.slice(place + 1);
      await follow(by, previous, active, { ...namedBy(receipt), how: 'rolled back', earlier });
      await store.remember(
        { digest: target, version: previous.version, from: active.digest, how: 'rolled back' },
        clock(),
      );
      return { rolled_back: true, from: active.digest, to: target, receipt };
    },
  };
}

const namedBy = ({ id, time }: Receipt) => ({ record: id, activated_at: Date.parse(time) });
