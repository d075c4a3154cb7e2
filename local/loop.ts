/** The loop of one machine: it hears every record as it is appended, and looks again at cases that nobody answered. */
import type { Loop } from '../src/loop/loop.ts';
import { CYCLE_MS } from '../src/loop/loop.ts';
import type { Rounds } from './rounds.ts';
import type { LocalWorld } from './world.ts';

/** What comes this close together is one cycle's. */
const GATHER_MS = 10;
const RECOVER_MS = 60_000;

export function startLoop(world: LocalWorld, loop: Loop, rounds: Rounds): void {
  const cycles = rounds.every('loop', CYCLE_MS, async () => {
    await world.wait(GATHER_MS);
    await loop.cycle();
  });
  world.onRecords((entries) => {
    if (loop.hear(entries.map(({ record }) => record))) cycles.ring();
  });
  rounds.every('loop-all', RECOVER_MS, () => loop.recover()).ring();
}
