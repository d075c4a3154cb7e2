/** The gate with its routes: what `lambdas/gate.ts` loads when its keys are asked for. */
import { need } from '../../adapters/aws/settings.ts';
import { GATE } from '../../http/gate/families.ts';
import { openCapabilities } from '../../src/office/gate.ts';
import { openAwsGate } from './gate.ts';
import { serve } from './http.ts';
import { signerOf } from './keys.ts';

export const handler = await serve(
  async (world) => {
    const [gate, key] = await Promise.all([openAwsGate(world), signerOf(world, 'CAPABILITY_KEY')]);
    return { ...gate, capabilities: openCapabilities(gate, key, need(world.settings, 'LOG_ORIGIN')) };
  },
  (kit) => GATE.map((family) => family(kit)),
  // Each of its processes knows whom it served itself; the last to say it is shown.
  ({ sessions, concentration }, meter) => {
    meter.set('active_sessions', {}, sessions.active());
    meter.set('actor_concentration_ratio', {}, concentration.ratio());
  },
);
