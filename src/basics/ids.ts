import { decodeTime, monotonicFactory } from 'ulid';
import type { Clock, Ids, Random } from '../ports.ts';
import { poolRandom } from './random.ts';

/**
 * Identifiers in order of creation, within a millisecond too. The library by itself asks the system for every
 * random character, which takes as long as a signature.
 */
export function createIds(clock: Clock, random: Random): Ids {
  const byte = poolRandom(random);
  const ulid = monotonicFactory(() => (byte(1)[0] ?? 0) / 256);
  return (prefix) => `${prefix}_${ulid(clock())}`;
}

/**
 * The identifier of what follows from something that has one: `dec_X` → `exe_X`. Derived instead of made, so that
 * whoever knows the first finds the second, and trying again makes no other.
 */
export function following(id: string, prefix: string): string {
  return `${prefix}${id.slice(id.indexOf('_'))}`;
}

/** When an identifier was made, milliseconds; 0 for what is none. */
export function bornAt(id: string): number {
  const [, name = ''] = id.split('_');
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(name) ? decodeTime(name) : 0;
}
