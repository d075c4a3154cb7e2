/**
 * Decides, records, and runs workflows: the one function on the way of a governed request, whose caller waits for a cold start. It is loaded in
 * pieces, with a turn of the event loop before each: what is loaded takes the thread, and AWS, which was asked before, is heard meanwhile.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { askAhead } from './shared/keys-ahead.ts';

askAhead(['LANE_AUTHORITY_KEY', 'CAPABILITY_KEY']);
await turn();
const { servedWorld } = await import('./shared/world.ts');
await turn();
const { openAwsFront } = await import('./shared/front.ts');
const world = servedWorld();
const opening = openAwsFront(world);
// Whoever serves it tells of it, and tries again.
opening.catch(() => undefined);
await turn();
await import('../src/office/gate.ts');
await turn();
await import('../http/gate/families.ts');
await turn();
const { serveGate } = await import('./shared/gate-handler.ts');
export const handler = await serveGate(world, opening);
