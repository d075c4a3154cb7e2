/** Decides, records, and runs workflows: the one function on the way of a governed request. */
import { setImmediate as turn } from 'node:timers/promises';
import { askAhead } from './shared/keys-ahead.ts';

askAhead(['LANE_AUTHORITY_KEY', 'CAPABILITY_KEY']);
// In pieces, with a turn of the event loop before each: what is loaded takes the thread, and KMS is heard meanwhile.
await turn();
await import('./shared/world.ts');
await turn();
await import('../src/office/gate.ts');
await turn();
await import('../http/gate/families.ts');
await turn();
export const { handler } = await import('./shared/gate-handler.ts');
