/**
 * The two forms of a record's `s`, told apart by bytes alone (docs/ledger-format.md, section 1). A record that is signed alone (`v: 1`) has 64 bytes
 * of Ed25519. One that is signed with its run (`v: 2`) has signature ‖ path ‖ index ‖ size − 1 ‖ 0x80 + depth.
 */
import { SIGNATURE_BYTES } from './ed25519.ts';

const HASH_BYTES = 32;
/** Index, size − 1 and mark. */
const TAIL_BYTES = 3;
/** S < L (RFC 8032 §5.1.7): no Ed25519 signature ends in a byte over 0x10, so this one says that something follows it. */
const MARK = 0x80;

/** An index and a size fit in a byte each. */
export const MOST_IN_RUN = 256;
const MOST_DEPTH = 8;

/** What `s` of a record says that was signed with its run. */
export interface RunSignature {
  readonly signature: Uint8Array;
  /** Audit path in the run's tree, nearest sibling first. */
  readonly path: readonly Uint8Array[];
  readonly index: number;
  readonly size: number;
}

const AT_END = Buffer.from('"v":2}');

/** Whether a record's bytes say that it was signed with its run: RFC 8785 sorts members, and `v` is the last. */
export const isOfRun = (b: Uint8Array): boolean =>
  b.length > AT_END.length && AT_END.every((byte, at) => byte === b[b.length - AT_END.length + at]);

const runLength = (depth: number): number => SIGNATURE_BYTES + depth * HASH_BYTES + TAIL_BYTES;

/** How many bytes of `s` the last one of them announces; undefined where it is no mark. */
function announced(last: number | undefined): number | undefined {
  const depth = (last ?? 0) - MARK;
  return depth >= 0 && depth <= MOST_DEPTH ? runLength(depth) : undefined;
}

/** Whether a signature of either form has so many bytes. */
export const isLength = (length: number): boolean =>
  length === SIGNATURE_BYTES ||
  ((length - runLength(0)) % HASH_BYTES === 0 && length >= runLength(0) && length <= runLength(MOST_DEPTH));

/** How many bytes of an entry, b ‖ s, are its `s`. */
export function signatureLength(entry: Uint8Array): number {
  const long = announced(entry.at(-1));
  return long !== undefined && entry.length > long && isOfRun(entry.subarray(0, -long))
    ? long
    : SIGNATURE_BYTES;
}

/**
 * Whether an entry of these two parts is taken apart into the same: its hash is over both, so somebody who can write to the store could move
 * bytes from one to the other, and the tree would vouch for what no reader can read.
 */
export function areParts(b: Uint8Array, s: Uint8Array): boolean {
  const long = announced(s.at(-1));
  if (s.length === long) return isOfRun(b);
  if (s.length !== SIGNATURE_BYTES) return false;
  return long === undefined || long - s.length >= b.length || !isOfRun(b.subarray(0, s.length - long));
}

/** Undefined for what has another form. That the path has the length of its place is for whoever follows it. */
export function readRunSignature(s: Uint8Array): RunSignature | undefined {
  if (s.length !== announced(s.at(-1))) return undefined;
  const [index = 0, last = 0] = s.subarray(-TAIL_BYTES);
  const path: Uint8Array[] = [];
  for (let at = SIGNATURE_BYTES; at < s.length - TAIL_BYTES; at += HASH_BYTES)
    path.push(s.subarray(at, at + HASH_BYTES));
  return { signature: s.subarray(0, SIGNATURE_BYTES), path, index, size: last + 1 };
}

export function writeRunSignature({ signature, path, index, size }: RunSignature): Uint8Array {
  const s = new Uint8Array(runLength(path.length));
  s.set(signature);
  path.forEach((hash, at) => {
    s.set(hash, SIGNATURE_BYTES + at * HASH_BYTES);
  });
  s.set([index, size - 1, MARK + path.length], s.length - TAIL_BYTES);
  return s;
}
