/**
 * Every minute: records runs of which nothing was heard in time, ends approvals, sanctions and overrides whose time is up, and
 * goes on with revocations that were cut off or held; compares with the ledger what gives power in the state. Between, the state's
 * stream wakes it for what has changed there.
 */
import { changesOf } from '../adapters/aws/stream-changes.ts';
import { powerTouchedBy } from '../src/govern/power/touched.ts';
import type { Change } from '../src/ports.ts';
import { isBeat } from './shared/beat.ts';
import { openAwsGovern } from './shared/govern.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();
const office = await openAwsGovern(world);

/** What gives power, against the records that justify it; the fold is saved, so that the next round reads on. */
async function compareState(): Promise<void> {
  await office.power.check.verify();
  await office.power.fold.save();
}

/** Throws when the store or the ledger is away, and is told again. */
export async function handler(event: unknown): Promise<void> {
  return isBeat(event) ? sweep() : compareTouched(changesOf(event));
}

async function compareTouched(changes: readonly Change[]): Promise<void> {
  const { check } = office.power;
  const touched = changes.map(powerTouchedBy).filter((item) => item !== undefined);
  for (const { pk, sk } of touched) check.suspect(pk, sk);
  if (touched.length > 0) await check.round();
}

async function sweep(): Promise<void> {
  const swept = await Promise.allSettled([
    // A stop whose time is up ends in the state here, whether or not anybody asks.
    office.emergency(),
    office.sweepRuns(),
    office.approvals.sweep(),
    office.revocations.sweep(),
    office.sanctions.sweep(),
    office.consequences.sweep(),
    office.overrideDesk.sweep(),
    office.whistleblower.sweep(),
    compareState(),
  ]);
  // One must not keep the others from their work; any failing is this function's failure, and is tried again.
  for (const each of swept) if (each.status === 'rejected') throw each.reason;
}
