/**
 * One tells at a time. Whoever is woken while another does leaves a note, and who finds it looks once more before it ends:
 * a ring is neither lost nor waited for. Who dies in its turn holds up the others until its lease is over.
 */
import type { Clock, Item, Table } from '../../../ports.ts';

export interface TurnTaken {
  /** Prolongs it. False where it is somebody else's by now. */
  keep(): Promise<boolean>;
  /** Gives it back. False where somebody rang meanwhile: it is still ours then, and there is more to do. */
  giveBack(): Promise<boolean>;
}

export interface BroadcastTurnDeps {
  readonly table: Table;
  readonly clock: Clock;
  /** Tells this runner from others. */
  readonly own: string;
}

const KEY = ['LISTENERS#TURN', 'broadcast'] as const;
const LEASE_MS = 20_000;
const TRIES = 20;

/** Undefined where another has it, who was left a note. Throws STORE_UNAVAILABLE. */
export async function takeTurn({ table, clock, own }: BroadcastTurnDeps): Promise<TurnTaken | undefined> {
  const [pk, sk] = KEY;
  const read = () => table.get(pk, sk);
  const mine = (found: Item | undefined): boolean => found?.own === own;
  const next = (found: Item | undefined): Item => ({
    pk,
    sk,
    version: Math.max(clock(), Number(found?.version ?? 0) + 1),
    own,
    until: clock() + LEASE_MS,
    rung: false,
  });
  const put = async (item: Item, found: Item | undefined): Promise<boolean> =>
    (await table.put(item, found === undefined ? 'absent' : { version: Number(found.version) })).stored;

  const turn: TurnTaken = {
    async keep() {
      for (let tried = 0; tried < TRIES; tried += 1) {
        const found = await read();
        if (found === undefined || !mine(found)) return false;
        // A note that was left is answered by the look that comes after this.
        if (await put(next(found), found)) return true;
      }
      return true;
    },
    async giveBack() {
      const found = await read();
      if (found === undefined || !mine(found)) return true;
      if (found.rung === true) return !(await turn.keep());
      await table.remove(pk, sk, { version: Number(found.version) });
      // Somebody left a note between the two: it is still there.
      if (!mine(await read())) return true;
      return !(await turn.keep());
    },
  };

  for (let tried = 0; tried < TRIES; tried += 1) {
    const found = await read();
    if (found === undefined || Number(found.until) <= clock()) {
      if (await put(next(found), found)) return turn;
    } else if (await put({ ...found, rung: true, version: Number(found.version) + 1 }, found))
      return undefined;
  }
  return undefined;
}
