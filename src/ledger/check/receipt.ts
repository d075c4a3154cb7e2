/**
 * Was the promise kept? A receipt says that a record stands at its place and will be in the tree within the merge
 * delay. Late is a promise that is kept after its time. Broken is evidence: the receipt, against what the log shows
 * instead. A receipt that no lane of ours signed convicts nobody: it is not ours.
 */
import type { Clock } from '../../ports.ts';
import { base64, hex, laneKey, parseRecord, recordHash, type Signed, seqKey, signedOf } from '../bytes.ts';
import type { VerifyingKey } from '../ed25519.ts';
import { joinEntry, splitEntry } from '../entry.ts';
import { certificateOf, checkCertificate } from '../lane/certificate.ts';
import { openEnds } from '../places/open-ends.ts';
import { readEntries } from '../reader.ts';
import type { Receipt } from '../record.ts';
import { isSignedBy } from '../run-signature.ts';
import { leafHash } from '../tree/merkle.ts';
import type { Trust } from '../trust.ts';
import { type LogView, locate, proofHolds, proveEntry, publishedCheckpoint, readLogEntry } from './proof.ts';
import { findLeaf, findPlace } from './tree-search.ts';

export type ReceiptAudit =
  | { readonly status: 'kept'; readonly index: number; readonly tree_size: number }
  | { readonly status: 'pending'; readonly seconds_left: number; readonly stored: boolean }
  /** The record is there, and no checkpoint covers it yet although the merge delay is over. */
  | { readonly status: 'late'; readonly seconds_over: number }
  | { readonly status: 'broken'; readonly contradiction: Contradicted }
  /** Its signature or its certificate is none of this ledger. */
  | { readonly status: 'NOT_OURS'; readonly detail: string };

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

export interface ReceiptView extends LogView {
  readonly trust: Pick<Trust, 'origin' | 'log_keys' | 'authorities'>;
}

export interface AuditOptions {
  readonly clock: Clock;
  /** The record that was promised, where somebody kept it: with it the signature can be checked. */
  readonly promised?: Signed;
  /** Goes through the whole log for what no index finds: seconds for a long one. */
  readonly thorough?: boolean;
}

/** Throws STORE_UNAVAILABLE when a part cannot be read. */
export async function auditReceipt(
  view: ReceiptView,
  receipt: Receipt,
  options: AuditOptions,
): Promise<ReceiptAudit> {
  const { id, lane, seq, record_hash, signature } = receipt;
  if (id !== `${lane}.${seq}`) return notOurs(`it names the place ${id} and the place ${lane}.${seq}`);
  const published = await publishedCheckpoint(view);
  const size = published?.checkpoint.size ?? 0;
  const search = options.thorough === true ? size : 0;
  const own = await certificateEntry(view, lane, size, search);
  if (own === undefined) return notOurs(`no lane ${lane} of this ledger is known here`);
  if (hex(own.hash) !== receipt.certificate_hash)
    return notOurs(`lane ${lane} has another certificate than the one that it names`);

  const found = await entryAt(view, receipt, size, search);
  if (found !== undefined) {
    const [hash, signed] = [hex(leafHash(found.entry)), splitEntry(found.entry)];
    const sameSignature = base64(signed.s) === signature;
    if (hash !== record_hash || !sameSignature) {
      if (hash === record_hash || sameSignature)
        return notOurs('its hash and its signature are not those of one record');
      return (await isPromise(view, receipt, own.key, options.promised))
        ? broken('another record stands at this place', found.entry)
        : notOurs(
            `another record stands at ${id}, and nothing shows that its lane signed the promised one; give that record with it, if you kept it`,
          );
    }
    if (parseRecord(signed.b)?.time !== receipt.time) return notOurs('its time is not that of the record');
    if (found.index === undefined) return waiting(true);
    const proof = await proveEntry(view, id, found.index);
    return proof !== undefined && proofHolds(proof, view.trust)
      ? { status: 'kept', index: found.index, tree_size: size }
      : broken('the published tree does not prove it', found.entry);
  }
  if (secondsLeft() >= 0) return waiting(false);
  if (Date.parse(receipt.time) > Date.parse(own.until) || receipt.time < own.start)
    return notOurs('its time is not one at which its lane could write');
  const elsewhere = await placeOfHash(view, receipt, search);
  if (elsewhere !== undefined) return notOurs(`the record of this hash is ${elsewhere}, at another place`);
  return broken('the record is gone', undefined);

  function secondsLeft(): number {
    return receipt.max_merge_delay_seconds - (options.clock() - Date.parse(receipt.time)) / 1_000;
  }

  function waiting(stored: boolean): ReceiptAudit {
    const left = secondsLeft();
    return left >= 0
      ? { status: 'pending', seconds_left: left, stored }
      : { status: 'late', seconds_over: -left };
  }

  function broken(what: string, entry: Uint8Array | undefined): ReceiptAudit {
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

/** Where the record of the receipt's hash stands: by its time, or by going through the log. */
async function placeOfHash(
  view: ReceiptView,
  { record_hash, time }: Receipt,
  search: number,
): Promise<string | undefined> {
  const index = search === 0 ? undefined : await findLeaf(view.log, search, record_hash);
  if (index !== undefined) return `entry ${index}`;
  const { entries } = await readEntries(view.table, { from: time, to: time }, { limit: MOST_AT_ONCE });
  return entries.find((entry) => entry.record_hash === record_hash)?.id;
}

/** More than one process writes in a millisecond. */
const MOST_AT_ONCE = 1_000;

const notOurs = (detail: string): ReceiptAudit => ({ status: 'NOT_OURS', detail });

/** Record 0 of the lane, as the tree has it or, while it is not sealed, the store; and what its certificate says. */
async function certificateEntry(view: ReceiptView, lane: number, size: number, search: number) {
  const found = await entryAt(view, { lane, seq: 0 }, size, search);
  const signed = found && splitEntry(found.entry);
  const record = signed && parseRecord(signed.b);
  const certificate = record && certificateOf(record);
  if (signed === undefined || certificate === undefined) return undefined;
  const check = checkCertificate(certificate, lane, view.trust.authorities, view.trust.origin);
  if (!check.ok || !isSignedBy(check.key, signed)) return undefined;
  const { start, lease_until: until } = check.certificate;
  return { hash: recordHash(signed), key: check.key, start, until };
}

interface Found {
  readonly entry: Uint8Array;
  /** In the published tree; absent while no checkpoint covers it. */
  readonly index?: number;
}

function isOf(entry: Uint8Array, { lane, seq }: Pick<Receipt, 'lane' | 'seq'>): boolean {
  const record = parseRecord(splitEntry(entry).b);
  return record?.lane === lane && record.seq === seq;
}

async function entryAt(
  view: LogView,
  { lane, seq }: Pick<Receipt, 'lane' | 'seq'>,
  size: number,
  search: number,
): Promise<Found | undefined> {
  const index = await locate(view.table, lane, seq);
  if (index !== undefined && index < size) {
    const entry = await readLogEntry(view.log, index, size);
    // What helped to find it may be wrong, or say what another would have us believe.
    if (entry !== undefined && isOf(entry, { lane, seq })) return { entry, index };
  }
  const item = await view.table.get(laneKey(lane), seqKey(seq));
  const signed = item && signedOf(item);
  if (signed !== undefined && !(await openEnds(view.table)).isNoted(lane, seq))
    return { entry: joinEntry(signed) };
  // It should be in the tree, and no help says where.
  const searched = search === 0 ? undefined : await findPlace(view.log, search, { lane, seq });
  return searched ?? (signed && { entry: joinEntry(signed) });
}

/** Whether the lane's key signed what the receipt promises: as the store still has it, or as somebody kept it. */
async function isPromise(
  { table }: LogView,
  { lane, seq, record_hash, signature }: Receipt,
  key: VerifyingKey,
  promised: Signed | undefined,
): Promise<boolean> {
  const item = await table.get(laneKey(lane), seqKey(seq));
  return [item && signedOf(item), promised].some(
    (signed) =>
      signed !== undefined &&
      hex(recordHash(signed)) === record_hash &&
      base64(signed.s) === signature &&
      isSignedBy(key, signed),
  );
}
