/** Signs what the sealer hands it, under the checkpoint key that no other function may use. */
import * as z from 'zod';
import { need } from '../adapters/aws/settings.ts';
import { base64 } from '../src/ledger/bytes.ts';
import { openCheckpointSigner } from '../src/ledger/tree/sign-once.ts';
import { signerOf } from './shared/keys.ts';
import { starting } from './shared/process.ts';
import { awsWorld } from './shared/world.ts';

const eventSchema = z.object({ checkpoint: z.string() });

const world = awsWorld();
const signer = await starting(world, async () =>
  openCheckpointSigner({
    table: world.table('STATE_TABLE'),
    signer: await signerOf(world, 'CHECKPOINT_KEY'),
    origin: need(world.settings, 'LOG_ORIGIN'),
  }),
);

export async function handler(event: unknown): Promise<object> {
  const answer = await signer.sign(eventSchema.parse(event).checkpoint);
  return answer.ok ? { ok: true, signature: base64(answer.signature) } : answer;
}
