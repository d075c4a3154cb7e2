/**
 * New signing keys for a data folder that nobody uses. The old keys vouch for the new ones: a record names both, in a lane
 * of the old authority, under a checkpoint of the old key, before anything is changed. The old public keys stay in
 * `trust.json` for what they signed; the old private ones are gone.
 */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { openFileSigner } from '../adapters/local/file-signer.ts';
import { readTrust, rotated, strangers } from '../adapters/local/trust-file.ts';
import { ChanceryError } from '../src/errors.ts';
import { base64 } from '../src/ledger/bytes.ts';
import { proveEntry } from '../src/ledger/check/proof.ts';
import type { Standing } from '../src/ledger/hold.ts';
import { openLane } from '../src/ledger/lane/lane.ts';
import { SubjectKeys } from '../src/ledger/people/personal.ts';
import { createPseudonym } from '../src/ledger/people/pseudonym.ts';
import type { Trust } from '../src/ledger/trust.ts';
import type { Clock, Ids, Random, Signer } from '../src/ports.ts';
import { startSealing } from './sealing.ts';
import { dataPaths, openStores, type Stores } from './stores.ts';

/** Each signs for itself, and may be rotated by itself. */
export const ROTATED_KEYS = ['authority', 'checkpoint', 'witness'] as const;
export type RotatedKey = (typeof ROTATED_KEYS)[number];

export interface RotateDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly code: string;
}

export interface KeysRotated {
  /** Id of the `ledger.key_rotated` record; null when an earlier run had made it and was cut off after. */
  readonly record: string | null;
  readonly keys: readonly RotatedKey[];
}

type Signers = Record<RotatedKey, Signer>;

/**
 * Safe to repeat after it was cut off anywhere. Throws NOT_FOUND when there is no ledger, CONFLICT while a process
 * uses the folder, LEDGER_UNAVAILABLE when the ledger contradicts itself.
 */
export async function rotateKeys(
  folder: string,
  keys: readonly RotatedKey[],
  deps: RotateDeps,
): Promise<KeysRotated> {
  const trustFile = join(folder, 'trust.json');
  const trust = await readTrust(trustFile);
  if (trust === undefined) throw new ChanceryError('NOT_FOUND', `There is no ledger in ${folder}`);
  requireNobody(dataPaths(folder).table);
  const paths = pathsOf(folder);
  const stores = await openStores(folder);
  const { witnessKey, close } = stores;
  try {
    const old: Signers = {
      authority: stores.authority,
      checkpoint: stores.checkpointKey,
      witness: witnessKey,
    };
    const cutOff = ROTATED_KEYS.filter((key) => existsSync(nextOf(paths[key])));
    if (strangers(trust, stores).length > 0) {
      // Trusted already, and not in their places yet: the last step is all that is left.
      const next = await withNext(old, cutOff, paths);
      if (cutOff.length === 0 || strangers(trust, asKeys(next)).length > 0)
        throw new ChanceryError(
          'LEDGER_UNAVAILABLE',
          'The keys in the folder are not those that trust.json names',
        );
      for (const key of cutOff) renameSync(nextOf(paths[key]), paths[key]);
      return { record: null, keys: cutOff };
    }
    const next = await withNext(old, keys, paths);
    const { id, lane } = await vouch(folder, stores, trust, { keys, old, next }, deps);
    await rotated(trustFile, asKeys(next), lane, trust.max_merge_delay_seconds);
    for (const key of keys) renameSync(nextOf(paths[key]), paths[key]);
    return { record: id, keys };
  } finally {
    close();
  }
}

const pathsOf = (folder: string): Record<RotatedKey, string> => {
  const { authorityKey, checkpointKey, witnessKey } = dataPaths(folder);
  return { authority: authorityKey, checkpoint: checkpointKey, witness: witnessKey };
};

const nextOf = (path: string): string => `${path}.next`;

const asKeys = ({ authority, checkpoint, witness }: Signers) => ({
  authority,
  checkpointKey: checkpoint,
  witnessKey: witness,
});

/** The signers, with new ones for these keys; those that a run made that was cut off are taken again. */
async function withNext(
  old: Signers,
  keys: readonly RotatedKey[],
  paths: Record<RotatedKey, string>,
): Promise<Signers> {
  const next = { ...old };
  for (const key of keys) next[key] = await openFileSigner(nextOf(paths[key]));
  return next;
}

/** Puts the new keys on record under the old ones, sealed; the id of the record, and its lane. */
async function vouch(
  folder: string,
  stores: Stores,
  trust: Trust,
  { keys, old, next }: { keys: readonly RotatedKey[]; old: Signers; next: Signers },
  { clock, random, ids, code }: RotateDeps,
): Promise<{ id: string; lane: number }> {
  const lane = await openLane({
    table: stores.table,
    subjects: new SubjectKeys({ table: stores.subjects, clock, random }),
    authority: stores.authority,
    pseudonym: createPseudonym(stores.pseudonymKey, undefined),
    issuerName: (issuer) => issuer,
    clock,
    random,
    ids,
    origin: trust.origin,
    code,
    region: 'local',
    max_merge_delay_seconds: trust.max_merge_delay_seconds,
    wait: (ms) => wait(ms),
  });
  const { id, lane: number } = await lane.append({
    type: 'ledger.key_rotated',
    trace: '0'.repeat(32),
    data: {
      keys: keys.map((key) => ({
        key,
        before: base64(old[key].publicKey),
        after: base64(next[key].publicKey),
      })),
    },
  });
  await lane.close();
  await sealNow(folder);
  if ((await proveEntry({ table: stores.table, log: stores.log, trust }, id)) === undefined)
    throw new ChanceryError('LEDGER_UNAVAILABLE', 'The record of the new keys could not be sealed');
  return { id, lane: number };
}

/** Seals all there is with the keys of the folder. Throws LEDGER_UNAVAILABLE with what stands against it. */
async function sealNow(folder: string): Promise<void> {
  let standing: Standing | undefined;
  const sealing = await startSealing(folder, {
    meter: { count() {}, observe() {}, set() {} },
    log: { write() {} },
    alarm: async () => undefined,
    hold: {
      set: (_watcher, found) => {
        standing = found ?? standing;
      },
    },
  });
  await sealing.stop();
  if (standing !== undefined)
    throw new ChanceryError('LEDGER_UNAVAILABLE', `${standing.head}: ${standing.detail}`);
}

/** Only the last connection may leave the write-ahead log (SQLite: PRAGMA journal_mode); the next to open turns it on again. */
function requireNobody(table: string): void {
  const db = new DatabaseSync(table);
  try {
    db.exec('PRAGMA journal_mode = DELETE');
  } catch (cause) {
    throw new ChanceryError('CONFLICT', 'A process uses this data folder: stop it first', { cause });
  } finally {
    db.close();
  }
}
