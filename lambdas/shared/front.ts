/** The front of the office over the world of a deployed function: the same one that the local runtime opens. */
import { join } from 'node:path';
import { MAX_MERGE_DELAY_SECONDS } from '../../adapters/aws/kms-trust.ts';
import { need } from '../../adapters/aws/settings.ts';
import { readCharter } from '../../adapters/bundled-files.ts';
import { heldByVerdict } from '../../src/ledger/check/start-check.ts';
import { type Front, openFront } from '../../src/office/front.ts';
import { pseudonymKeyOf, signerOf } from './keys.ts';
import { starting } from './process.ts';
import { verdictOf } from './verdict.ts';
import type { AwsWorld } from './world.ts';

/** Opens this environment's lane. Throws when the charter does not load, or the ledger does not open. */
export const openAwsFront = (world: AwsWorld): Promise<Front> => starting(world, () => open(world));

async function open(world: AwsWorld): Promise<Front> {
  const { settings } = world;
  const began = performance.now();
  const shipped = readCharter(join(settings.LAMBDA_TASK_ROOT, 'charter'));
  const shipped_ms = performance.now() - began;
  return openFront({
    ...world,
    ledgerTable: world.table('LEDGER_TABLE'),
    state: world.table('STATE_TABLE'),
    subjects: world.table('SUBJECT_KEYS_TABLE'),
    authority: await signerOf(world, 'LANE_AUTHORITY_KEY'),
    pseudonymKey: await pseudonymKeyOf(world),
    issuers: world.issuers,
    origin: need(settings, 'LOG_ORIGIN'),
    code: `chancery@${settings.CODE_VERSION}`,
    region: settings.AWS_REGION,
    max_merge_delay_seconds: MAX_MERGE_DELAY_SECONDS,
    held: heldByVerdict(verdictOf(world), world.clock),
    shipped,
    shipped_ms,
  });
}
