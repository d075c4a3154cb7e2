/** Proofs of the RFC 6962 tree (algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2). Hashes are 32 bytes. */
import { type Bytes, same, sha256 } from './bytes.ts';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** SHA-256(0x00 ‖ entry): the name of a record, in its lane and in the tree. */
export const leafHash = (entry: Uint8Array): Promise<Bytes> => sha256(LEAF, entry);
const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Bytes> => sha256(NODE, left, right);

/** A place in the tree on its way up: index and last index of its level. */
class Climb {
  node: number;
  last: number;
  constructor(node: number, last: number) {
    this.node = node;
    this.last = last;
  }
  up(): void {
    this.node = Math.floor(this.node / 2);
    this.last = Math.floor(this.last / 2);
  }
  /** Whether the next sibling of the path stands to the left. */
  get isRight(): boolean {
    return this.node % 2 === 1 || this.node === this.last;
  }
  /** Levels at which an odd last node has no sibling. */
  skip(): void {
    while (this.node % 2 === 0 && this.node !== 0) this.up();
  }
}

/** The way up from a leaf: its place, the number of leaves, and the hashes beside it, from the leaf up. */
interface Way {
  readonly index: number;
  readonly size: number;
  readonly path: readonly Bytes[];
}

/** Whether `leaf` stands at `index` in the tree of `size` leaves with this root. */
export async function isIncluded(
  leaf: Bytes,
  { root, ...way }: Way & { readonly root: Bytes },
): Promise<boolean> {
  const computed = await rootBy(leaf, way);
  return computed !== undefined && same(computed, root);
}

/** The root to which the way leads; undefined where it is too short or too long for its place. */
export async function rootBy(leaf: Bytes, { index, size, path }: Way): Promise<Bytes | undefined> {
  if (!(index >= 0 && index < size)) return undefined;
  const climb = new Climb(index, size - 1);
  let computed = leaf;
  for (const sibling of path) {
    if (climb.last === 0) return undefined;
    if (climb.isRight) {
      computed = await nodeHash(sibling, computed);
      climb.skip();
    } else computed = await nodeHash(computed, sibling);
    climb.up();
  }
  return climb.last === 0 ? computed : undefined;
}

export interface TreeHead {
  readonly size: number;
  readonly root: Bytes;
}

/** Whether the tree of `now` begins with the whole tree of `before`. */
export async function extendsTree(
  before: TreeHead,
  now: TreeHead,
  proof: readonly Bytes[],
): Promise<boolean> {
  if (before.size === 0) return proof.length === 0 && same(before.root, await sha256());
  if (before.size > now.size) return false;
  if (before.size === now.size) return proof.length === 0 && same(before.root, now.root);
  const [first, ...rest] = Number.isInteger(Math.log2(before.size)) ? [before.root, ...proof] : proof;
  if (first === undefined) return false;
  const climb = new Climb(before.size - 1, now.size - 1);
  while (climb.node % 2 === 1) climb.up();
  let [old, grown] = [first, first];
  for (const sibling of rest) {
    if (climb.last === 0) return false;
    if (climb.isRight) {
      old = await nodeHash(sibling, old);
      grown = await nodeHash(sibling, grown);
      climb.skip();
    } else grown = await nodeHash(grown, sibling);
    climb.up();
  }
  return climb.last === 0 && same(old, before.root) && same(grown, now.root);
}
