/**
 * One signature for all records of a run, and each of them verifiable by itself (docs/ledger-format.md, section 1). The lane's key signs the root
 * of a Merkle tree (RFC 6962 §2.1) over the run, and each record carries its way up. A signature takes as long as twenty hashes, and a
 * check as long as fifty; under load a run has many records.
 */
import { bodyHash, type Signed, sameBytes } from './bytes.ts';
import { type KeyPair, type ShownSignature, type VerifyingKey, verifySignature } from './ed25519.ts';
import { areParts, isOfRun, readRunSignature, writeRunSignature } from './signature-form.ts';
import { auditPaths, type HashNode, rootByPath } from './tree/merkle.ts';

/** What an Ed25519 signature of a record is over: the record's bytes, or those that speak for its run. */
export interface OwnSignature extends Pick<ShownSignature, 'b' | 's'> {
  /** The record's `bodyHash`, where that had to be made. */
  readonly leaf?: Uint8Array;
}

/**
 * The size is signed as well: or whoever can write to the store could change it, or the index, to another pair with the same way up, and
 * a genuine record would have a second hash. No record begins like this, so neither can be taken for the other.
 */
function runMessage(size: number, root: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`chancery/run/v1\nsize ${size}\n`), root]);
}

/**
 * `s` for each record of a run.
 * @param leaves the records' `bodyHash`, 1 to 256 of them; their bytes say `v: 2`
 */
export function signRun(leaves: readonly Uint8Array[], pair: Pick<KeyPair, 'sign'>): Uint8Array[] {
  const { root, paths } = auditPaths(leaves);
  const size = leaves.length;
  const signature = pair.sign(runMessage(size, root));
  return paths.map((path, index) => writeRunSignature({ signature, path, index, size }));
}

/**
 * What must have been signed for this record to be genuine; undefined where `s` has not the form that its bytes announce.
 * @param nodeOf for whoever asks of records that lie side by side
 */
export function ownSignature({ b, s }: Signed, nodeOf?: HashNode): OwnSignature | undefined {
  if (!areParts(b, s)) return undefined;
  if (!isOfRun(b)) return { b, s };
  const read = readRunSignature(s);
  const leaf = bodyHash(b);
  const root = read && rootByPath(leaf, read.index, read.size, read.path, nodeOf);
  return read && root && { b: runMessage(read.size, root), s: read.signature, leaf };
}

/** Whether both are the same question: records of one run ask it for one another. */
export const sameSignature = (left: OwnSignature, right: OwnSignature): boolean =>
  sameBytes(left.s, right.s) && sameBytes(left.b, right.b);

/** Whether this key signed this record, alone or with its run. */
export function isSignedBy(key: VerifyingKey, signed: Signed): boolean {
  const claim = ownSignature(signed);
  return claim !== undefined && verifySignature(key, claim.b, claim.s);
}
