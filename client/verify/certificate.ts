/** Who vouches for a lane: record 0 carries the certificate as the very text that the lane authority signed. */
import * as z from 'zod/mini';
import { type Bytes, fromBase64, json, utf8, verifies } from './bytes.ts';
import type { Trust } from './note.ts';

const opening = z.object({
  type: z.literal('ledger.lane_opened'),
  seq: z.literal(0),
  data: z.object({ certificate: z.string(), authority_signature: z.string() }),
});
const certificate = z.object({
  kind: z.literal('lane-certificate'),
  v: z.literal(1),
  origin: z.string(),
  lane: z.number(),
  public_key: z.string(),
  start: z.string(),
});

export type Vouched =
  | { readonly ok: true; readonly key: Bytes }
  | { readonly ok: false; readonly why: string };

const refuse = (why: string): Vouched => ({ ok: false, why });

/** @param record the bytes of the lane's record 0 */
export async function laneKey(record: Bytes, lane: number, trust: Trust): Promise<Vouched> {
  const opened = opening.safeParse(json(record));
  if (!opened.success) return refuse(`Record 0 of lane ${lane} opens no lane.`);
  const { certificate: text, authority_signature } = opened.data.data;
  const said = certificate.safeParse(parsed(text));
  const key = said.success ? fromBase64(said.data.public_key) : undefined;
  if (!said.success || key?.length !== 32) return refuse(`The certificate of lane ${lane} does not read.`);
  if (said.data.lane !== lane) return refuse(`This is the certificate of lane ${said.data.lane}.`);
  if (said.data.origin !== trust.origin) return refuse(`This is a certificate of ${said.data.origin}.`);
  const read = fromBase64(authority_signature) ?? new Uint8Array();
  // There is one way to write it: decoders differ in what else they take, and who has a lane's key could use it.
  const signature = btoa(String.fromCharCode(...read)) === authority_signature ? read : new Uint8Array();
  for (const { public_key, from_lane, to_lane, not_after } of trust.authorities) {
    const authority = fromBase64(public_key) ?? new Uint8Array();
    if (!(await verifies(authority, utf8(text), signature))) continue;
    if (lane < from_lane || lane > (to_lane ?? lane))
      return refuse(`The authority key that signed may not certify lane ${lane}.`);
    if (not_after !== undefined && said.data.start > not_after)
      return refuse('The authority key had expired when the lane started.');
    return { ok: true, key };
  }
  return refuse('No lane authority that you trust signed the certificate.');
}

function parsed(text: string): unknown {
  return json(utf8(text));
}
