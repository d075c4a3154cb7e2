/**
 * Asks for one governed decision a minute, like any caller: a token from the issuer, through API Gateway and the
 * authorizer, to the gate and the ledger. Until it has been given credentials of its own it asks for health.
 */
import * as z from 'zod';
import { defaultProvider } from '../adapters/aws/environment-credentials.ts';
import { readSecret } from '../adapters/aws/secrets.ts';
import { need } from '../adapters/aws/settings.ts';
import { signer } from '../adapters/aws/sigv4.ts';
import { CANARY_REQUEST, type CanaryDeps, runCanary } from '../src/watch/ops/canary.ts';
import { awsProcess } from './shared/process.ts';

/** OAuth 2.0 client credentials (RFC 6749, 4.4) at the issuer; `{}` until an administrator fills it in. */
const secretSchema = z.union([
  z.object({
    token_url: z.url(),
    client_id: z.string(),
    client_secret: z.string(),
    scope: z.string().optional(),
  }),
  z.object({}),
]);

const world = awsProcess();
const { settings, clock, meter, log } = world;
const api = need(settings, 'API_URL').replace(/\/$/, '');

async function token(): Promise<string | undefined> {
  const text = await readSecret(need(settings, 'CANARY_SECRET'), {
    region: settings.AWS_REGION,
    ...(settings.AWS_ENDPOINT_URL ? { endpoint: settings.AWS_ENDPOINT_URL } : {}),
    sign: signer('secretsmanager', settings.AWS_REGION, defaultProvider()),
    fetch,
    clock,
  });
  const secret = secretSchema.parse(JSON.parse(text));
  if (!('token_url' in secret)) return undefined;
  const { token_url, client_id, client_secret, scope } = secret;
  const answer = await fetch(token_url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id,
      client_secret,
      ...(scope ? { scope } : {}),
    }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`the issuer answered ${answer.status} to the canary`);
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
}

const attempt: CanaryDeps['attempt'] = async () => {
  const bearer = await token();
  const answer = await (bearer === undefined
    ? fetch(`${api}/health`, { signal: AbortSignal.timeout(10_000) })
    : fetch(`${api}/governance/validate`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify(CANARY_REQUEST),
        signal: AbortSignal.timeout(10_000),
      }));
  return answer.ok ? { ok: true } : { ok: false, detail: `status ${answer.status}` };
};

/** Fails when the canary does: the dead-man alarm watches this function's successes, not what they say. */
export async function handler(): Promise<void> {
  if (!(await runCanary({ attempt, clock, meter, log })))
    throw new Error('the canary did not get its answer');
}
