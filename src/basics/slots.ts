/**
 * The rule by which every `Table` counts: what `add` makes of an item. Adapters whose database can say it as
 * an update expression do so; the contract suite holds them to this.
 */
import type { Item, Slot, Value } from '../ports.ts';

/**
 * The item after the slots were counted into it.
 * A slot whose stored window differs restarts, except where the stored window is the next one: then the writer's
 * clock is late, and restarting would forget what others counted since the turn, so its count goes into the
 * stored window. A limit may thus refuse early, never late.
 */
export function countInto(item: Item, slots: readonly Slot[]): Item {
  const counted: Record<string, Value> = {};
  for (const slot of slots) {
    const { name, window, by } = slot;
    const stored = storedWindow(item, slot);
    const goesOn = counts(stored, window);
    counted[name] = goesOn ? countOf(item, name) + by : by;
    counted[`${name}_w`] = goesOn ? stored : window;
  }
  return { ...item, ...counted, pk: item.pk, sk: item.sk };
}

/** Whether a count for `window` is added to what is stored, rather than replacing it. */
export function counts(stored: number | undefined, window: number): stored is number {
  return stored === window || stored === window + 1;
}

/** The window that the slot of `item` is in; absent before its first count. */
export function storedWindow(item: Item, slot: Slot): number | undefined {
  const stored = item[`${slot.name}_w`];
  return typeof stored === 'number' ? stored : undefined;
}

/** Refuses slots that have no name fit for an attribute, and two of one name. */
export function checkSlots(slots: readonly Slot[]): void {
  const names = slots.map(({ name }) => name);
  const bad = names.find((name, index) => !/^[a-z0-9_]{1,40}$/.test(name) || names.indexOf(name) !== index);
  if (bad !== undefined || names.length === 0) throw new TypeError(`not slots to count in: ${names}`);
}

function countOf(item: Item, name: string): number {
  const count = item[name];
  return typeof count === 'number' ? count : 0;
}
