import { monotonicFactory } from 'ulid';
import type { Clock, Ids, Random } from './ports.ts';

const POOL = 1_024;

/**
 * Identifiers in order of creation, within a millisecond too. The randomness is drawn 1 KB at a time: the library
 * by itself asks the system for every character, which takes as long as a signature.
 */
export function createIds(clock: Clock, random: Random): Ids {
  let pool: Uint8Array = new Uint8Array(0);
  let next = 0;
  const ulid = monotonicFactory(() => {
    if (next === pool.length) {
      pool = random(POOL);
      next = 0;
    }
    const byte = pool[next] ?? 0;
    next += 1;
    return byte / 256;
  });
  return (prefix) => `${prefix}_${ulid(clock())}`;
}
