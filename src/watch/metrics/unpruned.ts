/**
 * The ledger as the projector reads it, pruned lanes included: what left the store still stands in the entry
 * bundles of the log, so counters can be recomputed for ever. The deltas that rode unsigned on an item are gone
 * with it; no proven counter is made of them.
 */
import { hex, parseRecord, recordHash, type Signed } from '../../ledger/bytes.ts';
import { locate, readBundle } from '../../ledger/check/proof.ts';
import type { TableReader } from '../../ledger/entry.ts';
import { splitEntry } from '../../ledger/entry.ts';
import { readLock } from '../../ledger/seal/lock.ts';
import { TILE_WIDTH } from '../../ledger/tree/tiles.ts';
import type { Blobs } from '../../ports.ts';
import { type Tail, type TailEntry, tailOf } from './tail.ts';

/** `log`: where tiles and bundles are published. */
export function unprunedTail(table: TableReader, log: Pick<Blobs, 'get'>): Tail {
  const stored = tailOf(table);
  return {
    lanes: (from, most) => stored.lanes(from, most),
    async read(lane, from, limit) {
      const found = await stored.read(lane, from, limit);
      if (found.entries.length > 0 || found.broken !== undefined) return found;
      const sealed = sealedEntries(log, (await readLock(table)).size);
      const entries: TailEntry[] = [];
      for (let seq = from; entries.length < limit; seq += 1) {
        const index = await locate(table, lane, seq);
        const signed = index === undefined ? undefined : await sealed(index);
        const record = signed && parseRecord(signed.b);
        if (signed === undefined || record?.lane !== lane || record.seq !== seq) break;
        entries.push({ record, bytes: signed.b.length, hash: hex(recordHash(signed)) });
      }
      return { entries };
    },
  };
}

/** Entries by their index, the bundle that was read last kept: a lane's records lie side by side. */
function sealedEntries(log: Pick<Blobs, 'get'>, size: number) {
  let kept: { readonly n: number; readonly bundle: Promise<readonly Uint8Array[]> } | undefined;
  return async (index: number): Promise<Signed | undefined> => {
    const n = Math.floor(index / TILE_WIDTH);
    if (kept?.n !== n) kept = { n, bundle: readBundle(log, n, size) };
    const entry = (await kept.bundle)[index % TILE_WIDTH];
    return entry === undefined ? undefined : splitEntry(entry);
  };
}
