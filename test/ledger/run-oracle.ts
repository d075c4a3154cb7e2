/**
 * Runs of records as docs/ledger-format.md describes them, written once more from that page: what insiders sign with, and what ours is held
 * against. It shares no code with src/ledger but Ed25519 itself.
 */
import { hash } from 'node:crypto';

export interface Piece {
  readonly b: Uint8Array;
  readonly s: Uint8Array;
}

type Sign = (message: Uint8Array) => Uint8Array;

const sha = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(hash('sha256', Buffer.concat(parts), 'buffer'));
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** RFC 6962 §2.1 leaf hash: of a record's bytes its leaf in the run, of b ‖ s its record hash. */
export const leafOf = (bytes: Uint8Array): Uint8Array => sha(LEAF, bytes);

/** k, the largest power of two smaller than n. */
function middleOf(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** MTH(D[n]), n ≥ 1. */
export function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) throw new Error('a run has a record');
  if (leaves.length === 1) return first;
  const k = middleOf(leaves.length);
  return sha(NODE, rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** PATH(m, D[n]), from the leaf up. */
export function pathOf(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = middleOf(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k ? [...pathOf(m, left), rootOf(right)] : [...pathOf(m - k, right), rootOf(left)];
}

/** What is signed for a run. */
export const runMessage = (size: number, root: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`chancery/run/v1\nsize ${size}\n`), root]);

/** The five parts of `s`. */
export interface Parts {
  readonly signature: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly index: number;
  readonly size: number;
  readonly mark?: number;
}

export const writeParts = ({ signature, path, index, size, mark = 0x80 + path.length }: Parts): Uint8Array =>
  new Uint8Array(Buffer.concat([signature, ...path, Uint8Array.of(index, size - 1, mark)]));

export function readParts(s: Uint8Array): Parts {
  const [index = 0, last = 0, mark = 0] = s.subarray(-3);
  const path: Uint8Array[] = [];
  for (let at = 64; at < s.length - 3; at += 32) path.push(s.slice(at, at + 32));
  return { signature: s.slice(0, 64), path, index, size: last + 1, mark };
}

/** `s` for each of these bytes, signed together. */
export function signTogether(bodies: readonly Uint8Array[], sign: Sign): Uint8Array[] {
  const leaves = bodies.map(leafOf);
  const signature = sign(runMessage(bodies.length, rootOf(leaves)));
  return bodies.map((_, index) =>
    writeParts({ signature, path: pathOf(index, leaves), index, size: bodies.length }),
  );
}

/** What of a record the next one names. */
export const linkOf = ({ b, s }: Piece): string =>
  Buffer.from(
    Buffer.from(b).toString('latin1').endsWith('"v":2}') ? leafOf(b) : leafOf(Buffer.concat([b, s])),
  ).toString('hex');
