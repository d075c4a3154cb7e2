/** A receipt as it comes back from whoever kept it, and what is said of it over the API. */
import * as z from 'zod';

export const receiptSchema = z.object({
  id: z.string().max(20),
  lane: z.coerce.number().int().min(1),
  seq: z.coerce.number().int().min(0),
  record_hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'),
  signature: z.base64().max(100),
  certificate_hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'),
  time: z.iso.datetime({ offset: true }),
  max_merge_delay_seconds: z.coerce.number().min(0),
});

const contradiction = z.object({
  what: z.string(),
  promised: z.object({ id: z.string(), record_hash: z.string(), signature: z.string() }),
  found: z.object({ record_hash: z.string(), signature: z.string(), record: z.string() }).nullable(),
  checkpoint: z.string().nullable(),
});

export const receiptAuditSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('kept'), index: z.number(), tree_size: z.number() }),
  z.object({ status: z.literal('pending'), seconds_left: z.number(), stored: z.boolean() }),
  z.object({ status: z.literal('late'), seconds_over: z.number() }),
  z.object({ status: z.literal('broken'), contradiction }),
  z.object({ status: z.literal('NOT_OURS'), detail: z.string() }),
]);
