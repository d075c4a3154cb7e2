/** How an item lies in the embedded store's one table. */
import type { SQLOutputValue } from 'node:sqlite';
import type { Change, Item, Page, Range } from '../../src/ports.ts';
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

/**
 * What a trigger before an insert reads as the number of a row whose statement gives none. Of a statement that gives this one only
 * the trigger after it can tell.
 */
const UNNUMBERED = -1;
const REFUSE_NUMBER = `RAISE(ABORT, 'the numbers of rows are given by SQLite alone')`;
const REFUSE_CHANGE = `RAISE(ABORT, 'what was done to the ledger is only added to')`;

/**
 * The sentinel's eyes: nothing legitimate changes or removes a ledger item, so whoever does, by whatever tool,
 * leaves the old image here. (Whoever drops the triggers first does not; then only verification tells.)
 * REPLACE removes a row without telling the delete trigger, hence those before an insert and before an update of the key.
 * It does so as well to the row whose number (SQLite: rowid) a statement gives: here SQLite alone gives numbers, each a new one.
 * Nobody takes an image away again: else a record could be changed, and its image removed, in one transaction.
 */
export const WATCH = `
  CREATE TABLE IF NOT EXISTS changes (
    position INTEGER PRIMARY KEY AUTOINCREMENT, pk TEXT NOT NULL, sk TEXT NOT NULL, b BLOB, s BLOB, more TEXT NOT NULL,
    new_pk TEXT, new_sk TEXT, new_b BLOB, new_s BLOB, new_more TEXT
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS ledger_removed AFTER DELETE ON items WHEN old.pk GLOB 'LANE*' BEGIN
    INSERT INTO changes (pk, sk, b, s, more) VALUES (old.pk, old.sk, old.b, old.s, old.more);
  END;
  CREATE TRIGGER IF NOT EXISTS ledger_modified AFTER UPDATE ON items WHEN old.pk GLOB 'LANE*' BEGIN
    INSERT INTO changes (pk, sk, b, s, more, new_pk, new_sk, new_b, new_s, new_more) VALUES
      (old.pk, old.sk, old.b, old.s, old.more, new.pk, new.sk, new.b, new.s, new.more);
  END;
  CREATE TRIGGER IF NOT EXISTS ledger_displaced BEFORE INSERT ON items
    WHEN new.pk GLOB 'LANE*' OR new.rowid <> ${UNNUMBERED} BEGIN
    SELECT ${REFUSE_NUMBER} WHERE new.rowid <> ${UNNUMBERED};
    INSERT INTO changes (pk, sk, b, s, more, new_pk, new_sk, new_b, new_s, new_more)
      SELECT pk, sk, b, s, more, new.pk, new.sk, new.b, new.s, new.more
      FROM items WHERE pk = new.pk AND sk = new.sk;
  END;
  CREATE TRIGGER IF NOT EXISTS ledger_overwritten BEFORE UPDATE OF pk, sk ON items
    WHEN new.pk GLOB 'LANE*' AND (new.pk, new.sk) <> (old.pk, old.sk) BEGIN
    INSERT INTO changes (pk, sk, b, s, more, new_pk, new_sk, new_b, new_s, new_more)
      SELECT pk, sk, b, s, more, new.pk, new.sk, new.b, new.s, new.more
      FROM items WHERE pk = new.pk AND sk = new.sk;
  END;
  CREATE TRIGGER IF NOT EXISTS items_renumbered BEFORE UPDATE OF rowid, oid, _rowid_ ON items BEGIN
    SELECT ${REFUSE_NUMBER};
  END;
  CREATE TRIGGER IF NOT EXISTS changes_kept BEFORE DELETE ON changes BEGIN SELECT ${REFUSE_CHANGE}; END;
  CREATE TRIGGER IF NOT EXISTS changes_unchanged BEFORE UPDATE ON changes BEGIN SELECT ${REFUSE_CHANGE}; END;
  CREATE TRIGGER IF NOT EXISTS changes_in_order BEFORE INSERT ON changes WHEN new.position <> ${UNNUMBERED} BEGIN
    SELECT ${REFUSE_CHANGE};
  END;`;

/**
 * Keys of working state that gives power (src/govern/power/powers.ts), each time that somebody writes them by whatever
 * tool: what the comparison with the ledger looks at first. Standings are written with every request; only those with
 * a sanction are told of. By CASE: for each row that is written SQLite would make a table of an IN list.
 */
const POWERFUL = [
  ...['CHARTER', 'CHARTER#DRAFTS', 'SYSTEM', 'APPROVALS', 'SANCTIONS', 'VIOLATIONS', 'OVERRIDES', 'HEALING'],
  ...['REVOCATIONS', 'HOLDS', 'ALERTS', 'CAPABILITY', 'TOOL_REVIEWS'],
];
const POWER = (row: 'old' | 'new'): string =>
  `CASE ${row}.pk ${POWERFUL.map((pk) => `WHEN '${pk}' THEN 1`).join(' ')}
    ELSE ${row}.pk GLOB 'MISSIONS#*' OR (${row}.sk = 'standing' AND instr(${row}.more, '"s_') > 0) END`;
const TOLD = (row: 'old' | 'new'): string =>
  `INSERT OR REPLACE INTO touched (pk, sk) VALUES (${row}.pk, ${row}.sk);`;
const TOUCH = (row: 'old' | 'new'): string => `BEGIN ${TOLD(row)} END;`;
export const TOUCHED = `
  CREATE TABLE IF NOT EXISTS touched (
    position INTEGER PRIMARY KEY AUTOINCREMENT, pk TEXT NOT NULL, sk TEXT NOT NULL, UNIQUE (pk, sk)
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS powerful_written AFTER INSERT ON items
    WHEN ${POWER('new')} OR new.rowid = ${UNNUMBERED} BEGIN
    SELECT ${REFUSE_NUMBER} WHERE new.rowid = ${UNNUMBERED};
    ${TOLD('new')}
  END;
  CREATE TRIGGER IF NOT EXISTS powerful_removed AFTER DELETE ON items WHEN ${POWER('old')} ${TOUCH('old')}
  CREATE TRIGGER IF NOT EXISTS powerful_updated AFTER UPDATE ON items
    WHEN ${POWER('new')} OR ${POWER('old')} ${TOUCH('new')}
  CREATE TRIGGER IF NOT EXISTS powerful_moved AFTER UPDATE OF pk, sk ON items WHEN ${POWER('old')} ${TOUCH('old')}`;

/** What an update sets: the key stays, and setting it to what it is would write the index of keys anew as well. */
export const CONTENT = 'b, s, version, expires, more';
export const CONTENT_MARKS = '?, ?, ?, ?, ?';
export const COLUMNS = `pk, sk, ${CONTENT}`;
export const MARKS = `?, ?, ${CONTENT_MARKS}`;

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

export function toItem(row: Record<string, SQLOutputValue | undefined>): Item {
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

/** A row of `changes`. */
export function toChange(row: Record<string, SQLOutputValue>): Change {
  const before = toItem(row);
  if (row.new_pk === null) return { kind: 'removed', before, expired: false };
  const { new_pk: pk, new_sk: sk, new_b: b, new_s: s, new_more: more } = row;
  return { kind: 'modified', before, after: toItem({ pk, sk, b, s, more }) };
}

function integer(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null;
}

/**
 * A page of what was read, of which one more than `limit` was asked for. Throws where it would not lead on: a key of bytes that are no UTF-8
 * comes out as another text, and whoever reads on behind that may be given the same rows for ever.
 */
export function pageOf(items: readonly Item[], limit: number, { after, reverse = false }: Range): Page {
  const last = items[limit - 1];
  if (items.length <= limit || last === undefined) return { items };
  if (after !== undefined && !leadsOn(last.sk, after, reverse))
    throw new TypeError(`a key of ${last.pk} is no text: Chancery did not write it`);
  return { items: items.slice(0, limit), next: last.sk };
}

function leadsOn(sk: string, after: string, reverse: boolean): boolean {
  const order = Buffer.compare(Buffer.from(sk), Buffer.from(after));
  return reverse ? order < 0 : order > 0;
}
