/** SHA-256 as the tree needs it: over a first byte and one or two pieces, without a new buffer for each to be joined in. */
import { hash } from 'node:crypto';

/** RFC 6962 §2.1: leaves and inner nodes are hashed under different first bytes. */
export const LEAF = 0;
export const NODE = 1;

/** Most entries are far smaller than the largest. Used and left within one call, which nothing interrupts. */
const joined = new Uint8Array(4_096);

/** SHA-256(first ‖ left ‖ right), 32 bytes. */
export function prefixedHash(first: number, left: Uint8Array, right?: Uint8Array): Uint8Array {
  const length = 1 + left.length + (right?.length ?? 0);
  const input = length <= joined.length ? joined.subarray(0, length) : new Uint8Array(length);
  input[0] = first;
  input.set(left, 1);
  if (right !== undefined) input.set(right, 1 + left.length);
  // By way of text: a buffer of Node's lies outside of V8's heap, and costs as much to make and to collect as the hash itself.
  const digest = hash('sha256', input, 'binary');
  const bytes = new Uint8Array(digest.length);
  for (let at = 0; at < digest.length; at += 1) bytes[at] = digest.charCodeAt(at);
  return bytes;
}
