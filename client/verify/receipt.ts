/** Verifies from the raw bytes that a receipt was kept: docs/ledger-format.md, sections 2 and 4. */
import { fromBase64, hex, same } from './bytes.ts';
import { openCheckpoint, type Trust } from './note.ts';
import { parseProof } from './proof.ts';
import { signedOf } from './signed.ts';
import { isIncluded, leafHash } from './tree.ts';

/** What of a receipt is promised: a place, and the record and signature that stand there. */
export interface PromisedEntry {
  readonly id: string;
  readonly record_hash: string;
  readonly signature: string;
}

export type ReceiptVerified =
  /** What was promised stands in a tree whose head the log signed. */
  | { readonly status: 'kept'; readonly index: number; readonly tree_size: number }
  /** No checkpoint covers it yet. */
  | { readonly status: 'pending' }
  /** The proof does not show it: either the proof is none, or the promise was broken. Keep both. */
  | { readonly status: 'not_shown'; readonly why: string };

const not = (why: string): ReceiptVerified => ({ status: 'not_shown', why });

/** @param proof the `.tlog-proof` of the entry; undefined while there is none */
export async function verifyReceipt(
  receipt: PromisedEntry,
  proof: string | undefined,
  trust: Trust,
): Promise<ReceiptVerified> {
  if (proof === undefined) return { status: 'pending' };
  const read = parseProof(proof);
  if (read === undefined) return not('This is no proof of an entry.');
  const opened = await openCheckpoint(read.checkpoint, trust);
  if (!opened.ok) return not(opened.why);
  const { head } = opened;
  const hash = await leafHash(read.entry);
  if (!(await isIncluded(hash, { ...read, ...head })))
    return not('The audit path does not lead to the root of the checkpoint.');
  // The hash covers the record with its place, and the signature over it.
  if (hex(hash) !== receipt.record_hash.toLowerCase())
    return not(`What stands in the tree is not the record that was promised for ${receipt.id}.`);
  if (!same(signedOf(read.entry).signature, fromBase64(receipt.signature) ?? new Uint8Array()))
    return not('The signature on the receipt is not the one on the record.');
  return { status: 'kept', index: read.index, tree_size: head.size };
}
