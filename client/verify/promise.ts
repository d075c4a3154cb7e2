/** Verifies that a receipt was kept, step by step: docs/ledger-format.md, sections 1, 2 and 4. */
import * as z from 'zod/mini';
import { fromBase64, hex, json, same } from './bytes.ts';
import type { Trust } from './note.ts';
import {
  bad,
  ok,
  type Sealed,
  type Step,
  type Verified,
  type VerifySources,
  verifySealed,
} from './sealed.ts';
import { signedOf } from './signed.ts';
import { leafHash, type TreeHead } from './tree.ts';

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const promised = z.object({
  id: z.string(),
  lane: z.number().check(z.int(), z.gte(1)),
  seq: z.number().check(z.int(), z.gte(0)),
  record_hash: hash,
  signature: z.string(),
  certificate_hash: hash,
  time: z.iso.datetime({ offset: true }),
  max_merge_delay_seconds: z.number().check(z.gte(0)),
});
export type PromisedRecord = z.infer<typeof promised>;

/** Where answers carry one: of the API, of a tool's call, of JSON-RPC around it. */
const CARRIERS = ['receipt', 'result', '_meta', 'org.chancery/receipt'];

/** The receipt that a value is or carries; undefined where there is none. */
export function receiptIn(value: unknown): PromisedRecord | undefined {
  const read = promised.safeParse(value);
  if (read.success) return read.data;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const found = CARRIERS.includes(name) ? receiptIn(inner) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Needs no more than the proofs of one's own entry and of its lane's first, which are for everybody.
 * @param seen the last head that was verified here
 */
export const verifyPromise = (
  receipt: PromisedRecord,
  trust: Trust,
  sources: VerifySources,
  seen?: TreeHead,
): Promise<Verified> =>
  verifySealed(receipt.id, trust, sources, seen, async (sealed) => [await asPromised(receipt, sealed)]);

const said = z.object({ time: z.string() });

async function asPromised(
  receipt: PromisedRecord,
  { entry, hash: found, place, first }: Sealed,
): Promise<Step> {
  const { lane, seq, record_hash, signature, certificate_hash, time } = receipt;
  if (place.lane !== lane || place.seq !== seq)
    return bad('promised', `The receipt names the place ${receipt.id} and the place ${lane}.${seq}.`);
  if (hex(found) !== record_hash)
    return bad(
      'promised',
      `What stands sealed at ${place.id} is not the record that was promised. Keep both.`,
    );
  const signed = signedOf(entry);
  if (!same(signed.signature, fromBase64(signature) ?? new Uint8Array()))
    return bad('promised', 'The signature on the receipt is not the one on the record.');
  if (first === undefined || hex(await leafHash(first)) !== certificate_hash)
    return bad('promised', `The receipt names another certificate than that of lane ${lane}.`);
  if (said.safeParse(json(signed.bytes)).data?.time !== time)
    return bad('promised', 'The time on the receipt is not that of the record.');
  return ok('promised', 'Record, signature, certificate and time are those that the receipt names.');
}
