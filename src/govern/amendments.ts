/**
 * How a charter changes: drafted → validated → replayed → voted → in force, and back by one call. Every step is a
 * record. A bundle that is not valid is never kept; one that would flip recorded decisions comes into force only
 * when enough people say that they have seen which.
 */

import type { Problem } from '../basics/problem.ts';
import { parseBundle } from '../charter/bundle.ts';
import type { Charter } from '../charter/charter.ts';
import { type CharterDiff, diffCharters } from '../charter/diff.ts';
import { type Drafts, type DraftView, replayOf, standing, viewOf } from '../charter/drafts.ts';
import type { Active, CharterStore, Library } from '../charter/store.ts';
import type { CharterWatch } from '../charter/watch.ts';
import { ChanceryError, type Reason } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Ledger, NewRecord, Receipt } from '../ledger/record.ts';
import type { Clock } from '../ports.ts';
import { readExamples, runExamples, type TestReport } from './examples.ts';
import type { ReplayReport } from './replay.ts';

export interface AmendmentsDeps {
  readonly drafts: Drafts;
  readonly store: CharterStore;
  readonly library: Library;
  readonly ledger: Ledger;
  readonly watch: CharterWatch;
  /** Replays recorded decisions since a time (ms) beside the requests: in a worker locally. */
  readonly replay: (base: Charter, candidate: Charter, since: number) => Promise<ReplayReport>;
  readonly pseudonym: (sub: string) => string;
  readonly clock: Clock;
}

export interface Mover {
  readonly sub: string;
  readonly trace: string;
  readonly meta?: NewRecord['meta'];
  /** Personal: sealed. */
  readonly seen?: JsonObject;
  /** Votes are for people, and not through an agent. */
  readonly person: boolean;
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
  replay(id: string, since: number): Promise<ReplayReport>;
  /** One vote. `acknowledge`: the kinds of flips that the voter has seen, or the replay's `flips_digest`. */
  activate(id: string, acknowledge: readonly string[], by: Mover): Promise<Voted>;
  rollback(by: Mover, reason: string): Promise<{ from: string; to: string; receipt: Receipt }>;
  /** Tries a draft beside the charter in force; undefined ends the trial. */
  shadow(id: string | undefined, by: Mover): Promise<Receipt>;
}

export function createAmendments(deps: AmendmentsDeps): Amendments {
  const { drafts, store, library, ledger, watch, clock, pseudonym } = deps;

  const record = (type: NewRecord['type'], by: Mover, data: JsonObject): Promise<Receipt> =>
    ledger.append({
      type,
      trace: by.trace,
      sub: by.sub,
      meta: { charter: watch.last().digest, ...by.meta },
      data,
      personal: { sub: by.sub, ...by.seen },
    });

  async function load(id: string): Promise<Charter> {
    const inForce = await watch.current();
    if (id === 'active' || id === inForce.digest) return inForce;
    const loaded = await library.load(id);
    if (!('bad' in loaded)) return loaded;
    throw new ChanceryError('NOT_FOUND', `There is no charter ${id}: ${loaded.bad}.`);
  }

  async function putInForce(
    digest: string,
    charter_version: string,
    expected: Active | undefined,
  ): Promise<void> {
    const inForce = await watch.current();
    // The shipped bundle must be there to be gone back to.
    await store.keep(inForce.digest, inForce.files);
    const replaced = await store.replace(expected, {
      digest,
      charter_version,
      activated_at: clock(),
      previous: expected?.digest ?? inForce.digest,
      ...(expected?.candidate && expected.candidate !== digest ? { candidate: expected.candidate } : {}),
    });
    if (!replaced)
      throw new ChanceryError('CONFLICT', 'Another charter came into force meanwhile; look again.');
    await watch.refresh();
  }

  /** Puts a charter in force whose record is written. If that fails, another record says so. */
  async function follow(by: Mover, charter: Charter, expected: Active | undefined): Promise<void> {
    const { digest, version } = charter;
    try {
      await putInForce(digest, version, expected);
    } catch (error) {
      await record('charter.load_failed', by, {
        digest,
        reason: error instanceof Error ? error.message : String(error),
      });
      throw error;
    }
  }

  return {
    async validate(files, by) {
      const parsed = parseBundle(files);
      const problems = [...(parsed.ok ? [] : parsed.problems), ...exampleProblems(files)];
      const valid = parsed.ok && problems.length === 0;
      const digest = parsed.ok ? { digest: parsed.charter.digest } : {};
      const receipt = await record('charter.validated', by, { valid, problems: problems.length, ...digest });
      return { valid, problems, ...digest, receipt };
    },

    async draft(files, by) {
      const parsed = parseBundle(files);
      const problems = [...(parsed.ok ? [] : parsed.problems), ...exampleProblems(files)];
      if (!parsed.ok || problems.length > 0) {
        const receipt = await record('charter.validated', by, { valid: false, problems: problems.length });
        return { ok: false, problems, receipt };
      }
      const { charter } = parsed;
      const inForce = await watch.current();
      const { name, version: charter_version, digest } = charter;
      await store.keep(digest, files);
      library.know(charter);
      const draft = {
        digest,
        charter_version,
        name,
        drafted_by: pseudonym(by.sub),
        drafted_at: clock(),
      };
      await drafts.keep(draft);
      const diff = diffCharters(inForce, charter);
      const receipt = await record('charter.drafted', by, {
        digest,
        version: charter_version,
        against: inForce.digest,
        added: diff.added.length,
        removed: diff.removed.length,
        changed: diff.changed.length,
      });
      return { ok: true, draft: viewOf({ ...draft, version: 1, votes: [] }, inForce.digest), diff, receipt };
    },

    async list() {
      const inForce = await watch.current();
      const active = await store.active();
      return {
        active: {
          digest: inForce.digest,
          name: inForce.name,
          version: inForce.version,
          status: inForce.status,
          policies: inForce.policies.length,
          policy_mode: inForce.documents['charter.yaml'].policy_mode,
          ...(active ? { activated_at: new Date(active.activated_at).toISOString() } : {}),
          ...(active?.previous ? { previous: active.previous } : {}),
          ...(active?.candidate ? { candidate: active.candidate } : {}),
        },
        drafts: (await drafts.list()).map((draft) => viewOf(draft, inForce.digest)),
        history: await store.history(50),
      };
    },

    async get(id) {
      const charter = await load(id);
      const draft = await drafts.get(charter.digest);
      return { charter, ...(draft ? { draft: viewOf(draft, watch.last().digest) } : {}) };
    },

    async diff(id, against = 'active') {
      return diffCharters(await load(against), await load(id));
    },

    async test(id) {
      const charter = await load(id);
      const files = (await store.files(charter.digest)) ?? charter.files;
      const examples = readExamples(files);
      if (!examples.ok) throw new ChanceryError('CONFLICT', 'The tests of this charter do not parse.');
      return runExamples(charter, examples.set, clock());
    },

    async replay(id, since) {
      const [base, candidate] = [await watch.current(), await load(id)];
      const report = await deps.replay(base, candidate, since);
      if ((await drafts.get(candidate.digest)) !== undefined) {
        await drafts.change(candidate.digest, (draft) => ({ ...draft, replay: JSON.stringify(report) }));
      }
      return report;
    },

    async activate(id, acknowledge, by) {
      if (!by.person)
        throw refusal(
          'CHARTER_DENIED',
          'people_only',
          'charters are activated by people, not through an agent',
        );
      const inForce = await watch.current();
      if (id === inForce.digest) throw refusal('CONFLICT', 'already_active', 'this charter is in force');
      const before = await store.active();
      const draft = await drafts.get(id);
      if (draft === undefined) throw new ChanceryError('NOT_FOUND', `There is no draft ${id}.`);
      const candidate = await load(id);
      const report = replayOf(draft);
      if (report === undefined || report.base !== inForce.digest) {
        throw refusal(
          'CONFLICT',
          'replay_missing',
          'replay the recorded decisions against the charter in force first',
        );
      }
      const unseen = acknowledge.includes(report.flips_digest)
        ? []
        : report.flips.filter((flip) => !acknowledge.includes(flip.kind));
      if (unseen.length > 0) {
        const kinds = unseen.map(({ kind, count }) => `${kind} (${count})`).join(', ');
        throw refusal('CONFLICT', 'flips_not_acknowledged', `these flips are not acknowledged: ${kinds}`);
      }
      if (candidate.status !== 'active') {
        throw refusal('CONFLICT', 'charter_not_active', `the bundle calls itself ${candidate.status}`);
      }
      const who = pseudonym(by.sub);
      const { quorum } = inForce.documents['charter.yaml'].committee;
      const changed = await drafts.change(id, (current) => {
        const votes = standing(current, report.flips_digest);
        if (votes.some((one) => one.by === who)) {
          throw refusal('CONFLICT', 'already_voted', 'you have voted; another person has to');
        }
        return { ...current, votes: [...votes, { by: who, at: clock(), flips_digest: report.flips_digest }] };
      });
      const votes = standing(changed, report.flips_digest).length;
      const activated = votes >= quorum;
      const data: JsonObject = {
        digest: id,
        version: candidate.version,
        from: inForce.digest,
        votes,
        quorum,
        final: activated,
        flips_digest: report.flips_digest,
        flips: report.flips.map(({ kind, count }) => ({ kind, count })),
      };
      // The record first (invariant 1): what judges from now on is in the ledger before it judges.
      const receipt = await record('charter.activated', by, data);
      if (activated) {
        await follow(by, candidate, before);
        await store.remember(
          { digest: id, version: candidate.version, from: inForce.digest, how: 'activated' },
          clock(),
        );
      }
      return { activated, votes, quorum, missing: Math.max(0, quorum - votes), digest: id, receipt };
    },

    async rollback(by, reason) {
      if (!by.person)
        throw refusal(
          'CHARTER_DENIED',
          'people_only',
          'charters are rolled back by people, not through an agent',
        );
      const active = await store.active();
      if (active?.previous === undefined) {
        throw refusal('CONFLICT', 'nothing_to_roll_back', 'no charter was in force before this one');
      }
      const previous = await load(active.previous);
      const receipt = await record('charter.rolled_back', by, {
        from: active.digest,
        digest: previous.digest,
        version: previous.version,
        reason,
      });
      await follow(by, previous, active);
      await store.remember(
        { digest: previous.digest, version: previous.version, from: active.digest, how: 'rolled back' },
        clock(),
      );
      return { from: active.digest, to: previous.digest, receipt };
    },

    async shadow(id, by) {
      const candidate = id === undefined ? undefined : await load(id);
      const inForce = await watch.current();
      const active = await store.active();
      const {
        version: _,
        candidate: __,
        ...rest
      } = active ?? {
        version: 0,
        digest: inForce.digest,
        charter_version: inForce.version,
        activated_at: clock(),
      };
      await store.keep(inForce.digest, inForce.files);
      const replaced = await store.replace(active, {
        ...rest,
        ...(candidate ? { candidate: candidate.digest } : {}),
      });
      if (!replaced)
        throw new ChanceryError('CONFLICT', 'The charter in force was changed meanwhile; try again.');
      await watch.refresh();
      return record('admin.config_changed', by, {
        what: 'charter_shadow',
        digest: candidate?.digest ?? null,
      });
    },
  };
}

function exampleProblems(files: ReadonlyMap<string, string>): readonly Problem[] {
  const examples = readExamples(files);
  return examples.ok ? [] : examples.problems;
}

function refusal(code: 'CONFLICT' | 'CHARTER_DENIED', reason: string, message: string): ChanceryError {
  const reasons: Reason[] = [{ code: reason, message, kind: 'not_permitted' }];
  return new ChanceryError(code, message, { reasons });
}
