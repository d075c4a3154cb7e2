/**
 * How a writer comes to a number of its own. A counter hands numbers out, so that a thousand writers that start at
 * once sign one certificate each; record 0 at the number claims it; and the directory, which has no gap, is entered in
 * the order of the numbers, by whoever comes by. A number whose taker died is filled by the writer right behind it: it
 * opens that lane and closes it.
 *
 * The counter is a help and nobody believes it: two writers with one number meet at record 0, and one takes another.
 */
import type { Item, Table } from '../../ports.ts';
import type { Signed } from '../bytes.ts';
import { laneKey, seqKey } from '../bytes.ts';
import { lastSealedLane } from '../seal/lock.ts';
import { insist, unavailable, type Wait } from './commit.ts';
import { directoryItem, lastLane, mendDirectory } from './directory.ts';

const COUNTER = ['NUMBERS', 'LANES'] as const;
/** No storm is larger: a counter that is further ahead of the directory was tampered with. */
const MOST_AHEAD = 100_000;
/** So many in a row do not die: whoever finds more numbers before its own that nobody took was given one that was made up. */
const MOST_DEAD = 64;
/** How long a taker may need for its certificate and record 0 before it is held for dead. */
const DEAD_MS = 2_000;
/** A writer waits so long for its place in the directory; then it begins to write, and tries again as it goes on. */
const PATIENCE_MS = 3_000;

export interface Claim {
  readonly lane: number;
  readonly certificate: Signed;
  /** Whether the directory has it. Until then nothing of the lane is sealed. */
  readonly entered: boolean;
}

/** In the directory; waiting for the number that is missing; or beyond so many that its own was never counted out. */
type Entering = 'entered' | 'stranded' | { readonly missing: number };

export interface ClaimDeps {
  readonly table: Table;
  /** Where numbers are counted out. */
  readonly numbers: Pick<Table, 'add' | 'get' | 'merge'>;
  readonly wait: Wait;
  /** Builds the signed certificate and record 0 for a number. */
  readonly first: (lane: number) => Promise<{ certificate: Signed; record: Item }>;
  /** Opens and closes the lane of a number whose taker died. */
  readonly fill: (lane: number) => Promise<void>;
}

/**
 * Throws LEDGER_UNAVAILABLE when the store stays silent, and when the tree holds lanes that the directory has lost: a
 * number would be given out a second time.
 */
export async function claimLane(deps: ClaimDeps): Promise<Claim> {
  const { table, numbers, wait } = deps;
  for (;;) {
    // In this order: a lane that is sealed meanwhile was in the directory before.
    const sealed = await insist(() => lastSealedLane(table), wait);
    const last = await insist(() => lastLane(table), wait);
    if (last < sealed)
      throw unavailable(`The directory ends with lane ${last}, and lane ${sealed} is in the tree`);
    const lane = await insist(() => takeNumber(numbers, wait, last), wait);
    const { certificate, record } = await deps.first(lane);
    const put = await insist(() => table.put(record, 'absent-or-identical'), wait);
    if (!put.stored) {
      await insist(() => mendDirectory(table, lane), wait);
      continue;
    }
    const entered = await enterInTime(deps, lane, certificate, last);
    if (entered !== 'stranded') return { lane, certificate, entered };
    // Somebody raised the counter. The lane is left as it is: nothing of it was promised to anybody.
    await insist(() => numbers.merge(...COUNTER, { taken: last }), wait);
  }
}

async function takeNumber(numbers: ClaimDeps['numbers'], wait: Wait, last: number): Promise<number> {
  for (;;) {
    const { taken } = await numbers.add(...COUNTER, [{ name: 'taken', window: 0, by: 1 }]);
    const number = Number(taken);
    if (number > last) return number <= last + MOST_AHEAD ? number : last + 1;
    // The counter is younger than the directory. One sets it right, the others find it so.
    await wait(100 * Math.random());
    const now = await numbers.get(...COUNTER);
    if (Number(now?.taken) < last) await numbers.merge(...COUNTER, { taken: last });
  }
}

/** Waits for those with lower numbers; false when that takes too long. */
async function enterInTime(
  deps: ClaimDeps,
  lane: number,
  certificate: Signed,
  known: number,
): Promise<boolean | 'stranded'> {
  for (let waited = 0; ; ) {
    const entering = await enterDirectory(
      deps,
      { lane, certificate },
      waited,
      waited === 0 ? known : undefined,
    );
    if (entering === 'stranded') return entering;
    if (entering === 'entered') return true;
    if (waited >= PATIENCE_MS) return false;
    // Those far behind look less often.
    const pause = Math.min(1_000, 5 * (lane - entering.missing));
    waited += pause;
    await deps.wait(pause);
  }
}

/**
 * Enters a lane once all before it are entered. What is left over, the sealer enters.
 * @param age milliseconds since the lane was claimed: those before it took their numbers no later
 * @param known a lane that is known to be in the directory, with all before it
 */
export async function enterDirectory(
  { table, wait, fill }: Pick<ClaimDeps, 'table' | 'wait' | 'fill'>,
  { lane, certificate }: Pick<Claim, 'lane' | 'certificate'>,
  age: number,
  known?: number,
): Promise<Entering> {
  const begun = (at: number) =>
    insist(async () => (await table.get(laneKey(at), seqKey(0))) !== undefined, wait);
  let last = known ?? (await insist(() => lastLane(table), wait));
  if (age >= DEAD_MS) {
    let first = lane;
    while (first - 1 > last && !(await begun(first - 1))) {
      first -= 1;
      if (lane - first > MOST_DEAD) return 'stranded';
    }
    for (let at = lane - 1; at >= first; at -= 1) await fill(at);
  }
  // One step for others at a time: a thousand who each did it for all before them would be a million.
  if (last < lane - 1 && age > 0) {
    const missing = last + 1;
    // Nobody behind it filled it: they died as well.
    if (age >= 3 * DEAD_MS && !(await begun(missing))) await fill(missing);
    if (await insist(() => mendDirectory(table, missing), wait)) last = missing;
  }
  if (last < lane - 1) return { missing: last + 1 };
  await insist(() => table.put(directoryItem(lane, certificate), 'absent-or-identical'), wait);
  return 'entered';
}
