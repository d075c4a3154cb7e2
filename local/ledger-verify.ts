/**
 * Verification of a data folder, of a copy of one, or of an export that has the log alone: what `ledger verify`
 * does. Everything is opened for reading only, and nothing needs to run.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readFolderBlobs } from '../adapters/local/folder-reader.ts';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { readTrust } from '../adapters/local/trust-file.ts';
import { ChanceryError } from '../src/errors.ts';
import { sealedPrunings } from '../src/ledger/check/sentinel.ts';
import { type LedgerVerification, verifyLedger } from '../src/ledger/check/verify-log.ts';
import { verifySince } from '../src/ledger/check/verify-since.ts';
import type { CheckSignatures } from '../src/ledger/ed25519.ts';
import { keyTrials } from '../src/ledger/people/personal.ts';
import { readLock } from '../src/ledger/seal/lock.ts';
import { witnessMemory } from '../src/ledger/tree/witness.ts';
import { withSignatures } from './signatures.ts';
import { dataPaths } from './stores.ts';
import { runInThread } from './thread.ts';

export interface VerifyStoreOptions {
  /** An auditor's own copy of the public keys; else the folder's `trust.json` is believed. */
  readonly trust?: string;
  readonly maxAgeSeconds?: number;
  /** A checkpoint that somebody kept, as text. */
  readonly since?: string;
  readonly signatures?: boolean;
  /** Only what is new since the kept checkpoint. */
  readonly incremental?: boolean;
}

export const verifyStore = (folder: string, options: VerifyStoreOptions = {}): Promise<LedgerVerification> =>
  withSignatures((check) => verifyBy(check, folder, options));

async function verifyBy(
  check: CheckSignatures,
  folder: string,
  options: VerifyStoreOptions,
): Promise<LedgerVerification> {
  const { trust: trustPath = join(folder, 'trust.json'), ...rest } = options;
  const trust = await readTrust(trustPath);
  if (trust === undefined) throw new ChanceryError('NOT_FOUND', `There is no trust.json at ${trustPath}.`);
  const paths = dataPaths(folder);
  const isExport = !existsSync(paths.table);
  if (isExport && !existsSync(join(folder, 'checkpoint'))) {
    throw new ChanceryError('NOT_FOUND', `There is neither a ledger nor an export in ${folder}`);
  }
  const worm = readFolderBlobs(paths.worm);
  const verifyOptions = { now: Date.now(), check, ...rest };
  // An export over the API carries no copies.
  const copies = existsSync(paths.worm) ? { worm } : {};
  const { since, incremental } = options;
  const only = incremental === true && since !== undefined ? { ...verifyOptions, since } : undefined;
  if (isExport) {
    const files = { log: readFolderBlobs(folder), ...copies };
    return only === undefined ? verifyLedger(files, trust, verifyOptions) : verifySince(files, trust, only);
  }
  const file = openLedgerFile(paths.table);
  const keys = existsSync(paths.subjects) ? openLedgerFile(paths.subjects) : undefined;
  const witness = existsSync(paths.witness) ? openLedgerFile(paths.witness) : undefined;
  const files = {
    log: readFolderBlobs(paths.log),
    worm,
    lock: () => readLock(file),
    witness: async () => witness && witnessMemory(witness, trust.origin),
  };
  try {
    if (only !== undefined) {
      const pruned = sealedPrunings({ log: files.log, table: file, trust });
      return await verifySince({ ...files, table: file, pruned }, trust, only);
    }
    const tryKey = keys === undefined ? async () => 'gone' as const : keyTrials(keys);
    return await verifyLedger({ ...files, lanes: file, tryKey }, trust, verifyOptions);
  } finally {
    file.close();
    keys?.close();
    witness?.close();
  }
}

/** Young objects of a verification die at once: more room for them would only be memory that nobody needs. */
const YOUNG_MB = 16;

export interface VerifyJob {
  readonly folder: string;
  readonly options: VerifyStoreOptions;
}

/**
 * The same in a thread of its own, beside a running system: seconds of hashing hold up nobody, and memory does not
 * grow with the ledger beyond a hash for each record. Throws as `verifyStore` does.
 */
export function verifyInThread(
  folder: string,
  options: VerifyStoreOptions = {},
): Promise<LedgerVerification> {
  const limits = { maxYoungGenerationSizeMb: YOUNG_MB };
  return runInThread<VerifyJob, LedgerVerification>('./verify-worker.ts', { folder, options }, limits);
}
