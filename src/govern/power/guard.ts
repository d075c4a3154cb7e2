/**
 * Working state as those see it who act on it: whatever gives power says what the records say, whatever somebody wrote
 * into the store. It costs no round trip: the records are known here.
 */
import type { Clock, Item, Page, Range, Table } from '../../ports.ts';
import { isListed, kindOf, type Powers } from './powers.ts';
import { corrected, isOfOldEdition } from './says.ts';

export interface GuardDeps {
  readonly table: Table;
  readonly powers: Powers;
  /** Reads what other writers have recorded meanwhile. */
  readonly catchUp: () => Promise<void>;
  /** Told of each item that was written through here. */
  readonly wrote: (item: Item) => void;
  /** Told of each item that says something else than it must. */
  readonly suspect: (pk: string, sk: string) => void;
  readonly clock: Clock;
}

export function guardTable({ table, powers, catchUp, wrote, suspect, clock }: GuardDeps): Table {
  async function seen(pk: string, sk: string, item: Item | undefined): Promise<Item | undefined> {
    const kind = kindOf(pk, sk);
    if (kind === undefined) return item;
    const power = powers.get(pk, sk);
    // Its sealed part names its newest record by hash, which whoever opens it can compare.
    if (kind === 'approval' && item !== undefined && isOfOldEdition(kind, item, power))
      return { ...item, newest_hash: String(power?.rest?.hash), newest: power?.record ?? '' };
    if (corrected(kind, item, power, clock()) === item) return item;
    // Another writer may have recorded it a moment ago.
    await catchUp();
    const right = corrected(kind, item, powers.get(pk, sk), clock());
    if (right !== item) suspect(pk, sk);
    return right;
  }

  const present = async (
    pk: string,
    items: readonly (readonly [string, Item | undefined])[],
  ): Promise<Item[]> =>
    (await Promise.all(items.map(([sk, item]) => seen(pk, sk, item)))).filter((item) => item !== undefined);

  /** Items that are gone from a partition that was read whole. */
  function missing(pk: string, range: Range, items: readonly Item[]): string[] {
    const there = new Set(items.map(({ sk }) => sk));
    const within = (sk: string) => sk >= (range.from ?? '') && (range.to === undefined || sk <= range.to);
    return powers.of(pk).flatMap(({ sk }) => (there.has(sk) || !within(sk) ? [] : [sk]));
  }

  return {
    get: async (pk, sk) => seen(pk, sk, await table.get(pk, sk)),
    async query(pk, range = {}): Promise<Page> {
      const page = await table.query(pk, range);
      if (!isListed(pk)) return page;
      const items = await present(
        pk,
        page.items.map((item) => [item.sk, item]),
      );
      if (page.next !== undefined || range.after !== undefined) return { ...page, items };
      const gone = await present(
        pk,
        missing(pk, range, page.items).map((sk) => [sk, undefined]),
      );
      const all = [...items, ...gone];
      all.sort((one, other) => (one.sk < other.sk ? -1 : 1) * (range.reverse === true ? -1 : 1));
      return { ...page, items: all.slice(0, range.limit) };
    },
    async put(item, condition) {
      // What was used up stays used up, whoever took the mark of it out of the store.
      const spent = condition === 'absent' && powers.get(item.pk, item.sk)?.kind === 'capability_use';
      if (spent) return { stored: false };
      const result = await table.put(item, condition);
      if (result.stored && kindOf(item.pk, item.sk) !== undefined) wrote(item);
      return result;
    },
    putRun: (items) => table.putRun(items),
    add: async (pk, sk, slots, lasting) => {
      const item = await table.add(pk, sk, slots, lasting);
      return (await seen(pk, sk, item)) ?? item;
    },
    merge: async (pk, sk, attributes) => {
      const item = await table.merge(pk, sk, attributes);
      const right = await seen(pk, sk, item);
      if (right === item && kindOf(pk, sk) !== undefined) wrote(item);
      return right ?? item;
    },
    remove: (pk, sk, condition) => table.remove(pk, sk, condition),
  };
}
