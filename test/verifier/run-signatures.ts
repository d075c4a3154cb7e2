/**
 * Signatures of runs made a second time, by the letter of RFC 6962 §2.1 and docs/ledger-format.md: nothing here is shared with the writer that
 * they are held against, and those that it would never make are made here too.
 */
import { createPrivateKey, hash, sign } from 'node:crypto';

const sha = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(hash('sha256', Buffer.concat(parts), 'buffer'));
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const bodyHash = (b: Uint8Array): Uint8Array => sha(LEAF, b);

/** The largest power of two below `n`. */
const half = (n: number): number => 2 ** Math.floor(Math.log2(n - 1));

/** MTH(D[n]). */
export function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha();
  if (leaves.length === 1) return only;
  const k = half(leaves.length);
  return sha(NODE, rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** PATH(m, D[n]). */
export function pathOf(index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const k = half(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return index < k ? [...pathOf(index, left), rootOf(right)] : [...pathOf(index - k, right), rootOf(left)];
}

/** Ed25519 under the RFC 8032 private key of 32 bytes. */
export function signBy(seed: Uint8Array, message: Uint8Array): Uint8Array {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return new Uint8Array(sign(null, message, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })));
}

export const runMessage = (size: number, root: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`chancery/run/v1\nsize ${size}\n`), root]);

/** signature ‖ path ‖ index ‖ size − 1 ‖ mark; the last three as they are given, so that wrong ones can be made. */
export const runSignature = (
  signature: Uint8Array,
  path: readonly Uint8Array[],
  index: number,
  size: number,
  mark = 0x80 + path.length,
): Uint8Array => new Uint8Array(Buffer.concat([signature, ...path, Uint8Array.of(index, size - 1, mark)]));

/** `s` of each record of a run. @param bodies the bytes of its records, in their order */
export function signRun(seed: Uint8Array, bodies: readonly Uint8Array[]): Uint8Array[] {
  const leaves = bodies.map(bodyHash);
  const signature = signBy(seed, runMessage(leaves.length, rootOf(leaves)));
  return leaves.map((_, index) => runSignature(signature, pathOf(index, leaves), index, leaves.length));
}
