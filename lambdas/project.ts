/**
 * Folds new records into the metrics. The stream only wakes it: it reads on from its own marks, so that what the
 * stream doubles, loses or mixes up changes nothing. It throws when the store fails, and is woken again.
 */
import { createProjector } from '../src/metrics/project.ts';
import { tailOf } from '../src/metrics/tail.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();
const projector = createProjector({
  table: world.table('STATE_TABLE'),
  tail: tailOf(world.table('LEDGER_TABLE')),
  clock: world.clock,
  onBroken: (lane, seq) => world.log.write('error', 'project', 'an item is no record', { lane, seq }),
});

export async function handler(): Promise<void> {
  await projector.run();
  // It appends nothing that its own figures could ride on.
  await projector.absorb(world.meter.drain());
}
