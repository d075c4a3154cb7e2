/** How an item lies in the embedded store's one table. */
import type { SQLOutputValue } from 'node:sqlite';
import type { Item } from '../../src/ports.ts';
import { fromText, toText } from './attributes.ts';

/**
 * `b` and `s` have columns of their own: the signed bytes are kept exactly as they came, and a reader
 * reaches them without decoding anything. `version` and `expires` repeat what stands in `more`.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS items (
    pk TEXT NOT NULL, sk TEXT NOT NULL, b BLOB, s BLOB, version INTEGER, expires INTEGER, more TEXT NOT NULL,
    PRIMARY KEY (pk, sk)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS expiring ON items (expires) WHERE expires IS NOT NULL;`;

export const COLUMNS = 'pk, sk, b, s, version, expires, more';
export const MARKS = '?, ?, ?, ?, ?, ?, ?';

/** Values in the order of COLUMNS. */
export type Row = readonly [
  pk: string,
  sk: string,
  b: Uint8Array | null,
  s: Uint8Array | null,
  version: number | null,
  expires: number | null,
  more: string,
];

/** DynamoDB's limit in bytes, held here too so that nothing works on one machine only. */
const MAX_ITEM_BYTES = 400 * 1024;

/** Throws for an item that no `Table` can hold: an empty key, a number that is none, more than 400 KB. */
export function toRow(item: Item): Row {
  const { pk, sk, b, s, ...more } = item;
  if (pk === '' || sk === '') throw new TypeError('an item needs a key that is not empty');
  const bytes = { b: b instanceof Uint8Array ? b : null, s: s instanceof Uint8Array ? s : null };
  // A `b` that is not bytes is an attribute like any other.
  const text = toText({
    ...more,
    ...(bytes.b === null && b !== undefined ? { b } : {}),
    ...(bytes.s === null && s !== undefined ? { s } : {}),
  });
  if (text.length + (bytes.b?.length ?? 0) + (bytes.s?.length ?? 0) > MAX_ITEM_BYTES) {
    throw new RangeError(`the item ${pk} ${sk} is over 400 KB`);
  }
  return [pk, sk, bytes.b, bytes.s, integer(item.version), integer(item.expires), text];
}

export function toItem(row: Record<string, SQLOutputValue>): Item {
  const { pk, sk, b, s, more } = row;
  if (typeof pk !== 'string' || typeof sk !== 'string' || typeof more !== 'string') {
    throw new TypeError('the row is not an item');
  }
  return {
    ...fromText(more),
    pk,
    sk,
    ...(b instanceof Uint8Array ? { b } : {}),
    ...(s instanceof Uint8Array ? { s } : {}),
  };
}

function integer(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null;
}
