/** Replays in a worker, over the store file of the data folder. */
import { Worker } from 'node:worker_threads';
import type { Charter } from '../src/charter/charter.ts';
import { ChanceryError } from '../src/errors.ts';
import type { ReplayReport } from '../src/govern/replay.ts';

/** Throws INTERNAL_ERROR with the worker's error as its cause. */
export function replayInWorker(
  store: string,
  base: Charter,
  candidate: Charter,
  since: number,
): Promise<ReplayReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./replay-worker.ts', import.meta.url), {
      workerData: {
        store,
        base: Object.fromEntries(base.files),
        candidate: Object.fromEntries(candidate.files),
        since,
      },
    });
    worker.once('message', resolve);
    worker.once('error', (cause) =>
      reject(new ChanceryError('INTERNAL_ERROR', 'The replay failed.', { cause })),
    );
    // After a message this changes nothing; without one it is the only sign of an end.
    worker.once('exit', (code) =>
      reject(new ChanceryError('INTERNAL_ERROR', `The replay ended with code ${code}.`)),
    );
  });
}
