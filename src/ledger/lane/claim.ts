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
/** Numbers that a writer enters for others before it looks after its own records again. */
const MOST_STEPS = 64;
/** So many that are not entered yet are no longer a few that start together. */
const STORM = 8;
/** About what an entry takes: after so long for each that is before its own a writer looks again. */
const STEP_MS = 15;
const LONGEST_PAUSE_MS = 500;

export interface Claim {
  readonly lane: number;
  readonly certificate: Signed;
  /** How far the directory was when this one looked last. Until it has the lane, nothing of that is sealed. */
  readonly seen: number;
}

/** Beyond so many numbers that nobody took that its own was never counted out; or how far the directory is now. */
type Entering = 'stranded' | { readonly last: number };

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
      // Held for dead, and somebody opened the lane for it. In its turn it is entered: a later one would leave a gap for good.
      if (lane === last + 1) await insist(() => mendDirectory(table, lane), wait);
      continue;
    }
    const claim = await enterInTime(deps, { lane, certificate, seen: last });
    if (claim !== 'stranded') return claim;
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

/** Whether the directory has the lane. */
export const isEntered = ({ lane, seen }: Pick<Claim, 'lane' | 'seen'>): boolean => seen >= lane;

/**
 * Waits for those with lower numbers, but not for long. In a storm not at all, once the one before it has begun: a hundred
 * who look for their turn only keep the store from those before them, and the sealer enters all of them in one go.
 */
async function enterInTime(deps: ClaimDeps, claim: Claim): Promise<Claim | 'stranded'> {
  const { lane, certificate } = claim;
  let { seen } = claim;
  if (seen === lane - 1) {
    await enter(deps, lane, certificate);
    return { ...claim, seen: lane };
  }
  let pause = 0;
  for (let waited = 0; !isEntered({ lane, seen }) && waited < PATIENCE_MS; ) {
    if (lane - seen > STORM && (await hasBegun(deps, lane - 1))) break;
    pause = Math.min(LONGEST_PAUSE_MS, pause === 0 ? STEP_MS * (lane - 1 - seen) : 2 * pause);
    const ms = pause * (0.5 + Math.random());
    await deps.wait(ms);
    waited += ms;
    const entering = await enterDirectory(deps, { lane, certificate, seen }, waited);
    if (entering === 'stranded') return entering;
    if (entering.last > seen) pause = 0;
    seen = entering.last;
  }
  return { ...claim, seen };
}

/**
 * Enters a lane once all before it are entered. Who finds the directory where it was the last time enters those before
 * itself too; who finds it further leaves that to whoever is at it. What is left over, the sealer enters.
 * @param age milliseconds since the lane was claimed: those before it took their numbers no later
 */
export async function enterDirectory(
  { table, wait, fill }: Pick<ClaimDeps, 'table' | 'wait' | 'fill'>,
  { lane, certificate, seen }: Claim,
  age: number,
): Promise<Entering> {
  let last = await insist(() => lastLane(table), wait);
  if (age >= DEAD_MS) {
    let first = lane;
    while (first - 1 > last && !(await hasBegun({ table, wait }, first - 1))) {
      first -= 1;
      if (lane - first > MOST_DEAD) return 'stranded';
    }
    for (let at = lane - 1; at >= first; at -= 1) await fill(at);
  }
  if (last === seen) {
    // Nobody behind it filled it: they died as well.
    if (age >= 3 * DEAD_MS && last < lane - 1 && !(await hasBegun({ table, wait }, last + 1)))
      await fill(last + 1);
    // Where another enters the same, one of them goes on: the other's would be the same writes again.
    for (let steps = 0; last < lane - 1 && steps < MOST_STEPS; steps += 1) {
      const mended = await insist(() => mendDirectory(table, last + 1), wait);
      if (mended === 'nothing') break;
      last += 1;
      if (mended === 'there') break;
    }
  }
  if (last !== lane - 1) return { last };
  await enter({ table, wait }, lane, certificate);
  return { last: lane };
}

const hasBegun = ({ table, wait }: Pick<ClaimDeps, 'table' | 'wait'>, lane: number): Promise<boolean> =>
  insist(async () => (await table.get(laneKey(lane), seqKey(0))) !== undefined, wait);

async function enter({ table, wait }: Pick<ClaimDeps, 'table' | 'wait'>, lane: number, certificate: Signed) {
  await insist(() => table.put(directoryItem(lane, certificate), 'absent-or-identical'), wait);
}
