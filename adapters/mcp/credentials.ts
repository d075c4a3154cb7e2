/**
 * How the office shows itself to a server. The token of a caller never reaches one: for an exchange (RFC 8693) it goes to the token endpoint
 * that the charter names, and what comes back goes on.
 */
import * as z from 'zod';
import type { Documents } from '../../src/charter/documents.ts';
import type { Clock } from '../../src/ports.ts';
import { ServerFault } from '../../src/tools/server.ts';
import { boundedFetch } from './bounded-fetch.ts';
import type { Credentials } from './client.ts';

type Described = Documents['gateway.yaml']['servers'][number]['credentials'];

export interface CredentialDeps {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** The secret of this name; undefined when there is none here. */
  readonly secret: (name: string) => Promise<string | undefined> | string | undefined;
}

const issued = z.object({
  access_token: z.string().min(1).max(16_384),
  token_type: z.string().optional(),
  expires_in: z.number().positive().optional(),
});

const TOKEN_BYTES = 65_536;
/** A token that ends within this is not used any more. */
const EARLY_MS = 30_000;
const DEFAULT_SECONDS = 300;
/** Exchanged tokens that are kept, by whoever's they stand for. */
const MOST_KEPT = 1_000;

export function credentialsOf(described: Described, deps: CredentialDeps): Credentials {
  const fetchToken = boundedFetch(deps.fetch, TOKEN_BYTES);
  const kept = new Map<string, { readonly token: string; readonly until: number }>();
  const secretOf = async (name: string): Promise<string> => {
    const secret = await Promise.resolve(deps.secret(name)).catch((cause: unknown) => {
      throw new ServerFault('credentials', `the secret ${name} cannot be read`, cause);
    });
    if (secret === undefined) throw new ServerFault('credentials', `the secret ${name} is not set here`);
    return secret;
  };

  async function token(
    key: string,
    { token_endpoint, client_id, secret }: { token_endpoint: string; client_id: string; secret: string },
    form: Readonly<Record<string, string | undefined>>,
  ): Promise<string> {
    const known = kept.get(key);
    if (known !== undefined && deps.clock() < known.until) return known.token;
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(form)) if (value !== undefined) body.set(name, value);
    // RFC 6749 §2.3.1: both are form-encoded before they are joined.
    const basic = [client_id, await secretOf(secret)].map(encodeURIComponent).join(':');
    const answer = await fetchToken(token_endpoint, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(basic, 'utf8').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body,
      signal: AbortSignal.timeout(10_000),
    }).catch((cause: unknown) => {
      throw new ServerFault('credentials', 'the token endpoint of this server does not answer', cause);
    });
    const parsed = issued.safeParse(answer.ok ? await answer.json().catch(() => undefined) : undefined);
    if (!parsed.success)
      throw new ServerFault(
        'credentials',
        `the token endpoint of this server answers ${answer.status} without a token`,
      );
    const { access_token, expires_in = DEFAULT_SECONDS } = parsed.data;
    const [oldest] = kept.keys();
    if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.set(key, { token: access_token, until: deps.clock() + expires_in * 1000 - EARLY_MS });
    return access_token;
  }

  switch (described.kind) {
    case 'none':
      return async () => ({});
    case 'secret':
      return async () => ({ [described.header]: `${described.prefix}${await secretOf(described.secret)}` });
    case 'client_credentials':
      return async () => {
        const { scope, resource } = described;
        const form = { grant_type: 'client_credentials', scope, resource };
        return { authorization: `Bearer ${await token('own', described, form)}` };
      };
    case 'token_exchange':
      return async (caller) => {
        if (caller === undefined)
          throw new ServerFault(
            'credentials',
            'this server is called for somebody only, and no token of theirs is here',
          );
        const { audience, scope } = described;
        const form = {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: caller,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          audience,
          scope,
        };
        return { authorization: `Bearer ${await token(caller, described, form)}` };
      };
  }
}
