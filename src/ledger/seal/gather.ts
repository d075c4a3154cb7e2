/**
 * What is new in the lanes since the last checkpoint, checked record by record. Only what follows without a
 * flaw goes into the tree; a lane stops at its first flaw, and the others go on.
 */
import type { Clock, Signer, Table } from '../../ports.ts';
import { hex, placeOf, recordHash, type Signed } from '../bytes.ts';
import { checkCertificate } from '../lane/certificate.ts';
import { directory, FIRST_LANE, laneItems, mendDirectory } from '../lane/directory.ts';
import { LaneCheck, type LaneTrust, type Placed } from '../lane/lane-check.ts';
import { tombstone } from '../lane/tombstone.ts';
import { firstCertificate, placedOf } from '../lane/verify-lanes.ts';
import { type LogLock, START_OF_LANE, type Watermark } from './lock.ts';
import type { Segment, Staged } from './staging.ts';

export interface GatherDeps {
  readonly table: Table;
  readonly trust: LaneTrust;
  readonly authority: Signer;
  readonly clock: Clock;
  /** Records per checkpoint: bounds memory and the staged bundle, not the log. */
  readonly limit: number;
}

/** How far the lanes are once the staged records are in the tree. */
export interface Progress {
  readonly lanes: ReadonlyMap<number, Watermark>;
  readonly last_lane: number;
}

export interface Gathered extends Progress {
  readonly staged: Staged;
  /** RFC 3339 of the oldest record that waits. */
  readonly oldest?: string;
  /** Lanes whose next record has a flaw. */
  readonly flaws: readonly { readonly lane: number; readonly seq: number; readonly detail: string }[];
}

/** Ten minutes beyond the lease, so that clocks may differ and a writer closes its own lane first. */
export const LEASE_GRACE_MS = 10 * 60 * 1000;

export async function gather(deps: GatherDeps, lock: LogLock): Promise<Gathered> {
  const { lanes, last_lane } = await openLanes(deps.table, lock);
  const segments: Segment[] = [];
  const entries: Uint8Array[] = [];
  const flaws: { lane: number; seq: number; detail: string }[] = [];
  let oldest: string | undefined;
  for (const [lane, watermark] of [...lanes].sort(([left], [right]) => left - right)) {
    const room = deps.limit - entries.length;
    if (room <= 0) break;
    const check = await resume(deps, lane, watermark);
    const read = await readNew(deps.table, check, lane, watermark.next, room);
    for (const { entry, time } of read.good) {
      entries.push(entry);
      if (oldest === undefined || time < oldest) oldest = time;
    }
    if (read.good.length > 0) segments.push({ lane, seq: watermark.next, count: read.good.length });
    const now = { next: watermark.next + read.good.length, prev: read.prev ?? watermark.prev };
    if (read.closed) lanes.delete(lane);
    else lanes.set(lane, now);
    if (read.flaw !== undefined) flaws.push({ lane, ...read.flaw });
    else if (!read.closed && !read.full) await closeWhenExpired(deps, check, lane, now);
  }
  return {
    staged: { segments, entries },
    lanes,
    last_lane,
    flaws,
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
  const { lanes, last_lane } = await openLanes(deps.table, lock);
  let at = 0;
  for (const { lane, seq, count } of staged.segments) {
    const watermark = lanes.get(lane);
    if (watermark === undefined || watermark.next !== seq) return undefined;
    const check = await resume(deps, lane, watermark);
    const batch = staged.entries
      .slice(at, at + count)
      .map((entry, index) => ({ seq: seq + index, signed: splitEntry(entry) }));
    at += count;
    const checked = await check.feed(batch);
    if (checked.length !== count || !checked.every(({ ok }) => ok) || check.prev === undefined)
      return undefined;
    if (check.closed) lanes.delete(lane);
    else lanes.set(lane, { next: seq + count, prev: check.prev });
  }
  return { lanes, last_lane };
}

/** An entry of the log is b ‖ s, and s is always 64 bytes. */
export const splitEntry = (entry: Uint8Array): Signed => ({
  b: entry.subarray(0, -64),
  s: entry.subarray(-64),
});

export function joinEntry({ b, s }: Signed): Uint8Array {
  const entry = new Uint8Array(b.length + s.length);
  entry.set(b);
  entry.set(s, b.length);
  return entry;
}

/** Lanes that are not sealed to their end, the new ones included, those without a directory entry as well. */
async function openLanes(
  table: Table,
  lock: LogLock,
): Promise<{ lanes: Map<number, Watermark>; last_lane: number }> {
  const lanes = new Map(lock.lanes);
  let last = lock.last_lane;
  for await (const { sk } of directory(table, last + 1)) last = Math.max(last, placeOf(sk));
  while (await mendDirectory(table, last + 1)) last += 1;
  for (let lane = Math.max(FIRST_LANE, lock.last_lane + 1); lane <= last; lane += 1)
    lanes.set(lane, START_OF_LANE);
  return { lanes, last_lane: last };
}

async function resume({ table, trust }: GatherDeps, lane: number, watermark: Watermark): Promise<LaneCheck> {
  const certificate = await firstCertificate(
    table,
    lane,
    (signed) => checkCertificate(signed, lane, trust.authorities, trust.origin).ok,
  );
  return new LaneCheck(lane, trust, {
    ...(certificate === undefined ? {} : { directory: certificate }),
    ...(watermark.next === 0 ? {} : { resume: watermark }),
  });
}

const BATCH = 256;

interface New {
  readonly good: { entry: Uint8Array; time: string }[];
  readonly prev: string | undefined;
  readonly closed: boolean;
  /** There is more than there was room for. */
  readonly full: boolean;
  readonly flaw?: { seq: number; detail: string };
}

async function readNew(
  table: Table,
  check: LaneCheck,
  lane: number,
  from: number,
  room: number,
): Promise<New> {
  const good: { entry: Uint8Array; time: string }[] = [];
  let prev: string | undefined;
  let batch: Placed[] = [];
  let next = from;
  const take = async (): Promise<boolean> => {
    const checked = await check.feed(batch);
    batch = [];
    // No certificate to check the lane by: nothing of it can be sealed.
    if (checked.length === 0) return false;
    for (const { seq, ok, signed, record } of checked) {
      // A gap may close by itself: a query is no snapshot, and the writer goes on while it runs.
      if (!ok || seq !== next || signed === undefined || record === undefined) return false;
      good.push({ entry: joinEntry(signed), time: record.time });
      next += 1;
    }
    prev = check.prev;
    return true;
  };
  for await (const item of laneItems(table, lane, from)) {
    batch.push(placedOf(item));
    if (good.length + batch.length < room && batch.length < BATCH) continue;
    if (!(await take())) return flawed();
    if (good.length >= room) return { good, prev, closed: check.closed, full: true };
  }
  if (batch.length > 0 && !(await take())) return flawed();
  return { good, prev, closed: check.closed, full: false };

  function flawed(): New {
    const detail = check.findings[0]?.detail ?? 'the next record is out of place';
    const last = good.at(-1);
    const hash = last === undefined ? undefined : hex(recordHash(splitEntry(last.entry)));
    return { good, prev: hash, closed: false, full: false, flaw: { seq: next, detail } };
  }
}

/** A writer that did not come back: its lane is closed in its place. Refused when it did write meanwhile. */
async function closeWhenExpired(
  deps: GatherDeps,
  check: LaneCheck,
  lane: number,
  at: Watermark,
): Promise<void> {
  const lease = check.certificate?.lease_until;
  if (lease === undefined || at.next === 0 || deps.clock() < Date.parse(lease) + LEASE_GRACE_MS) return;
  const time = new Date(deps.clock()).toISOString();
  await deps.table.put(
    await tombstone({ lane, seq: at.next, prev: at.prev, time }, deps.authority),
    'absent-or-identical',
  );
}
