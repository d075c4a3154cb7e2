/**
 * Writing under uncertainty: a store that fails may or may not have written. The answer is always the same,
 * to send the identical thing again, a bounded number of times.
 */
import { ChanceryError } from '../../errors.ts';

/** Resolves after so many milliseconds; 0 means: when this turn of the event loop is over. */
export type Wait = (ms: number) => Promise<void>;

/** About half a second in all: a caller is waiting, and "could not record" is an answer it can act on. */
const PAUSES_MS = [20, 80, 320];

/**
 * Repeats `write` until it answers; throws LEDGER_UNAVAILABLE when the store stays silent.
 * @param recovered told when it answered after all
 */
export async function insist<T>(
  write: () => Promise<T>,
  wait: Wait,
  recovered: () => void = () => undefined,
): Promise<T> {
  let failed = false;
  for (const pause of [...PAUSES_MS, undefined]) {
    try {
      const answer = await write();
      if (failed) recovered();
      return answer;
    } catch (cause) {
      if (pause === undefined) throw unavailable('The store does not answer', cause);
      failed = true;
      await wait(pause);
    }
  }
  throw unavailable('The store does not answer');
}

export const unavailable = (detail: string, cause?: unknown): ChanceryError =>
  new ChanceryError('LEDGER_UNAVAILABLE', detail, { cause, headers: { 'Retry-After': '1' } });
