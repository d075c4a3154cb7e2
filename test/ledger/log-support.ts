/** A whole log in memory: lanes, sealer, witness, write-once copies, and an audit of all of it after each step. */
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { hex, laneKey, placeOf, sameBytes, signedOf } from '../../src/ledger/bytes.ts';
import { joinEntry, splitEntry } from '../../src/ledger/entry.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { Sealer, type SealerDeps } from '../../src/ledger/seal/sealer.ts';
import { wormName, wormSizes } from '../../src/ledger/seal/worm.ts';
import { openCheckpoint } from '../../src/ledger/tree/checkpoint.ts';
import { Edge, leafHash } from '../../src/ledger/tree/merkle.ts';
import { formatVkey, KEY_TYPE } from '../../src/ledger/tree/note.ts';
import { bundlePath, decodeBundle, TILE_WIDTH } from '../../src/ledger/tree/tiles.ts';
import { openWitness, type Witness } from '../../src/ledger/tree/witness.ts';
import type { Trust } from '../../src/ledger/trust.ts';
import type { Signer, Table } from '../../src/ports.ts';
import { person, pseudonym } from '../support/person.ts';
import { type MemoryBlobs, memoryBlobs } from './blobs.ts';
import { authorityKey, authoritySigner, itemsOf, ORIGIN, type TestLedger, testLedger } from './support.ts';

export interface TestLog extends TestLedger {
  readonly log: MemoryBlobs;
  readonly worm: MemoryBlobs;
  readonly witnessTable: Table;
  readonly witness: Witness;
  readonly witnessKey: Signer;
  readonly checkpointKey: Signer;
  readonly trustAll: Trust;
  readonly sealerDeps: SealerDeps;
  sealer(over?: Partial<SealerDeps>): Sealer;
}

export function testLog(over: { seed?: string; table?: Table; keys?: Table } = {}): TestLog {
  const ledger = testLedger(over);
  const [log, worm] = [memoryBlobs(), memoryBlobs()];
  const witnessTable = openSqliteTable(':memory:');
  const [checkpointKey, witnessKey] = [authoritySigner('checkpoint'), authoritySigner('witness')];
  const vkey = formatVkey(ORIGIN, KEY_TYPE.log, checkpointKey.publicKey);
  const log_keys = [vkey];
  const clock = () => ledger.time.now;
  const witness = openWitness({
    table: witnessTable,
    signer: witnessKey,
    name: `${ORIGIN}/witness`,
    origin: ORIGIN,
    logKeys: log_keys,
    clock,
  });
  const trustAll: Trust = {
    v: 1,
    origin: ORIGIN,
    authorities: [authorityKey(ledger.authority)],
    log_keys,
    witnesses: [formatVkey(`${ORIGIN}/witness`, KEY_TYPE.cosigner, witnessKey.publicKey)],
    max_merge_delay_seconds: 2,
  };
  const sealerDeps: SealerDeps = {
    table: ledger.table,
    log,
    worm,
    witnesses: [witness],
    trust: trustAll,
    authority: ledger.authority,
    origin: ORIGIN,
    signers: [checkpointKey],
    logKeys: trustAll.log_keys,
    clock,
    limit: 16_384,
    heartbeatMs: 10_000,
  };
  return {
    ...ledger,
    log,
    worm,
    witnessTable,
    witness,
    witnessKey,
    checkpointKey,
    trustAll,
    sealerDeps,
    sealer: (changes = {}) => new Sealer({ ...sealerDeps, ...changes }),
  };
}

/** Data subjects whose keys a clone takes along. */
export const PEOPLE = ['jake', 'ann'];

/** The same log once more, with its own stores: what happens to one does not happen to the other. */
export async function cloneLog(log: TestLog): Promise<TestLog> {
  const copy = testLog({ seed: 'clone' });
  copy.time.now = log.time.now;
  for (const { sk: number } of await itemsOf(log.table, 'LANES')) {
    for (const kind of ['LANE', 'SEALED']) await copyItems(log.table, copy.table, `${kind}#${number}`);
  }
  const days = (await itemsOf(log.table, 'DAYS')).map(({ sk: day }) => `TIME#${day}`);
  const people = PEOPLE.map((sub) => `PERSON#${pseudonym(person(sub))}`);
  for (const pk of ['LANES', 'LOG', 'DAYS', ...days, ...people]) await copyItems(log.table, copy.table, pk);
  await copyItems(log.witnessTable, copy.witnessTable, 'WITNESS');
  for (const sub of PEOPLE) await copyItems(log.keys, copy.keys, `SUBJECT#${pseudonym(person(sub))}`);
  for (const [from, to] of [
    [log.log, copy.log],
    [log.worm, copy.worm],
  ] as const) {
    for (const [name, bytes] of from.files) to.files.set(name, bytes);
  }
  return copy;
}

async function copyItems(from: Table, to: Table, pk: string): Promise<void> {
  await Promise.all((await itemsOf(from, pk)).map((item) => to.put(item, 'absent')));
}

/** Every entry of the published tree of this size, out of its bundles. */
export function entriesOf(log: MemoryBlobs, size: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let n = 0; n * TILE_WIDTH < size; n += 1) {
    const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH);
    const bytes = log.files.get(bundlePath(n, width));
    const bundle = bytes === undefined ? undefined : decodeBundle(bytes);
    if (bundle?.length !== width) throw new Error(`bundle ${n} of width ${width} is not there`);
    entries.push(...bundle);
  }
  return entries;
}

/**
 * Audits the log from outside: each checkpoint ever published or kept is the root of a prefix of one list of
 * entries, and that list holds each lane's records in their order, without a gap. @param pruned lanes whose records may be gone
 */
export async function auditLog(
  log: TestLog,
  pruned: ReadonlySet<number> = new Set(),
): Promise<{ size: number; entries: readonly Uint8Array[] }> {
  const text = log.log.files.get('checkpoint');
  if (text === undefined) return { size: 0, entries: [] };
  const lock = await readLock(log.table);
  const published = openCheckpoint(Buffer.from(text).toString(), ORIGIN, log.trustAll.log_keys);
  const signed = openCheckpoint(lock.note, ORIGIN, log.trustAll.log_keys);
  if (!published.ok || !signed.ok) throw new Error('a checkpoint does not open');
  const { size } = published.checkpoint;
  if (size > signed.checkpoint.size) throw new Error('more is published than was locked');
  const entries = entriesOf(log.log, size);
  const roots = new Map([[size, published.checkpoint.root]]);
  for await (const kept of wormSizes(log.worm)) {
    const opened = openCheckpoint(
      Buffer.from((await log.worm.get(wormName(kept))) ?? []).toString(),
      ORIGIN,
      log.trustAll.log_keys,
    );
    if (!opened.ok || opened.checkpoint.size !== kept) throw new Error(`the copy of ${kept} does not open`);
    roots.set(kept, opened.checkpoint.root);
  }
  const edge = new Edge();
  const seen = new Map<number, number>();
  const stored = new Map<number, ReadonlyMap<number, Uint8Array>>();
  for (const entry of entries) {
    edge.append(leafHash(entry));
    const root = roots.get(edge.size);
    if (root !== undefined && !sameBytes(root, edge.root()))
      throw new Error(`two trees of size ${edge.size}`);
    const { lane, seq } = JSON.parse(Buffer.from(splitEntry(entry).b).toString());
    if ((seen.get(lane) ?? 0) !== seq) throw new Error(`the tree has ${lane}.${seq} out of its order`);
    seen.set(lane, seq + 1);
    const records = stored.get(lane) ?? (await laneEntries(log.table, lane));
    stored.set(lane, records);
    const there = records.get(seq);
    if (there === undefined && pruned.has(lane)) continue;
    if (!sameBytes(there ?? new Uint8Array(0), entry))
      throw new Error(`${lane}.${seq} is another record in the lane`);
  }
  return { size, entries };
}

async function laneEntries(table: Table, lane: number): Promise<ReadonlyMap<number, Uint8Array>> {
  const items = await itemsOf(table, laneKey(lane));
  return new Map(
    items.map((item) => {
      const signed = signedOf(item);
      return [placeOf(item.sk), signed === undefined ? new Uint8Array(0) : joinEntry(signed)];
    }),
  );
}

export const hashesOf = (entries: readonly Uint8Array[]): string[] =>
  entries.map((entry) => hex(leafHash(entry)));
