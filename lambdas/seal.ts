/**
 * Seals the lanes into the tree, woken by the stream within seconds of a record, and by a schedule that keeps an
 * idle log's checkpoint fresh. Several may run at once: one makes a round, and the others wait for its end. Before that it is the sentinel:
 * whatever the stream says was modified or removed is put on record.
 */
import { defaultProvider } from '../adapters/aws/environment-credentials.ts';
import { remoteSigner, remoteWitness } from '../adapters/aws/log-signers.ts';
import { need } from '../adapters/aws/settings.ts';
import { signer } from '../adapters/aws/sigv4.ts';
import { alterationsOf } from '../adapters/aws/stream-changes.ts';
import { patrolRound } from '../src/ledger/check/patrol-round.ts';
import { sealedPrunings, watch } from '../src/ledger/check/sentinel.ts';
import { sealerVerdict } from '../src/ledger/check/start-check.ts';
import { mayPass } from '../src/ledger/hold.ts';
import type { Lane } from '../src/ledger/lane/lane.ts';
import { sealUntilDone } from '../src/ledger/seal/run.ts';
import { Sealer, saidAfter } from '../src/ledger/seal/sealer.ts';
import { witnessMemory } from '../src/ledger/tree/witness.ts';
import type { TamperNotice } from '../src/terms.ts';
import { createProjector } from '../src/watch/metrics/project.ts';
import { tailOf } from '../src/watch/metrics/tail.ts';
import { isBeat } from './shared/beat.ts';
import { blobsOf, wormOf } from './shared/blobs.ts';
import { signerOf } from './shared/keys.ts';
import { openAwsLane } from './shared/lane.ts';
import { starting, whereOf } from './shared/process.ts';
import { awsTrust } from './shared/trust.ts';
import { awsWorld } from './shared/world.ts';

/** Records of one checkpoint: what a function of this size gathers, signs for and publishes well within its time. */
const LIMIT = 8_192;
const NO_TRACE = '0'.repeat(32);
const TAMPER = 'security.tamper_detected';

const world = awsWorld();

let lane: Promise<Lane> | undefined;

/**
 * An alarm is a record like any other. Its lane is opened for the first one, since there should never be one. Over
 * a contradiction of the heads nothing is recorded, not even this: the log and the metrics tell, and whoever
 * answers readiness puts it on record when it is over.
 */
async function alarm(data: TamperNotice): Promise<void> {
  const { head = '', detail = '' } = data;
  if (data.kind === 'head_conflict' && !mayPass(TAMPER, { head: String(head), detail: String(detail) }))
    return;
  lane ??= openAwsLane(world).catch((error) => {
    lane = undefined;
    throw error;
  });
  await (await lane).append({ type: TAMPER, trace: NO_TRACE, data });
}

const { sealer, sentinel, patrolling } = await starting(world, async () => {
  const { clock, meter, log } = world;
  const origin = need(world.settings, 'LOG_ORIGIN');
  const [trust, checkpointKey] = await Promise.all([awsTrust(world), signerOf(world, 'CHECKPOINT_KEY')]);
  const functions = {
    ...whereOf(world.settings),
    sign: signer('lambda', world.settings.AWS_REGION, defaultProvider()),
    fetch,
    clock,
  };
  const table = world.table('LEDGER_TABLE');
  const published = blobsOf(world, 'LOG_BUCKET');
  const worm = wormOf(world);
  const newest = () => witnessMemory(world.table('STATE_TABLE'), origin);
  const pruned = sealedPrunings({ log: published, table, trust });
  const sealer = new Sealer({
    table,
    log: published,
    worm,
    witnesses: [
      remoteWitness(need(world.settings, 'WITNESS_FUNCTION'), `${origin}/witness`, functions, newest),
    ],
    trust,
    authority: await signerOf(world, 'LANE_AUTHORITY_KEY'),
    origin,
    signers: [remoteSigner(need(world.settings, 'SIGN_FUNCTION'), checkpointKey.publicKey, functions)],
    logKeys: trust.log_keys,
    clock,
    limit: LIMIT,
    heartbeatMs: 60_000,
    wait: world.wait,
    alarm,
    meter,
    diary: log,
  });
  return {
    sealer,
    sentinel: { keep: worm, alarm, pruned },
    patrolling: { view: { log: published, table, trust }, notes: table, pruned },
  };
});

// What sealing measures (tree size, lag, checkpoints) rides on no record: it is stored as the projector stores.
const figures = createProjector({
  table: world.table('STATE_TABLE'),
  tail: tailOf(world.table('LEDGER_TABLE')),
  clock: world.clock,
  wait: world.wait,
});

/** The functions that answer readiness do not seal: this is how they know. */
const verdict = sealerVerdict(world.table('STATE_TABLE'));

/** With each beat of the schedule one bundle of the sealed log is held against the tree and the store. */
async function patrol(): Promise<void> {
  const { standing, found, mended } = await patrolRound(patrolling, world.table('STATE_TABLE'));
  if (mended !== undefined) await alarm({ kind: 'notes_changed', detail: mended });
  if (standing === undefined || found === undefined) return;
  world.meter.count('ledger_integrity_checks_total', { result: found.verdict });
  await figures.leave(world.meter.drain());
  await alarm({ kind: 'head_conflict', ...standing });
}

/** Throws when a part does not answer or others were faster each time, and is then woken again by the same records. */
export async function handler(event: unknown): Promise<void> {
  for (const change of alterationsOf(event)) await watch(sentinel, change);
  await sealUntilDone(sealer, world.wait, async (result) => {
    await figures.leave(world.meter.drain());
    const said = saidAfter(result, sealer);
    if (said !== undefined)
      await verdict.write(said.standing === undefined ? { sound: true } : { sound: false, ...said.standing });
  });
  if (isBeat(event)) await patrol();
}
