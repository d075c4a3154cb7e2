/**
 * How a record becomes bytes, and what a stored item looks like. RFC 8785 canonical JSON is made once, before
 * the record is signed; from then on only the bytes count and nothing is canonicalised again.
 */
import { canonicalBytes } from '../basics/canonical.ts';
import { ChanceryError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Item, Value } from '../ports.ts';
import { LEAF, prefixedHash } from './prefixed-hash.ts';
import type { LedgerRecord } from './record.ts';
import { isLength, isOfRun } from './signature-form.ts';

/** A C2SP log entry is at most 65,535 bytes; 60 KiB leaves room for the signature and for DynamoDB's keys. */
export const MAX_RECORD_BYTES = 60 * 1024;
export const NO_PREVIOUS = '0'.repeat(64);
export const DIRECTORY = 'LANES';

/** Bytes and the signature over them: what is stored, sent and proven. */
export interface Signed {
  readonly b: Uint8Array;
  readonly s: Uint8Array;
}

export const laneKey = (lane: number): string => `LANE#${String(lane).padStart(8, '0')}`;
export const seqKey = (seq: number): string => String(seq).padStart(10, '0');
export const numberKey = (lane: number): string => String(lane).padStart(8, '0');

/** The number in a sort key; −1 for a key that no record and no directory entry has. */
export const placeOf = (sk: string): number => (/^(\d{8}|\d{10})$/.test(sk) ? Number(sk) : -1);

const text = new TextDecoder('utf-8', { fatal: true });

/** Throws RECORD_TOO_LARGE. */
export const recordBytes = (record: LedgerRecord): Uint8Array => withinLimit(canonicalBytes(record));

/** The same bytes. Throws RECORD_TOO_LARGE: a larger payload belongs in the document store, its digest in the record. */
export function withinLimit(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_RECORD_BYTES) {
    throw new ChanceryError(
      'RECORD_TOO_LARGE',
      `A record of ${bytes.length} bytes is over the ${MAX_RECORD_BYTES} that the ledger takes; refer to the payload by digest`,
    );
  }
  return bytes;
}

/** RFC 6962 §2.1 leaf hash over `b ‖ s`: the name of a record everywhere. 32 bytes. */
export const recordHash = ({ b, s }: Signed): Uint8Array => prefixedHash(LEAF, b, s);

/**
 * What the next record of the lane names as `prev`. Of a record that was signed with its run it leaves out the signature, which was made after
 * the next record was.
 */
export const linkHash = (signed: Signed): Uint8Array =>
  isOfRun(signed.b) ? bodyHash(signed.b) : recordHash(signed);

/** SHA-256(0x00 ‖ b): the link hash of a record of a run, and its leaf in the tree of the run. */
export const bodyHash = (b: Uint8Array): Uint8Array => prefixedHash(LEAF, b);

export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
export const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
export const fromBase64 = (encoded: string): Uint8Array => new Uint8Array(Buffer.from(encoded, 'base64'));
export const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && Buffer.compare(left, right) === 0;

/** JSON out of stored bytes; undefined when they are not UTF-8 JSON. */
export function parseJson(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(text.decode(bytes));
  } catch {
    return undefined;
  }
}

const isObject = (value: Json | undefined): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined unless the bytes have the shape of a record: whoever can write to the store wrote them. */
export function parseRecord(bytes: Uint8Array): LedgerRecord | undefined {
  const value = parseJson(bytes);
  return isRecord(value) && (value.v === 2) === isOfRun(bytes) ? value : undefined;
}

/** No type is longer, with what stands around it. */
const TAIL_BYTES = 200;
const TAIL = /"type":"([^"\\]+)","v":[12]\}$/;

/**
 * The type of a record without parsing it, for those who look for a few among millions: RFC 8785 sorts members, and
 * `type` and `v` are the last. Undefined for bytes that do not end as a record does.
 */
export function typeOfBytes(bytes: Uint8Array): string | undefined {
  const from = Math.max(0, bytes.length - TAIL_BYTES);
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.length - from).toString('latin1');
  return TAIL.exec(tail)?.[1];
}

function isRecord(value: unknown): value is LedgerRecord {
  const record = value as Json | undefined;
  return (
    isObject(record) &&
    (record.v === 1 || record.v === 2) &&
    Number.isSafeInteger(record.lane) &&
    Number.isSafeInteger(record.seq) &&
    typeof record.prev === 'string' &&
    typeof record.type === 'string' &&
    typeof record.time === 'string' &&
    typeof record.trace === 'string' &&
    isObject(record.data)
  );
}

/** The signed bytes of a stored item; undefined when it has none, or a signature of the wrong size. */
export function signedOf(item: { readonly [attribute: string]: Value }): Signed | undefined {
  const { b, s } = item;
  return b instanceof Uint8Array && s instanceof Uint8Array && isLength(s.length) ? { b, s } : undefined;
}

export const recordItem = (lane: number, seq: number, { b, s }: Signed): Item => ({
  pk: laneKey(lane),
  sk: seqKey(seq),
  b,
  s,
});
