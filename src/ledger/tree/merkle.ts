/**
 * The Merkle tree of RFC 6962 §2.1 and its proofs (algorithms of RFC 9162 §2.1.3–2.1.4). Leaves and inner
 * nodes are hashed under different first bytes and an odd node is never doubled, so no two lists of entries
 * share a root.
 */
import { hash } from 'node:crypto';
import { sameBytes } from '../bytes.ts';
import { LEAF, NODE, prefixedHash } from '../prefixed-hash.ts';

export const HASH_BYTES = 32;

/** SHA-256(0x00 ‖ entry). */
export const leafHash = (entry: Uint8Array): Uint8Array => prefixedHash(LEAF, entry);

/** SHA-256(0x01 ‖ left ‖ right). */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => prefixedHash(NODE, left, right);

/** The root of the tree without entries: SHA-256 of nothing. */
export const EMPTY_ROOT = new Uint8Array(hash('sha256', new Uint8Array(0), 'buffer'));

/**
 * The right edge of a growing tree: the roots of its complete subtrees, largest first. All that is needed to
 * append and to tell the root, in log₂ n hashes.
 */
export class Edge {
  readonly #subtrees: { leaves: number; root: Uint8Array }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Appends a complete subtree (a leaf is one of 1); it must not be larger than the last one of the edge. */
  append(root: Uint8Array, leaves = 1): void {
    this.#size += leaves;
    let subtree = { leaves, root };
    for (;;) {
      const last = this.#subtrees.at(-1);
      if (last === undefined || last.leaves !== subtree.leaves) break;
      this.#subtrees.pop();
      subtree = { leaves: 2 * subtree.leaves, root: nodeHash(last.root, subtree.root) };
    }
    this.#subtrees.push(subtree);
  }

  root(): Uint8Array {
    return (
      this.#subtrees.reduceRight<Uint8Array | undefined>(
        (right, { root }) => (right === undefined ? root : nodeHash(root, right)),
        undefined,
      ) ?? EMPTY_ROOT
    );
  }
}

/** Root of the complete subtree of 2^level leaves that begins at leaf index × 2^level. */
export type NodeReader = (level: number, index: number) => Promise<Uint8Array>;

/** The largest power of two smaller than n (n ≥ 2). */
const split = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1);

/** MTH(D[from:to]) for ranges as proofs use them: `from` is a multiple of the range's largest subtree. */
export async function rangeRoot(read: NodeReader, from: number, to: number): Promise<Uint8Array> {
  const leaves = to - from;
  if (leaves === 0) return EMPTY_ROOT;
  const level = Math.log2(leaves);
  if (Number.isInteger(level)) return read(level, from / leaves);
  const middle = from + split(leaves);
  const [left, right] = await Promise.all([rangeRoot(read, from, middle), rangeRoot(read, middle, to)]);
  return nodeHash(left, right);
}

/** PATH(index, D[size]): the audit path of a leaf, nearest sibling first. */
export async function inclusionProof(read: NodeReader, index: number, size: number): Promise<Uint8Array[]> {
  const path: Promise<Uint8Array>[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + split(to - from);
    if (index < middle) {
      path.push(rangeRoot(read, middle, to));
      to = middle;
    } else {
      path.push(rangeRoot(read, from, middle));
      from = middle;
    }
  }
  return Promise.all(path.reverse());
}

/** PROOF(old, D[size]); empty when old is 0 or size, where there is nothing to show. */
export async function consistencyProof(read: NodeReader, old: number, size: number): Promise<Uint8Array[]> {
  if (old === 0 || old === size) return [];
  const proof: Uint8Array[] = [];
  let [from, to] = [0, size];
  // Walk down to the subtree that ends where the old tree ended.
  while (to !== old) {
    const middle = from + split(to - from);
    if (old <= middle) {
      proof.push(await rangeRoot(read, middle, to));
      to = middle;
    } else {
      proof.push(await rangeRoot(read, from, middle));
      from = middle;
    }
  }
  if (from > 0) proof.push(await rangeRoot(read, from, to));
  return proof.reverse();
}

/** The root of a list of leaves (one or more) and PATH(index, D[n]) of each, nearest sibling first. */
export function auditPaths(leaves: readonly Uint8Array[]): { root: Uint8Array; paths: Uint8Array[][] } {
  const paths: Uint8Array[][] = leaves.map(() => []);
  const rootOf = (from: number, to: number): Uint8Array => {
    if (to - from <= 1) return leaves[from] ?? EMPTY_ROOT;
    const middle = from + split(to - from);
    const [left, right] = [rootOf(from, middle), rootOf(middle, to)];
    for (let at = from; at < to; at += 1) paths[at]?.push(at < middle ? right : left);
    return nodeHash(left, right);
  };
  return { root: rootOf(0, leaves.length), paths };
}

/** The hash of an inner node, so many steps above the leaf. */
export type HashNode = (step: number, left: Uint8Array, right: Uint8Array) => Uint8Array;

/** Remembers one node of each step: neighbours share most of their way up, so that a tree whose leaves come in order is hashed once. */
export function nodesOfNeighbours(): HashNode {
  const known: { readonly left: Uint8Array; readonly right: Uint8Array; readonly node: Uint8Array }[] = [];
  return (step, left, right) => {
    const last = known[step];
    if (last !== undefined && sameBytes(last.left, left) && sameBytes(last.right, right)) return last.node;
    const node = nodeHash(left, right);
    known[step] = { left, right, node };
    return node;
  };
}

const hashNode: HashNode = (_, left, right) => nodeHash(left, right);

/** The root that an audit path leads to from the leaf at `index` of `size`; undefined for a path of another length. */
export function rootByPath(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  nodeOf: HashNode = hashNode,
): Uint8Array | undefined {
  if (!(index >= 0 && index < size)) return undefined;
  let [node, last, computed] = [index, size - 1, leaf];
  for (const [step, sibling] of path.entries()) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      computed = nodeOf(step, sibling, computed);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      computed = nodeOf(step, computed, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? computed : undefined;
}

/** Whether `leaf` stands at `index` in the tree of `size` leaves with this root. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const computed = rootByPath(leaf, index, size, proof);
  return computed !== undefined && sameBytes(computed, root);
}

/** Whether the tree of `size` with `root` begins with the whole tree of `old` leaves with `oldRoot`. */
export function verifyConsistency(
  old: number,
  oldRoot: Uint8Array,
  size: number,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (old > size) return false;
  if (old === size) return proof.length === 0 && sameBytes(oldRoot, root);
  if (old === 0) return proof.length === 0 && sameBytes(oldRoot, EMPTY_ROOT);
  const path = Number.isInteger(Math.log2(old)) ? [oldRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let [node, last] = [old - 1, size - 1];
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  let [before, after] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      after = nodeHash(after, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && sameBytes(before, oldRoot) && sameBytes(after, root);
}
