/**
 * Reading bundles in a thread of their own, one after the other, each within a time. A bundle that takes longer, or
 * that ends the thread, is refused for that; the next is read by a new thread.
 */

import { tooLarge } from '../src/charter/bounds.ts';
import type { ReadBundle } from '../src/charter/bundle.ts';
import { ChanceryError } from '../src/errors.ts';
import type { BundleFiles, BundleReading } from '../src/govern/reading.ts';
import type { WorkflowFacts } from '../src/terms.ts';
import { openThread, type Thread, ThreadEnded } from './thread.ts';

export interface BundleJob {
  readonly workflows: readonly WorkflowFacts[];
}
export type BundleOffer = {
  readonly [Name in keyof BundleReading]: BundleReading[Name];
};

/** Several times what the largest bundle that is read at all takes on a slow machine. */
const LIMIT_MS = 20_000;
/** Bundles that wait for their turn: an author's answer is some seconds away then. */
const MOST_WAITING = 16;
/** What its thread may take; a bundle is at most 400 KB of text. */
const LIMITS = { maxOldGenerationSizeMb: 512 };

type NotRead = Extract<ReadBundle, { readonly ok: false }>;

export interface BundleThread extends BundleReading {
  close(): Promise<void>;
}

/** @param limit_ms how long one bundle is read at most */
export function readInThread(workflows: readonly WorkflowFacts[], limit_ms = LIMIT_MS): BundleThread {
  const facts = workflows.map(
    ({ name, risk_level, data_classes, sensitivity, modes, roles, effects, scope }): WorkflowFacts => ({
      name,
      risk_level,
      data_classes,
      sensitivity,
      modes,
      effects,
      ...(roles === undefined ? {} : { roles }),
      ...(scope === undefined ? {} : { scope }),
    }),
  );
  const open = (): Thread<BundleOffer> =>
    openThread<BundleJob, BundleOffer>('./bundle-worker.ts', { workflows: facts }, { limits: LIMITS });

  let authors: Thread<BundleOffer> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  /** Ends the thread when the time is over; then, and when it ends by itself, this throws ThreadEnded. */
  async function within<Value>(thread: Thread<BundleOffer>, work: () => Promise<Value>): Promise<Value> {
    await thread.ready;
    const timer = setTimeout(() => void thread.end(), limit_ms);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }

  /** In turn, by the thread that is kept for what authors hand in. */
  async function inTurn<Value>(work: (thread: Thread<BundleOffer>) => Promise<Value>): Promise<Value> {
    if (waiting >= MOST_WAITING)
      throw new ChanceryError('RATE_LIMITED', 'Many bundles wait to be read; try again in a moment.', {
        headers: { 'retry-after': '2' },
      });
    waiting += 1;
    const mine = turn.then(async () => {
      authors ??= open();
      const thread = authors;
      try {
        return await within(thread, () => work(thread));
      } catch (error) {
        if (error instanceof ThreadEnded) authors = undefined;
        throw error;
      } finally {
        waiting -= 1;
      }
    });
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function withinSize<Value>(
    files: BundleFiles,
    work: (thread: Thread<BundleOffer>) => Promise<Value | NotRead>,
  ): Promise<Value | NotRead> {
    const large = tooLarge(files);
    if (large.length > 0) return { ok: false, problems: large };
    return inTurn(work).catch((error: unknown) => refusedFor(files, error));
  }

  return {
    // What comes into force does not wait behind what authors hand in.
    async read(files) {
      const thread = open();
      try {
        return await within(thread, () => thread.call('read', files));
      } catch (error) {
        return refusedFor(files, error);
      } finally {
        await thread.end();
      }
    },
    examine: (files) => withinSize(files, (thread) => thread.call('examine', files)),
    check: (files) => withinSize(files, (thread) => thread.call('check', files)),
    test: (files, now) =>
      inTurn((thread) => thread.call('test', files, now)).catch((error: unknown) => {
        if (!(error instanceof ThreadEnded)) throw error;
        throw new ChanceryError('CONFLICT', 'The tests of this charter take too long.', { cause: error });
      }),
    async close() {
      await authors?.end();
    },
  };

  function refusedFor(files: BundleFiles, error: unknown): NotRead {
    if (!(error instanceof ThreadEnded)) throw error;
    const [file = 'charter.yaml'] = files.keys();
    const problem = {
      file,
      line: 1,
      column: 1,
      code: 'too_slow_to_read',
      message: `reading the bundle took longer than ${limit_ms / 1000} s, or more memory than it may`,
      fix: 'Use fewer policies that speak of every action, or shorter conditions.',
    };
    return { ok: false, problems: [problem] };
  }
}
