/** Decides, records, and runs workflows: the one function on the way of a governed request. */
import { need } from '../adapters/aws/settings.ts';
import { GATE } from '../http/gate/families.ts';
import { openCapabilities } from '../src/office/gate.ts';
import { openAwsGate } from './shared/gate.ts';
import { serve } from './shared/http.ts';
import { signerOf } from './shared/keys.ts';

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
