/** One bite of the patrol for functions that come and go: what they know of it lies in the table of working state. */
import type { Table } from '../../ports.ts';
import { createPatrol, type PatrolDeps, type Patrolled } from './patrol.ts';
import type { Soundness } from './start-check.ts';

const KEY = ['SEALER', 'PATROL'] as const;
/** More than anybody changes; a list of all bundles of a log would not fit its item. */
const MOST_SUSPECTS = 1_000;

/** Two rounds at once look at the same bundle, and nothing is lost. Throws STORE_UNAVAILABLE. */
export async function patrolRound(deps: PatrolDeps, state: Pick<Table, 'get' | 'merge'>): Promise<Patrolled> {
  const item = await state.get(...KEY);
  const suspects = String(item?.suspects ?? '')
    .split(' ')
    .filter((n) => /^\d+$/.test(n))
    .map(Number);
  const patrol = createPatrol(deps, { next: Number(item?.next ?? 0), suspects });
  const patrolled = await patrol.bite();
  const memory = patrol.memory();
  await state.merge(...KEY, {
    next: memory.next,
    suspects: memory.suspects.slice(0, MOST_SUSPECTS).join(' '),
    sound: patrolled.standing === undefined,
    head: patrolled.standing?.head ?? '',
    detail: patrolled.standing?.detail ?? '',
  });
  return patrolled;
}

/** What the last bite left standing; undefined before the first. */
export async function patrolVerdict(state: Pick<Table, 'get'>): Promise<Soundness | undefined> {
  const item = await state.get(...KEY);
  if (item === undefined) return undefined;
  const { sound, head, detail } = item;
  return sound === true ? { sound } : { sound: false, head: String(head), detail: String(detail) };
}
