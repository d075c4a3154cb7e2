/** Deciding, running and governing, over the world of a deployed function that may do all three. */
import type { Gate } from '../../src/office/gate.ts';
import { type Govern, openGovern } from '../../src/office/govern.ts';
import { openAwsGate } from './gate.ts';
import type { AwsWorld } from './world.ts';

/** An approval that is granted runs what it was asked for, so that whoever governs has the gate's wing as well. */
export async function openAwsGovern(world: AwsWorld): Promise<Gate & Govern> {
  const gate = await openAwsGate(world);
  return { ...gate, ...openGovern(gate, { ...world, ...gate }) };
}
