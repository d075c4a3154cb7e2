/**
 * What people write of their own accord: why they stop, hold, lift, end or take back something. It can name anybody, and
 * a record is for ever; so there it stands by a digest, and as it was written in the sealed part. Working state keeps
 * the words beside it and shows them for as long as they are those of the record.
 */
import { sha256 } from '../../basics/digest.ts';
import type { JsonObject } from '../../json.ts';
import type { Random, Value } from '../../ports.ts';

export interface Said {
  /** As records and whatever follows from them have it. */
  readonly open: string;
  /** The same in full, behind a salt without which nobody can try names against the digest; none for our own words. */
  readonly kept?: string;
}

/** Makes what somebody wrote fit for a record. */
export type Say = (text: string) => Said;

const SALT_BYTES = 16;
const SALT_DIGITS = SALT_BYTES * 2;
const DIGEST = /^said-[0-9a-f]{64}$/;

const digestOf = (kept: string): string => `said-${sha256(kept)}`;

export const sayBy =
  (random: Random): Say =>
  (text) => {
    const kept = `${Buffer.from(random(SALT_BYTES)).toString('hex')}${text}`;
    return { open: digestOf(kept), kept };
  };

/** Words of this system's own, which name nobody. */
export const ownWords = (open: string): Said => ({ open });

/** For the sealed part of a record: the words, and the salt that makes the digest of them. Undefined for our own. */
export const sealedWords = (name: string, { kept }: Said): JsonObject | undefined =>
  kept === undefined
    ? undefined
    : { [name]: kept.slice(SALT_DIGITS), [`${name}_salt`]: kept.slice(0, SALT_DIGITS) };

/**
 * What is shown for the words of a record. Records of earlier editions have them in the open.
 * @param kept what lies beside it in the store, which somebody may have changed
 */
export function wordsShown(open: string, kept: Value | undefined): string {
  if (!DIGEST.test(open)) return open;
  const same = typeof kept === 'string' && digestOf(kept) === open;
  return same ? kept.slice(SALT_DIGITS) : 'as the record says, in its sealed part';
}
