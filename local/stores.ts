/** Everything that the one-machine system keeps, opened from its data folder. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFileSigner } from '../adapters/local/file-signer.ts';
import { openFolderBlobs } from '../adapters/local/folder-blobs.ts';
import { openSqliteTable, type SqliteTable } from '../adapters/local/sqlite-table.ts';
import type { Blobs, Signer } from '../src/ports.ts';

export interface Stores {
  /** Ledger records and working state. */
  readonly table: SqliteTable;
  /** Keys of data subjects: erased for good when removed. */
  readonly subjects: SqliteTable;
  /** Reports, exports, large outputs. */
  readonly documents: Blobs;
  /** Tiles, bundles and checkpoints of the transparency log. */
  readonly log: Blobs;
  /** The write-once copy of each checkpoint. */
  readonly worm: Blobs;
  /** Signs lane certificates. */
  readonly authority: Signer;
  /** Signs checkpoints. */
  readonly checkpointKey: Signer;
  /** Our own witness. */
  readonly witnessKey: Signer;
  /** Signs capability tokens. */
  readonly capabilityKey: Signer;
  readonly pseudonymKey: Uint8Array;
  close(): void;
}

/** Where things are in a data folder; the CLI's offline commands use the same names. */
export const dataPaths = (folder: string) => ({
  table: join(folder, 'store.sqlite'),
  subjects: join(folder, 'subjects.sqlite'),
  documents: join(folder, 'documents'),
  log: join(folder, 'log'),
  worm: join(folder, 'worm'),
  witness: join(folder, 'witness.sqlite'),
  authorityKey: join(folder, 'keys', 'lane-authority.pem'),
  checkpointKey: join(folder, 'keys', 'checkpoint.pem'),
  witnessKey: join(folder, 'keys', 'witness.pem'),
  capabilityKey: join(folder, 'keys', 'capability.pem'),
  pseudonymKey: join(folder, 'keys', 'pseudonym.key'),
});

export async function openStores(folder: string): Promise<Stores> {
  const paths = dataPaths(folder);
  mkdirSync(join(folder, 'keys'), { recursive: true, mode: 0o700 });
  const table = openSqliteTable(paths.table);
  const subjects = openSqliteTable(paths.subjects, { erasing: true });
  return {
    table,
    subjects,
    documents: await openFolderBlobs(paths.documents),
    log: await openFolderBlobs(paths.log),
    worm: await openFolderBlobs(paths.worm),
    authority: await openFileSigner(paths.authorityKey),
    checkpointKey: await openFileSigner(paths.checkpointKey),
    witnessKey: await openFileSigner(paths.witnessKey),
    capabilityKey: await openFileSigner(paths.capabilityKey),
    pseudonymKey: secretFile(paths.pseudonymKey),
    close() {
      table.close();
      subjects.close();
    },
  };
}

/** What the sealer's thread opens for itself. */
export async function openLogStores(folder: string) {
  const paths = dataPaths(folder);
  const [table, witness] = [openSqliteTable(paths.table), openSqliteTable(paths.witness)];
  return {
    table,
    /** Of the witness alone. */
    witness,
    log: await openFolderBlobs(paths.log),
    worm: await openFolderBlobs(paths.worm),
    authority: await openFileSigner(paths.authorityKey),
    checkpointKey: await openFileSigner(paths.checkpointKey),
    witnessKey: await openFileSigner(paths.witnessKey),
    close() {
      table.close();
      witness.close();
    },
  };
}

/** 32 random bytes, made once. Two starting runtimes agree on the one that was written first. */
function secretFile(path: string): Uint8Array {
  try {
    writeFileSync(path, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return new Uint8Array(Buffer.from(readFileSync(path, 'utf8').trim(), 'hex'));
}
