/** What goes on until somebody ends it: by Ctrl-C, or by closing what it writes to. That is its end, and no failure. */
import { setTimeout as sleep } from 'node:timers/promises';

export type UntilEnded = (ended: AbortSignal) => Promise<void>;

/**
 * @param work stops soon after `ended`; what it throws then is of no interest. What it began beside itself ends with it
 *   in any case: `ended` comes then too
 */
export async function untilInterrupted(work: UntilEnded): Promise<void> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const broken = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    end();
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  process.stdout.on('error', broken);
  try {
    await work(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    stop.abort();
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

/** Returns early when it is ended. */
export const pause = (ms: number, ended: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal: ended }).catch(() => undefined);
