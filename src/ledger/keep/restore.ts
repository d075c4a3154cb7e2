/**
 * Puts back what the store lost, out of the published log: records, the directory of lanes, and the lock. The log
 * is verified first, against checkpoints that nobody can take back, so nothing enters the store that was not
 * signed; and nothing that is there is ever replaced, since what differs is evidence.
 */
import { createHash } from 'node:crypto';
import { ChanceryError } from '../../errors.ts';
import type { Blobs, Table } from '../../ports.ts';
import { hex, linkHash, parseRecord, recordItem, type Signed } from '../bytes.ts';
import { findHeads } from '../check/heads-check.ts';
import { publishedCheckpoint } from '../check/proof.ts';
import { Prunings } from '../check/pruned.ts';
import { checkTree, type EntrySink } from '../check/tree-check.ts';
import { splitEntry } from '../entry.ts';
import { certificateOf } from '../lane/certificate.ts';
import { directoryItem } from '../lane/directory.ts';
import { batchOf } from '../places/batch.ts';
import { noteAgain, notePlaces, notePrunings } from '../places/note.ts';
import { areNotesWhole } from '../places/note-check.ts';
import type { LedgerRecord } from '../record.ts';
import { readLock, swapLock, type Watermark } from '../seal/lock.ts';
import { index } from '../seal/publish.ts';
import { keepCopy } from '../seal/worm.ts';
import { TILE_WIDTH } from '../tree/tiles.ts';
import { remember } from '../tree/witness.ts';
import type { Trust } from '../trust.ts';
import type { Finding } from '../verdict.ts';

export interface RestoreSource {
  readonly log: Pick<Blobs, 'get'>;
  readonly worm: Pick<Blobs, 'get' | 'list'>;
  readonly trust: Trust;
}

export type Restored =
  | {
      readonly status: 'restored';
      readonly tree_size: number;
      /** Records that were put back. */
      readonly records: number;
      /** The lock was gone or behind, and is as the published checkpoint has it. */
      readonly lock: boolean;
      /** Places at which something else stands; it was left as it is. */
      readonly differing: readonly { readonly lane: number; readonly seq: number }[];
    }
  /** The log itself does not verify: nothing was put back. */
  | { readonly status: 'refused'; readonly findings: readonly Finding[] };

/**
 * Safe to repeat, and beside running writers: a record is put where nothing stands. Records after the newest
 * checkpoint are in no log and cannot be had back. Throws STORE_UNAVAILABLE when a store is away.
 */
export async function restoreRecords({ log, worm, trust }: RestoreSource, table: Table): Promise<Restored> {
  const heads = await findHeads({ log, worm }, trust);
  const read = (sink: EntrySink) => checkTree({ log, worm }, heads, sink);
  const prunings = new Prunings();
  const verified: string[] = [];
  const first = await read(async ({ entries, leaves }) => {
    verified.push(digestOf(leaves));
    for (const entry of entries) {
      const record = parseRecord(splitEntry(entry).b);
      if (record !== undefined) prunings.see(record);
    }
  });
  const findings = [...heads.findings, ...first.findings];
  if (findings.length > 0 || !first.complete) return { status: 'refused', findings };

  const back = new PuttingBack(table, prunings);
  await read(async ({ entries, leaves, from }) => {
    // It is read a second time, by when somebody may have changed it.
    if (digestOf(leaves) !== verified[Math.floor(from / TILE_WIDTH)])
      throw new ChanceryError(
        'CONFLICT',
        'The log was changed while records were put back; verify the ledger',
      );
    await back.take(entries, from);
  });
  const lock = await restoreLock({ log, trust }, table, back);
  const { records, differing } = back;
  return { status: 'restored', tree_size: heads.newest?.size ?? 0, records, lock, differing };
}

function digestOf(leaves: readonly Uint8Array[]): string {
  const digest = createHash('sha256');
  for (const leaf of leaves) digest.update(leaf);
  return digest.digest('hex');
}

class PuttingBack {
  records = 0;
  readonly differing: { lane: number; seq: number }[] = [];
  /** Lanes that are not sealed to their end. */
  readonly open = new Map<number, Watermark>();
  lastLane = 0;
  readonly #table: Table;
  readonly #prunings: Prunings;

  constructor(table: Table, prunings: Prunings) {
    this.#table = table;
    this.#prunings = prunings;
  }

  async take(entries: readonly Uint8Array[], from: number): Promise<void> {
    // The log verified: these are records.
    const batch = batchOf(from, entries);
    for (const [at, record] of batch.records.entries()) {
      const entry = entries[at];
      if (entry !== undefined) await this.#record(record, splitEntry(entry));
    }
    await index(this.#table, from, batch.segments);
    await this.#note(from, entries);
  }

  /** Of the records that are there again. A note that is left may speak of fewer, under the name of one that speaks of all. */
  async #note(from: number, entries: readonly Uint8Array[]): Promise<void> {
    const all = batchOf(from, entries);
    await notePrunings(this.#table, all);
    const staying = entries.filter((_, at) => {
      const record = all.records[at];
      return record !== undefined && !this.#prunings.covers(record.lane, record.seq);
    });
    const batch = batchOf(from, staying);
    await notePlaces(this.#table, batch);
    if (!(await areNotesWhole(this.#table, batch))) await noteAgain(this.#table, batch);
  }

  async #record(record: LedgerRecord, signed: Signed): Promise<void> {
    const { lane, seq, type } = record;
    this.lastLane = Math.max(this.lastLane, lane);
    if (type === 'ledger.lane_closed') this.open.delete(lane);
    else this.open.set(lane, { next: seq + 1, prev: hex(linkHash(signed)) });
    const certificate = certificateOf(record);
    if (certificate !== undefined)
      await this.#table.put(directoryItem(lane, certificate), 'absent-or-identical');
    // What retention removed stays removed.
    if (this.#prunings.covers(lane, seq)) return;
    const item = recordItem(lane, seq, signed);
    if ((await this.#table.put(item, 'absent')).stored) this.records += 1;
    else if (!(await this.#table.put(item, 'absent-or-identical')).stored) this.differing.push({ lane, seq });
  }
}

/** Without its lock, or with one of an older store, a sealer meets the write-once checkpoints and stops. */
async function restoreLock(
  view: Pick<RestoreSource, 'log' | 'trust'>,
  table: Table,
  { open, lastLane }: Pick<PuttingBack, 'open' | 'lastLane'>,
): Promise<boolean> {
  const published = await publishedCheckpoint(view);
  const before = await readLock(table);
  const size = published?.checkpoint.size ?? 0;
  if (published === undefined || before.size >= size) return false;
  const next = { size, note: published.text, from: size, lanes: open, last_lane: lastLane, noted: true };
  return (await swapLock(table, before, next)) !== undefined;
}

/**
 * Puts back what stands beside a log that verified, where it is gone: the write-once copy of the published checkpoint,
 * and that our witness has seen it. Older copies are gone for good, and verification goes on saying so.
 */
export async function restoreKept(
  { log, worm, trust }: { log: RestoreSource['log']; worm: Blobs; trust: Trust },
  witness: Table,
): Promise<void> {
  const published = await publishedCheckpoint({ log, trust });
  if (published === undefined) return;
  const { text, checkpoint } = published;
  await keepCopy(worm, { size: checkpoint.size, from: checkpoint.size }, text);
  await remember(witness, checkpoint);
}
