/**
 * The authorizer: checks the bearer token at the edge, so that a flood of bad ones reaches no function that can
 * run anything. API Gateway keeps an answer for 60 s; expiry, scopes and sanctions are checked again behind it.
 */
import * as z from 'zod';
import { createFlood } from '../src/identity/flood.ts';
import type { Ledger } from '../src/ledger/record.ts';
import { authenticatorOf } from './shared/authenticator.ts';
import { openAwsLane } from './shared/lane.ts';
import { awsWorld } from './shared/world.ts';

const eventSchema = z.object({
  /** `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path`. */
  methodArn: z.string(),
  resource: z.string().default('unknown'),
  headers: z.record(z.string(), z.string()).nullish(),
});

interface Policy {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      { readonly Action: 'execute-api:Invoke'; readonly Effect: 'Allow'; readonly Resource: string },
    ];
  };
}

const world = awsWorld();
const authenticator = authenticatorOf(world);
await authenticator.warm();
// A lane costs a signature and a write: it is opened with the first refusal, which most environments never see.
let lane: Promise<Ledger> | undefined;
const ledger: Ledger = {
  async append(record) {
    lane ??= openAwsLane(world);
    try {
      return await (await lane).append(record);
    } catch (error) {
      lane = undefined;
      throw error;
    }
  },
};
const flood = createFlood({ clock: world.clock, ledger });

/**
 * Allows the whole stage, since API Gateway keeps the answer for every route: which scope a route needs is
 * asked behind it. Throwing exactly `Unauthorized` is how a 401 is said.
 */
export async function handler(event: unknown): Promise<Policy> {
  const { methodArn, resource, headers } = eventSchema.parse(event);
  const given = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  const token = await authenticator.authenticate(given);
  if (token.ok) {
    const [api = '', stage = ''] = methodArn.split('/');
    return {
      // Not the subject: this ends up in API Gateway's own logs.
      principalId: 'bearer',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: `${api}/${stage}/*` }],
      },
    };
  }
  world.meter.count('jwt_validations_total', {
    outcome: token.code === 'AUTH_REQUIRED' ? 'missing' : 'invalid',
  });
  world.meter.count('auth_attempts_total', { method: 'jwt', result: 'failure' });
  flood.note(token.reason, resource);
  await flush();
  // Any other error than that is answered as the gateway's authorizer failure: 503 with Retry-After.
  throw new Error(token.code === 'KEYS_UNAVAILABLE' ? token.message : 'Unauthorized');
}

/** At most once a second. A ledger that is away must not turn a refusal into a 500: the count waits for the next one. */
let flushed = 0;
async function flush(): Promise<void> {
  if (world.clock() - flushed < 1_000) return;
  flushed = world.clock();
  try {
    await flood.flush();
  } catch (error) {
    world.log.write('error', 'authorizer', 'refused tokens could not be recorded yet', {
      error: error instanceof Error ? error.message : String(error),
    });
  }
}
