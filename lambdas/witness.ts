/** Our own witness, under a key and with a memory that no other function may touch. */
import * as z from 'zod';
import { need } from '../adapters/aws/settings.ts';
import { fromBase64 } from '../src/ledger/bytes.ts';
import { openWitness } from '../src/ledger/tree/witness.ts';
import { signerOf } from './shared/keys.ts';
import { starting } from './shared/process.ts';
import { awsTrust } from './shared/trust.ts';
import { awsWorld } from './shared/world.ts';

const eventSchema = z.object({ old: z.int().min(0), proof: z.array(z.string()), checkpoint: z.string() });

const world = awsWorld();
const witness = await starting(world, async () => {
  const origin = need(world.settings, 'LOG_ORIGIN');
  return openWitness({
    table: world.table('STATE_TABLE'),
    signer: await signerOf(world, 'WITNESS_KEY'),
    name: `${origin}/witness`,
    origin,
    logKeys: (await awsTrust(world)).log_keys,
    clock: world.clock,
  });
});

/** As `Witness.add` has it (src/ledger/tree/witness.ts), hashes in base64. */
export async function handler(event: unknown): Promise<object> {
  const { old, proof, checkpoint } = eventSchema.parse(event);
  return witness.add(old, proof.map(fromBase64), checkpoint);
}
