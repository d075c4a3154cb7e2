/** Replays in a thread, over the store file of the data folder. */
import type { Charter } from '../src/charter/charter.ts';
import { ChanceryError } from '../src/errors.ts';
import type { ReplayReport } from '../src/govern/replay.ts';
import { runInThread } from './thread.ts';

/** Charters go as their files: what is prepared of them does not survive the way. */
export interface ReplayJob {
  readonly store: string;
  readonly base: Readonly<Record<string, string>>;
  readonly candidate: Readonly<Record<string, string>>;
  readonly since: number;
}

/** Throws INTERNAL_ERROR with the thread's error as its cause. */
export async function replayInThread(
  store: string,
  base: Charter,
  candidate: Charter,
  since: number,
): Promise<ReplayReport> {
  try {
    return await runInThread<ReplayJob, ReplayReport>('./replay-worker.ts', {
      store,
      base: Object.fromEntries(base.files),
      candidate: Object.fromEntries(candidate.files),
      since,
    });
  } catch (cause) {
    throw new ChanceryError('INTERNAL_ERROR', 'The replay failed.', { cause });
  }
}
