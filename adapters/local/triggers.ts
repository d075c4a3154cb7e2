/**
 * The triggers of a store that is opened are those of this version, whatever was there: an earlier version's stay in a file once
 * they are made, and so would one that somebody put in the place of ours, or one that has ours do nothing.
 */
import { DatabaseSync } from 'node:sqlite';
import { SCHEMA, TOUCHED, WATCH } from './rows.ts';

/** Name → the text that SQLite keeps of it. */
type Triggers = ReadonlyMap<string, string>;

let expected: Triggers | undefined;

/** Throws what SQLite says where the file cannot be written. */
export function setTriggers(db: DatabaseSync): void {
  expected ??= ofNewStore();
  const [ours, there] = [expected, triggersIn(db)];
  const others = [...there].filter(([name, text]) => ours.get(name) !== text);
  if (others.length === 0) return;
  // At once: another process may be writing, and what it does is told by the one or by the other.
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const [name] of others) db.exec(`DROP TRIGGER IF EXISTS "${name.replaceAll('"', '""')}"`);
    for (const [name] of others) db.exec(ours.get(name) ?? '');
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

function ofNewStore(): Triggers {
  const db = new DatabaseSync(':memory:');
  try {
    for (const part of [SCHEMA, WATCH, TOUCHED]) db.exec(part);
    return triggersIn(db);
  } finally {
    db.close();
  }
}

const triggersIn = (db: DatabaseSync): Triggers =>
  new Map(
    db
      .prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
      .all()
      .map(({ name, sql }) => [String(name), String(sql)]),
  );
