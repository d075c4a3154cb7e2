/**
 * The embedded store: `Table` on node:sqlite. Its write-ahead log is synced before anybody hears of a write, so that what is
 * acknowledged survives a power cut (log-sync.ts); one transaction per turn of the event loop (commits.ts).
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkSlots, countInto } from '../../src/basics/slots.ts';
import type {
  Attributes,
  Change,
  Condition,
  Item,
  Lasting,
  Page,
  PutResult,
  Range,
  Slot,
  Table,
} from '../../src/ports.ts';
import { Commits, unavailable } from './commits.ts';
import { type OpenLogSync, openLogSync } from './log-sync.ts';
import {
  COLUMNS,
  CONTENT,
  CONTENT_MARKS,
  MARKS,
  pageOf,
  type Row,
  SCHEMA,
  TOUCHED,
  toChange,
  toItem,
  toRow,
  WATCH,
} from './rows.ts';
import { copyStoreFile } from './store-copy.ts';
import { placeOfStore, type StorePlace } from './store-place.ts';
import { setTriggers } from './triggers.ts';

export interface SqliteTable extends Table {
  /** Removes items whose `expires` (epoch seconds) is before `now` (seconds); how many. DynamoDB does it by TTL. */
  removeExpired(now: number): Promise<number>;
  /** What was done to ledger items after a position (0: ever), whoever did it; at most 100, oldest first. */
  changesAfter(position: number): Promise<readonly { readonly position: number; readonly change: Change }[]>;
  /** Keys of power-bearing items that were written since it was last asked, whoever wrote them; at most 1,000. */
  touched(): Promise<readonly { readonly pk: string; readonly sk: string }[]>;
  /** A consistent copy into a new file, while writing goes on. */
  copyTo(path: string): Promise<void>;
  /** Moves what the write-ahead log holds into the main file, as far as no reader is in the way; holds up nobody. */
  checkpoint(): void;
  /** Resolves when everything that is in the store is durable, also what other connections committed. Throws STORE_UNAVAILABLE. */
  settle(): Promise<void>;
  /** Whether the file holds together (SQLite: PRAGMA quick_check). Throws what SQLite says of one that does not open. */
  isWhole(): boolean;
  /** What happened to the files under this connection, in words; nothing is committed while it is not undefined. */
  lost(): string | undefined;
  /** Commits what waits and closes. Everything after it is STORE_UNAVAILABLE. */
  close(): void;
}

/**
 * Opens or makes the store at `path` (`:memory:` keeps nothing). `logSync` brings its commits to the disk, beside this thread.
 * `erasing` is for the subject keys: what is removed or replaced is overwritten in the file and gone from the
 * WAL before the caller hears that it succeeded (SQLite: PRAGMA secure_delete, PRAGMA wal_checkpoint).
 */
export function openSqliteTable(
  path: string,
  options: { erasing?: boolean; logSync?: (path: string) => OpenLogSync } = {},
): SqliteTable {
  if (path !== ':memory:') makePrivate(path);
  const db = new DatabaseSync(path, { timeout: 2_000 });
  db.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};`);
  if (options.erasing === true) db.exec('PRAGMA secure_delete = ON;');
  db.exec(SCHEMA);
  db.exec(WATCH);
  db.exec(TOUCHED);
  setTriggers(db);
  const kept = path !== ':memory:';
  const erasing = kept && options.erasing === true;
  const { logSync = openLogSync } = options;
  return new OnSqlite(db, path, erasing, kept && !erasing ? logSync(path) : undefined);
}

/**
 * SQLite would make the file readable by everybody; its WAL takes the mode of the file. One that is there is not
 * touched: closing a descriptor of it would give up the locks that SQLite holds on it in this process.
 */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/**
 * 32 MB. The sealer's thread moves what is in the write-ahead log once a second; a commit does it only where that falls
 * behind, and has little left to move then.
 */
const CHECKPOINT_PAGES = 4_000;
const PAGE = 500;
/** SQLITE_CONSTRAINT_PRIMARYKEY (sqlite.org/rescode.html). */
const PLACE_IS_TAKEN = 1555;
/** A BLOB is greater than every TEXT in SQLite's order of values. */
const AFTER_ALL = new Uint8Array(0);

interface Counted {
  readonly item: Item;
  readonly row: Row;
}

class OnSqlite implements SqliteTable {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #commits: Commits;
  readonly #sql: Statements;
  readonly #erasing: boolean;
  readonly #place: StorePlace | undefined;
  #traces = false;
  /** Undefined where nothing lasts, and where each commit wipes the write-ahead log. */
  readonly #log: OpenLogSync | undefined;
  /**
   * What this transaction counted and has not written yet, by its keys. Many of a crowd count on the same item (an enforcement point's
   * standing, a workflow's quota): it is read once and written once.
   */
  readonly #counted = new Map<string, Counted>();
  /** Read by queries since others last had a turn. */
  #rows = 0;
  #turns: Promise<void> = Promise.resolve();

  constructor(db: DatabaseSync, path: string, erasing: boolean, log: OpenLogSync | undefined) {
    this.#db = db;
    this.#path = path;
    this.#sql = prepare(db);
    this.#erasing = erasing;
    this.#place = path === ':memory:' ? undefined : placeOfStore(path);
    this.#log = log;
    this.#commits = new Commits(
      db,
      {
        lost: () => this.lost(),
        begun: () => this.#counted.clear(),
        ending: () => this.#writeCounted(),
        committed: () => this.#wipeTraces(),
      },
      log,
    );
  }

  async get(pk: string, sk: string): Promise<Item | undefined> {
    if (this.#commits.underWay !== undefined) await this.#durable();
    return read(() => this.#find(pk, sk));
  }

  async put(item: Item, condition: Condition): Promise<PutResult> {
    const row = condition === 'absent-or-identical' ? toSignedRow(item) : toRow(item);
    return this.#run(() => ({ stored: this.#store(row, condition) }));
  }

  async putRun(items: readonly Item[]): Promise<PutResult> {
    const rows = items.map(toSignedRow);
    if (rows.some(([pk]) => pk !== rows[0]?.[0])) throw new TypeError('a run is of one partition');
    return this.#run(() => ({
      stored: rows.every((row) => this.#store(row, 'absent-or-identical')),
    }));
  }

  async query(pk: string, range: Range = {}): Promise<Page> {
    const { from = '', to = AFTER_ALL, reverse = false, limit = PAGE } = range;
    const after = range.after ?? (reverse ? AFTER_ALL : '');
    const page = reverse ? this.#sql.backward : this.#sql.forward;
    // SQLite answers at once: those who read page after page must let requests in between.
    let isNext = range.after !== undefined;
    while (isNext || this.#rows >= PAGE || this.#commits.underWay !== undefined) {
      if (this.#commits.underWay !== undefined) await this.#durable();
      else await this.#turn();
      isNext = false;
    }
    // One more than asked for tells whether there is a next page.
    return read(() => {
      const items = page.all(pk, from, to, after, limit + 1).map(toItem);
      this.#rows += items.length;
      return pageOf(items, limit, range);
    });
  }

  /** Each who waits has one of its own: a thousand who read at once would come back in the same, and nobody else in between. */
  async #turn(): Promise<void> {
    this.#turns = this.#turns.then(() => nextTurn());
    await this.#turns;
    this.#rows = 0;
  }

  async add(pk: string, sk: string, slots: readonly Slot[], lasting?: Lasting): Promise<Item> {
    checkSlots(slots);
    const key = `${pk.length}:${pk}${sk}`;
    return this.#commits.run(
      () => {
        const item = countInto(this.#counted.get(key)?.item ?? this.#find(pk, sk) ?? { pk, sk }, slots);
        this.#counted.set(key, { item, row: toRow(item) });
        return item;
      },
      { waits: lasting === 'with-the-next' },
    );
  }

  async merge(pk: string, sk: string, attributes: Attributes): Promise<Item> {
    if (Object.keys(attributes).length === 0) throw new TypeError('there is nothing to merge');
    // Refused now if it cannot be stored: in the transaction it would fail those of others.
    toRow({ ...attributes, pk, sk });
    return this.#run(() => {
      const item = { ...(this.#find(pk, sk) ?? { pk, sk }), ...attributes, pk, sk };
      this.#replace(toRow(item));
      return item;
    });
  }

  async remove(pk: string, sk: string, condition?: { readonly version: number }): Promise<void> {
    await this.#run(() => {
      this.#traces = true;
      if (condition === undefined) this.#sql.remove.run(pk, sk);
      else this.#sql.removeVersion.run(pk, sk, condition.version);
    });
  }

  removeExpired(now: number): Promise<number> {
    return this.#run(() => {
      this.#traces = true;
      return Number(this.#sql.removeExpired.run(now).changes);
    });
  }

  async changesAfter(position: number): Promise<{ position: number; change: Change }[]> {
    await this.#durable();
    return read(() =>
      this.#sql.changes
        .all(position)
        .map((row) => ({ position: Number(row.position), change: toChange(row) })),
    );
  }

  async touched(): Promise<{ pk: string; sk: string }[]> {
    await this.#durable();
    const rows = read(() => this.#sql.touched.all());
    const last = rows.at(-1)?.position;
    if (last !== undefined) await this.#commits.run(() => this.#sql.forget.run(last));
    return rows.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
  }

  async copyTo(path: string): Promise<void> {
    if (this.#path === ':memory:') throw new TypeError('a store in memory is not copied');
    await copyStoreFile(this.#path, path);
  }

  checkpoint(): void {
    if (this.lost() === undefined) this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  async settle(): Promise<void> {
    await this.#durable();
    try {
      await this.#log?.later();
    } catch (error) {
      throw unavailable(error);
    }
  }

  isWhole(): boolean {
    return this.#db.prepare('PRAGMA quick_check(1)').get()?.quick_check === 'ok';
  }

  lost(): string | undefined {
    return this.#commits.failed ?? this.#place?.lost();
  }

  close(): void {
    this.#commits.close();
    this.#log?.close();
    this.#db.close();
  }

  /** In the next transaction, where what was counted before it is written. */
  #run<T>(work: () => T): Promise<T> {
    return this.#commits.run(() => {
      this.#writeCounted();
      return work();
    });
  }

  #writeCounted(): void {
    for (const { row } of this.#counted.values()) this.#replace(row);
    this.#counted.clear();
  }

  #replace(row: Row): void {
    const [pk, sk, ...content] = row;
    if (this.#sql.update.run(...content, pk, sk).changes === 0) this.#sql.insert.run(...row);
    this.#traces = true;
  }

  #find(pk: string, sk: string): Item | undefined {
    const row = this.#sql.find.get(pk, sk);
    return row === undefined ? undefined : toItem(row);
  }

  #store(row: Row, condition: Condition): boolean {
    const [pk, sk, ...content] = row;
    if (typeof condition === 'object') {
      this.#traces = true;
      return this.#sql.replaceVersion.run(...content, pk, sk, condition.version).changes === 1;
    }
    if (this.#insert(row)) return true;
    const [b, s] = content;
    return condition === 'absent-or-identical' && this.#sql.identical.get(pk, sk, b, s) !== undefined;
  }

  /** False where the place is taken: SQLite then undoes the statement alone, and what the trigger before it wrote. */
  #insert(row: Row): boolean {
    try {
      this.#sql.insert.run(...row);
      return true;
    } catch (error) {
      if (error instanceof Error && 'errcode' in error && error.errcode === PLACE_IS_TAKEN) return false;
      throw error;
    }
  }

  /** What is read was not to be taken back any more when it was: nobody acts on what a power cut may undo. */
  async #durable(): Promise<void> {
    while (this.#commits.underWay !== undefined) await this.#commits.underWay;
  }

  /** Old pages lie in the WAL until it is truncated; a reader in another process can be in the way of that. */
  #wipeTraces(): void {
    if (!this.#erasing || !this.#traces) return;
    const answer = this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    if (answer?.busy !== 0) throw new Error('a reader keeps the write-ahead log from being wiped');
    this.#traces = false;
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(db: DatabaseSync) {
  const between = `SELECT ${COLUMNS} FROM items WHERE pk = ? AND sk >= ? AND sk <= ?`;
  return {
    find: db.prepare(`SELECT ${COLUMNS} FROM items WHERE pk = ? AND sk = ?`),
    // Not ON CONFLICT DO NOTHING: a refused put would be left as a change by the trigger before inserts.
    insert: db.prepare(`INSERT INTO items (${COLUMNS}) VALUES (${MARKS})`),
    identical: db.prepare('SELECT 1 FROM items WHERE pk = ? AND sk = ? AND b = ? AND s = ?'),
    update: db.prepare(`UPDATE items SET (${CONTENT}) = (${CONTENT_MARKS}) WHERE pk = ? AND sk = ?`),
    replaceVersion: db.prepare(
      `UPDATE items SET (${CONTENT}) = (${CONTENT_MARKS}) WHERE pk = ? AND sk = ? AND version = ?`,
    ),
    forward: db.prepare(`${between} AND sk > ? ORDER BY sk LIMIT ?`),
    backward: db.prepare(`${between} AND sk < ? ORDER BY sk DESC LIMIT ?`),
    changes: db.prepare('SELECT * FROM changes WHERE position > ? ORDER BY position LIMIT 100'),
    touched: db.prepare('SELECT position, pk, sk FROM touched ORDER BY position LIMIT 1000'),
    forget: db.prepare('DELETE FROM touched WHERE position <= ?'),
    remove: db.prepare('DELETE FROM items WHERE pk = ? AND sk = ?'),
    removeVersion: db.prepare('DELETE FROM items WHERE pk = ? AND sk = ? AND version = ?'),
    removeExpired: db.prepare('DELETE FROM items WHERE expires < ?'),
  };
}

/** `absent-or-identical` compares signed bytes, so there must be some. */
function toSignedRow(item: Item): Row {
  const row = toRow(item);
  if (row[2] === null || row[3] === null) throw new TypeError(`the item ${item.pk} ${item.sk} is not signed`);
  return row;
}

function read<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unavailable(error);
  }
}
