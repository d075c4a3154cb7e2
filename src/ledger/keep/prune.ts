/**
 * Retention: closed lanes that are wholly sealed and old enough leave the store, while their leaves stay in the
 * tree and every proof stays valid. First a `ledger.pruned` record says what will go; only when that record is
 * itself in a published tree is anything removed, so that verification and sentinel can tell it from theft.
 */
import type { Clock, Item, Table } from '../../ports.ts';
import { laneKey, parseRecord, placeOf, signedOf } from '../bytes.ts';
import { type LogView, proveEntry } from '../check/proof.ts';
import type { PrunedData } from '../check/pruned.ts';
import { readCertificate } from '../lane/certificate.ts';
import { directory, laneItems } from '../lane/directory.ts';
import { type Extent, forgetStretches } from '../places/by-time.ts';
import { markItem, noteEarlierPrunings, pruningMark } from '../places/prunings.ts';
import type { Ledger, NewRecord, Receipt } from '../record.ts';
import { readLock } from '../seal/lock.ts';

/** Half a year, and a day for leap years (EU AI Act, article 19: at least six months). */
export const RETENTION_DAYS = 183;

/** Nothing that matches a hold is removed, however old: all given members must match. */
export interface LegalHold {
  /** Pseudonym. */
  readonly subject?: string;
  /** RFC 3339, inclusive. */
  readonly from?: string;
  readonly to?: string;
}

export interface PlanDeps {
  readonly table: Pick<Table, 'get' | 'query'>;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

export interface PlanOptions {
  /** Fewer than RETENTION_DAYS are as many. */
  readonly retentionDays?: number;
  readonly holds?: readonly LegalHold[];
  /** Lanes that stay, whatever their age. */
  readonly kept?: ReadonlySet<number>;
  /** The `ledger.pruned` record, with who asked for it. */
  readonly record?: (data: PrunedData) => NewRecord;
}

export interface PruneDeps {
  readonly table: Pick<Table, 'get' | 'query' | 'put' | 'remove'>;
  readonly view: LogView;
}

export interface PrunePlan {
  readonly receipt: Pick<Receipt, 'id'>;
  readonly data: PrunedData;
}

/** A lane that starts later than the one before it may have the lower number, for clocks differ. */
const SKEW_MS = 600_000;

/**
 * Puts on record which lanes go. Undefined when none is old enough, closed, sealed, free of holds and not kept. It looks at lanes
 * from the first of which anything is left, up to the first that began too late: not at what went before, nor at what is new.
 */
export async function planPruning(deps: PlanDeps, options: PlanOptions = {}): Promise<PrunePlan | undefined> {
  const days = Math.max(RETENTION_DAYS, options.retentionDays ?? RETENTION_DAYS);
  const before = new Date(deps.clock() - days * 24 * 60 * 60 * 1000).toISOString();
  const lock = await readLock(deps.table);
  const lanes: PrunedData['lanes'] = [];
  const { first } = await pruningMark(deps.table);
  for await (const item of directory(deps.table, first)) {
    const lane = placeOf(item.sk);
    if (lane > lock.last_lane || beganAfter(item, Date.parse(before) + SKEW_MS)) break;
    if (lock.lanes.has(lane) || options.kept?.has(lane) === true) continue;
    const going = await removable(deps.table, lane, before, options.holds ?? []);
    if (going !== undefined) lanes.push({ lane, next: going.next });
  }
  if (lanes.length === 0) return undefined;
  const data: PrunedData = { before, lanes };
  const record = options.record?.(data) ?? { type: 'ledger.pruned', trace: '0'.repeat(32), data };
  return { data, receipt: await deps.ledger.append(record) };
}

/**
 * Removes what a plan names; false while its record is not in a published tree yet. Safe to repeat: a removal
 * that was cut off goes on where it stopped. A hold that was placed since the plan was made keeps its lanes.
 */
export async function executePruning(
  { table, view }: PruneDeps,
  { receipt, data }: PrunePlan,
  holds: readonly LegalHold[] = [],
): Promise<boolean> {
  if ((await proveEntry(view, receipt.id)) === undefined) return false;
  for (const { lane } of data.lanes) {
    const going = await removable(table, lane, data.before, holds);
    if (going === undefined) continue;
    // Before the records: what is left of them tells no longer where all the notes are.
    await forgetStretches(table, lane, going);
    for await (const { pk, sk } of laneItems(table, lane)) await table.remove(pk, sk);
  }
  await moveMark(table);
  return true;
}

/** Past the lanes of which nothing is left, up to the first that is still there. */
async function moveMark(table: PruneDeps['table']): Promise<void> {
  const mark = await pruningMark(table);
  let { first } = mark;
  const lock = await readLock(table);
  while (first <= lock.last_lane && !lock.lanes.has(first) && (await isEmpty(table, first))) first += 1;
  if (first === mark.first && mark.noted) return;
  if (!mark.noted) await noteEarlierPrunings(table);
  // Refused: somebody else moved it as far.
  await table.put(
    markItem({ first, version: mark.version + 1, noted: true }),
    mark.version === 0 ? 'absent' : { version: mark.version },
  );
}

/** Whether its certificate says so; one that cannot be read says nothing. */
function beganAfter(item: Item, time: number): boolean {
  const signed = signedOf(item);
  const start = signed === undefined ? undefined : readCertificate(signed)?.start;
  return start !== undefined && Date.parse(start) > time;
}

const isEmpty = async (table: Pick<Table, 'query'>, lane: number): Promise<boolean> =>
  (await table.query(laneKey(lane), { limit: 1 })).items.length === 0;

/** A closed lane's records if they may go, all of them: the place behind the last, and what they hold. */
async function removable(
  table: PlanDeps['table'],
  lane: number,
  before: string,
  holds: readonly LegalHold[],
): Promise<(Extent & { readonly next: number }) | undefined> {
  let going: (Extent & { readonly next: number }) | undefined;
  const subjects = new Set<string>();
  for await (const item of laneItems(table, lane)) {
    const signed = signedOf(item);
    const record = signed === undefined ? undefined : parseRecord(signed.b);
    // Damaged evidence stays where it is.
    if (record === undefined || record.time >= before || holds.some((hold) => isHeld(record, hold)))
      return undefined;
    if (record.subject !== undefined) subjects.add(record.subject);
    going = { next: record.seq + 1, from: going?.from ?? record.time, to: record.time, subjects };
  }
  return going;
}

function isHeld({ subject, time }: { subject?: string; time: string }, hold: LegalHold): boolean {
  return (
    (hold.subject === undefined || hold.subject === subject) &&
    (hold.from === undefined || time >= hold.from) &&
    (hold.to === undefined || time <= hold.to)
  );
}
