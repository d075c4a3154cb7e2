/**
 * What a verifier starts from: the public keys, published once. Everything else in the ledger is derived from
 * these, so a verifier takes them from somewhere that the keeper of the ledger cannot change (a file of its
 * own, a repository, paper).
 */
import * as z from 'zod';

const authority = z.object({
  public_key: z.base64(),
  from_lane: z.int().min(1),
  to_lane: z.int().min(0).optional(),
  not_after: z.iso.datetime().optional(),
});

export const trustSchema = z.object({
  v: z.literal(1),
  /** The log's name: first line of every checkpoint. */
  origin: z.string().regex(/^[^+\s]+$/),
  /** Who certifies lanes. */
  authorities: z.array(authority),
  /** Checkpoint keys as C2SP vkeys, the newest last. */
  log_keys: z.array(z.string()),
  /** Witnesses whose cosignatures count, as vkeys. */
  witnesses: z.array(z.string()),
  max_merge_delay_seconds: z.number().positive(),
});

export type Trust = z.infer<typeof trustSchema>;
