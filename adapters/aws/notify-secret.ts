/** Where to tell people, from Secrets Manager. */
import * as z from 'zod';
import { readSecret, type SecretWhere } from './secrets.ts';

const schema = z.object({
  slack: z.object({ violations: z.url(), performance: z.url(), debug: z.url() }).partial().default({}),
  pagerduty: z.object({ routingKey: z.string().length(32), url: z.url().optional() }).optional(),
});
export type NotifyTargets = z.infer<typeof schema>;

/** Throws when the text is not of the shape. */
export const notifyTargets = (secret: string): NotifyTargets => schema.parse(JSON.parse(secret));

/** Throws when the secret cannot be read or is not of the shape. */
export async function readNotifyTargets(secretId: string, where: SecretWhere): Promise<NotifyTargets> {
  return notifyTargets(await readSecret(secretId, where));
}
