/** Puts on record what was done behind our back, as EventBridge tells it; the record is what alerts. */
import { recordsOfExecution } from '../src/ledger/places/execution-records.ts';
import { behindOurBack } from '../src/watch/ops/behind-our-back.ts';
import { openAwsLane } from './shared/lane.ts';
import { starting } from './shared/process.ts';
import { awsWorld } from './shared/world.ts';

const NO_TRACE = '0'.repeat(32);

const world = awsWorld();
const ledger = await starting(world, () => openAwsLane(world));

/** Throws when it could not be recorded, and is then told again. Told twice, it records twice. */
export async function handler(event: unknown): Promise<void> {
  const known = async (id: string) => (await recordsOfExecution(world.table('LEDGER_TABLE'), id)).length > 0;
  const data = await behindOurBack(event, known);
  if (data !== undefined) await ledger.append({ type: 'security.tamper_detected', trace: NO_TRACE, data });
  world.flushMetrics();
}
