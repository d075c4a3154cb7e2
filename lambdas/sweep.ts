/** Every minute: records runs of which nothing was heard in time, and ends approvals whose time is up. */
import { openAwsOffice } from './shared/office.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();
const office = await openAwsOffice(world);

export async function handler(): Promise<void> {
  const [runs, approvals] = await Promise.allSettled([office.sweepRuns(), office.approvals.sweep()]);
  // One must not keep the other from its work; either failing is this function's failure, and is tried again.
  for (const each of [runs, approvals]) if (each.status === 'rejected') throw each.reason;
}
