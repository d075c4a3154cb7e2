/**
 * Notes for a log that an older version sealed without any, or with fewer: they are made from its entry bundles, from where an
 * earlier run was cut off. Until they are whole the lock says so, and readers go through all lanes.
 */
import { inBatches } from '../../basics/batches.ts';
import { ChanceryError } from '../../errors.ts';
import type { Blobs, Table } from '../../ports.ts';
import { readBundle } from '../check/proof.ts';
import { NOTES } from '../seal/lock.ts';
import { TILE_WIDTH } from '../tree/tiles.ts';
import { batchOf } from './batch.ts';
import { notePlaces } from './note.ts';

const MARK = ['LOG', `NOTED.${NOTES}`] as const;
/** Bundles between two marks. */
const STRIDE = 64;

/** Throws NOT_FOUND when a bundle of the tree is not there. */
export async function noteSealed(table: Table, log: Pick<Blobs, 'get'>, size: number): Promise<void> {
  const mark = await table.get(...MARK);
  let version = Number(mark?.version ?? 0);
  for (let n = Number(mark?.bundles ?? 0); n * TILE_WIDTH < size; n += STRIDE) {
    const numbers = Array.from({ length: STRIDE }, (_, at) => n + at).filter((at) => at * TILE_WIDTH < size);
    await inBatches(numbers, async (at) => {
      const entries = await readBundle(log, at, size);
      if (entries.length === 0) throw new ChanceryError('NOT_FOUND', `Bundle ${at} of the log is not there.`);
      await notePlaces(table, batchOf(at * TILE_WIDTH, entries));
    });
    const [pk, sk] = MARK;
    // The last bundle may grow before anybody comes here again.
    const bundles = Math.min(n + numbers.length, Math.floor(size / TILE_WIDTH));
    const next = { pk, sk, version: version + 1, bundles };
    // Refused: somebody else does the same, and is further or about to be.
    if ((await table.put(next, version === 0 ? 'absent' : { version })).stored) version += 1;
  }
}
