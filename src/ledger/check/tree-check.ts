/**
 * Derives the whole tree again from its entries and compares it with what is published: every bundle, every
 * tile, the root, and the root at every size of which a checkpoint was ever signed.
 */
import { parseRecord, sameBytes } from '../bytes.ts';
import { splitEntry } from '../entry.ts';
import type { Checkpoint } from '../tree/checkpoint.ts';
import { Edge, leafHash } from '../tree/merkle.ts';
import { TileTree } from '../tree/tile-tree.ts';
import { bundlePath, decodeBundle, splitHashes, TILE_WIDTH, tilePath, tileWidth } from '../tree/tiles.ts';
import type { Finding } from '../verdict.ts';
import type { Heads, LogFiles } from './heads-check.ts';

/** A bundle of the tree: its entries, their leaf hashes, and the index of the first. */
export interface Entries {
  readonly entries: readonly Uint8Array[];
  readonly leaves: readonly Uint8Array[];
  readonly from: number;
  /** Which of them are not what was signed: the tiles make the signed tree, and have another hash there. */
  readonly spoilt: ReadonlySet<number>;
}

/** Receives the entries of the tree in order, a bundle at a time. */
export type EntrySink = (bundle: Entries) => Promise<void>;

/** `complete`: every entry of the newest signed tree was read. */
export interface TreeResults {
  readonly complete: boolean;
  readonly findings: readonly Finding[];
}

export async function checkTree(files: LogFiles, heads: Heads, sink: EntrySink): Promise<TreeResults> {
  const { newest } = heads;
  if (newest === undefined || newest.size === 0) return { complete: true, findings: [] };
  const check = new TreeCheck(files, newest, heads.signed);
  return check.run(sink);
}

class TreeCheck {
  readonly #files: LogFiles;
  readonly #head: Checkpoint;
  readonly #tree = new TileTree({ bundles: false });
  /** Roots to meet on the way: size → where it was signed. */
  readonly #due = new Map<number, { where: string; root: Uint8Array }[]>();
  readonly #findings: Finding[] = [];
  /** Level-0 tiles that do not fit their bundle, and the entries at which. */
  readonly #odd: { tile: number; index: number; place: { lane?: number; seq?: number } }[] = [];
  /** Tiles of higher levels that are not what the entries give. */
  readonly #oddNodes: string[] = [];
  readonly #forked: string[] = [];
  #complete = true;
  /** Whether the tiles make the signed tree: asked where an entry does not fit. */
  #stands: Promise<boolean> | undefined;
  /** The bundle before, on its way through the sink while this one is read and hashed. */
  #behind: Promise<void> = Promise.resolve();

  constructor(files: LogFiles, head: Checkpoint, signed: Heads['signed']) {
    this.#files = files;
    this.#head = head;
    for (const { where, checkpoint } of signed) {
      this.#due.set(checkpoint.size, [
        ...(this.#due.get(checkpoint.size) ?? []),
        { where, root: checkpoint.root },
      ]);
    }
  }

  async run(sink: EntrySink): Promise<TreeResults> {
    const { size } = this.#head;
    for (let n = 0; n * TILE_WIDTH < size && this.#complete; n += 1) await this.#bundle(n, sink);
    await this.#behind;
    if (this.#complete) {
      for (const { path, bytes } of this.#tree.takeFiles()) await this.#compareTile(path, bytes);
      await this.#conclude();
    }
    return { complete: this.#complete, findings: this.#findings };
  }

  async #bundle(n: number, sink: EntrySink): Promise<void> {
    const width = tileWidth(0, n, this.#head.size);
    const path = bundlePath(n, width);
    const own = await this.#files.log.get(path);
    const full = bundlePath(n, TILE_WIDTH);
    const bytes = own ?? (path === full ? undefined : await this.#files.log.get(full));
    const entries = bytes === undefined ? undefined : decodeBundle(bytes);
    // A full one may stand in for a partial one that was removed; else nothing lies behind what the tree has.
    const most = own === undefined ? TILE_WIDTH : width;
    if (entries === undefined || entries.length < width || entries.length > most) {
      const verdict = bytes === undefined ? 'MISSING' : 'FORMAT';
      this.#findings.push({
        verdict,
        detail: `${path}: ${bytes === undefined ? 'it is not there' : 'its entries do not add up'}`,
      });
      this.#complete = false;
      return;
    }
    const first = n * TILE_WIDTH;
    const taken = entries.slice(0, width);
    const tile = await this.#get(tilePath(0, n, width), tilePath(0, n, TILE_WIDTH));
    const hashes = tile === undefined ? [] : splitHashes(tile);
    const leaves = taken.map((entry) => leafHash(entry));
    const odd: number[] = [];
    for (const [at, entry] of taken.entries()) {
      const leaf = leaves[at] ?? leafHash(entry);
      this.#tree.append(entry, leaf);
      const listed = hashes[at];
      if (listed !== undefined && !sameBytes(listed, leaf)) {
        odd.push(at);
        this.#odd.push({ tile: n, index: first + at, place: placeOfEntry(entry) });
      }
      for (const { where, root } of this.#due.get(first + at + 1) ?? []) {
        if (!sameBytes(root, this.#tree.root())) this.#forked.push(where);
      }
    }
    const spoilt = new Set(odd.length > 0 && (await this.#tilesStand()) ? odd : []);
    await this.#behind;
    this.#behind = sink({ entries: taken, leaves, from: first, spoilt });
    // It is heard of where it is awaited: one bundle later, or at the end.
    this.#behind.catch(() => undefined);
    for (const { path: name, bytes: derived } of this.#tree.takeFull())
      await this.#compareTile(name, derived);
  }

  /** Level-0 tiles were compared leaf by leaf; here the others, and that each is there at all. */
  async #compareTile(path: string, derived: Uint8Array): Promise<void> {
    const own = await this.#files.log.get(path);
    const full = path.replace(/\.p\/\d+$/, '');
    const stored = own ?? (path === full ? undefined : await this.#files.log.get(full));
    if (stored === undefined) this.#findings.push({ verdict: 'MISSING', detail: `${path}: it is not there` });
    else if (
      stored.length < derived.length ||
      (own !== undefined && own.length > derived.length) ||
      (!path.startsWith('tile/0/') && !sameBytes(stored.subarray(0, derived.length), derived))
    ) {
      this.#oddNodes.push(path);
    }
  }

  /**
   * Which of two that disagree was changed? The signed root decides: entries that make it are genuine and the
   * tile is not; a tile that makes it convicts the entry; when neither does, another tree was signed.
   */
  async #conclude(): Promise<void> {
    if (this.#forked.length === 0) {
      const leaves = new Set(
        this.#odd.map(({ tile }) => tilePath(0, tile, tileWidth(0, tile, this.#head.size))),
      );
      for (const path of new Set([...leaves, ...this.#oddNodes])) {
        this.#findings.push({ verdict: 'MODIFIED', detail: `${path}: it is not what the entries give` });
      }
      return;
    }
    if (this.#odd.length > 0 && (await this.#tilesStand())) {
      for (const { index, place } of this.#odd) {
        this.#findings.push({
          verdict: 'MODIFIED',
          ...place,
          detail: `entry ${index} of the log is not the one that was signed`,
        });
      }
      return;
    }
    for (const where of this.#forked) {
      this.#findings.push({ verdict: 'FORK', detail: `${where} signs another tree than the entries make` });
    }
  }

  #tilesStand(): Promise<boolean> {
    this.#stands ??= this.#rootOfTiles().then((root) => sameBytes(root, this.#head.root));
    return this.#stands;
  }

  async #rootOfTiles(): Promise<Uint8Array> {
    const edge = new Edge();
    for (let n = 0; n * TILE_WIDTH < this.#head.size; n += 1) {
      const width = tileWidth(0, n, this.#head.size);
      const tile = await this.#get(tilePath(0, n, width), tilePath(0, n, TILE_WIDTH));
      for (const hash of splitHashes(tile ?? new Uint8Array(0)).slice(0, width)) edge.append(hash);
    }
    return edge.root();
  }

  async #get(path: string, fallback: string): Promise<Uint8Array | undefined> {
    return (
      (await this.#files.log.get(path)) ?? (path === fallback ? undefined : this.#files.log.get(fallback))
    );
  }
}

function placeOfEntry(entry: Uint8Array): { lane?: number; seq?: number } {
  const record = parseRecord(splitEntry(entry).b);
  return record === undefined ? {} : { lane: record.lane, seq: record.seq };
}
