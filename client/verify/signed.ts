/** How an entry comes apart, and over what its lane's key signed: docs/ledger-format.md, section 1. */
import { type Bytes, concat, same, utf8, verifies } from './bytes.ts';
import { leafHash, rootBy } from './tree.ts';

/** Records that one signature covers: how many, and which of them this one is, from 0. */
export interface PlaceInRun {
  readonly size: number;
  readonly index: number;
  /** From the record up to the root of its run. */
  readonly path: readonly Bytes[];
}

export interface Signed {
  readonly bytes: Bytes;
  /** As lists and receipts show it; of a run, with the way up and the place in it behind the 64 bytes. */
  readonly signature: Bytes;
  /** Undefined where the record was signed alone. */
  readonly run: PlaceInRun | undefined;
}

const SIGNATURE = 64;
const HASH = 32;
/** Index, size − 1, and the mark. */
const PLACE = 3;
/** Added to the number of hashes: no signature that stands alone ends in as much, since S < L. */
const MARK = 0x80;
const MOST_HASHES = 8;
const OF_A_RUN = utf8('"v":2}');

/** Whether a record's bytes say that it was signed with its run: RFC 8785 sorts members, and `v` is the last. */
export const isOfARun = (bytes: Bytes): boolean =>
  bytes.length > OF_A_RUN.length && same(bytes.slice(-OF_A_RUN.length), OF_A_RUN);

/** @param entry b ‖ s */
export function signedOf(entry: Bytes): Signed {
  const hashes = (entry.at(-1) ?? 0) - MARK;
  const length = SIGNATURE + HASH * hashes + PLACE;
  if (hashes < 0 || hashes > MOST_HASHES || !isOfARun(entry.slice(0, -length)))
    return { bytes: entry.slice(0, -SIGNATURE), signature: entry.slice(-SIGNATURE), run: undefined };
  const signature = entry.slice(-length);
  const [index = 0, last = 0] = signature.slice(-PLACE);
  const path = Array.from({ length: hashes }, (_, at) =>
    signature.slice(SIGNATURE + HASH * at, SIGNATURE + HASH * (at + 1)),
  );
  return { bytes: entry.slice(0, -length), signature, run: { size: last + 1, index, path } };
}

/**
 * What the next record of the lane names as the one before it. Of a run it leaves the signature out: the records of a run name each
 * other before they are signed.
 */
export function linkHash(entry: Bytes): Promise<Bytes> {
  const { bytes } = signedOf(entry);
  return leafHash(isOfARun(bytes) ? bytes : entry);
}

/** Whether this key signed it, alone or with its run, as its bytes say. */
export async function isSignedBy(key: Bytes, { bytes, signature, run }: Signed): Promise<boolean> {
  if (run === undefined) return !isOfARun(bytes) && (await verifies(key, bytes, signature));
  const root = await rootBy(await leafHash(bytes), run);
  if (root === undefined) return false;
  // With the size: else other pairs of index and size lead the same way up, and one record would have several hashes.
  const message = concat(utf8(`chancery/run/v1\nsize ${run.size}\n`), root);
  return verifies(key, message, signature.slice(0, SIGNATURE));
}
