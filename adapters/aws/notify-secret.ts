/** Where to tell people, from Secrets Manager: webhooks and routing keys never stand in an environment. */
import * as z from 'zod';
import type { Clock } from '../../src/ports.ts';
import type { Sign } from './sigv4.ts';

const schema = z.object({
  slack: z.object({ violations: z.url(), performance: z.url(), debug: z.url() }).partial().default({}),
  pagerduty: z.object({ routingKey: z.string().length(32), url: z.url().optional() }).optional(),
});
export type NotifyTargets = z.infer<typeof schema>;

export interface SecretWhere {
  readonly region: string;
  /** A stand-in's address; AWS's own when absent. */
  readonly endpoint?: string;
  readonly sign: Sign;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** Secrets Manager's `GetSecretValue`. Throws when it cannot be read or is not of the shape. */
export async function readNotifyTargets(secretId: string, where: SecretWhere): Promise<NotifyTargets> {
  const url = where.endpoint ?? `https://secretsmanager.${where.region}.amazonaws.com/`;
  const body = JSON.stringify({ SecretId: secretId });
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'secretsmanager.GetSecretValue',
  };
  // `host` is signed, and sent by fetch itself.
  const { host: _, ...signed } = await where.sign(
    { method: 'POST', url, headers, body },
    new Date(where.clock()),
  );
  const response = await where.fetch(url, { method: 'POST', headers: signed, body });
  if (!response.ok) throw new Error(`the notification secret cannot be read: ${response.status}`);
  const { SecretString } = z.object({ SecretString: z.string() }).parse(await response.json());
  return schema.parse(JSON.parse(SecretString));
}
