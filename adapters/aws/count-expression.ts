/** `countInto` (src/basics/slots.ts) as DynamoDB update expressions, so that the database does the counting. */

import { counts, storedWindow } from '../../src/basics/slots.ts';
import type { Item, Slot } from '../../src/ports.ts';
import { type Attributes, toAttributes } from './attribute-values.ts';

export interface CountExpression {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Attributes;
}

/** The usual case, without a read: every slot is new or still in its window. */
export function firstCount(slots: readonly Slot[]): CountExpression {
  return build(
    slots.map((slot, n) => ({
      slot,
      set: [`#w${n} = :w${n}`],
      add: [`#n${n} :by${n}`],
      condition: `(attribute_not_exists(#w${n}) OR #w${n} = :w${n})`,
      window: slot.window,
    })),
  );
}

/** After a window turned: each slot as the rule has it for the item as stored, provided that is still so. */
export function recount(slots: readonly Slot[], stored: Item): CountExpression {
  return build(
    slots.map((slot, n) => {
      const window = storedWindow(stored, slot);
      const condition = window === undefined ? `attribute_not_exists(#w${n})` : `#w${n} = :seen${n}`;
      const seen = window === undefined ? {} : { seen: window };
      return counts(window, slot.window)
        ? { slot, set: [], add: [`#n${n} :by${n}`], condition, ...seen }
        : {
            slot,
            set: [`#n${n} = :by${n}`, `#w${n} = :w${n}`],
            add: [],
            condition,
            window: slot.window,
            ...seen,
          };
    }),
  );
}

interface Part {
  readonly slot: Slot;
  readonly set: readonly string[];
  readonly add: readonly string[];
  readonly condition: string;
  /** The window to set, and the one that was seen: only those that an expression names may be passed along. */
  readonly window?: number;
  readonly seen?: number;
}

function build(parts: readonly Part[]): CountExpression {
  const set = parts.flatMap((part) => part.set);
  const add = parts.flatMap((part) => part.add);
  return {
    UpdateExpression: [
      ...(set.length > 0 ? [`SET ${set.join(', ')}`] : []),
      ...(add.length > 0 ? [`ADD ${add.join(', ')}`] : []),
    ].join(' '),
    ConditionExpression: parts.map(({ condition }) => condition).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(
      parts.flatMap(({ slot, set, add }, n) => [
        ...(set.length + add.length > 0 ? [[`#n${n}`, slot.name]] : []),
        [`#w${n}`, `${slot.name}_w`],
      ]),
    ),
    ExpressionAttributeValues: toAttributes(
      Object.assign(
        {},
        ...parts.map(({ slot, window, seen }, n) => ({
          [`:by${n}`]: slot.by,
          ...(window === undefined ? {} : { [`:w${n}`]: window }),
          ...(seen === undefined ? {} : { [`:seen${n}`]: seen }),
        })),
      ),
    ),
  };
}
