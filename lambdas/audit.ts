/** Reads the ledger, its proofs and the published log, and records that it was read. */
import { ledger, log, sessions } from '../http/families.ts';
import { serve } from './shared/http.ts';
import { awsTrust } from './shared/trust.ts';

export const handler = await serve(async (kit) => {
  const logBlobs = kit.world.blobs('LOG_BUCKET');
  const trust = await awsTrust(kit.world);
  return [ledger(kit), sessions(kit), log({ ...kit, logBlobs, trust })];
});
