/** The whole office: every wing, for a process that does everything. A function opens its own wings alone. */
import type { Capabilities } from '../decision/capability.ts';
import type { Loop } from '../loop/loop.ts';
import type { Engine } from '../ports.ts';
import { openFront } from './front.ts';
import { type Gate, openCapabilities, openGate } from './gate.ts';
import { type Govern, openGovern } from './govern.ts';
import { type HealingWing, openHealing, openLoop } from './loop.ts';
import type { World } from './world.ts';

export interface OpenOffice extends Gate, Govern, HealingWing {
  readonly loop: Loop;
  readonly capabilities: Capabilities;
}

/**
 * Opens the lane (LEDGER_UNAVAILABLE when that cannot be had) and puts the wings together.
 * @param engineOf given the function to call when a long run ends
 */
export async function openOffice(
  world: World,
  engineOf: (ended: Gate['ended']) => Engine,
): Promise<OpenOffice> {
  const front = await openFront(world);
  const gate = openGate(front, world, engineOf);
  const govern = openGovern(gate, world);
  const healing = openHealing(front, govern, world);
  return {
    ...gate,
    ...govern,
    ...healing,
    loop: openLoop(front, healing, world),
    capabilities: openCapabilities(front, world.capabilityKey, world.origin),
  };
}
