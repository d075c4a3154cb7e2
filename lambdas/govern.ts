/** Changes governance state: approvals, charters, violations, limits, emergency stop. */
import { serve } from './shared/http.ts';
import { GOVERN } from './shared/mounts.ts';

export const handler = await serve((kit) => {
  const further = { state: kit.world.table('STATE_TABLE'), ids: kit.world.ids };
  return GOVERN.map((family) => family({ ...kit, ...further }));
});
