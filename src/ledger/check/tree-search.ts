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

interface Place {
  readonly lane: number;
  readonly seq: number;
}

interface Found {
  readonly entry: Uint8Array;
  readonly index: number;
}

/**
 * The index of the entry with this leaf hash (hex), which is its record hash; by the tiles of level 0 alone.
 * @param size of a published tree: of a smaller one the log need not have the narrower tiles
 * @param below only entries before this place are looked at
 */
export async function findLeaf(
  log: Log,
  size: number,
  hash: string,
  below: number = size,
): Promise<number | undefined> {
  const wanted = Buffer.from(hash, 'hex');
  for (let n = bundlesOf(below) - 1; n >= 0; n -= 1) {
    const width = tileWidth(0, n, size);
    const tile = (await log.get(tilePath(0, n, width))) ?? (await log.get(tilePath(0, n, TILE_WIDTH)));
    const bytes = Buffer.from(tile ?? []);
    for (let at = 0; at < Math.min(width, below - n * TILE_WIDTH); at += 1)
      if (bytes.subarray(32 * at, 32 * at + 32).equals(wanted)) return n * TILE_WIDTH + at;
  }
  return undefined;
}

/** The entry that says of itself that it is at this place, and its index. */
export async function findPlace(log: Log, size: number, place: Place): Promise<Found | undefined> {
  const likely = await whereItShouldBe(log, size, place);
  if (likely !== undefined) return likely;
  // Canonical JSON has one way to say it.
  const said = Buffer.from(`"lane":${place.lane},`);
  const saysSo = (entry: Uint8Array): boolean =>
    Buffer.from(entry.buffer, entry.byteOffset, entry.length).includes(said);
  for (let n = bundlesOf(size) - 1; n >= 0; n -= 1) {
    const entries = await readBundle(log, n, size);
    const places = entries.map((entry) => (saysSo(entry) ? placeOf(entry) : undefined));
    const at = indexIn(places, place);
    const entry = entries[at];
    if (entry !== undefined && n * TILE_WIDTH + at < size) return { entry, index: n * TILE_WIDTH + at };
  }
  return undefined;
}

const bundlesOf = (size: number): number => Math.ceil(size / TILE_WIDTH);

type Places = readonly (Place | undefined)[];

function placeOf(entry: Uint8Array): Place | undefined {
  const record = parseRecord(splitEntry(entry).b);
  return record && { lane: record.lane, seq: record.seq };
}

const indexIn = (places: Places, { lane, seq }: Place): number =>
  places.findIndex((one) => one?.lane === lane && one.seq === seq);

/**
 * From the end in doubling steps, then by halves: lanes are numbered as they are opened, and each is in order. Where several write at
 * once a bundle may lead the wrong way, or somebody put records where they do not belong: not found here is no proof that it is nowhere.
 */
async function whereItShouldBe(log: Log, size: number, place: Place): Promise<Found | undefined> {
  let [from, to] = [0, bundlesOf(size) - 1];
  let back = 1;
  while (from <= to) {
    const n = from === 0 ? Math.max(0, to + 1 - back) : Math.floor((from + to) / 2);
    back *= 2;
    const entries = (await readBundle(log, n, size)).slice(0, size - n * TILE_WIDTH);
    const places = entries.map(placeOf);
    const at = indexIn(places, place);
    const entry = entries[at];
    if (entry !== undefined) return { entry, index: n * TILE_WIDTH + at };
    if (isBehind(places, place)) to = n - 1;
    else from = n + 1;
  }
  return undefined;
}

/** Whether these stand behind the place: of its own lane that shows, else by whether a later lane was open. */
function isBehind(places: Places, { lane, seq }: Place): boolean {
  const own = places.find((one) => one?.lane === lane);
  return own === undefined ? places.some((one) => one !== undefined && one.lane > lane) : own.seq > seq;
}
