/**
 * A store file opened for reading only: for verification, tail and export beside a running system or on a copy.
 * Rows are streamed, so that a ledger of any length is read in little memory.
 */
import { existsSync } from 'node:fs';
import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import { ChanceryError } from '../../src/errors.ts';
import { DIRECTORY, laneKey, placeOf, type Signed, signedOf } from '../../src/ledger/bytes.ts';
import type { LaneSource } from '../../src/ledger/lane/verify-lanes.ts';
import type { Item, Page, Range } from '../../src/ports.ts';
import { openForReading } from './evidence.ts';
import { COLUMNS, pageOf, toItem } from './rows.ts';

export interface LedgerFile extends LaneSource {
  /** The reading half of the `Table` port. */
  get(pk: string, sk: string): Promise<Item | undefined>;
  query(pk: string, range?: Range): Promise<Page>;
  close(): void;
}

/** Throws NOT_FOUND when there is no such file; never makes or changes one, and leaves none behind. */
export function openLedgerFile(path: string): LedgerFile {
  if (!existsSync(path)) throw new ChanceryError('NOT_FOUND', `There is no ledger at ${path}`);
  const { db, close } = openForReading(path);
  const columns = `SELECT ${COLUMNS} FROM items`;
  const one = db.prepare(`${columns} WHERE pk = ? AND sk = ?`);
  const between = `${columns} WHERE pk = ? AND sk >= ? AND sk <= ?`;
  const forward = db.prepare(`${between} AND sk > ? ORDER BY sk LIMIT ?`);
  const backward = db.prepare(`${between} AND sk < ? ORDER BY sk DESC LIMIT ?`);
  const scan = () => db.prepare('SELECT sk, b, s FROM items WHERE pk = ? ORDER BY sk');
  return {
    async *directory() {
      for (const { seq, signed } of rows(scan(), DIRECTORY)) yield { lane: seq, signed };
    },
    async *records(lane) {
      let read = 0;
      for (const row of rows(scan(), laneKey(lane))) {
        yield row;
        read += 1;
        // Rows come without waiting: else a million would be one turn of the event loop, and its garbage would pile up.
        if (read % TURN_ROWS === 0) await new Promise((next) => setImmediate(next));
      }
    },
    async *partitions() {
      for (const { pk } of db.prepare(PARTITIONS).iterate()) yield String(pk);
    },
    async get(pk, sk) {
      const row = one.get(pk, sk);
      return row === undefined ? undefined : toItem(row);
    },
    async query(pk, range = {}) {
      const { from = '', to = LAST, reverse = false, limit = 500, after } = range;
      const statement = reverse ? backward : forward;
      const items = statement.all(pk, from, to, after ?? (reverse ? LAST : ''), limit + 1).map(toItem);
      return pageOf(items, limit, range);
    },
    close,
  };
}

const TURN_ROWS = 256;

/**
 * From key to key, in SQLite alone: a key of bytes that are no UTF-8 comes out as another text, and whoever asks what comes after that may
 * be given the same key for ever.
 */
const PARTITIONS = `
  WITH RECURSIVE lanes (pk) AS (
    SELECT min(pk) FROM items WHERE pk >= 'LANE#' AND pk < 'LANE$'
    UNION ALL
    SELECT (SELECT min(pk) FROM items WHERE pk > lanes.pk AND pk < 'LANE$') FROM lanes WHERE lanes.pk IS NOT NULL
  )
  SELECT pk FROM lanes WHERE pk IS NOT NULL`;

/** Sorts after every key that we write. */
const LAST = '\u{10ffff}';

function* rows(statement: StatementSync, pk: string): Generator<{ seq: number; signed: Signed | undefined }> {
  for (const row of statement.iterate(pk)) {
    yield { seq: placeOf(String(row.sk)), signed: signedOf({ b: bytes(row.b), s: bytes(row.s) }) };
  }
}

const bytes = (value: SQLOutputValue | undefined): Uint8Array | null =>
  value instanceof Uint8Array ? value : null;
