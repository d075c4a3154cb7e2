/**
 * Folds new records into the metrics. The stream only wakes it: it reads on from its own marks, so that what the
 * stream doubles, loses or mixes up changes nothing. It throws when the store fails, and is woken again.
 */
import { need } from '../adapters/aws/settings.ts';
import { gaugeLines } from '../src/watch/metrics/emf.ts';
import { reading } from '../src/watch/metrics/exposition.ts';
import { createProjector } from '../src/watch/metrics/project.ts';
import { tailOf } from '../src/watch/metrics/tail.ts';
import { createObjectives } from '../src/watch/objectives.ts';
import { createHistory, SLOT_MS } from '../src/watch/slo/history.ts';
import { isHeeded, isToldOf } from './shared/heeded.ts';
import { ringer } from './shared/ring.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();
const { settings } = world;
const ring = ringer(world);
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
const LISTENERS = [
  { name: 'loop', function: need(settings, 'HEAL_FUNCTION'), hears: isHeeded },
  { name: 'notices', function: need(settings, 'NOTIFY_FUNCTION'), hears: isToldOf },
  { name: 'broadcast', function: need(settings, 'BROADCAST_FUNCTION'), hears: () => true },
] as const;

export async function handler(event: unknown): Promise<void> {
  const heard = LISTENERS.filter(({ hears }) => hears(event));
  await Promise.all([...heard.map((each) => ring(each.name, each.function)), projector.run()]);
  // It appends nothing that its own figures could ride on.
  await projector.absorb(world.meter.drain());
  const lag = reading('metrics_projection_lag_seconds', {}, projector.lag());
  const emitted = { environment: settings.CHANCERY_ENVIRONMENT, only: settings.CLOUDWATCH };
  for (const line of gaugeLines(emitted, projector.state(), [lag], world.clock())) world.write(line);
  const slot = Math.floor(world.clock() / SLOT_MS);
  if (slot === rememberedIn) return;
  await objectives.remember();
  rememberedIn = slot;
}
