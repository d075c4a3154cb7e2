/**
 * A tree that grows by entries and says which files to write: the tiles and bundles that became full, and the
 * partial ones at its right edge. In memory it keeps the edge alone, at most 256 hashes a level.
 */
import { ChanceryError } from '../../errors.ts';
import { sameBytes } from '../bytes.ts';
import { Edge, leafHash } from './merkle.ts';
import {
  bundlePath,
  decodeBundle,
  encodeBundle,
  joinHashes,
  splitHashes,
  TILE_WIDTH,
  type TileSource,
  tilePath,
  tileWidth,
} from './tiles.ts';

export interface TreeFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** A full tile or bundle never changes again, and its partial versions may go. */
  readonly full: boolean;
}

export class TileTree {
  readonly #bundles: boolean;
  #size = 0;
  /** `#levels[l]`: the hashes of the last, unfinished tile of level l. */
  #levels: Uint8Array[][] = [[]];
  #bundle: Uint8Array[] = [];
  #files: TreeFile[] = [];

  /** @param options.bundles false: the tiles alone, for who has the entries already and derives the tree from them */
  constructor(options: { readonly bundles: boolean } = { bundles: true }) {
    this.#bundles = options.bundles;
  }

  /** Reads the right edge of a published tree. Throws NOT_FOUND when its files are not there or do not fit. */
  static async load(source: TileSource, size: number): Promise<TileTree> {
    const tree = new TileTree();
    tree.#size = size;
    const get = async (path: string): Promise<Uint8Array> => {
      const bytes = await source.get(path);
      if (bytes === undefined) throw new ChanceryError('NOT_FOUND', `The log lacks its file ${path}`);
      return bytes;
    };
    for (let level = 0; level === 0 || size >= TILE_WIDTH ** level; level += 1) {
      const n = Math.floor(size / TILE_WIDTH ** (level + 1));
      const width = tileWidth(level, n, size);
      tree.#levels[level] = width === 0 ? [] : splitHashes(await get(tilePath(level, n, width)));
    }
    const width = size % TILE_WIDTH;
    const n = Math.floor(size / TILE_WIDTH);
    tree.#bundle = width === 0 ? [] : (decodeBundle(await get(bundlePath(n, width))) ?? []);
    // Copies: what was decoded are views into a file's bytes.
    tree.#bundle = tree.#bundle.map((entry) => entry.slice());
    const leaves = tree.#bundle.map(leafHash);
    const tile = tree.#levels[0] ?? [];
    if (
      leaves.length !== tile.length ||
      leaves.some((leaf, index) => !sameBytes(leaf, tile[index] ?? leaf.subarray(1)))
    ) {
      throw new ChanceryError('NOT_FOUND', 'The last bundle of the log and its tile do not fit together');
    }
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  /** `leaf`: its leaf hash, where the caller has it already. */
  append(entry: Uint8Array, leaf = leafHash(entry)): void {
    if (this.#bundles) this.#bundle.push(entry);
    this.#push(0, leaf);
    if (this.#bundle.length === TILE_WIDTH) {
      const n = Math.floor(this.#size / TILE_WIDTH);
      this.#files.push({ path: bundlePath(n, TILE_WIDTH), bytes: encodeBundle(this.#bundle), full: true });
      this.#bundle = [];
    }
    this.#size += 1;
  }

  root(): Uint8Array {
    const edge = new Edge();
    for (let level = this.#levels.length - 1; level >= 0; level -= 1) {
      for (const hash of this.#levels[level] ?? []) edge.append(hash, TILE_WIDTH ** level);
    }
    return edge.root();
  }

  /** The tiles and bundles that became full since the last taking. */
  takeFull(): TreeFile[] {
    const files = this.#files;
    this.#files = [];
    return files;
  }

  /** Everything to write for the tree as it is now, beyond what was taken before. */
  takeFiles(): TreeFile[] {
    const files = this.takeFull();
    this.#levels.forEach((hashes, level) => {
      if (hashes.length === 0) return;
      const n = Math.floor(this.#size / TILE_WIDTH ** (level + 1));
      files.push({ path: tilePath(level, n, hashes.length), bytes: joinHashes(hashes), full: false });
    });
    if (this.#bundle.length > 0) {
      const n = Math.floor(this.#size / TILE_WIDTH);
      files.push({
        path: bundlePath(n, this.#bundle.length),
        bytes: encodeBundle(this.#bundle),
        full: false,
      });
    }
    return files;
  }

  /** An independent copy: a tree that was computed and not signed must leave no trace. */
  copy(): TileTree {
    const tree = new TileTree({ bundles: this.#bundles });
    tree.#size = this.#size;
    tree.#levels = this.#levels.map((hashes) => [...hashes]);
    tree.#bundle = [...this.#bundle];
    tree.#files = [...this.#files];
    return tree;
  }

  #push(level: number, hash: Uint8Array): void {
    const hashes = this.#levels[level] ?? [];
    this.#levels[level] = hashes;
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    const edge = new Edge();
    for (const one of hashes) edge.append(one);
    // This leaf is not counted in #size yet.
    const n = Math.floor(this.#size / TILE_WIDTH ** (level + 1));
    this.#files.push({ path: tilePath(level, n, TILE_WIDTH), bytes: joinHashes(hashes), full: true });
    this.#levels[level] = [];
    this.#push(level + 1, edge.root());
  }
}
