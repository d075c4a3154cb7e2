/**
 * Starting while a part of AWS is away. A function that ends at its start is a 502 at the edge; one that stays
 * and starts again with the next request answers 503 in the meantime, and recovers by itself.
 */
import { ChanceryError } from '../../src/errors.ts';

/** What AWS says when it did nothing for want of capacity: the same call may succeed in a moment. */
const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/**
 * True when starting again may help: AWS did not answer, or failed on its side. What AWS refuses (a right, a
 * key, a name) stays wrong: that start must fail, since failing is what rolls a canary deployment back.
 */
export function isAway(error: unknown): boolean {
  let away = false;
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('$fault' in at && at.$fault === 'client' && !THROTTLES.has(at.name)) return false;
    away ||= at instanceof ChanceryError && /^(?:STORE|LEDGER)_UNAVAILABLE$/.test(at.code);
  }
  return away;
}

/**
 * Opens once, and again with the next call after a start that failed. `get` throws what the start threw, and
 * STORE_UNAVAILABLE when it takes longer than `patience` ms; it then goes on beside.
 */
export function retriedStart<T>(
  open: () => Promise<T>,
  wait: (ms: number) => Promise<void>,
): (patience: number) => Promise<T> {
  let opened: { readonly value: T } | undefined;
  let opening: Promise<T> | undefined;
  const start = async (): Promise<T> => {
    try {
      const value = await open();
      opened = { value };
      return value;
    } finally {
      opening = undefined;
    }
  };
  const late = async (patience: number): Promise<never> => {
    await wait(patience);
    throw new ChanceryError('STORE_UNAVAILABLE', 'The function is still starting');
  };
  return async (patience) => {
    if (opened !== undefined) return opened.value;
    opening ??= start();
    return Promise.race([opening, late(patience)]);
  };
}
