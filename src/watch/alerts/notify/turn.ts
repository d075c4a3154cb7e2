/**
 * One writer at a time for one step of an alert. SNS delivers twice, and both deliveries may run at once in two
 * functions: without a turn each of them would find the step unwritten and write it.
 */
import type { Clock, Table } from '../../../ports.ts';

export interface TurnDeps {
  readonly table: Table;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

const PARTITION = 'ALERT_TURNS';
/** Longer than writing a step takes. Whoever crashes in its turn holds up the others for so long, not for ever. */
const TURN_MS = 10_000;
const PAUSE_MS = 100;

/**
 * Waits for the turn of `step`, works, and gives the turn back. Whatever `work` reads, it reads after the last
 * writer was done. Throws STORE_UNAVAILABLE when the turn cannot be had or given back.
 */
export async function inTurn<T>(deps: TurnDeps, step: string, work: () => Promise<T>): Promise<T> {
  let version = await take(deps, step);
  for (; version === undefined; version = await take(deps, step)) await deps.wait(PAUSE_MS);
  try {
    return await work();
  } finally {
    // Whoever was slower than its turn gives back nothing: the turn is somebody else's by now.
    await deps.table.remove(PARTITION, step, { version });
  }
}

/** The version under which the turn was taken; undefined while another has it. */
async function take({ table, clock }: TurnDeps, step: string): Promise<number | undefined> {
  const now = clock();
  const held = await table.get(PARTITION, step);
  if (held !== undefined && Number(held.until) > now) return undefined;
  const until = now + TURN_MS;
  // Counted on from the clock, so that no later turn has the version of one that was given back.
  const version = Math.max(now, Number(held?.version ?? 0) + 1);
  const { stored } = await table.put(
    { pk: PARTITION, sk: step, version, until, expires: Math.ceil(until / 1_000) },
    held === undefined ? 'absent' : { version: Number(held.version) },
  );
  return stored ? version : undefined;
}
