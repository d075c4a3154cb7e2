/** One record as readers get it, how it is found by its id, and its bytes as the tree holds them. */
import type { Item, Table } from '../ports.ts';
import { base64, hex, laneKey, parseRecord, recordHash, type Signed, seqKey, signedOf } from './bytes.ts';
import type { LedgerRecord } from './record.ts';
import { signatureLength } from './signature-form.ts';

/** The reading half of a store. */
export type TableReader = Pick<Table, 'get' | 'query'>;

export interface Entry {
  /** `{lane}.{seq}`. */
  readonly id: string;
  readonly lane: number;
  readonly seq: number;
  readonly record_hash: string;
  /** base64. */
  readonly signature: string;
  readonly record: LedgerRecord;
}

export function toEntry(item: Item): Entry | undefined {
  const signed = signedOf(item);
  const record = signed === undefined ? undefined : parseRecord(signed.b);
  if (signed === undefined || record === undefined) return undefined;
  const [lane, seq] = [Number(item.pk.slice('LANE#'.length)), Number(item.sk)];
  return {
    id: `${lane}.${seq}`,
    lane,
    seq,
    record_hash: hex(recordHash(signed)),
    signature: base64(signed.s),
    record,
  };
}

/** `{lane}.{seq}` taken apart; undefined when it is no id. */
export function parseEntryId(id: string): { lane: number; seq: number } | undefined {
  const match = /^([1-9]\d{0,7})\.(0|[1-9]\d{0,9})$/.exec(id);
  return match === null ? undefined : { lane: Number(match[1]), seq: Number(match[2]) };
}

export async function readEntry(table: TableReader, id: string): Promise<Entry | undefined> {
  const place = parseEntryId(id);
  if (place === undefined) return undefined;
  const item = await table.get(laneKey(place.lane), seqKey(place.seq));
  return item === undefined ? undefined : toEntry(item);
}

/** An entry of the log is b ‖ s. */
export function splitEntry(entry: Uint8Array): Signed {
  const length = signatureLength(entry);
  return { b: entry.subarray(0, -length), s: entry.subarray(-length) };
}

export function joinEntry({ b, s }: Signed): Uint8Array {
  const entry = new Uint8Array(b.length + s.length);
  entry.set(b);
  entry.set(s, b.length);
  return entry;
}
