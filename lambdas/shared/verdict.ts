/** What the sealer and the patrol found last: every function that records goes by it, and readiness tells it. */
import { patrolVerdict } from '../../src/ledger/check/patrol-round.ts';
import { anyUnsound, type Soundness, sealerVerdict } from '../../src/ledger/check/start-check.ts';
import type { AwsWorld } from './world.ts';

export function verdictOf(world: Pick<AwsWorld, 'table'>): () => Promise<Soundness | undefined> {
  const state = world.table('STATE_TABLE');
  return anyUnsound(sealerVerdict(state).read, () => patrolVerdict(state));
}
