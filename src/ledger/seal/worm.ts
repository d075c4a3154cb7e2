/**
 * The write-once copy of every checkpoint: one key per size in a bucket under Object Lock (a folder locally).
 * Keys count down, so that the newest checkpoint is the first name of a listing, and they branch by thousands.
 */
import type { Blobs } from '../../ports.ts';

const PREFIX = 'checkpoints/';
const LARGEST = 999_999_999_999;

export function wormName(size: number): string {
  const digits = String(LARGEST - size).padStart(12, '0');
  return `${PREFIX}${digits.slice(0, 3)}/${digits.slice(3, 6)}/${digits.slice(6, 9)}/${digits.slice(9)}`;
}

/** The size that a name stands for; undefined for a name that is none of ours. */
export function wormSize(name: string): number | undefined {
  const match = /^checkpoints\/(\d{3})\/(\d{3})\/(\d{3})\/(\d{3})$/.exec(name);
  return match === null ? undefined : LARGEST - Number(match.slice(1).join(''));
}

/** Sizes with a checkpoint, largest first. */
export async function* wormSizes(worm: Pick<Blobs, 'list'>): AsyncGenerator<number> {
  for await (const name of worm.list(PREFIX)) {
    const size = wormSize(name);
    if (size !== undefined) yield size;
  }
}

/** The checkpoint of the largest size ever signed; undefined before the first. */
export async function newestWorm(
  worm: Pick<Blobs, 'list' | 'get'>,
): Promise<{ size: number; note: string } | undefined> {
  for await (const size of wormSizes(worm)) {
    const bytes = await worm.get(wormName(size));
    return { size, note: bytes === undefined ? '' : Buffer.from(bytes).toString('utf8') };
  }
  return undefined;
}
