/**
 * A backup of a data folder while its process writes on, and what is made of a backup, of a copy of a folder, or of a
 * sealed log alone. A backup is one moment: the store as of one transaction, the log as of the tree that this store
 * knows, and of everything else no less than the two need.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openFolderBlobs } from '../adapters/local/folder-blobs.ts';
import { readFolderBlobs } from '../adapters/local/folder-reader.ts';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { copyStoreFile } from '../adapters/local/store-copy.ts';
import { ChanceryError } from '../src/errors.ts';
import { copyKept, copyTree } from '../src/ledger/keep/export.ts';
import { readLock } from '../src/ledger/seal/lock.ts';
import { CHECKPOINT } from '../src/ledger/seal/publish.ts';
import { wormName } from '../src/ledger/seal/worm.ts';
import { dataPaths } from './stores.ts';

export interface Backup {
  readonly folder: string;
  /** Size of the signed tree that is in it. */
  readonly tree_size: number;
  /** The checkpoint of that tree; null before the first. */
  readonly checkpoint: string | null;
}

/** What the log needs to be published to its end. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 100;

/** What is beside the stores: keys, public keys, the development issuer. */
const FILES = ['keys', 'documents', 'trust.json', 'dev-issuer-key.pem'] as const;

/**
 * Throws VALIDATION_ERROR for a folder with something in it, NOT_FOUND where there is no ledger, and
 * LEDGER_UNAVAILABLE when the newest tree is not published in time: sealing stands still.
 */
export async function backUp(dataFolder: string, into: string): Promise<Backup> {
  if (existsSync(into) && readdirSync(into).length > 0)
    throw new ChanceryError('VALIDATION_ERROR', `${into} is not empty: a backup is never mixed with another`);
  const [from, to] = [dataPaths(dataFolder), dataPaths(into)];
  if (!existsSync(from.table)) throw new ChanceryError('NOT_FOUND', `There is no ledger in ${dataFolder}`);
  mkdirSync(into, { recursive: true, mode: 0o700 });
  // The witness first: it may know of no tree that the store does not know.
  if (existsSync(from.witness)) await copyStoreFile(from.witness, to.witness);
  await copyStoreFile(from.table, to.table);
  const copy = openLedgerFile(to.table);
  const lock = await readLock(copy).finally(() => copy.close());
  const checkpoint = lock.size === 0 ? null : await keptCheckpoint(from.worm, lock.size);
  // After the store: of everything that it has the keys are there.
  if (existsSync(from.subjects)) await copyStoreFile(from.subjects, to.subjects);
  for (const name of FILES)
    if (existsSync(join(dataFolder, name)))
      cpSync(join(dataFolder, name), join(into, name), { recursive: true, preserveTimestamps: true });
  const [log, worm] = [await openFolderBlobs(to.log), await openFolderBlobs(to.worm)];
  if (checkpoint !== null) {
    await copyTree(readFolderBlobs(from.log), log, lock.size);
    await copyKept(readFolderBlobs(from.worm), worm, '', lock.size);
    await log.put(CHECKPOINT, new TextEncoder().encode(checkpoint));
  }
  const backup = { folder: into, tree_size: lock.size, checkpoint };
  writeFileSync(join(into, 'backup.json'), `${JSON.stringify({ v: 1, ...backup }, null, 2)}\n`, {
    mode: 0o600,
  });
  return backup;
}

/** The write-once copy of the tree that the store knows: a sealer may be about to keep it. */
async function keptCheckpoint(worm: string, size: number): Promise<string> {
  const blobs = readFolderBlobs(worm);
  for (let waited = 0; waited <= PATIENCE_MS; waited += LOOK_MS) {
    const bytes = await blobs.get(wormName(size));
    if (bytes !== undefined) return Buffer.from(bytes).toString('utf8');
    await sleep(LOOK_MS);
  }
  throw new ChanceryError(
    'LEDGER_UNAVAILABLE',
    `The tree of ${size} is not published: sealing stands still, or its write-once copy is gone`,
  );
}
