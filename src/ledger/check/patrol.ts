/**
 * The patrol: a running system reads its sealed ledger again and again, one bundle of the log at a time, and holds it
 * against the signed tree and against the store. What was changed with a SQL tool while nobody ran, or in the file
 * itself, leaves no other trace until somebody verifies.
 */

import type { Item, Table } from '../../ports.ts';
import type { Verdict } from '../../terms.ts';
import {
  DIRECTORY,
  laneKey,
  numberKey,
  parseRecord,
  placeOf,
  sameBytes,
  seqKey,
  signedOf,
} from '../bytes.ts';
import { splitEntry, type TableReader } from '../entry.ts';
import type { Standing } from '../hold.ts';
import { certificateOf } from '../lane/certificate.ts';
import { laneItems } from '../lane/directory.ts';
import { batchOfRecords } from '../places/batch.ts';
import { noteAgain } from '../places/note.ts';
import { areNotesWhole } from '../places/note-check.ts';
import type { LedgerRecord } from '../record.ts';
import {
  Edge,
  inclusionProof,
  leafHash,
  type NodeReader,
  rangeRoot,
  verifyInclusion,
} from '../tree/merkle.ts';
import { TILE_WIDTH, tileNodes } from '../tree/tiles.ts';
import { checkpointText, type LogView, openPublished, type Published, readBundle } from './proof.ts';

export interface PatrolDeps {
  readonly view: LogView;
  /** Where notes of places are written again that are gone. */
  readonly notes: Pick<Table, 'put' | 'get'>;
  /** Whether a sealed pruning covers the absence of this record. */
  readonly pruned: (lane: number, seq: number) => Promise<boolean>;
}

/** How far a patrol is, for one that goes on in another process. */
export interface PatrolMemory {
  /** The bundle that is looked at next. */
  readonly next: number;
  /** Bundles with a finding. */
  readonly suspects: readonly number[];
}

export interface Patrolled {
  /** What stands of all that was found, until it is found in order again. */
  readonly standing: Standing | undefined;
  /** What this bite found that was not known. */
  readonly found?: { readonly verdict: Verdict; readonly detail: string };
  /** Notes by which records are found were gone or changed, of these records; they are written again. */
  readonly mended?: string;
}

export interface Patrol {
  /** Looks at the next bundle, and again at those with a finding: at most 512 records. Throws STORE_UNAVAILABLE. */
  bite(): Promise<Patrolled>;
  memory(): PatrolMemory;
}

/** Until it is looked at again. */
const SUSPECTED: Standing = { head: 'record', detail: 'something was found, and not in order yet' };

export function createPatrol(deps: PatrolDeps, before: PatrolMemory = { next: 0, suspects: [] }): Patrol {
  let { next } = before;
  /** Bundles with a finding. */
  const findings = new Map<number, Standing>(before.suspects.map((n) => [n, SUSPECTED]));
  /** The checkpoint that was opened last: most bites find the same, and its signature stays good. */
  let opened: Published | undefined;

  async function newest(): Promise<Published | undefined> {
    const text = await checkpointText(deps.view.log);
    if (text !== opened?.text) opened = text === undefined ? undefined : openPublished(text, deps.view.trust);
    return opened;
  }

  return {
    memory: () => ({ next, suspects: [...findings.keys()] }),
    async bite() {
      const published = await newest();
      if (published === undefined || published.checkpoint.size === 0) return { standing: undefined };
      const bundles = Math.ceil(published.checkpoint.size / TILE_WIDTH);
      const bundle = next < bundles ? next : 0;
      let found: Patrolled['found'];
      let mended: string | undefined;
      for (const n of new Set([...[...findings.keys()].slice(0, 1), bundle])) {
        const { wrong, kept } = await lookAt(deps, n, published);
        const from = n * TILE_WIDTH;
        if (wrong === undefined && (await mendNotes(deps, from, kept)))
          mended = `entries ${from} to ${Math.min(published.checkpoint.size, from + TILE_WIDTH) - 1}`;
        if (wrong === undefined) findings.delete(n);
        else if (!findings.has(n)) found = wrong;
        if (wrong !== undefined)
          findings.set(n, { head: wrong.head, detail: `${wrong.verdict}: ${wrong.detail}` });
      }
      // What could not be read is looked at again.
      next = bundle + 1;
      const standing = findings.values().next().value;
      return {
        standing,
        ...(found === undefined ? {} : { found }),
        ...(mended === undefined ? {} : { mended }),
      };
    },
  };
}

interface Wrong {
  readonly verdict: Verdict;
  readonly head: 'tiles' | 'record';
  readonly detail: string;
}

/** Whether these are the entries of the signed tree from `from` on, as many as one bundle of it has. */
export async function bundleStands(
  nodes: NodeReader,
  entries: readonly Uint8Array[],
  from: number,
  { size, root }: { readonly size: number; readonly root: Uint8Array },
): Promise<boolean> {
  const to = Math.min(size, from + TILE_WIDTH);
  const ours = new Edge();
  for (const entry of entries.slice(0, to - from)) ours.append(leafHash(entry));
  const [first] = entries;
  return (
    first !== undefined &&
    ours.size === to - from &&
    sameBytes(ours.root(), await rangeRoot(nodes, from, to)) &&
    verifyInclusion(leafHash(first), from, size, await inclusionProof(nodes, from, size), root)
  );
}

/** Whether anything stands behind a lane's last record. */
const goesOn = async (table: TableReader, lane: number, end: number): Promise<boolean> =>
  (await table.query(laneKey(lane), { from: seqKey(end + 1), limit: 1 })).items.length > 0;

/** What the store has at these places, by id. Those of a lane lie side by side: a read or two for each. */
async function storedOf(
  table: TableReader,
  places: readonly { readonly lane: number; readonly seq: number }[],
): Promise<Map<string, Item>> {
  const found = new Map<string, Item>();
  for (const [lane, own] of Map.groupBy(places, (place) => place.lane)) {
    const seqs = own.map(({ seq }) => seq);
    for await (const item of laneItems(table, lane, Math.min(...seqs), Math.max(...seqs)))
      found.set(`${lane}.${placeOf(item.sk)}`, item);
  }
  return found;
}

/** What is wrong with a bundle, and which of its entries the store still has: others were pruned. */
async function lookAt(
  { view, pruned }: PatrolDeps,
  n: number,
  { checkpoint: { size, root } }: Published,
): Promise<{ readonly wrong?: Wrong; readonly kept: readonly LedgerRecord[] }> {
  const from = n * TILE_WIDTH;
  const to = Math.min(size, from + TILE_WIDTH);
  const entries = await readBundle(view.log, n, size);
  const stands = await bundleStands(tileNodes(view.log, size), entries, from, { size, root });
  const kept: LedgerRecord[] = [];
  const is = (verdict: Verdict, head: Wrong['head'], detail: string) => ({
    wrong: { verdict, head, detail },
    kept,
  });
  if (!stands)
    return is('MODIFIED', 'tiles', `entries ${from} to ${to - 1} are not those of the signed tree`);
  const records = entries.slice(0, to - from).flatMap((entry) => {
    const sealed = splitEntry(entry);
    const record = parseRecord(sealed.b);
    if (record === undefined) return [];
    const { lane, seq, type } = record;
    const certificate = certificateOf(record);
    return [{ record, sealed, lane, seq, certificate, ends: type === 'ledger.lane_closed' }];
  });
  for (const [lane, [first]] of Map.groupBy(records, (record) => record.lane)) {
    const listed = await view.table.get(DIRECTORY, numberKey(lane));
    if (listed === undefined)
      return is('MISSING', 'record', `the directory has lost lane ${lane}, and it is in the tree`);
    const [own, there] = [first?.certificate, signedOf(listed)];
    if (own !== undefined && !(there && sameBytes(there.b, own.b) && sameBytes(there.s, own.s)))
      return is(
        'MODIFIED',
        'record',
        `the directory has another certificate of lane ${lane} than its record 0`,
      );
  }
  const inStore = await storedOf(view.table, records);
  for (const { record, sealed, lane, seq, ends } of records) {
    if (ends && (await goesOn(view.table, lane, seq)))
      return is('FORK', 'record', `lane ${lane} was closed at ${seq} and goes on`);
    const item = inStore.get(`${lane}.${seq}`);
    const stored = item && signedOf(item);
    if (stored !== undefined && sameBytes(stored.b, sealed.b) && sameBytes(stored.s, sealed.s)) {
      kept.push(record);
      continue;
    }
    if (item !== undefined) return is('MODIFIED', 'record', `record ${lane}.${seq} is not what was sealed`);
    if (!(await pruned(lane, seq)))
      return is('MISSING', 'record', `record ${lane}.${seq} was sealed and is gone`);
  }
  return { kept };
}

/** Whether notes of these sealed records were not as they must be: then they are written again. */
async function mendNotes(
  { view, notes, pruned }: PatrolDeps,
  from: number,
  records: readonly LedgerRecord[],
): Promise<boolean> {
  if (await areNotesWhole(view.table, batchOfRecords(from, records))) return false;
  // A pruning takes the notes and then the records, which were still there when they were looked at.
  const going = new Set<number>();
  for (const [lane, own] of Map.groupBy(records, (record) => record.lane))
    if (await pruned(lane, Math.max(...own.map(({ seq }) => seq)))) going.add(lane);
  const staying = records.filter(({ lane }) => !going.has(lane));
  const batch = batchOfRecords(from, staying);
  if (going.size > 0 && (await areNotesWhole(view.table, batch))) return false;
  await noteAgain(notes, batch);
  return true;
}
