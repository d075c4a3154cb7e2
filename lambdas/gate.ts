/** Decides, records, and runs workflows: the one function on the way of a governed request. */
import { serve } from './shared/http.ts';
import { GATE } from './shared/mounts.ts';

export const handler = await serve((kit) => GATE.map((family) => family(kit)));
