/**
 * What is new in the lanes since the last checkpoint, checked record by record. Only what follows without a
 * flaw goes into the tree; a lane stops at its first flaw, and the others go on.
 */
import type { Clock, Signer, Table } from '../../ports.ts';
import { hex, laneKey, linkHash, placeOf, seqKey } from '../bytes.ts';
import type { CheckSignatures } from '../ed25519.ts';
import { joinEntry, splitEntry } from '../entry.ts';
import { directory, FIRST_LANE, laneItems, mendDirectory } from '../lane/directory.ts';
import type { CheckedRecord, LaneCheck, LaneTrust, Placed } from '../lane/lane-check.ts';
import { tombstone } from '../lane/tombstone.ts';
import { checkFrom, placedOf } from '../lane/verify-lanes.ts';
import { type Gist, gistOf } from '../places/gist.ts';
import { type LogLock, START_OF_LANE, type Watermark } from './lock.ts';
import type { Segment, Staged } from './staging.ts';
import type { SealerTurns } from './turns.ts';

export interface GatherDeps {
  readonly table: Table;
  readonly trust: LaneTrust;
  /** Who checks signatures; by default `node:crypto`. */
  readonly check?: CheckSignatures;
  readonly authority: Signer;
  readonly clock: Clock;
  /** Ends of leases (milliseconds) that are known here, by lane. */
  readonly leases: Map<number, number>;
  /** Who else may be about to do the same. */
  readonly turns: SealerTurns;
  /** Records per checkpoint: bounds memory and the staged bundle, not the log. */
  readonly limit: number;
}

/** How far the lanes are once a staged bundle is in the tree, and what its records are. */
export interface Progress {
  readonly lanes: ReadonlyMap<number, Watermark>;
  readonly last_lane: number;
  readonly gists: readonly Gist[];
  /** Leaf hashes of its entries. */
  readonly leaves: readonly Uint8Array[];
}

export interface Gathered extends Progress {
  readonly staged: Staged;
  /** RFC 3339 of the oldest record that waits. */
  readonly oldest?: string;
  /** Lanes whose next record has a flaw. */
  readonly flaws: readonly { readonly lane: number; readonly seq: number; readonly detail: string }[];
  /** Every open lane was read to its end. Else there was no room, and what was not read may have a flaw as well. */
  readonly whole: boolean;
}

/** Ten minutes beyond the lease, so that clocks may differ and a writer closes its own lane first. */
export const LEASE_GRACE_MS = 10 * 60 * 1000;

export async function gather(deps: GatherDeps, lock: LogLock): Promise<Gathered> {
  const segments: Segment[] = [];
  const entries: Uint8Array[] = [];
  const gists: Gist[] = [];
  const leaves: Uint8Array[] = [];
  const flaws: { lane: number; seq: number; detail: string }[] = [];
  const lanes = await openLanes(deps.table, lock);
  let whole = true;
  const closeWhenExpired = closing(deps, lock.version);
  for (const [lane, watermark] of [...lanes].sort(([left], [right]) => left - right)) {
    const room = deps.limit - entries.length;
    if (room <= 0) {
      whole = false;
      break;
    }
    const read = await readSurely(deps, lane, watermark, room);
    if (read.full) whole = false;
    for (const { entry, leaf, gist } of read.good) {
      entries.push(entry);
      leaves.push(leaf);
      gists.push(gist);
    }
    if (read.good.length > 0) segments.push({ lane, seq: watermark.next, count: read.good.length });
    if (read.flaw !== undefined) flaws.push({ lane, ...read.flaw });
    else if (!read.full) await closeWhenExpired(lane, watermark, read.good);
  }
  const staged = { segments, entries };
  const oldest = gists.reduce<string | undefined>(
    (first, { time }) => (first === undefined || time < first ? time : first),
    undefined,
  );
  return {
    staged,
    flaws,
    whole,
    ...advance(lock, staged, { gists, leaves }),
    ...(oldest === undefined ? {} : { oldest }),
  };
}

/**
 * Checks a bundle that another sealer staged as if it were read from the lanes: whoever can write to the log's
 * folder can write a bundle. Undefined when anything in it does not follow from the lock.
 */
export async function retrace(
  deps: GatherDeps,
  lock: LogLock,
  staged: Staged,
): Promise<Progress | undefined> {
  const lanes = await openLanes(deps.table, lock);
  const gists: Gist[] = [];
  const leaves: Uint8Array[] = [];
  let at = 0;
  for (const { lane, seq, count } of staged.segments) {
    const watermark = lanes.get(lane);
    if (watermark === undefined || watermark.next !== seq) return undefined;
    const check = await checkFrom(deps, lane, watermark);
    const batch = staged.entries
      .slice(at, at + count)
      .map((entry, index) => ({ seq: seq + index, signed: splitEntry(entry) }));
    at += count;
    const checked = await check.feed(batch);
    for (const { ok, record, hash } of checked) {
      if (!ok || record === undefined) return undefined;
      gists.push(gistOf(record));
      leaves.push(hash);
    }
    if (gists.length !== at || check.prev === undefined) return undefined;
  }
  return advance(lock, staged, { gists, leaves });
}

/**
 * How far the lanes are after a bundle: by what the lock and the bundle say and nothing else, so that all who seal
 * the same bundle say the same.
 */
function advance(
  lock: LogLock,
  { segments, entries }: Staged,
  { gists, leaves }: Pick<Progress, 'gists' | 'leaves'>,
): Progress {
  const lanes = new Map(lock.lanes);
  const last_lane = Math.max(lock.last_lane, ...segments.map(({ lane }) => lane));
  for (let lane = Math.max(FIRST_LANE, lock.last_lane + 1); lane <= last_lane; lane += 1)
    lanes.set(lane, START_OF_LANE);
  let end = 0;
  for (const { lane, seq, count } of segments) {
    end += count;
    const last = entries[end - 1];
    if (last === undefined || gists[end - 1]?.type === 'ledger.lane_closed') lanes.delete(lane);
    else lanes.set(lane, { next: seq + count, prev: linkOf(last) });
  }
  return { lanes, last_lane, gists, leaves };
}

/** Lanes that are not sealed to their end, the new ones included, those without a directory entry as well. */
async function openLanes(table: Table, lock: LogLock): Promise<Map<number, Watermark>> {
  const lanes = new Map(lock.lanes);
  let last = lock.last_lane;
  for await (const { sk } of directory(table, last + 1)) last = Math.max(last, placeOf(sk));
  while ((await mendDirectory(table, last + 1)) !== 'nothing') last += 1;
  for (let lane = Math.max(FIRST_LANE, lock.last_lane + 1); lane <= last; lane += 1)
    lanes.set(lane, START_OF_LANE);
  return lanes;
}

const linkOf = (entry: Uint8Array): string => hex(linkHash(splitEntry(entry)));

const BATCH = 256;

/** A record without a flaw: b ‖ s, its leaf hash, and what it is. */
interface Sealable {
  readonly entry: Uint8Array;
  readonly leaf: Uint8Array;
  readonly gist: Gist;
}

interface New {
  readonly good: readonly Sealable[];
  /** There is more than there was room for. */
  readonly full: boolean;
  readonly flaw?: { readonly seq: number; readonly detail: string };
}

/**
 * A query is no snapshot: it can show a record and not the one before it, which was stored while it ran. A second one,
 * begun after, shows both. So what is wrong at one place in two queries that follow each other is a flaw, and
 * whoever looks knows it at once: a sealer may be a process that lives for one round.
 */
async function readSurely(deps: GatherDeps, lane: number, from: Watermark, room: number): Promise<New> {
  let read = await readNew(deps, lane, from, room);
  for (let seen: number | undefined; read.flaw !== undefined && read.flaw.seq !== seen; ) {
    seen = read.flaw.seq;
    read = await readNew(deps, lane, from, room);
  }
  return read;
}

/** So many batches are on their way through their signatures while the next one is read. */
const MOST_BEHIND = 3;

async function readNew(deps: GatherDeps, lane: number, from: Watermark, room: number): Promise<New> {
  const good: Sealable[] = [];
  // Most lanes have nothing new: their certificates are not read for that.
  let check: LaneCheck | undefined;
  let batch: Placed[] = [];
  let read = 0;
  const behind: Promise<readonly CheckedRecord[]>[] = [];
  const feed = async (): Promise<void> => {
    check ??= await checkFrom(deps, lane, from);
    const checked = check.feed(batch);
    // It is heard of where it is awaited.
    checked.catch(() => undefined);
    behind.push(checked);
    read += batch.length;
    batch = [];
  };
  /** Takes what is checked until so many batches are left; false at the first flaw. */
  const take = async (left: number): Promise<boolean> => {
    while (behind.length > left) {
      const checked = (await behind.shift()) ?? [];
      // No certificate to check the lane by: nothing of it can be sealed.
      if (checked.length === 0) return false;
      for (const { seq, ok, signed, hash, record } of checked) {
        if (!ok || seq !== from.next + good.length || signed === undefined || record === undefined)
          return false;
        good.push({ entry: joinEntry(signed), leaf: hash, gist: gistOf(record) });
      }
    }
    return true;
  };
  const flawed = (): New => {
    const detail = check?.findings[0]?.detail ?? 'the next record is out of place';
    return { good, full: false, flaw: { seq: from.next + good.length, detail } };
  };
  for await (const item of laneItems(deps.table, lane, from.next)) {
    batch.push(placedOf(item));
    if (read + batch.length < room && batch.length < BATCH) continue;
    await feed();
    if (read >= room) return (await take(0)) ? { good, full: true } : flawed();
    if (!(await take(MOST_BEHIND))) return flawed();
  }
  if (batch.length > 0) await feed();
  return (await take(0)) ? { good, full: false } : flawed();
}

/**
 * Closes lanes in the place of writers that did not come back. Refused where one did write meanwhile, or another sealer was
 * faster: then the rest is left to that one.
 */
function closing(deps: GatherDeps, version: number) {
  const { table, clock, authority, turns } = deps;
  let others: boolean | undefined;
  let refused = false;
  return async (lane: number, before: Watermark, good: New['good']): Promise<void> => {
    const last = good.at(-1);
    const seq = before.next + good.length;
    if (refused || last?.gist.type === 'ledger.lane_closed' || seq === 0) return;
    const lease = await leaseOf(deps, lane);
    if (lease === undefined || clock() < lease + LEASE_GRACE_MS) return;
    others ??= await turns.letOthersGoFirst(version);
    refused = others && (await table.get(laneKey(lane), seqKey(seq))) !== undefined;
    if (refused) return;
    const prev = last === undefined ? before.prev : linkOf(last.entry);
    const time = new Date(clock()).toISOString();
    const put = await table.put(await tombstone({ lane, seq, prev, time }, authority), 'absent-or-identical');
    refused = !put.stored;
  };
}

/** When the lane's lease ends (milliseconds): its certificate says so, and is read once. */
async function leaseOf(deps: GatherDeps, lane: number): Promise<number | undefined> {
  const known = deps.leases.get(lane);
  if (known !== undefined) return known;
  const { certificate } = await checkFrom(deps, lane, START_OF_LANE);
  if (certificate === undefined) return undefined;
  const lease = Date.parse(certificate.lease_until);
  deps.leases.set(lane, lease);
  return lease;
}
