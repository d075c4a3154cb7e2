/**
 * Seals the lanes into the tree, woken by the stream within 5 s of a record, and by a schedule that keeps an
 * idle log's checkpoint fresh. Several may run at once: the lock lets one sign.
 */
import { need } from '../adapters/aws/settings.ts';
import { Sealer } from '../src/ledger/sealer.ts';
import { openWitness } from '../src/ledger/witness.ts';
import { openAwsLane } from './shared/lane.ts';
import { awsTrust } from './shared/trust.ts';
import { awsWorld, starting } from './shared/world.ts';

/** Records of one checkpoint: what a function of this size gathers, signs for and publishes well within its time. */
const LIMIT = 8_192;
const NO_TRACE = '0'.repeat(32);

const world = awsWorld();

const sealer = await starting(world, async () => {
  const { clock, meter, log } = world;
  const origin = need(world.settings, 'LOG_ORIGIN');
  const trust = await awsTrust(world);
  return new Sealer({
    table: world.table('LEDGER_TABLE'),
    log: world.blobs('LOG_BUCKET'),
    worm: world.blobs('WORM_BUCKET'),
    witnesses: [
      openWitness({
        table: world.table('STATE_TABLE'),
        signer: await world.signer('WITNESS_KEY'),
        name: `${origin}/witness`,
        origin,
        logKeys: trust.log_keys,
        clock,
      }),
    ],
    trust,
    authority: await world.signer('LANE_AUTHORITY_KEY'),
    origin,
    signers: [await world.signer('CHECKPOINT_KEY')],
    logKeys: trust.log_keys,
    clock,
    limit: LIMIT,
    heartbeatMs: 60_000,
    // The alarm is a record like any other. Its lane is opened for it, since there should never be one.
    alarm: async (data) =>
      (await openAwsLane(world)).append({ type: 'security.tamper_detected', trace: NO_TRACE, data }),
    meter,
    diary: log,
  });
});

/** Throws when a part does not answer, and is then woken again by the same records. */
export async function handler(): Promise<void> {
  for (let more = true; more; ) {
    const result = await sealer.seal();
    more = result.status === 'sealed' && result.more;
    if (result.status === 'stopped') throw new Error(`sealing stopped: ${result.head}: ${result.detail}`);
  }
}
