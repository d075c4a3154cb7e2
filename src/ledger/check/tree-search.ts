/**
 * Finding an entry in the published log without any index: the newest first, since what is asked for is mostly young.
 * Reads the whole log where it has to.
 */
import type { Blobs } from '../../ports.ts';
import { parseRecord } from '../bytes.ts';
import { splitEntry } from '../entry.ts';
import { TILE_WIDTH, tilePath, tileWidth } from '../tree/tiles.ts';
import { readBundle } from './proof.ts';

type Log = Pick<Blobs, 'get'>;

/** The index of the entry with this leaf hash (hex), which is its record hash; by the tiles of level 0 alone. */
export async function findLeaf(log: Log, size: number, hash: string): Promise<number | undefined> {
  const wanted = Buffer.from(hash, 'hex');
  for (let n = Math.ceil(size / TILE_WIDTH) - 1; n >= 0; n -= 1) {
    const width = tileWidth(0, n, size);
    const tile = (await log.get(tilePath(0, n, width))) ?? (await log.get(tilePath(0, n, TILE_WIDTH)));
    const bytes = Buffer.from(tile ?? []);
    for (let at = 0; at < width; at += 1)
      if (bytes.subarray(32 * at, 32 * at + 32).equals(wanted)) return n * TILE_WIDTH + at;
  }
  return undefined;
}

/** The entry that says of itself that it is at this place, and its index. */
export async function findPlace(
  log: Log,
  size: number,
  place: { readonly lane: number; readonly seq: number },
): Promise<{ readonly entry: Uint8Array; readonly index: number } | undefined> {
  // Canonical JSON has one way to say it.
  const said = Buffer.from(`"lane":${place.lane},`);
  for (let n = Math.ceil(size / TILE_WIDTH) - 1; n >= 0; n -= 1) {
    const entries = await readBundle(log, n, size);
    for (const [at, entry] of entries.entries()) {
      if (!Buffer.from(entry.buffer, entry.byteOffset, entry.length).includes(said)) continue;
      const record = parseRecord(splitEntry(entry).b);
      if (record?.lane === place.lane && record.seq === place.seq)
        return { entry, index: n * TILE_WIDTH + at };
    }
  }
  return undefined;
}
