/** What is said of a receipt over the API. */
import * as z from 'zod';

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
