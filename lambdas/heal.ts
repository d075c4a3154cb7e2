/**
 * The loop: woken when a violation is on record, and every minute. It reads the records of the last minutes itself, so
 * that a ring that is doubled, lost or late changes nothing, and takes up cases that nobody answered.
 */

import { CYCLE_MS } from '../src/loop/loop.ts';
import { HORIZON_MS } from '../src/loop/patterns.ts';
import { openDueProcess } from '../src/office/due-process.ts';
import { openHealing, openLoop } from '../src/office/loop.ts';
import { openAwsFront } from './shared/front.ts';
import { awsWorld } from './shared/world.ts';

/** A record's time is its writer's, and it is seen a moment later. */
const OVERLAP_MS = 5_000;
/** Left over for a cycle that has begun. */
const RESERVE_MS = 15_000;

const world = awsWorld();
const front = await openAwsFront(world);
const healing = openHealing(front, openDueProcess(front, world.wait), world);
const loop = openLoop(front, healing, world);
let looked = Number.NEGATIVE_INFINITY;
let recovered = Number.NEGATIVE_INFINITY;

/** What was recorded since the last look; at most what a detector looks back on. */
async function listen(): Promise<void> {
  const now = world.clock();
  const from = Math.max(looked - OVERLAP_MS, now - HORIZON_MS);
  for await (const { record } of front.records({ from: new Date(from).toISOString() })) loop.hear([record]);
  looked = now;
}

export async function handler(
  _event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<void> {
  await front.charter();
  await listen();
  if (world.clock() - recovered > 60_000) {
    await loop.recover();
    recovered = world.clock();
  }
  for (;;) {
    await loop.cycle();
    // What is over a cap waits for the next cycle; what does not fit into this invocation, for the next minute.
    if (loop.waiting() === 0 || context.getRemainingTimeInMillis() < RESERVE_MS) break;
    await world.wait(CYCLE_MS);
    await listen();
  }
  world.flushMetrics();
}
