/**
 * How the sealer closes a lane whose writer is gone: it occupies the lane's next place with a record that the
 * lane authority signed instead of the lane. A writer that is still alive finds its place taken, recognises
 * the tombstone and moves to a new lane.
 */
import type { Item, Signer } from '../../ports.ts';
import { parseRecord, recordBytes, recordItem, type Signed } from '../bytes.ts';
import { importPublicKey } from '../ed25519.ts';
import type { LedgerRecord } from '../record.ts';
import { isSignedBy } from '../run-signature.ts';

/** With others only a lane signs: a record of a run is none, whatever it says. */
export const isTombstone = (record: LedgerRecord): boolean =>
  record.v === 1 && record.type === 'ledger.lane_closed' && record.data.reason === 'tombstone';

/** The item that closes `lane` at `seq`, after the record with link hash `prev`. */
export async function tombstone(
  place: { lane: number; seq: number; prev: string; time: string },
  authority: Signer,
): Promise<Item> {
  const b = recordBytes({
    v: 1,
    ...place,
    type: 'ledger.lane_closed',
    trace: '0'.repeat(32),
    data: { reason: 'tombstone' },
  });
  return recordItem(place.lane, place.seq, { b, s: await authority.sign(b) });
}

/** Whether these signed bytes are a tombstone at this very place by this authority. */
export function isTombstoneBy(
  signed: Signed,
  place: { lane: number; seq: number },
  authority: Uint8Array,
): boolean {
  const record = parseRecord(signed.b);
  const key = importPublicKey(authority);
  return (
    record !== undefined &&
    key !== undefined &&
    isTombstone(record) &&
    record.lane === place.lane &&
    record.seq === place.seq &&
    isSignedBy(key, signed)
  );
}
