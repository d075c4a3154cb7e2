/** The gate with its routes: what `lambdas/gate.ts` loads while its front is opened. */
import { need } from '../../adapters/aws/settings.ts';
import { GATE } from '../../http/gate/families.ts';
import type { Front } from '../../src/office/front.ts';
import { openCapabilities } from '../../src/office/gate.ts';
import { openAwsGate } from './gate.ts';
import { type HttpHandler, serve } from './http.ts';
import { signerOf } from './keys.ts';
import type { AwsWorld } from './world.ts';

/** @param opening the front of the first try; one that is tried again opens its own */
export function serveGate(world: AwsWorld, opening: Promise<Front>): Promise<HttpHandler> {
  let first: Promise<Front> | undefined = opening;
  return serve(
    async () => {
      const opened = openAwsGate(world, {}, first);
      first = undefined;
      const [gate, key] = await Promise.all([opened, signerOf(world, 'CAPABILITY_KEY')]);
      return { ...gate, capabilities: openCapabilities(gate, key, need(world.settings, 'LOG_ORIGIN')) };
    },
    (kit) => GATE.map((family) => family(kit)),
    {
      world,
      // Each of its processes knows whom it served itself; the last to say it is shown.
      answered({ sessions, concentration }, meter) {
        meter.set('active_sessions', {}, sessions.active());
        meter.set('actor_concentration_ratio', {}, concentration.ratio());
      },
    },
  );
}
