/** A lane of its own for a function that records without an office, and records no person: the authorizer, the sealer. */
import { MAX_MERGE_DELAY_SECONDS } from '../../adapters/aws/kms-trust.ts';
import { need } from '../../adapters/aws/settings.ts';
import { ChanceryError } from '../../src/errors.ts';
import { heldByVerdict } from '../../src/ledger/check/start-check.ts';
import { type Lane, openLane } from '../../src/ledger/lane/lane.ts';
import { createAdmission } from '../../src/watch/metrics/admission.ts';
import { signerOf } from './keys.ts';
import { verdictOf } from './verdict.ts';
import type { AwsWorld } from './world.ts';

/** It was given neither the keys of persons nor what makes pseudonyms of them. */
const nobody = (): never => {
  throw new ChanceryError('INTERNAL_ERROR', 'This function records no person.');
};

export async function openAwsLane(world: AwsWorld): Promise<Lane> {
  const { settings, clock, random, ids, log, meter, wait } = world;
  const admission = createAdmission(world.table('STATE_TABLE'), (error) =>
    log.write('warn', 'metrics', 'label values could not be admitted', { error: String(error) }),
  );
  return openLane({
    table: world.table('LEDGER_TABLE'),
    numbers: world.table('STATE_TABLE'),
    subjects: { forSealing: nobody },
    authority: await signerOf(world, 'LANE_AUTHORITY_KEY'),
    pseudonym: nobody,
    issuerName: world.issuers.nameOf,
    origin: need(settings, 'LOG_ORIGIN'),
    code: `chancery@${settings.CODE_VERSION}`,
    region: settings.AWS_REGION,
    max_merge_delay_seconds: MAX_MERGE_DELAY_SECONDS,
    held: heldByVerdict(verdictOf(world), clock),
    admit: (record) => admission.labels(record),
    deltas: () => meter.ride(),
    appended: world.appended,
    clock,
    random,
    ids,
    log,
    meter,
    wait,
  });
}
