/** Changes governance state: approvals, charters, limits, emergency stop. */
import { serve } from './shared/http.ts';
import { GOVERN } from './shared/mounts.ts';

export const handler = await serve((kit) => GOVERN.map((family) => family(kit)));
