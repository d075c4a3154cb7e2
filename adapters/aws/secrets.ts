/** Secrets Manager, one call of it: webhooks, keys and credentials never stand in an environment. */
import * as z from 'zod';
import { fetchSigned, type SignedFetch } from './signed-fetch.ts';

export interface SecretWhere extends SignedFetch {
  readonly region: string;
  /** A stand-in's address; AWS's own when absent. */
  readonly endpoint?: string;
}

/** `GetSecretValue`, as text. Throws when it cannot be read. */
export async function readSecret(secretId: string, where: SecretWhere): Promise<string> {
  const { href: url } = new URL(where.endpoint ?? `https://secretsmanager.${where.region}.amazonaws.com`);
  const body = JSON.stringify({ SecretId: secretId });
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'secretsmanager.GetSecretValue',
  };
  const response = await fetchSigned(where, url, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`the secret cannot be read: ${response.status} ${await response.text()}`);
  return z.object({ SecretString: z.string() }).parse(await response.json()).SecretString;
}
