/** Secrets Manager, one call of it: webhooks, keys and credentials never stand in an environment. */
import * as z from 'zod';
import type { Clock } from '../../src/ports.ts';
import type { Sign } from './sigv4.ts';

export interface SecretWhere {
  readonly region: string;
  /** A stand-in's address; AWS's own when absent. */
  readonly endpoint?: string;
  readonly sign: Sign;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** `GetSecretValue`, as text. Throws when it cannot be read. */
export async function readSecret(secretId: string, where: SecretWhere): Promise<string> {
  // With its path written out: what is signed and what is sent are then the same.
  const { href: url } = new URL(where.endpoint ?? `https://secretsmanager.${where.region}.amazonaws.com`);
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
  if (!response.ok) throw new Error(`the secret cannot be read: ${response.status} ${await response.text()}`);
  return z.object({ SecretString: z.string() }).parse(await response.json()).SecretString;
}
