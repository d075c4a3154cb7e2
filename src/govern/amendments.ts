/**
 * How a charter changes: drafted → validated → replayed → voted → in force, and back by one call. Every step is a
 * record. A bundle that is not valid is never kept; one that would flip recorded decisions comes into force only
 * when enough people say that they have seen which.
 */

import type { Problem } from '../basics/problem.ts';
import { prepared } from '../charter/bundle.ts';
import type { Charter } from '../charter/charter.ts';
import { type CharterDiff, diffCharters } from '../charter/diff.ts';
import { type Draft, type DraftView, viewOf } from '../charter/drafts.ts';
import type { Library } from '../charter/store.ts';
import { ChanceryError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Receipt } from '../ledger/record.ts';
import { boundOf, standing } from './ballot.ts';
import type { TestReport } from './examples.ts';
import { type Mover, recorder } from './mover.ts';
import type { BundleReading } from './reading.ts';
import { type CoveringReplay, covering, type ReplayReport } from './replay.ts';
import { createSuccession, type Succession, type SuccessionDeps } from './succession.ts';

export interface AmendmentsDeps extends Omit<SuccessionDeps, 'load'> {
  readonly library: Library;
  /** Replays recorded decisions since a time (ms) beside the requests: in a worker locally. */
  readonly replay: (base: Charter, candidate: Charter, since: number) => Promise<ReplayReport>;
  readonly reading: BundleReading;
}

export type Drafted =
  | { readonly ok: true; readonly draft: DraftView; readonly diff: CharterDiff; readonly receipt: Receipt }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly receipt: Receipt };

export interface Amendments extends Succession {
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
  /** Tries a draft beside the charter in force; undefined ends the trial. */
  shadow(id: string | undefined, by: Mover): Promise<Receipt>;
}

export function createAmendments(deps: AmendmentsDeps): Amendments {
  const { drafts, store, library, reading, watch, clock, marked } = deps;
  const record = recorder(deps);

  async function load(id: string): Promise<Charter> {
    const inForce = await watch.current();
    if (id === 'active' || id === inForce.digest) return inForce;
    const loaded = await library.load(id);
    if (!('bad' in loaded)) return loaded;
    throw new ChanceryError('NOT_FOUND', `There is no charter ${id}: ${loaded.bad}.`);
  }

  async function view(draft: Draft): Promise<DraftView> {
    const inForce = await watch.current();
    const bound = boundOf(draft, inForce, await store.active());
    return viewOf(draft, inForce.digest, bound === undefined ? 0 : standing(draft, bound, clock()).length);
  }

  return {
    ...createSuccession({ ...deps, load }),

    async validate(files, by) {
      const found = await reading.check(files);
      const problems = found.ok ? [] : found.problems;
      const valid = found.ok;
      const digest = found.ok ? { digest: found.digest } : {};
      const receipt = await record('charter.validated', by, { valid, problems: problems.length, ...digest });
      return { valid, problems, ...digest, receipt };
    },

    async draft(files, by) {
      const read = await reading.examine(files);
      if (!read.ok) {
        const { problems } = read;
        const receipt = await record('charter.validated', by, { valid: false, problems: problems.length });
        return { ok: false, problems, receipt };
      }
      const charter = prepared(read.charter);
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
      return reading.test(files, clock());
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
