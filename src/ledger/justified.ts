/**
 * The record that justifies an item of working state. Whoever can write to the tables can write anything there, a
 * look-alike of a record included: so a record justifies only when its lane is certified, its lane signed it, and it
 * stands in its own place.
 */
import type { Item, Table } from '../ports.ts';
import { hex, laneKey, parseRecord, recordHash, seqKey, signedOf } from './bytes.ts';
import type { VerifyingKey } from './ed25519.ts';
import { parseEntryId } from './entry.ts';
import { type AuthorityKey, checkCertificate } from './lane/certificate.ts';
import { isTombstone } from './lane/tombstone.ts';
import { firstCertificate } from './lane/verify-lanes.ts';
import type { LedgerRecord } from './record.ts';
import { isSignedBy } from './run-signature.ts';

export interface Justification {
  /** `{lane}.{seq}`. */
  readonly id: string;
  readonly hash: string;
  readonly record: LedgerRecord;
}

export interface Justifier {
  /** The genuine record of this id; undefined when there is none. Throws STORE_UNAVAILABLE. */
  read(id: string): Promise<Justification | undefined>;
  /** The same of an item that was read already. Reads a lane's certificate once. */
  judge(item: Item): Promise<Justification | undefined>;
}

export interface JustifierDeps {
  readonly table: Pick<Table, 'get'>;
  readonly authorities: readonly AuthorityKey[];
  readonly origin: string;
}

/** A record never changes, so what was found genuine stays so; nor does a lane's first key. Of each so many, the oldest goes first. */
const REMEMBERED = 2_000;

function remember<Key, Value>(known: Map<Key, Value>, key: Key, value: Value): void {
  const [oldest] = known.keys();
  if (known.size >= REMEMBERED && oldest !== undefined) known.delete(oldest);
  known.set(key, value);
}

export function createJustifier({ table, authorities, origin }: JustifierDeps): Justifier {
  const keys = new Map<number, VerifyingKey>();
  const known = new Map<string, Justification>();

  async function keyOf(lane: number): Promise<VerifyingKey | undefined> {
    const before = keys.get(lane);
    if (before !== undefined) return before;
    const certificate = await firstCertificate(
      table,
      lane,
      (signed) => checkCertificate(signed, lane, authorities, origin).ok,
    );
    const check = certificate && checkCertificate(certificate, lane, authorities, origin);
    if (!check?.ok) return undefined;
    remember(keys, lane, check.key);
    return check.key;
  }

  async function judge(item: Item): Promise<Justification | undefined> {
    const signed = signedOf(item);
    const record = signed && parseRecord(signed.b);
    if (signed === undefined || record === undefined || isTombstone(record)) return undefined;
    const { lane, seq } = record;
    if (item.pk !== laneKey(lane) || item.sk !== seqKey(seq)) return undefined;
    const key = await keyOf(lane);
    if (key === undefined || !isSignedBy(key, signed)) return undefined;
    return { id: `${lane}.${seq}`, hash: hex(recordHash(signed)), record };
  }

  return {
    judge,
    async read(id) {
      const before = known.get(id);
      if (before !== undefined) return before;
      const place = parseEntryId(id);
      const item = place && (await table.get(laneKey(place.lane), seqKey(place.seq)));
      const found = item && (await judge(item));
      if (found === undefined) return undefined;
      remember(known, id, found);
      return found;
    },
  };
}
