/**
 * Was the promise kept? A receipt says that a record stands at its place and will be in the tree within the
 * merge delay. Broken is evidence: the receipt, against what the log shows instead.
 */
import type { Clock } from '../../ports.ts';
import { base64, hex, laneKey, parseRecord, recordHash, seqKey, signedOf } from '../bytes.ts';
import { splitEntry } from '../entry.ts';
import type { Receipt } from '../record.ts';
import { leafHash } from '../tree/merkle.ts';
import { type LogView, locate, proofHolds, proveEntry, publishedCheckpoint, readLogEntry } from './proof.ts';

export type ReceiptAudit =
  | { readonly status: 'kept'; readonly index: number; readonly tree_size: number }
  | { readonly status: 'pending'; readonly seconds_left: number; readonly stored: boolean }
  | { readonly status: 'broken'; readonly contradiction: Contradicted };

/** Both sides, as the auditor would show them to a third person. */
export interface Contradicted {
  readonly what: string;
  readonly promised: { readonly id: string; readonly record_hash: string; readonly signature: string };
  readonly found: {
    readonly record_hash: string;
    readonly signature: string;
    readonly record: string;
  } | null;
  readonly checkpoint: string | null;
}

export async function auditReceipt(view: LogView, receipt: Receipt, clock: Clock): Promise<ReceiptAudit> {
  const { lane, seq } = receipt;
  const published = await publishedCheckpoint(view);
  const size = published?.checkpoint.size ?? 0;
  const index = await locate(view.table, lane, seq);
  if (index !== undefined && index < size) {
    const proof = await proveEntry(view, receipt.id);
    if (
      proof !== undefined &&
      hex(leafHash(proof.entry)) === receipt.record_hash &&
      proofHolds(proof, view.trust)
    ) {
      return { status: 'kept', index, tree_size: size };
    }
    const entry = await readLogEntry(view.log, index, size);
    return broken('the tree holds another record at this place', entry);
  }
  const item = await view.table.get(laneKey(lane), seqKey(seq));
  const signed = item === undefined ? undefined : signedOf(item);
  const stored = signed !== undefined && hex(recordHash(signed)) === receipt.record_hash;
  if (signed !== undefined && !stored) {
    return broken('the lane holds another record at this place', Buffer.concat([signed.b, signed.s]));
  }
  const left = receipt.max_merge_delay_seconds - (clock() - Date.parse(receipt.time)) / 1_000;
  if (left >= 0) return { status: 'pending', seconds_left: left, stored };
  return broken(
    stored ? 'the merge delay is over and no checkpoint covers it' : 'the record is gone',
    undefined,
  );

  function broken(what: string, entry: Uint8Array | undefined): ReceiptAudit {
    const { id, record_hash, signature } = receipt;
    const parts = entry === undefined ? undefined : splitEntry(entry);
    return {
      status: 'broken',
      contradiction: {
        what,
        promised: { id, record_hash, signature },
        found:
          entry === undefined || parts === undefined
            ? null
            : {
                record_hash: hex(leafHash(entry)),
                signature: base64(parts.s),
                record: parseRecord(parts.b) === undefined ? '' : Buffer.from(parts.b).toString('utf8'),
              },
        checkpoint: published?.text ?? null,
      },
    };
  }
}
