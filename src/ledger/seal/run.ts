/** A run of a sealer that was woken by records: it ends when what woke it is in the tree, or says that it is not. */
import { ChanceryError } from '../../errors.ts';
import type { Wait } from '../lane/commit.ts';
import type { Sealer, SealResult } from './sealer.ts';

/** Rounds that others may be faster in before a run gives up. */
const MOST_OVERTAKEN = 8;
const APART_MS = 100;

/**
 * Seals until nothing waits. Throws CONFLICT when others were faster each time: then nothing is lost, and it is to be run
 * again; LEDGER_UNAVAILABLE when the heads contradict each other; STORE_UNAVAILABLE when a part does not answer.
 * @param heard is told of each round
 */
export async function sealUntilDone(
  sealer: Pick<Sealer, 'seal'>,
  wait: Wait,
  heard: (result: SealResult) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  let overtaken = 0;
  for (let more = true; more; ) {
    const result = await sealer.seal();
    await heard(result);
    if (result.status === 'stopped')
      throw new ChanceryError('LEDGER_UNAVAILABLE', `Sealing stopped: ${result.head}: ${result.detail}`);
    more = result.status === 'overtaken' || (result.status === 'sealed' && result.more);
    if (result.status !== 'overtaken') continue;
    overtaken += 1;
    if (overtaken > MOST_OVERTAKEN)
      throw new ChanceryError('CONFLICT', 'Other sealers were faster each time; run this one again.');
    // What woke this one may have come after the faster one had gathered: it looks again, a little apart from it.
    await wait(APART_MS * (1 + Math.random()));
  }
}
