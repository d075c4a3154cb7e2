/** The patrol over processes that come and go: what it knows lies in the table of working state. */
import { ChanceryError } from '../../errors.ts';
import type { Item, Table } from '../../ports.ts';
import type { Standing } from '../hold.ts';
import { createPatrol, type Patrol, type PatrolDeps, type Patrolled, type PatrolMemory } from './patrol.ts';
import type { Soundness } from './start-check.ts';

const KEY = ['SEALER', 'PATROL'] as const;
/** More than anybody changes; a list of all bundles of a log would not fit its item. */
const MOST_SUSPECTS = 1_000;

/** Somebody else has written each time: never seen. */
const TRIES = 20;

type State = Pick<Table, 'get' | 'put' | 'merge'>;

/** What is written down of a patrol. */
interface Written extends PatrolMemory {
  readonly standing: Standing | undefined;
}

/** Rounds at once, of several processes, lose nothing that one of them found. Throws STORE_UNAVAILABLE. */
export async function patrolRound(deps: PatrolDeps, state: State): Promise<Patrolled> {
  const before = await recall(state);
  const patrol = createPatrol(deps, before);
  const patrolled = await patrol.bite();
  await remember(state, before.version, { ...patrol.memory(), standing: patrolled.standing });
  return patrolled;
}

/** Bites between two notes of how far a patrol is: an idle process writes little. */
const NOTED_EVERY = 64;

/**
 * The patrol of a process that stays. It goes on where the one before it stopped, and what that one found stands until
 * it is found in order. What it finds is written down at once. Each call is a bite; it throws STORE_UNAVAILABLE.
 */
export function stayingPatrol(deps: PatrolDeps, state: State): () => Promise<Patrolled> {
  let patrol: Patrol | undefined;
  let version = 0;
  let noted = '';
  let bites = 0;
  return async () => {
    if (patrol === undefined) {
      const before = await recall(state);
      [patrol, version] = [createPatrol(deps, before), before.version];
    }
    const patrolled = await patrol.bite();
    const found = JSON.stringify([patrol.memory().suspects, patrolled.standing]);
    if (found !== noted || bites % NOTED_EVERY === 0)
      version = await remember(state, version, { ...patrol.memory(), standing: patrolled.standing });
    noted = found;
    bites += 1;
    return patrolled;
  };
}

async function recall(state: State): Promise<Written & { readonly version: number }> {
  const item = await state.get(...KEY);
  const suspects = String(item?.suspects ?? '')
    .split(' ')
    .filter((n) => /^\d+$/.test(n))
    .map(Number);
  const standing =
    item === undefined || item.sound === true
      ? undefined
      : { head: String(item.head), detail: String(item.detail) };
  return { next: Number(item?.next ?? 0), suspects, standing, version: await versionOf(item, state) };
}

/** An older version wrote without one. */
async function versionOf(item: Item | undefined, state: State): Promise<number> {
  if (item === undefined) return 0;
  return Number(item.version ?? (await state.merge(...KEY, { version: 1 })).version);
}

/**
 * Writes it down over what had this version, and returns the version that it has now. Where another wrote meanwhile, what either
 * found stands: whether it is in order again, the next bite sees, which looks at what stands first.
 */
async function remember(state: State, version: number, own: Written): Promise<number> {
  let [now, known] = [own, version];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { next, suspects, standing } = now;
    const [pk, sk] = KEY;
    const item = {
      pk,
      sk,
      version: known + 1,
      next,
      suspects: suspects.slice(0, MOST_SUSPECTS).join(' '),
      sound: standing === undefined,
      head: standing?.head ?? '',
      detail: standing?.detail ?? '',
    };
    if ((await state.put(item, known === 0 ? 'absent' : { version: known })).stored) return known + 1;
    const theirs = await recall(state);
    now = {
      next: own.next,
      suspects: [...new Set([...theirs.suspects, ...own.suspects])],
      standing: own.standing ?? theirs.standing,
    };
    known = theirs.version;
  }
  throw new ChanceryError(
    'STORE_UNAVAILABLE',
    'Others wrote down their patrols each time; run this one again.',
  );
}

/** What the last bite left standing; undefined before the first. */
export async function patrolVerdict(state: Pick<Table, 'get'>): Promise<Soundness | undefined> {
  const item = await state.get(...KEY);
  if (item === undefined) return undefined;
  const { sound, head, detail } = item;
  return sound === true ? { sound } : { sound: false, head: String(head), detail: String(detail) };
}
