/**
 * A store file opened as evidence: beside a running system, in a folder that nobody may write to, or in a copy with a
 * write-ahead log that its process left. SQLite makes files beside a store in WAL mode even for a reader, and cannot
 * read one where it may not; here nothing is left behind that was not there before.
 * https://www.sqlite.org/wal.html#read_only_databases
 */
import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { ChanceryError } from '../../src/errors.ts';

export interface Evidence {
  readonly db: DatabaseSync;
  close(): void;
}

const TIMEOUT = { timeout: 2_000 };

/** Throws VALIDATION_ERROR for what is no file: a pipe would be waited for. */
export function openForReading(path: string): Evidence {
  for (const one of [path, `${path}-wal`])
    if (statSync(one, { throwIfNoEntry: false })?.isFile() === false)
      throw new ChanceryError('VALIDATION_ERROR', `${one} is no file`);
  const wal = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size;
  if (wal === undefined) return mayWrite(path) ? asReader(path) : unchanging(path);
  // Both are there: somebody has it open, or was killed.
  if (existsSync(`${path}-shm`) && mayWrite(path)) return plain(path);
  return wal === 0 ? unchanging(path) : aCopy(path);
}

function plain(path: string): Evidence {
  const db = new DatabaseSync(path, { ...TIMEOUT, readOnly: true });
  return { db, close: () => db.close() };
}

/** With its locks, so that a system may start meanwhile. The last connection that may write takes the files away. */
function asReader(path: string): Evidence {
  const db = new DatabaseSync(path, TIMEOUT);
  db.exec('PRAGMA query_only = ON');
  return { db, close: () => db.close() };
}

/** Nobody can write here, so there is nothing to lock. */
function unchanging(path: string): Evidence {
  const db = new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), {
    ...TIMEOUT,
    readOnly: true,
  });
  return { db, close: () => db.close() };
}

/**
 * What stands in the write-ahead log cannot be read without writing beside it. What the copy is read from is open once something was
 * read: its names are taken away then, so that nothing stays behind of a look that is interrupted or killed.
 */
function aCopy(path: string): Evidence {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-evidence-'));
  const copy = join(folder, basename(path));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (const ending of ['', '-wal'])
      copyFileSync(`${path}${ending}`, `${copy}${ending}`, constants.COPYFILE_FICLONE);
    const { db, close } = plain(copy);
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    if (!NAMES_HOLD) remove();
    return {
      db,
      close() {
        close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A file that is open cannot be removed there. */
const NAMES_HOLD = process.platform === 'win32';

function mayWrite(path: string): boolean {
  try {
    for (const each of [path, dirname(path)]) accessSync(each, constants.W_OK);
    return true;
  } catch {
    // The only thing that it can say.
    return false;
  }
}
