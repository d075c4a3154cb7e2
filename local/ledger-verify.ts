/** Verification of a data folder, or of a copy of one, with nothing running: what `ledger verify` does offline. */
import { join } from 'node:path';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { readTrust } from '../adapters/local/trust-file.ts';
import { ChanceryError } from '../src/errors.ts';
import type { Verification } from '../src/ledger/verdict.ts';
import { verifyLanes } from '../src/ledger/verify.ts';
import { dataPaths } from './stores.ts';

/** `trustPath`: an auditor's own copy of the public keys; else the folder's `trust.json` is believed. */
export async function verifyStore(
  folder: string,
  trustPath = join(folder, 'trust.json'),
): Promise<Verification> {
  const trust = await readTrust(trustPath);
  if (trust === undefined) throw new ChanceryError('NOT_FOUND', `There is no trust.json at ${trustPath}`);
  const file = openLedgerFile(dataPaths(folder).table);
  try {
    return await verifyLanes(file, trust);
  } finally {
    file.close();
  }
}
