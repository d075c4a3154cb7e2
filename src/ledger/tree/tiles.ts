/**
 * C2SP tlog-tiles: the tree as files. A tile is up to 256 hashes of one level, 8 levels of the tree high; an
 * entry bundle is up to 256 entries, each behind a two-byte length. https://c2sp.org/tlog-tiles
 */
import { ChanceryError } from '../../errors.ts';
import type { Blobs } from '../../ports.ts';
import { Edge, HASH_BYTES, type NodeReader } from './merkle.ts';

export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
/** An entry's length stands in two bytes. */
export const MAX_ENTRY_BYTES = 65_535;

/** 1234067 → `x001/x234/067`. */
function tileNumber(n: number): string {
  const groups = [String(n % 1_000).padStart(3, '0')];
  for (let rest = Math.floor(n / 1_000); rest > 0; rest = Math.floor(rest / 1_000)) {
    groups.unshift(`x${String(rest % 1_000).padStart(3, '0')}`);
  }
  return groups.join('/');
}

const suffix = (width: number): string => (width === TILE_WIDTH ? '' : `.p/${width}`);

export const tilePath = (level: number, n: number, width: number): string =>
  `tile/${level}/${tileNumber(n)}${suffix(width)}`;
export const bundlePath = (n: number, width: number): string =>
  `tile/entries/${tileNumber(n)}${suffix(width)}`;
/** Where the partial versions of a tile or bundle lie, once the full one makes them superfluous. */
export const partialsOf = (path: string): string => `${path}.p/`;

/** How many hashes tile `n` of a level has in a tree of `size` leaves; 0 when it has none. */
export function tileWidth(level: number, n: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - n * TILE_WIDTH));
}

export function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const tile = new Uint8Array(hashes.length * HASH_BYTES);
  hashes.forEach((hash, index) => {
    tile.set(hash, index * HASH_BYTES);
  });
  return tile;
}

export const splitHashes = (tile: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.floor(tile.length / HASH_BYTES) }, (_, index) =>
    tile.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );

export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw new RangeError('an entry of a log is at most 65,535 bytes');
    bundle[at] = entry.length >> 8;
    bundle[at + 1] = entry.length & 0xff;
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

/** Undefined when the lengths do not add up. */
export function decodeBundle(bundle: Uint8Array): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bundle.length; ) {
    const [high, low] = [bundle[at], bundle[at + 1]];
    if (high === undefined || low === undefined) return undefined;
    const end = at + 2 + (high << 8) + low;
    if (end > bundle.length) return undefined;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

/** What of a log can be read without trusting it. */
export type TileSource = Pick<Blobs, 'get'>;

const CACHED_TILES = 64;

/** Nodes of the tree of `size` leaves out of its tiles; throws NOT_FOUND when a tile is missing or short. */
export function tileNodes(source: TileSource, size: number): NodeReader {
  const cache = new Map<string, Promise<Uint8Array>>();
  const load = async (level: number, n: number): Promise<Uint8Array> => {
    const width = tileWidth(level, n, size);
    // A log need not keep a partial tile once the full one exists.
    const bytes =
      (await source.get(tilePath(level, n, width))) ?? (await source.get(tilePath(level, n, TILE_WIDTH)));
    if (bytes === undefined || bytes.length < width * HASH_BYTES) {
      throw new ChanceryError('NOT_FOUND', `The tile ${tilePath(level, n, width)} is missing or short`);
    }
    return bytes;
  };
  const tile = (level: number, n: number): Promise<Uint8Array> => {
    const key = `${level}/${n}`;
    const cached = cache.get(key) ?? load(level, n);
    cache.delete(key);
    cache.set(key, cached);
    for (const oldest of cache.keys()) {
      if (cache.size <= CACHED_TILES) break;
      cache.delete(oldest);
    }
    return cached;
  };
  return async (level, index) => {
    const [tileLevel, within] = [Math.floor(level / TILE_HEIGHT), level % TILE_HEIGHT];
    const hashes = 2 ** within;
    const first = index * hashes;
    const [n, from] = [Math.floor(first / TILE_WIDTH), first % TILE_WIDTH];
    const bytes = await tile(tileLevel, n);
    const edge = new Edge();
    for (let at = from; at < from + hashes; at += 1)
      edge.append(bytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
    return edge.root();
  };
}
