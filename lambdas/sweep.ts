/**
 * Every minute: records runs of which nothing was heard in time, ends approvals whose time is up, and goes on with
 * revocations that were cut off or held.
 */
import { openAwsGovern } from './shared/govern.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();
const office = await openAwsGovern(world);

export async function handler(): Promise<void> {
  const swept = await Promise.allSettled([
    office.sweepRuns(),
    office.approvals.sweep(),
    office.revocations.sweep(),
  ]);
  // One must not keep the others from their work; any failing is this function's failure, and is tried again.
  for (const each of swept) if (each.status === 'rejected') throw each.reason;
}
