/** Who listens to the ledger of this machine: one reader that each append wakes, and a look every second who may stay. */
import type { OpenOffice } from '../src/office/office.ts';
import { type LiveDesk, openDesk } from '../src/watch/live/desk.ts';
import { LiveFeed } from '../src/watch/live/feed.ts';
import type { Rounds } from './rounds.ts';
import type { LocalWorld } from './world.ts';

/** Appends this close together are told in one go. */
const GATHER_MS = 10;
/** Telling takes at most half of this thread's time; what comes meanwhile is told in one go, however many listen. */
const MOST_GATHER_MS = 100;
/** Other processes of the same folder ring no bell here. */
const OTHERS_MS = 250;

export function startListening(world: LocalWorld, office: OpenOffice, rounds: Rounds): LiveDesk {
  const feed = new LiveFeed({ table: world.ledgerTable, origin: world.trust.origin });
  const { clock, ids, log, meter } = world;
  const desk = openDesk({ feed, ledger: office.lane, clock, ids, log, meter, draining: office.draining });
  let took = 0;
  const reading = rounds.every('live', OTHERS_MS, async () => {
    if (feed.cursor() === undefined) return;
    await world.wait(Math.min(MOST_GATHER_MS, Math.max(GATHER_MS, took)));
    const began = clock();
    await feed.run();
    took = clock() - began;
  });
  world.doorbell.listen(reading.ring);
  rounds.every('listeners', 1_000, () => desk.tick());
  return desk;
}
