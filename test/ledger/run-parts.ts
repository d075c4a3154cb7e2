/** What a record carries of its run, taken apart and put together, and runs signed by somebody else than their writer. */
import { bodyHash, pathOf, rootOf, runMessage, runSignature } from '../verifier/run-signatures.ts';

export interface Parts {
  readonly signature: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly index: number;
  readonly size: number;
  readonly mark?: number;
}

export const writeParts = ({ signature, path, index, size, mark }: Parts): Uint8Array =>
  runSignature(signature, path, index, size, mark);

export function readParts(s: Uint8Array): Parts {
  const [index = 0, last = 0, mark = 0] = s.subarray(-3);
  const path: Uint8Array[] = [];
  for (let at = 64; at < s.length - 3; at += 32) path.push(s.slice(at, at + 32));
  return { signature: s.slice(0, 64), path, index, size: last + 1, mark };
}

/** `s` for each of these bytes, by whoever signs. */
export function signTogether(
  bodies: readonly Uint8Array[],
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array[] {
  const leaves = bodies.map(bodyHash);
  const signature = sign(runMessage(leaves.length, rootOf(leaves)));
  return leaves.map((_, index) => runSignature(signature, pathOf(index, leaves), index, leaves.length));
}
