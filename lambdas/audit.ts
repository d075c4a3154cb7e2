/** Reads the ledger, its proofs and the published log, and records that it was read. */

import { AUDIT } from '../http/audit/families.ts';
import { tableSource } from '../src/ledger/lane/verify-lanes.ts';
import { keyTrials } from '../src/ledger/people/personal.ts';
import { readLock } from '../src/ledger/seal/lock.ts';
import { blobsOf, wormOf } from './shared/blobs.ts';
import { openAwsFront } from './shared/front.ts';
import { serve } from './shared/http.ts';
import { awsTrust } from './shared/trust.ts';
import { VERIFY_MS, verifyInTime } from './shared/verifying.ts';

export const handler = await serve(openAwsFront, async (kit) => {
  const { world, ledgerTable, clock, meter } = kit;
  const logBlobs = blobsOf(world, 'LOG_BUCKET');
  const subjects = world.table('SUBJECT_KEYS_TABLE');
  const trust = await awsTrust(world);
  const verifying = {
    files: {
      log: logBlobs,
      worm: wormOf(world),
      lock: () => readLock(ledgerTable),
      lanes: tableSource(ledgerTable),
      tryKey: keyTrials(subjects),
    },
    trust,
    clock,
    meter,
    environment: world.settings.CHANCERY_ENVIRONMENT,
    deadline: () => AbortSignal.timeout(VERIFY_MS),
  };
  const verify = () => verifyInTime(verifying);
  return AUDIT.map((family) => family({ ...kit, logBlobs, trust, verify }));
});
