/** Which changes of the working state are worth a look at the ledger. Pure. */
import type { Change, Item } from '../../ports.ts';
import { BEARS, kindOf, SHARED } from './powers.ts';

/**
 * The item whose power a change may have touched; undefined where it cannot have: what gives none, and what also serves something
 * else and only that changed. A standing counts each request of its principal, and must not have the ledger read for each.
 */
export function powerTouchedBy(change: Change): Pick<Item, 'pk' | 'sk'> | undefined {
  const { before, after, pk, sk } = imagesOf(change);
  const kind = kindOf(pk, sk);
  if (kind === undefined) return undefined;
  const same = SHARED.has(kind) && BEARS[kind].every((name) => said(before, name) === said(after, name));
  return same ? undefined : { pk, sk };
}

function imagesOf(change: Change): Pick<Item, 'pk' | 'sk'> & { before?: Item; after?: Item } {
  if (change.kind === 'inserted') return { pk: change.item.pk, sk: change.item.sk, after: change.item };
  const { before } = change;
  return {
    pk: before.pk,
    sk: before.sk,
    before,
    ...(change.kind === 'modified' ? { after: change.after } : {}),
  };
}

const said = (item: Item | undefined, name: string): string => JSON.stringify(item?.[name] ?? null);
