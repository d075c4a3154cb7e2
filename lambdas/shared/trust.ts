/** The public keys of this deployment's log. */
import { trustOf } from '../../adapters/aws/kms-trust.ts';
import { need } from '../../adapters/aws/settings.ts';
import type { Trust } from '../../src/ledger/trust.ts';
import { signerOf } from './keys.ts';
import type { AwsWorld } from './world.ts';

export async function awsTrust(world: AwsWorld): Promise<Trust> {
  const [authority, checkpointKey, witnessKey] = await Promise.all([
    signerOf(world, 'LANE_AUTHORITY_KEY'),
    signerOf(world, 'CHECKPOINT_KEY'),
    signerOf(world, 'WITNESS_KEY'),
  ]);
  return trustOf(need(world.settings, 'LOG_ORIGIN'), { authority, checkpointKey, witnessKey });
}
