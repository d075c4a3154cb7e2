/** Deciding, running and governing, over the world of a deployed function that may do all three. */
import type { Gate } from '../../src/office/gate.ts';
import { type Govern, openGovern } from '../../src/office/govern.ts';
import { type HealingWing, openHealing } from '../../src/office/loop.ts';
import { openAwsGate } from './gate.ts';
import type { AwsWorld } from './world.ts';

/** An approval that is granted runs what it was asked for, so that whoever governs has the gate's wing as well. */
export async function openAwsGovern(world: AwsWorld): Promise<Gate & Govern & HealingWing> {
  const gate = await openAwsGate(world, { endsStops: true });
  const govern = openGovern(gate, { ...world, ...gate });
  return { ...gate, ...govern, ...openHealing(gate, govern, world) };
}
