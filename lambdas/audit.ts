/** Reads the ledger, its proofs and the published log, and records that it was read. */
import { serve } from './shared/http.ts';
import { AUDIT } from './shared/mounts.ts';
import { awsTrust } from './shared/trust.ts';

export const handler = await serve(async (kit) => {
  const logBlobs = kit.world.blobs('LOG_BUCKET');
  const trust = await awsTrust(kit.world);
  return AUDIT.map((family) => family({ ...kit, logBlobs, trust }));
});
