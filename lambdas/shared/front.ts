/** The front of the office over the world of a deployed function: the same one that the local runtime opens. */
import { join } from 'node:path';
import { MAX_MERGE_DELAY_SECONDS } from '../../adapters/aws/kms-trust.ts';
import { need } from '../../adapters/aws/settings.ts';
import { readCharter } from '../../adapters/bundled-files.ts';
import { heldByVerdict } from '../../src/ledger/check/start-check.ts';
import { type Front, openFront } from '../../src/office/front.ts';
import type { FrontWorld } from '../../src/office/world.ts';
import { pseudonymKeyOf, signerOf } from './keys.ts';
import { starting } from './process.ts';
import { verdictOf } from './verdict.ts';
import type { AwsWorld } from './world.ts';

/**
 * Opens this environment's lane. Throws when the charter does not load, or the ledger does not open. A stop whose time
 * is up is ended in the state by a function that governs: the others have no right to that.
 */
export const openAwsFront = (world: AwsWorld, { endsStops = false } = {}): Promise<Front> =>
  starting(world, () => open(world, endsStops));

async function open(world: AwsWorld, endsStops: boolean): Promise<Front> {
  const { settings } = world;
  // The keys are asked for first: they are under way while the charter, which takes this thread, is read.
  const [authority, pseudonymKey, charter] = await Promise.all([
    signerOf(world, 'LANE_AUTHORITY_KEY'),
    pseudonymKeyOf(world),
    shippedCharter(world),
  ]);
  return openFront({
    ...world,
    ledgerTable: world.table('LEDGER_TABLE'),
    state: world.table('STATE_TABLE'),
    subjects: world.table('SUBJECT_KEYS_TABLE'),
    authority,
    pseudonymKey,
    issuers: world.issuers,
    origin: need(settings, 'LOG_ORIGIN'),
    code: `chancery@${settings.CODE_VERSION}`,
    region: settings.AWS_REGION,
    max_merge_delay_seconds: MAX_MERGE_DELAY_SECONDS,
    held: heldByVerdict(verdictOf(world), world.clock),
    ...charter,
    endsStops,
  });
}

async function shippedCharter({
  settings,
  wait,
}: AwsWorld): Promise<Pick<FrontWorld, 'shipped' | 'shipped_ms'>> {
  // What was asked before leaves in this turn.
  await wait(0);
  const began = performance.now();
  const shipped = readCharter(join(settings.LAMBDA_TASK_ROOT, 'charter'));
  return { shipped, shipped_ms: performance.now() - began };
}
