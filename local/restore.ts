/**
 * A data folder out of a backup, out of a copy that was made of a folder while its process wrote, or out of a sealed
 * log alone (an export). What can be had back is put back out of the signed log; what cannot is told.
 */
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { openFolderBlobs } from '../adapters/local/folder-blobs.ts';
import { readFolderBlobs } from '../adapters/local/folder-reader.ts';
import { openSqliteTable } from '../adapters/local/sqlite-table.ts';
import { readTrust } from '../adapters/local/trust-file.ts';
import { ChanceryError } from '../src/errors.ts';
import { publishedCheckpoint } from '../src/ledger/check/proof.ts';
import { type Restored, restoreKept, restoreRecords } from '../src/ledger/keep/restore.ts';
import { readEntries } from '../src/ledger/reader.ts';
import { readLock } from '../src/ledger/seal/lock.ts';
import { wormName, wormSizes } from '../src/ledger/seal/worm.ts';
import { dataPaths } from './stores.ts';

export type RestoredFolder = Restored & {
  /** What is not there, in words. */
  readonly missing: readonly string[];
  /** Time of the newest record that is there; null where there is none. What was acknowledged later is not in it. */
  readonly until: string | null;
};

/**
 * Throws VALIDATION_ERROR when `dataFolder` holds a ledger already, NOT_FOUND when `from` holds none.
 * `from` itself is not touched.
 */
export async function restoreFolder(from: string, dataFolder: string): Promise<RestoredFolder> {
  const [source, target] = [dataPaths(from), dataPaths(dataFolder)];
  if (existsSync(target.table) || existsSync(target.log))
    throw new ChanceryError('VALIDATION_ERROR', `${dataFolder} holds a ledger; move it away first`);
  const isExport = !existsSync(source.log) && existsSync(join(from, 'checkpoint'));
  if (!isExport && !existsSync(source.log))
    throw new ChanceryError('NOT_FOUND', `There is neither a backup nor a sealed log in ${from}`);
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const missing: string[] = [];
  if (isExport) copyExport(from, dataFolder);
  else copyFolder(from, dataFolder);
  const trust = await readTrust(join(dataFolder, 'trust.json'));
  if (trust === undefined) throw new ChanceryError('NOT_FOUND', `There is no trust.json in ${from}`);
  if (!existsSync(target.table)) missing.push('the store: working state and what was not sealed yet');
  else if (!isSound(target.table)) {
    renameSync(target.table, `${target.table}.damaged`);
    missing.push('the store is damaged (store.sqlite.damaged): working state and what was not sealed yet');
  }
  if (!existsSync(target.subjects))
    missing.push('the keys of persons: their personal fields stay unreadable');
  if (!existsSync(target.authorityKey)) missing.push('the signing keys: the log can be read, and not go on');

  const log = await openFolderBlobs(target.log);
  const worm = await openFolderBlobs(target.worm);
  const published = (await publishedCheckpoint({ log, trust }))?.checkpoint.size ?? 0;
  for await (const size of wormSizes(readFolderBlobs(target.worm))) {
    if (size <= published) break;
    // They are evidence of what is lost; where a sealer looks they would stop it for good.
    const aside = join(dataFolder, 'worm-ahead', wormName(size));
    mkdirSync(join(aside, '..'), { recursive: true });
    renameSync(join(target.worm, wormName(size)), aside);
    missing.push(`the tree of ${size}: its checkpoint was signed after this was copied (worm-ahead)`);
  }
  const table = openSqliteTable(target.table);
  const witness = openSqliteTable(target.witness);
  try {
    const lock = await readLock(table);
    if (lock.size > published) {
      missing.push(`the tree of ${lock.size}: the log that was copied ends at ${published}`);
      await table.remove('LOG', 'LOCK');
    }
    const restored = await restoreRecords({ log, worm, trust }, table);
    await restoreKept({ log, worm, trust }, witness);
    const [newest] = (await readEntries(table, {}, { limit: 1 })).entries;
    return { ...restored, missing, until: newest?.record.time ?? null };
  } finally {
    table.close();
    witness.close();
  }
}

/** Throws VALIDATION_ERROR for a link, a pipe, a device: what a copy of it would be is not for whoever made the folder to say. */
function copy(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    filter(source) {
      const found = lstatSync(source);
      if (found.isFile() || found.isDirectory()) return true;
      throw new ChanceryError('VALIDATION_ERROR', `${source} is neither a file nor a folder`);
    },
  });
}

function copyExport(from: string, dataFolder: string): void {
  const { log, worm } = dataPaths(dataFolder);
  mkdirSync(log, { recursive: true, mode: 0o700 });
  for (const name of ['checkpoint', 'tile']) copy(join(from, name), join(log, name));
  if (existsSync(join(from, 'worm'))) copy(join(from, 'worm'), worm);
  copy(join(from, 'trust.json'), join(dataFolder, 'trust.json'));
}

/** Everything but what only a running process needs. */
function copyFolder(from: string, dataFolder: string): void {
  for (const name of readdirSync(from))
    if (!name.endsWith('-shm') && name !== 'logs' && name !== 'backup.json')
      copy(join(from, name), join(dataFolder, name));
}

/** A copy that was made while its process wrote can hold pages of two moments. */
function isSound(path: string): boolean {
  try {
    const table = openSqliteTable(path);
    try {
      return table.isWhole();
    } finally {
      table.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR') return false;
    throw error;
  }
}
