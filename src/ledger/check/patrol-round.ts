/** The patrol over processes that come and go: what it knows lies in the table of working state. */
import type { Table } from '../../ports.ts';
import { createPatrol, type Patrol, type PatrolDeps, type Patrolled, type PatrolMemory } from './patrol.ts';
import type { Soundness } from './start-check.ts';

const KEY = ['SEALER', 'PATROL'] as const;
/** More than anybody changes; a list of all bundles of a log would not fit its item. */
const MOST_SUSPECTS = 1_000;

/** Two rounds at once look at the same bundle, and nothing is lost. Throws STORE_UNAVAILABLE. */
export async function patrolRound(deps: PatrolDeps, state: Pick<Table, 'get' | 'merge'>): Promise<Patrolled> {
  const patrol = createPatrol(deps, await recall(state));
  const patrolled = await patrol.bite();
  await remember(state, patrol.memory(), patrolled);
  return patrolled;
}

/** Bites between two notes of how far a patrol is: an idle process writes little. */
const NOTED_EVERY = 64;

/**
 * The patrol of a process that stays. It goes on where the one before it stopped, and what that one found stands until
 * it is found in order. What it finds is written down at once. Each call is a bite; it throws STORE_UNAVAILABLE.
 */
export function stayingPatrol(
  deps: PatrolDeps,
  state: Pick<Table, 'get' | 'merge'>,
): () => Promise<Patrolled> {
  let patrol: Patrol | undefined;
  let noted = '';
  let bites = 0;
  return async () => {
    patrol ??= createPatrol(deps, await recall(state));
    const patrolled = await patrol.bite();
    const found = JSON.stringify([patrol.memory().suspects, patrolled.standing]);
    if (found !== noted || bites % NOTED_EVERY === 0) await remember(state, patrol.memory(), patrolled);
    noted = found;
    bites += 1;
    return patrolled;
  };
}

async function recall(state: Pick<Table, 'get'>): Promise<PatrolMemory> {
  const item = await state.get(...KEY);
  const suspects = String(item?.suspects ?? '')
    .split(' ')
    .filter((n) => /^\d+$/.test(n))
    .map(Number);
  return { next: Number(item?.next ?? 0), suspects };
}

async function remember(
  state: Pick<Table, 'merge'>,
  { next, suspects }: PatrolMemory,
  { standing }: Patrolled,
): Promise<void> {
  await state.merge(...KEY, {
    next,
    suspects: suspects.slice(0, MOST_SUSPECTS).join(' '),
    sound: standing === undefined,
    head: standing?.head ?? '',
    detail: standing?.detail ?? '',
  });
}

/** What the last bite left standing; undefined before the first. */
export async function patrolVerdict(state: Pick<Table, 'get'>): Promise<Soundness | undefined> {
  const item = await state.get(...KEY);
  if (item === undefined) return undefined;
  const { sound, head, detail } = item;
  return sound === true ? { sound } : { sound: false, head: String(head), detail: String(detail) };
}
