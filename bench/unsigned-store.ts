/**
 * A sealed store with a past that is filled in minutes where signing would take an hour: all that readers look at (records,
 * links, tree, notes, heads) is as ever, but records carry no true signature. Verification by hashes finds it in order.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { COLUMNS, MARKS, toRow } from '../adapters/local/rows.ts';
import { dataPaths, type Stores } from '../local/stores.ts';
import { canonicalBytes } from '../src/basics/canonical.ts';
import { hex, laneKey, recordHash, seqKey } from '../src/ledger/bytes.ts';
import { joinEntry } from '../src/ledger/entry.ts';
import { directoryItem } from '../src/ledger/lane/directory.ts';
import { LaneWriter, type WriterDeps } from '../src/ledger/lane/writer.ts';
import { batchOf } from '../src/ledger/places/batch.ts';
import { notePlaces } from '../src/ledger/places/note.ts';
import { swapLock, UNLOCKED } from '../src/ledger/seal/lock.ts';
import { CHECKPOINT, index } from '../src/ledger/seal/publish.ts';
import { keepCopy } from '../src/ledger/seal/worm.ts';
import { signCheckpoint } from '../src/ledger/tree/checkpoint.ts';
import { TileTree } from '../src/ledger/tree/tile-tree.ts';
import type { Item } from '../src/ports.ts';

export interface Filling extends WriterDeps {
  readonly folder: string;
  readonly stores: Stores;
  /** What the next record of a lane says; it moves the clock. */
  readonly next: () => { readonly type: string; readonly trace: string; readonly data: object };
  /** Between two lanes. */
  readonly pause: () => void;
}

const NO_SIGNATURE = new Uint8Array(64);
const BATCH = 16_384;

export async function fillUnsigned(deps: Filling, records: number, lanes: number): Promise<void> {
  const paths = dataPaths(deps.folder);
  const db = new DatabaseSync(paths.table);
  db.exec('PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 20000;');
  const insert = db.prepare(`INSERT OR IGNORE INTO items (${COLUMNS}) VALUES (${MARKS})`);
  const put = (item: Item): void => void insert.run(...toRow(item));
  const noted = {
    put: async (item: Item) => {
      put(item);
      return { stored: true };
    },
  };
  const tree = new TileTree();
  let [from, pending]: [number, Uint8Array[]] = [0, []];
  const write = (files: readonly { readonly path: string; readonly bytes: Uint8Array }[]): void => {
    for (const { path, bytes } of files) {
      const place = join(paths.log, path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, bytes);
    }
  };
  const sealPending = async (): Promise<void> => {
    const batch = batchOf(from, pending);
    await notePlaces(noted, batch);
    await index(noted, from, batch.segments);
    [from, pending] = [from + pending.length, []];
    write(tree.takeFull());
    db.exec('COMMIT; BEGIN');
  };
  const add = async (item: Item, b: Uint8Array, s: Uint8Array): Promise<void> => {
    put(item);
    const entry = joinEntry({ b, s });
    tree.append(entry);
    pending.push(entry);
    if (pending.length >= BATCH) await sealPending();
  };

  db.exec('BEGIN');
  for (let lane = 1; lane <= lanes; lane += 1) {
    const { first, certificate } = await LaneWriter.open(lane, deps);
    put(directoryItem(lane, certificate));
    let [seq, prev] = [1, first.receipt.record_hash];
    await add(first.item, first.item.b as Uint8Array, first.item.s as Uint8Array);
    const unsigned = async (content: object): Promise<void> => {
      const time = new Date(deps.clock()).toISOString();
      const b = canonicalBytes({ v: 1, lane, seq, prev, time, ...content });
      await add({ pk: laneKey(lane), sk: seqKey(seq), b, s: NO_SIGNATURE }, b, NO_SIGNATURE);
      prev = hex(recordHash({ b, s: NO_SIGNATURE }));
      seq += 1;
    };
    for (let left = Math.ceil(records / lanes); left > 0; left -= 1) await unsigned(deps.next());
    await unsigned({ type: 'ledger.lane_closed', trace: '0'.repeat(32), data: { reason: 'shutdown' } });
    deps.pause();
  }
  await sealPending();
  db.exec('COMMIT');
  db.close();
  write(tree.takeFiles());
  const signed = { origin: deps.origin, size: tree.size, root: tree.root() };
  const note = await signCheckpoint(signed, [deps.stores.checkpointKey]);
  const next = { size: tree.size, note, from: 0, lanes: new Map(), last_lane: lanes, noted: true };
  await swapLock(deps.stores.table, UNLOCKED, next);
  await deps.stores.log.put(CHECKPOINT, new TextEncoder().encode(note));
  await keepCopy(deps.stores.worm, { size: tree.size, from: 0 }, note);
}
