import type { Random } from '../ports.ts';

/**
 * The same randomness, drawn `size` bytes at a time: asking the system costs as much for twelve bytes as for
 * four thousand. What was handed out is wiped from the pool, since it may be a key.
 */
export function poolRandom(random: Random, size = 4_096): Random {
  let pool: Uint8Array = new Uint8Array(0);
  let next = 0;
  return (length) => {
    if (next + length > pool.length) {
      pool = random(Math.max(size, length));
      next = 0;
    }
    const bytes = pool.slice(next, next + length);
    pool.fill(0, next, next + length);
    next += length;
    return bytes;
  };
}
