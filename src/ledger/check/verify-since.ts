/**
 * What is new since a checkpoint that somebody kept: that the log extends it, and every record, link, signature and
 * certificate of what was sealed or written after it. It takes time by what is new. What was sealed before is bound by
 * the kept checkpoint; that the store still has it, and that all lane numbers are there, only a whole verification tells.
 */
import {
  DIRECTORY,
  hex,
  laneKey,
  linkHash,
  numberKey,
  parseRecord,
  type Signed,
  sameBytes,
  seqKey,
  signedOf,
} from '../bytes.ts';
import { splitEntry, type TableReader } from '../entry.ts';
import { certificateOf } from '../lane/certificate.ts';
import { laneItems } from '../lane/directory.ts';
import { LaneCheck } from '../lane/lane-check.ts';
import { placedOf } from '../lane/verify-lanes.ts';
import { openEnds } from '../places/open-ends.ts';
import type { LedgerRecord } from '../record.ts';
import { type Checkpoint, openCheckpoint } from '../tree/checkpoint.ts';
import { inclusionProof, leafHash, type NodeReader, rangeRoot, verifyInclusion } from '../tree/merkle.ts';
import { TILE_WIDTH, tileNodes } from '../tree/tiles.ts';
import type { Trust } from '../trust.ts';
import { conclude, type Finding } from '../verdict.ts';
import { findHeads, type LogFiles } from './heads-check.ts';
import { bundleStands } from './patrol.ts';
import { locate, readBundle, readLogEntry } from './proof.ts';
import { findPlace } from './tree-search.ts';
import type { LedgerVerification, LogVerifyOptions } from './verify-log.ts';

export interface SinceFiles extends LogFiles {
  /** The store; absent where there is the log alone. */
  readonly table?: TableReader;
  /** Where there is no store: says where an entry may be. Nothing else of it is believed. */
  readonly hints?: TableReader;
  /** Whether a sealed pruning covers that the store lacks this record. */
  readonly pruned?: (lane: number, seq: number) => Promise<boolean>;
}

export type SinceOptions = LogVerifyOptions & { readonly since: string };

/** Throws what a source throws that cannot be read. */
export async function verifySince(
  files: SinceFiles,
  trust: Trust,
  options: SinceOptions,
): Promise<LedgerVerification> {
  const opened = openCheckpoint(options.since, trust.origin, trust.log_keys);
  const from = opened.ok ? opened.checkpoint : undefined;
  const heads = await findHeads(files, trust, {
    ...options,
    ...(from === undefined ? {} : { olderThan: from.size }),
  });
  const findings: Finding[] = [...heads.findings, ...heads.gone];
  const { newest } = heads;
  if (from === undefined || newest === undefined || newest.size < from.size)
    return answer(findings, { entries: 0, lanes: 0, tree_size: newest?.size ?? 0 }, true);
  const check = new NewPart(files, trust, options, { from, newest, findings });
  if (await check.extends()) await check.sealed();
  const within = files.table === undefined ? true : await check.unsealed(files.table);
  const { entries, lanes } = check;
  return answer([...findings, ...check.end()], { entries, lanes, tree_size: newest.size }, within);
}

const answer = (
  findings: readonly Finding[],
  counts: { entries: number; lanes: number; tree_size: number },
  within_merge_delay: boolean,
): LedgerVerification => {
  // Nothing new is no empty ledger.
  const { verdict } = conclude({ ...counts, entries: Math.max(1, counts.entries) }, findings);
  return { verdict, ...counts, findings, within_merge_delay };
};

interface Range {
  readonly from: Checkpoint;
  readonly newest: Checkpoint;
  readonly findings: Finding[];
}

class NewPart {
  entries = 0;
  readonly #files: SinceFiles;
  readonly #trust: Trust;
  readonly #options: SinceOptions;
  readonly #range: Range;
  readonly #nodes: NodeReader;
  readonly #checks = new Map<number, LaneCheck>();

  constructor(files: SinceFiles, trust: Trust, options: SinceOptions, range: Range) {
    this.#files = files;
    this.#trust = trust;
    this.#options = options;
    this.#range = range;
    this.#nodes = tileNodes(files.log, range.newest.size);
  }

  get lanes(): number {
    return this.#checks.size;
  }

  end(): Finding[] {
    return [...this.#checks.values()].flatMap((check) => [...check.end()]);
  }

  /** Both roots out of one set of tiles: then the one tree is the beginning of the other. */
  async extends(): Promise<boolean> {
    const { from, newest, findings } = this.#range;
    for (const [{ size, root }, whose] of [
      [from, 'the checkpoint that was kept elsewhere'],
      [newest, 'the newest checkpoint'],
    ] as const) {
      if (sameBytes(await rangeRoot(this.#nodes, 0, size), root)) continue;
      findings.push({ verdict: 'FORK', detail: `${whose} signs another tree than the tiles make` });
      return false;
    }
    return true;
  }

  async sealed(): Promise<void> {
    const { from, newest, findings } = this.#range;
    for (let n = Math.floor(from.size / TILE_WIDTH); n * TILE_WIDTH < newest.size; n += 1) {
      this.#options.signal?.throwIfAborted();
      const entries = await readBundle(this.#files.log, n, newest.size);
      const first = n * TILE_WIDTH;
      if (!(await bundleStands(this.#nodes, entries, first, newest))) {
        const last = Math.min(newest.size, first + TILE_WIDTH) - 1;
        findings.push({
          verdict: 'MODIFIED',
          detail: `entries ${first} to ${last} are not those of the signed tree`,
        });
        continue;
      }
      for (const entry of entries.slice(Math.max(0, from.size - first), newest.size - first))
        await this.#entry(splitEntry(entry));
    }
  }

  async #entry(signed: Signed): Promise<void> {
    this.entries += 1;
    const record = parseRecord(signed.b);
    if (record === undefined) {
      this.#range.findings.push({ verdict: 'FORMAT', detail: 'an entry of the log is no record' });
      return;
    }
    const check = this.#checks.get(record.lane) ?? (await this.#resume(record));
    await check.feed([{ seq: record.seq, signed }]);
    await this.#inStore(record, signed);
  }

  /** A lane goes on where the kept tree left it: the record before is in that tree. */
  async #resume({ lane, seq, prev }: LedgerRecord, before = this.#range.from.size): Promise<LaneCheck> {
    const certificate = seq === 0 ? undefined : await this.#certificate(lane);
    const check = new LaneCheck(lane, this.#trust, {
      signatures: this.#options.signatures ?? true,
      ...(this.#options.check === undefined ? {} : { check: this.#options.check }),
      ...(certificate === undefined ? {} : { directory: certificate }),
      ...(seq === 0 ? {} : { resume: { next: seq, prev } }),
    });
    this.#checks.set(lane, check);
    if (seq > 0 && !(await this.#isBefore({ lane, seq: seq - 1 }, prev, before)))
      this.#range.findings.push({
        verdict: 'MISSING',
        lane,
        seq: seq - 1,
        detail: 'the record before this part of its lane is not in the tree before it',
      });
    return check;
  }

  /** Whether the record at this place has this link hash and stands in the tree before `size`. */
  async #isBefore(place: { lane: number; seq: number }, link: string, size: number): Promise<boolean> {
    const { newest } = this.#range;
    const { table, hints = table, log } = this.#files;
    const holds = async (index: number, leaf: Uint8Array): Promise<boolean> =>
      index < size &&
      verifyInclusion(
        leaf,
        index,
        newest.size,
        await inclusionProof(this.#nodes, index, newest.size),
        newest.root,
      );
    const follows = async (index: number, entry: Uint8Array | undefined): Promise<boolean> =>
      entry !== undefined && hex(linkHash(splitEntry(entry))) === link && holds(index, leafHash(entry));
    const hinted = hints && (await locate(hints, place.lane, place.seq));
    if (hinted !== undefined) {
      // Of a record that was signed alone the link is the leaf: nothing has to be read.
      if (await holds(hinted, new Uint8Array(Buffer.from(link, 'hex')))) return true;
      if (await follows(hinted, await readLogEntry(log, hinted, newest.size))) return true;
    }
    const found = await findPlace(log, newest.size, place);
    return found !== undefined && follows(found.index, found.entry);
  }

  async #certificate(lane: number): Promise<Signed | undefined> {
    const { table, hints, log } = this.#files;
    const listed = await table?.get(DIRECTORY, numberKey(lane));
    const signed = listed && signedOf(listed);
    if (signed !== undefined) return signed;
    const { size } = this.#range.newest;
    const index = hints && (await locate(hints, lane, 0));
    const hinted = index === undefined ? undefined : await readLogEntry(log, index, size);
    const first = hinted && parseRecord(splitEntry(hinted).b);
    if (first?.lane === lane) return certificateOf(first);
    const found = await findPlace(log, size, { lane, seq: 0 });
    const record = found && parseRecord(splitEntry(found.entry).b);
    return record && certificateOf(record);
  }

  async #inStore({ lane, seq }: LedgerRecord, signed: Signed): Promise<void> {
    const { table, pruned } = this.#files;
    if (table === undefined) return;
    const item = await table.get(laneKey(lane), seqKey(seq));
    const stored = item && signedOf(item);
    if (stored && sameBytes(stored.b, signed.b) && sameBytes(stored.s, signed.s)) return;
    if (item === undefined && (await pruned?.(lane, seq)) === true) return;
    this.#range.findings.push({
      verdict: item === undefined ? 'MISSING' : 'MODIFIED',
      lane,
      seq,
      detail:
        item === undefined ? 'this record was sealed and is gone' : 'this record is not what was sealed',
    });
  }

  /** Records that wait for the tree; whether the oldest is still within the merge delay. */
  async unsealed(table: TableReader): Promise<boolean> {
    const { ends } = await openEnds(table);
    let [waiting, oldest] = [0, this.#options.now];
    for (const [lane, next] of ends) {
      for await (const item of laneItems(table, lane, next)) {
        const placed = placedOf(item);
        const record = placed.signed && parseRecord(placed.signed.b);
        if (record !== undefined && !this.#checks.has(lane))
          await this.#resume(record, this.#range.newest.size);
        await this.#checks.get(lane)?.feed([placed], true);
        waiting += 1;
        if (record !== undefined) oldest = Math.min(oldest, Date.parse(record.time));
      }
    }
    const age = (this.#options.now - oldest) / 1_000;
    this.entries += waiting;
    if (waiting > 0) {
      const detail = `${waiting} records wait for the tree, the oldest for ${age.toFixed(1)} s`;
      this.#range.findings.push({ verdict: 'PENDING', detail });
    }
    return age <= this.#trust.max_merge_delay_seconds;
  }
}
