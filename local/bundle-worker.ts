/** Where bundles are read and their examples asked: whoever decides does not wait for what authors hand in. */
import { makeCedar } from '../adapters/cedar.ts';
import { makeCedarBy } from '../src/charter/cedar.ts';
import { readingOf } from '../src/govern/reading.ts';
import type { BundleJob, BundleOffer } from './bundles.ts';
import { giveWay, serve } from './thread.ts';

giveWay();
makeCedarBy(makeCedar);
await serve<BundleJob, BundleOffer>(({ workflows }) => {
  const { read, examine, check, test } = readingOf(workflows);
  return { read, examine, check, test };
});
