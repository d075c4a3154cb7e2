/**
 * `trust.json` of a data folder: the log's name and public keys. Made with the folder; when a key is rotated the new
 * one is added, and the old one stays for what it signed.
 */
import { rename, writeFile } from 'node:fs/promises';
import { formatVkey, KEY_TYPE, keyId } from '../../src/ledger/tree/note.ts';
import { type Trust, trustSchema } from '../../src/ledger/trust.ts';
import type { Signer } from '../../src/ports.ts';
import { readPlainFile } from './plain-file.ts';

export interface LedgerKeys {
  readonly authority: Signer;
  readonly checkpointKey: Signer;
  readonly witnessKey: Signer;
}

/** Undefined when the folder has none; throws when it is damaged. */
export async function readTrust(path: string): Promise<Trust | undefined> {
  try {
    const bytes = await readPlainFile(path);
    if (bytes === undefined) return undefined;
    return trustSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Makes `trust.json` for a new folder. One that is there is believed as it is: a key file that was put in the place of
 * another one is no key of this log (`strangers`) until somebody says so (`rotated`).
 */
export async function openTrust(path: string, keys: LedgerKeys): Promise<Trust> {
  return (await readTrust(path)) ?? rotated(path, keys, 0);
}

/** Names of key files whose keys are not the newest that are trusted for what they sign. */
export function strangers(trust: Trust, keys: LedgerKeys): string[] {
  const authority = trust.authorities.at(-1)?.public_key;
  const logKey = formatVkey(trust.origin, KEY_TYPE.log, keys.checkpointKey.publicKey);
  const witness = formatVkey(`${trust.origin}/witness`, KEY_TYPE.cosigner, keys.witnessKey.publicKey);
  return [
    ...(authority === Buffer.from(keys.authority.publicKey).toString('base64') ? [] : ['lane-authority.pem']),
    ...(trust.log_keys.at(-1) === logKey ? [] : ['checkpoint.pem']),
    ...(trust.witnesses.at(-1) === witness ? [] : ['witness.pem']),
  ];
}

/**
 * Trusts the keys that are in the folder now, beside those that were; nobody may write meanwhile.
 * @param lastLane the highest lane number so far; a new authority key certifies from the next one on
 */
export async function rotated(
  path: string,
  keys: LedgerKeys,
  lastLane: number,
  max_merge_delay_seconds = 2,
): Promise<Trust> {
  const before = await readTrust(path);
  const origin =
    before?.origin ?? `chancery.local/${keyId('chancery.local', KEY_TYPE.log, keys.checkpointKey.publicKey)}`;
  const trust: Trust = {
    v: 1,
    origin,
    authorities: withAuthority(before?.authorities ?? [], keys.authority, lastLane),
    log_keys: withKey(before?.log_keys ?? [], formatVkey(origin, KEY_TYPE.log, keys.checkpointKey.publicKey)),
    witnesses: withKey(
      before?.witnesses ?? [],
      formatVkey(`${origin}/witness`, KEY_TYPE.cosigner, keys.witnessKey.publicKey),
    ),
    max_merge_delay_seconds,
  };
  const text = `${JSON.stringify(trust, null, 2)}\n`;
  if (before === undefined || text !== `${JSON.stringify(before, null, 2)}\n`) {
    await writeFile(`${path}.new`, text, { mode: 0o644 });
    await rename(`${path}.new`, path);
  }
  return trust;
}

function withAuthority(known: Trust['authorities'], signer: Signer, lastLane: number): Trust['authorities'] {
  const public_key = Buffer.from(signer.publicKey).toString('base64');
  if (known.at(-1)?.public_key === public_key) return known;
  const ended = known.map((key) => (key.to_lane === undefined ? { ...key, to_lane: lastLane } : key));
  return [...ended, { public_key, from_lane: lastLane + 1 }];
}

const withKey = (known: string[], vkey: string): string[] =>
  known.at(-1) === vkey ? known : [...known.filter((key) => key !== vkey), vkey];
