/**
 * Folds new records into the metrics. The stream only wakes it: it reads on from its own marks, so that what the
 * stream doubles, loses or mixes up changes nothing. It throws when the store fails, and is woken again.
 */
import { need } from '../adapters/aws/settings.ts';
import { openRoster } from '../src/watch/live/gateway/roster.ts';
import { gaugeLines } from '../src/watch/metrics/emf.ts';
import { reading } from '../src/watch/metrics/exposition.ts';
import { createProjector } from '../src/watch/metrics/project.ts';
import { tailOf } from '../src/watch/metrics/tail.ts';
import { createObjectives } from '../src/watch/objectives.ts';
import { createHistory, SLOT_MS } from '../src/watch/slo/history.ts';
import { heardBy } from './shared/heeded.ts';
import { ringer } from './shared/ring.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();
const { settings } = world;
const ring = ringer(world);
const roster = openRoster({ table: world.table('STATE_TABLE'), clock: world.clock });
const projector = createProjector({
  table: world.table('STATE_TABLE'),
  tail: tailOf(world.table('LEDGER_TABLE')),
  clock: world.clock,
  wait: world.wait,
  onBroken: (lane, seq) => world.log.write('error', 'project', 'an item is no record', { lane, seq }),
});

// Service levels look back over weeks: what they had counted is kept, at most once in five minutes.
const objectives = createObjectives({
  exposition: { snapshot: async () => ({ state: projector.state(), readings: [] }) },
  history: createHistory(world.table('STATE_TABLE')),
  clock: world.clock,
  checkpoint: async () => undefined,
});
let rememberedIn = -1;

/** The stream serves two readers and no more: whoever has something to hear in a batch is woken from here. */
const FUNCTIONS = {
  loop: need(settings, 'HEAL_FUNCTION'),
  notices: need(settings, 'NOTIFY_FUNCTION'),
  broadcast: need(settings, 'BROADCAST_FUNCTION'),
} as const;

async function wake(event: unknown): Promise<void> {
  const heard = await heardBy(event, roster);
  await Promise.all(heard.map((name) => ring(name, FUNCTIONS[name])));
}

export async function handler(event: unknown): Promise<void> {
  // It appends nothing that its own figures could ride on.
  await Promise.all([wake(event), projector.run(undefined, undefined, world.meter.drain)]);
  const lag = reading('metrics_projection_lag_seconds', {}, projector.lag());
  const emitted = { environment: settings.CHANCERY_ENVIRONMENT, only: settings.CLOUDWATCH };
  for (const line of gaugeLines(emitted, projector.state(), [lag], world.clock())) world.write(line);
  const slot = Math.floor(world.clock() / SLOT_MS);
  if (slot === rememberedIn) return;
  await objectives.remember();
  rememberedIn = slot;
}
