/** The ledger as the projector reads it: lanes, and each lane's records in order, straight from the table. */
import { hash } from 'node:crypto';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { Item, Table } from '../../ports.ts';

export interface TailEntry {
  readonly record: LedgerRecord;
  /** Length of the canonical bytes. */
  readonly bytes: number;
  /** Hex SHA-256 of 0x00 ‖ b ‖ s: the record's name everywhere. */
  readonly hash: string;
  /** Operational deltas that rode along, unsigned (meter.ts). */
  readonly deltas?: string;
}

export interface Tail {
  /** Numbers of lanes from `from` on, in order: all, or the first `most`. */
  lanes(from: number, most?: number): Promise<number[]>;
  /**
   * Up to `limit` records of a lane from `from` on, in order, without a gap. `broken` is the sequence number
   * of an item whose bytes are no record any more: tampering, which verification names; nothing is folded
   * from there on.
   */
  read(lane: number, from: number, limit: number): Promise<{ entries: TailEntry[]; broken?: number }>;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const text = new TextDecoder('utf-8', { fatal: true });

export function tailOf(table: Pick<Table, 'query'>): Tail {
  return {
    async lanes(from, most = Number.POSITIVE_INFINITY) {
      const numbers: number[] = [];
      let after: string | undefined;
      do {
        const page = await table.query('LANES', {
          from: pad(from, 8),
          ...(after ? { after } : {}),
          ...(Number.isFinite(most) ? { limit: most - numbers.length } : {}),
        });
        for (const item of page.items) numbers.push(Number(item.sk));
        after = page.next;
      } while (after !== undefined && numbers.length < most);
      return numbers;
    },

    async read(lane, from, limit) {
      const entries: TailEntry[] = [];
      let after: string | undefined;
      do {
        const page = await table.query(`LANE#${pad(lane, 8)}`, {
          from: pad(from, 10),
          limit: limit - entries.length,
          ...(after ? { after } : {}),
        });
        for (const item of page.items) {
          const seq = Number(item.sk);
          if (seq !== from + entries.length) return { entries };
          const entry = entryOf(item, lane, seq);
          if (entry === undefined) return { entries, broken: seq };
          entries.push(entry);
        }
        after = page.next;
      } while (after !== undefined && entries.length < limit);
      return { entries };
    },
  };
}

/** Undefined unless the bytes say that they are the record of this place. Signatures are verification's part. */
function entryOf(item: Item, lane: number, seq: number): TailEntry | undefined {
  const { b, s, t } = item;
  if (!(b instanceof Uint8Array) || !(s instanceof Uint8Array)) return undefined;
  const record = parse(b);
  if (record?.lane !== lane || record.seq !== seq) return undefined;
  const leaf = new Uint8Array(1 + b.length + s.length);
  leaf.set(b, 1);
  leaf.set(s, 1 + b.length);
  return {
    record,
    bytes: b.length,
    hash: hash('sha256', leaf, 'hex'),
    ...(typeof t === 'string' ? { deltas: t } : {}),
  };
}

function parse(bytes: Uint8Array): LedgerRecord | undefined {
  try {
    const value: unknown = JSON.parse(text.decode(bytes));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is LedgerRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { type, time, trace, data, labels } = value as Partial<LedgerRecord>;
  return (
    typeof type === 'string' &&
    typeof time === 'string' &&
    typeof trace === 'string' &&
    typeof data === 'object' &&
    data !== null &&
    (labels === undefined || (typeof labels === 'object' && labels !== null))
  );
}
