/**
 * How a charter changes: drafted → validated → replayed → voted → in force, and back by one call. Every step is a
 * record. A bundle that is not valid is never kept; one that would flip recorded decisions comes into force only
 * when enough people say that they have seen which.
 */

import type { Problem } from '../basics/problem.ts';
import { parseBundle } from '../charter/bundle.ts';
import type { Charter } from '../charter/charter.ts';
import { type CharterDiff, diffCharters } from '../charter/diff.ts';
import { type Draft, type Drafts, type DraftView, replayOf, viewOf } from '../charter/drafts.ts';
import { type Active, type CharterStore, type Library, MOST_EARLIER } from '../charter/store.ts';
import type { CharterWatch } from '../charter/watch.ts';
import { ChanceryError, type Reason } from '../errors.ts';
import { type Marked, notAPerson } from '../identity/person.ts';
import type { JsonObject } from '../json.ts';
import type { Ledger, NewRecord, Receipt } from '../ledger/record.ts';
import type { Clock } from '../ports.ts';
import type { Principal } from '../terms.ts';
import type { Registry } from '../workflow/workflow.ts';
import { type Bound, objection, standing } from './ballot.ts';
import { readExamples, runExamples, type TestReport } from './examples.ts';
import { type CoveringReplay, covering, type ReplayReport } from './replay.ts';

export interface AmendmentsDeps {
  readonly drafts: Drafts;
  readonly store: CharterStore;
  readonly library: Library;
  readonly ledger: Ledger;
  readonly watch: CharterWatch;
  /** Replays recorded decisions since a time (ms) beside the requests: in a worker locally. */
  readonly replay: (base: Charter, candidate: Charter, since: number) => Promise<ReplayReport>;
  /** Who somebody is, in pseudonyms. */
  readonly marked: (principal: Principal) => Marked;
  /** What the examples of a charter ask for. */
  readonly workflows: Registry;
  readonly clock: Clock;
}

export interface Mover {
  readonly principal: Principal;
  readonly trace: string;
  readonly meta?: NewRecord['meta'];
  /** Personal: sealed. */
  readonly seen?: JsonObject;
}

export type Drafted =
  | { readonly ok: true; readonly draft: DraftView; readonly diff: CharterDiff; readonly receipt: Receipt }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly receipt: Receipt };

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

export interface Amendments {
  validate(
    files: ReadonlyMap<string, string>,
    by: Mover,
  ): Promise<{ valid: boolean; problems: readonly Problem[]; digest?: string; receipt: Receipt }>;
  draft(files: ReadonlyMap<string, string>, by: Mover): Promise<Drafted>;
  list(): Promise<{ active: JsonObject; drafts: readonly DraftView[]; history: readonly JsonObject[] }>;
  get(id: string): Promise<{ draft?: DraftView; charter: Charter }>;
  diff(id: string, against?: string): Promise<CharterDiff>;
  test(id: string): Promise<TestReport>;
  /**
   * Decides recorded decisions again since a time (ms), or since the charter in force came there if that is earlier.
   * The first one of a draft is what votes are bound to, until the charter in force is another.
   */
  replay(id: string, since: number, by: Mover): Promise<CoveringReplay>;
  /** One vote. `acknowledge`: the kinds of flips that the voter has seen, or the replay's `flips_digest`. */
  activate(id: string, acknowledge: readonly string[], by: Mover): Promise<Voted>;
  /** Back to what was in force before, or to `to` if it ever was before. Repeated, it does nothing. */
  rollback(by: Mover, reason: string, to?: string): Promise<RolledBack>;
  /** Tries a draft beside the charter in force; undefined ends the trial. */
  shadow(id: string | undefined, by: Mover): Promise<Receipt>;
}

export function createAmendments(deps: AmendmentsDeps): Amendments {
  const { drafts, store, library, ledger, watch, clock, marked } = deps;

  const record = (type: NewRecord['type'], by: Mover, data: JsonObject): Promise<Receipt> =>
    ledger.append({
      type,
      trace: by.trace,
      who: by.principal,
      meta: { charter: watch.last().digest, ...by.meta },
      data,
      personal: { sub: by.principal.sub, ...by.seen },
    });

  async function load(id: string): Promise<Charter> {
    const inForce = await watch.current();
    if (id === 'active' || id === inForce.digest) return inForce;
    const loaded = await library.load(id);
    if (!('bad' in loaded)) return loaded;
    throw new ChanceryError('NOT_FOUND', `There is no charter ${id}: ${loaded.bad}.`);
  }

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

  /** What votes are bound to now; undefined while there is no replay against the charter in force. */
  const boundOf = (draft: Draft, inForce: Charter, active: Active | undefined): Bound | undefined => {
    const report = replayOf(draft);
    if (report === undefined || report.base !== inForce.digest) return undefined;
    return { base: report.base, term: active?.record ?? 'shipped', replay: report.replay_digest };
  };

  async function view(draft: Draft): Promise<DraftView> {
    const inForce = await watch.current();
    const bound = boundOf(draft, inForce, await store.active());
    return viewOf(draft, inForce.digest, bound === undefined ? 0 : standing(draft, bound, clock()).length);
  }

  const onlyPeople = ({ principal }: Mover, what: string): void => {
    const reason = notAPerson(principal, what);
    if (reason !== undefined) throw refusal('CHARTER_DENIED', reason);
  };

  return {
    async validate(files, by) {
      const parsed = parseBundle(files);
      const problems = [...(parsed.ok ? [] : parsed.problems), ...exampleProblems(files, deps.workflows)];
      const valid = parsed.ok && problems.length === 0;
      const digest = parsed.ok ? { digest: parsed.charter.digest } : {};
      const receipt = await record('charter.validated', by, { valid, problems: problems.length, ...digest });
      return { valid, problems, ...digest, receipt };
    },

    async draft(files, by) {
      const parsed = parseBundle(files);
      const problems = [...(parsed.ok ? [] : parsed.problems), ...exampleProblems(files, deps.workflows)];
      if (!parsed.ok || problems.length > 0) {
        const receipt = await record('charter.validated', by, { valid: false, problems: problems.length });
        return { ok: false, problems, receipt };
      }
      const { charter } = parsed;
      const inForce = await watch.current();
      const { name, version: charter_version, digest } = charter;
      await store.keep(digest, files);
      library.know(charter);
      const diff = diffCharters(inForce, charter);
      const drafted_by = marked(by.principal);
      const receipt = await record('charter.drafted', by, {
        digest,
        name,
        version: charter_version,
        drafter: { ...drafted_by },
        against: inForce.digest,
        added: diff.added.length,
        removed: diff.removed.length,
        changed: diff.changed.length,
      });
      const drafted_at = Date.parse(receipt.time);
      await drafts.keep({ digest, charter_version, name, drafted_by, record: receipt.id, drafted_at });
      const draft = await drafts.get(digest);
      if (draft === undefined) throw new ChanceryError('STORE_UNAVAILABLE', 'The draft could not be kept.');
      return { ok: true, draft: await view(draft), diff, receipt };
    },

    async list() {
      const inForce = await watch.current();
      const [active, tried] = await Promise.all([store.active(), store.tried()]);
      return {
        active: {
          digest: inForce.digest,
          name: inForce.name,
          version: inForce.version,
          status: inForce.status,
          policies: inForce.policies.length,
          policy_mode: inForce.documents['charter.yaml'].policy_mode,
          ...(active ? { activated_at: new Date(active.activated_at).toISOString() } : {}),
          ...(active?.earlier[0] ? { previous: active.earlier[0] } : {}),
          ...(tried ? { candidate: tried } : {}),
        },
        drafts: await Promise.all((await drafts.list()).map(view)),
        history: await store.history(50),
      };
    },

    async get(id) {
      const charter = await load(id);
      const draft = await drafts.get(charter.digest);
      return { charter, ...(draft ? { draft: await view(draft) } : {}) };
    },

    async diff(id, against = 'active') {
      return diffCharters(await load(against), await load(id));
    },

    async test(id) {
      const charter = await load(id);
      const files = (await store.files(charter.digest)) ?? charter.files;
      const examples = readExamples(files, deps.workflows.all);
      if (!examples.ok) throw new ChanceryError('CONFLICT', 'The tests of this charter do not parse.');
      return runExamples(charter, examples.set, clock());
    },

    async replay(id, asked, by) {
      const [base, candidate] = [await watch.current(), await load(id)];
      const active = await store.active();
      // Whatever is asked for: what was decided since the charter in force came there must be looked at.
      const since = Math.min(asked, active?.activated_at ?? 0);
      const until = clock();
      const report = covering(await deps.replay(base, candidate, since), since, until);
      const draft = await drafts.get(candidate.digest);
      if (draft === undefined) return report;
      const { flips, replay_digest, flips_digest, replayed, skipped } = report;
      const bound = boundOf(draft, base, active);
      // People have voted on the one that is there: another does not replace it under their votes.
      const kept = bound === undefined || standing(draft, bound, until).length === 0;
      const made = await record('charter.validated', by, {
        step: 'replayed',
        kept,
        digest: candidate.digest,
        base: base.digest,
        term: active?.record ?? 'shipped',
        since: report.since,
        replayed,
        skipped,
        flips: flips.map(({ kind, count }) => ({ kind, count })),
        flips_digest,
        replay_digest,
      });
      if (kept) {
        const replay = JSON.stringify(report);
        await drafts.change(candidate.digest, (now) => ({
          ...now,
          replay,
          replay_record: made.id,
          replay_digest,
        }));
      }
      return report;
    },

    async activate(id, acknowledge, by) {
      onlyPeople(by, 'a vote');
      const inForce = await watch.current();
      if (id === inForce.digest)
        throw refusal('CONFLICT', about('already_active', 'this charter is in force'));
      const before = await store.active();
      const draft = await drafts.get(id);
      if (draft === undefined) throw new ChanceryError('NOT_FOUND', `There is no draft ${id}.`);
      const candidate = await load(id);
      const report = replayOf(draft);
      const bound = boundOf(draft, inForce, before);
      if (report === undefined || bound === undefined) {
        const message = 'replay the recorded decisions against the charter in force first';
        throw refusal('CONFLICT', about('replay_missing', message));
      }
      const unseen = acknowledge.includes(report.flips_digest)
        ? []
        : report.flips.filter((flip) => !acknowledge.includes(flip.kind));
      if (unseen.length > 0) {
        const kinds = unseen.map(({ kind, count }) => `${kind} (${count})`).join(', ');
        throw refusal(
          'CONFLICT',
          about('flips_not_acknowledged', `these flips are not acknowledged: ${kinds}`),
        );
      }
      if (candidate.status !== 'active') {
        throw refusal('CONFLICT', about('charter_not_active', `the bundle calls itself ${candidate.status}`));
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
        throw refusal('CONFLICT', about('nothing_to_roll_back', 'no charter was in force before this one'));
      }
      const place = active.earlier.indexOf(target);
      if (place < 0) {
        throw refusal('CONFLICT', about('not_earlier', `${target} was not in force before the present one`));
      }
      const previous = await load(target);
      const receipt = await record('charter.rolled_back', by, {
        from: active.digest,
        digest: target,
        version: previous.version,
        reason,
      });
      const earlier = active.earlier.slice(place + 1);
      await follow(by, previous, active, { ...namedBy(receipt), how: 'rolled back', earlier });
      await store.remember(
        { digest: target, version: previous.version, from: active.digest, how: 'rolled back' },
        clock(),
      );
      return { rolled_back: true, from: active.digest, to: target, receipt };
    },

    async shadow(id, by) {
      const candidate = id === undefined ? undefined : await load(id);
      await store.tryOut(candidate?.digest);
      await watch.refresh();
      return record('admin.config_changed', by, {
        what: 'charter_shadow',
        digest: candidate?.digest ?? null,
      });
    },
  };
}

function exampleProblems(files: ReadonlyMap<string, string>, { all }: Registry): readonly Problem[] {
  const examples = readExamples(files, all);
  return examples.ok ? [] : examples.problems;
}

const namedBy = ({ id, time }: Receipt) => ({ record: id, activated_at: Date.parse(time) });

function about(code: string, message: string): Reason {
  return { code, message, kind: 'not_permitted' };
}

function refusal(code: 'CONFLICT' | 'CHARTER_DENIED', reason: Reason): ChanceryError {
  return new ChanceryError(code, reason.message, { reasons: [reason] });
}
