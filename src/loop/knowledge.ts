/**
 * Knowledge: what was done to whom, and whether it helped. What was done is in the records; whether it helped is what was
 * seen of the same principal (or node, where nobody was touched) in the time after.
 */
import { newestIn, pageOf } from '../basics/pages.ts';
import { HEALINGS, type Healing, type HealingState, healingOf } from '../govern/healing.ts';
import { wordsShown } from '../ledger/people/words.ts';
import type { Clock, Item, Table } from '../ports.ts';
import type { Seen } from './seen.ts';

/** After an action it is watched for so long whether it helped. */
export const WATCH_MS = 10 * 60_000;
/** Under a flood what it adds up to is kept so often, and the last of it when the flood is over. */
const KEEP_MS = 1_000;
/** Actions that are watched at once; the oldest give way. */
const MOST_WATCHED = 2_000;

/** `recurred`: more violations came after it. `helped`: none did while it was watched. */
export type Effect = 'watching' | 'helped' | 'recurred' | 'undone' | 'none';

export interface KnownHealing extends Healing {
  readonly effect: Effect;
  /** Violations of the same principal or node since. */
  readonly recurrences: number;
}

export interface Knowledge {
  /** Something was done: from now on it is watched. */
  did(healing: Healing): void;
  /** What came after what was done. */
  learn(seen: readonly Seen[]): Promise<void>;
  /** What was done lately, also by other processes. */
  recall(): Promise<void>;
  /** Newest case first. */
  list(options: {
    readonly status?: HealingState;
    readonly limit: number;
    readonly after?: string;
  }): Promise<{ readonly known: readonly KnownHealing[]; readonly next?: string }>;
  get(healing_id: string): Promise<KnownHealing | undefined>;
}

interface Watched {
  readonly healing_id: string;
  readonly done: number;
  recurrences: number;
}

export function createKnowledge({
  table,
  clock,
}: {
  readonly table: Table;
  readonly clock: Clock;
}): Knowledge {
  /** By whom or what it was about. */
  const watched = new Map<string, Watched[]>();
  /** What has recurred and is not kept yet. */
  const changed = new Set<Watched>();
  let kept = Number.NEGATIVE_INFINITY;

  function watch({ healing_id, status, done, subject, nodes }: Healing, recurrences = 0): void {
    if (status !== 'executed' || done === undefined || clock() - done > WATCH_MS) return;
    for (const about of aboutOf(subject, nodes)) {
      const all = watched.get(about) ?? [];
      if (all.some((each) => each.healing_id === healing_id)) continue;
      watched.delete(about);
      watched.set(about, [...all, { healing_id, done, recurrences }]);
      const [oldest] = watched.keys();
      if (watched.size > MOST_WATCHED && oldest !== undefined) watched.delete(oldest);
    }
  }

  const knownOf = (item: Item): KnownHealing | undefined => {
    const healing = healingOf(item.sk, item);
    if (healing === undefined) return undefined;
    const recurrences = Number(item.recurrences ?? 0);
    const why = wordsShown(healing.why, item.words);
    return { ...healing, why, recurrences, effect: effectOf(healing, recurrences, clock()) };
  };

  return {
    did: (healing) => watch(healing),

    async learn(seen) {
      for (const { accused, node, at } of seen)
        for (const about of [...aboutOf('', [node]), ...aboutOf(accused, [])])
          for (const each of watched.get(about) ?? [])
            if (at > each.done && at - each.done <= WATCH_MS) {
              each.recurrences += 1;
              changed.add(each);
            }
      if (seen.length === 0 || clock() - kept >= KEEP_MS) {
        kept = clock();
        for (const one of changed) {
          changed.delete(one);
          await table.merge(HEALINGS, one.healing_id, { recurrences: one.recurrences });
        }
      }
      for (const [about, all] of watched) {
        const still = all.filter(({ done }) => clock() - done <= WATCH_MS);
        if (still.length === 0) watched.delete(about);
        else if (still.length < all.length) watched.set(about, still);
      }
    },

    async recall() {
      const { items } = await table.query(HEALINGS, { reverse: true, limit: 100 });
      for (const item of items) {
        const healing = healingOf(item.sk, item);
        if (healing !== undefined) watch(healing, Number(item.recurrences ?? 0));
      }
    },

    async list({ status, ...page }) {
      const { found, ...next } = await pageOf(
        newestIn(table, HEALINGS),
        (item) => {
          const known = knownOf(item);
          return status === undefined || known?.status === status ? known : undefined;
        },
        page,
      );
      return { known: found, ...next };
    },

    async get(healing_id) {
      const item = await table.get(HEALINGS, healing_id);
      return item && knownOf(item);
    },
  };
}

/** A principal where one was touched; else the nodes. */
const aboutOf = (subject: string, nodes: readonly string[]): string[] =>
  subject === '' ? nodes.map((node) => `node ${node}`) : [`subject ${subject}`];

function effectOf({ status, done }: Healing, recurrences: number, now: number): Effect {
  if (status === 'undone') return 'undone';
  if (status !== 'executed' || done === undefined) return 'none';
  if (recurrences > 0) return 'recurred';
  return now - done > WATCH_MS ? 'helped' : 'watching';
}
