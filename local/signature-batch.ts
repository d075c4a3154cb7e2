/** Signatures on their way to a thread, as one piece of memory: for each its key, itself, the length of the signed bytes, and these. */
import type { RawClaim } from '../adapters/local/sodium.ts';
import { KEY_BYTES, type ShownSignature, SIGNATURE_BYTES } from '../src/ledger/ed25519.ts';

const LENGTH_BYTES = 4;
const HEAD_BYTES = KEY_BYTES + SIGNATURE_BYTES + LENGTH_BYTES;

/** A signature of another length is none: it goes as zeros, which no key makes. */
export function pack(claimed: readonly ShownSignature[]): Uint8Array<ArrayBuffer> {
  const size = claimed.reduce((bytes, { b }) => bytes + HEAD_BYTES + b.length, 0);
  const batch = new Uint8Array(size);
  const view = new DataView(batch.buffer);
  let at = 0;
  for (const { key, b, s } of claimed) {
    batch.set(key.raw, at);
    if (s.length === SIGNATURE_BYTES) batch.set(s, at + KEY_BYTES);
    view.setUint32(at + KEY_BYTES + SIGNATURE_BYTES, b.length);
    batch.set(b, at + HEAD_BYTES);
    at += HEAD_BYTES + b.length;
  }
  return batch;
}

/** Gives its memory back at once: the collector sees small objects in threads that make few of them, and would let batches grow to a heap. */
export function release(batch: Uint8Array<ArrayBuffer>): void {
  batch.buffer.transfer(0);
}

/** Throws for a batch that does not end where its last member does. */
export function unpack(batch: Uint8Array): RawClaim[] {
  const claims: RawClaim[] = [];
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
  for (let at = 0; at < batch.length; ) {
    const from = at + HEAD_BYTES;
    const end = from > batch.length ? Number.POSITIVE_INFINITY : from + view.getUint32(from - LENGTH_BYTES);
    if (end > batch.length) throw new RangeError('a batch of signatures was cut off');
    claims.push({
      key: batch.subarray(at, at + KEY_BYTES),
      s: batch.subarray(at + KEY_BYTES, from - LENGTH_BYTES),
      b: batch.subarray(from, end),
    });
    at = end;
  }
  return claims;
}
