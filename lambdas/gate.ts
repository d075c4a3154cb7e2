/** Decides, records, and runs workflows: the one function on the way of a governed request. */
import { serve } from './shared/http.ts';
import { GATE } from './shared/mounts.ts';

export const handler = await serve(
  (kit) => GATE.map((family) => family(kit)),
  // Each of its processes knows whom it served itself; the last to say it is shown.
  ({ sessions, concentration }, meter) => {
    meter.set('active_sessions', {}, sessions.active());
    meter.set('actor_concentration_ratio', {}, concentration.ratio());
  },
);
