/**
 * The triggers of a store that is opened are those of this version, whatever was there: an earlier version's stay in a file once
 * they are made, and so would one that somebody put in the place of ours, or one that has ours do nothing.
 */
import { DatabaseSync } from 'node:sqlite';
import { unavailable } from './commits.ts';
import { SCHEMA, TOUCHED, WATCH } from './rows.ts';

/** Name → the text that SQLite keeps of it. */
type Triggers = ReadonlyMap<string, string>;

let expected: Triggers | undefined;

/** Throws what SQLite says where the file cannot be written, and STORE_UNAVAILABLE where a trigger cannot be taken out of it. */
export function setTriggers(db: DatabaseSync): void {
  expected ??= ofNewStore();
  const [ours, there] = [expected, triggersIn(db)];
  const others = [...there].filter(([name, text]) => ours.get(name) !== text);
  // Not only those that were replaced: SQLite takes a name for the same in other letters, and so for there already.
  const missing = [...ours].filter(([name, text]) => there.get(name) !== text);
  if (others.length === 0 && missing.length === 0) return;
  // At once: another process may be writing, and what it does is told by the one or by the other.
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const [name] of [...others, ...missing])
      db.exec(`DROP TRIGGER IF EXISTS "${name.replaceAll('"', '""')}"`);
    for (const [, text] of missing) db.exec(text);
    // One whose name is no text is found under none: it could keep all from the sentinel.
    if (triggersIn(db).size !== ours.size)
      throw unavailable(undefined, 'The store has a trigger that is not ours and cannot be removed');
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
