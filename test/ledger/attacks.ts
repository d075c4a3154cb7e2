/**
 * The attacks, each on a real store with real checkpoints: what is done, what verification must say and where,
 * and the same attack on a naive chain. `docs/security.md` shows this table as it came out.
 */
import { laneKey, numberKey, parseRecord, recordHash, seqKey, signedOf } from '../../src/ledger/bytes.ts';
import { keyPairFromSeed } from '../../src/ledger/ed25519.ts';
import { executePruning, planPruning } from '../../src/ledger/keep/prune.ts';
import { eraseSubject } from '../../src/ledger/people/erase.ts';
import type { Receipt } from '../../src/ledger/record.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { signCheckpoint } from '../../src/ledger/tree/checkpoint.ts';
import { TileTree } from '../../src/ledger/tree/tile-tree.ts';

import type { Item } from '../../src/ports.ts';
import { person, pseudonym } from '../support/person.ts';
import { entriesOf, type TestLog } from './log-support.ts';
import { type NaiveRecord, naiveChain, naiveRoot, naiveVerify, rehash } from './naive.ts';
import { authorityKey, authoritySigner, itemsOf, note, ORIGIN, overwrite, seeded, TRACE } from './support.ts';

export interface Attack {
  readonly name: string;
  /** Verdict, then every finding as `VERDICT lane.seq` (or `VERDICT -` for the log itself). */
  readonly expect: readonly string[];
  /** Options of the verification beyond the default. */
  readonly options?: (log: TestLog) => {
    receipts?: readonly Receipt[];
    maxAgeSeconds?: number;
    since?: string;
  };
  readonly act: (log: TestLog, kept: readonly Receipt[]) => Promise<void>;
  /** The same on a naive chain of ten records; absent where such a chain has nothing to attack. */
  readonly naive?: (chain: NaiveRecord[]) => 'intact' | 'broken';
}

/** Lanes 1 to 3 with records 0 to 8, sealed four times; lane 3 goes on with two records that are not sealed. */
export const SEALED = 9;

async function at(log: TestLog, lane: number, seq: number): Promise<Item> {
  const item = await log.table.get(laneKey(lane), seqKey(seq));
  if (item === undefined) throw new Error(`nothing at ${lane}.${seq}`);
  return item;
}
const place = (item: Item, lane: number, seq: number): Item => ({
  ...item,
  pk: laneKey(lane),
  sk: seqKey(seq),
});
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

async function dropLane(log: TestLog, lane: number, from = 0): Promise<void> {
  for (const { pk, sk } of await itemsOf(log.table, laneKey(lane)))
    if (Number(sk) >= from) await log.table.remove(pk, sk);
}

/** An intruder with every right on the table and no key of ours rewrites lane 1 from `seq` on. */
async function rewrite(log: TestLog, seq: number, toEnd: boolean): Promise<void> {
  const own = keyPairFromSeed(seeded('intruder')(32));
  let prev: string | undefined;
  for (let index = seq; index < (toEnd ? SEALED : seq + 1); index += 1) {
    const item = await at(log, 1, index);
    const record = item.b instanceof Uint8Array ? parseRecord(item.b) : undefined;
    const b = bytes(
      JSON.stringify({ ...record, data: { note: 'rewritten' }, ...(prev === undefined ? {} : { prev }) }),
    );
    const signed = { b, s: own.sign(b) };
    prev = Buffer.from(recordHash(signed)).toString('hex');
    await overwrite(log.table, { ...item, pk: item.pk, sk: item.sk, ...signed });
  }
}

async function file(log: TestLog, name: string, change: (old: Uint8Array) => Uint8Array): Promise<void> {
  const old = log.log.files.get(name);
  if (old === undefined) throw new Error(`no file ${name}`);
  log.log.files.set(name, change(old));
}
const flip = (index: number) => (old: Uint8Array) => old.map((byte, at) => (at === index ? byte ^ 1 : byte));

/** The tree that someone with the checkpoint key would rather have had: without the entry at `without`. */
async function signOther(log: TestLog, signer = log.checkpointKey, without = 5): Promise<void> {
  const { size } = await readLock(log.table);
  const tree = new TileTree();
  const entries = entriesOf(log.log, size);
  entries.forEach((entry, index) => {
    tree.append(index === without ? (entries[0] ?? entry) : entry);
  });
  const signed = await signCheckpoint({ origin: ORIGIN, size, root: tree.root() }, [signer]);
  log.log.files.set('checkpoint', bytes(signed));
}

export const ATTACKS: readonly Attack[] = [
  {
    name: 'modify one record',
    expect: ['MODIFIED', 'MODIFIED 1.3'],
    act: (log) => rewrite(log, 3, false),
    naive: (chain) => {
      Object.assign(chain[3] ?? {}, { body: 'rewritten' });
      return naiveVerify(chain);
    },
  },
  {
    name: 'modify one record and re-hash to the end',
    expect: ['MODIFIED', ...[3, 4, 5, 6, 7, 8].map((seq) => `MODIFIED 1.${seq}`)],
    act: (log) => rewrite(log, 3, true),
    naive: (chain) => {
      Object.assign(chain[3] ?? {}, { body: 'rewritten' });
      return naiveVerify(rehash(chain));
    },
  },
  {
    name: 'delete a record in the middle',
    expect: ['MISSING', 'MISSING 1.3'],
    act: (log) => log.table.remove(laneKey(1), seqKey(3)),
    naive: (chain) => naiveVerify(chain.toSpliced(3, 1)),
  },
  {
    name: 'delete a record and renumber the rest',
    expect: ['MISSING', 'MISSING 1.3', 'TRUNCATED 1.8'],
    act: async (log) => {
      for (let seq = 3; seq < SEALED - 1; seq += 1)
        await overwrite(log.table, place(await at(log, 1, seq + 1), 1, seq));
      await log.table.remove(laneKey(1), seqKey(SEALED - 1));
    },
    naive: (chain) => naiveVerify(rehash(chain.toSpliced(3, 1))),
  },
  {
    name: 'truncate the tail after sealing',
    expect: ['TRUNCATED', 'TRUNCATED 1.6'],
    act: (log) => dropLane(log, 1, 6),
    naive: (chain) => naiveVerify(chain.slice(0, 6)),
  },
  {
    name: 'truncate the tail before sealing (a receipt was kept)',
    expect: ['MISSING', 'MISSING 3.10', 'PENDING -'],
    options: (log) => ({ receipts: keptOf(log) }),
    act: (log) => dropLane(log, 3, 10),
    naive: (chain) => naiveVerify(chain.slice(0, 9)),
  },
  {
    name: 'delete a whole lane that is sealed',
    expect: ['MISSING', 'MISSING 2.0'],
    act: async (log) => {
      await dropLane(log, 2);
      await log.table.remove('LANES', numberKey(2));
    },
  },
  {
    name: 'cut a tile of hashes short',
    expect: ['MODIFIED', 'MODIFIED -'],
    act: async (log) => {
      const { size } = await readLock(log.table);
      await file(log, `tile/0/000.p/${size}`, (old) => old.subarray(0, -32));
    },
  },
  {
    name: 'delete the whole directory',
    expect: ['MISSING', 'MISSING 1.0', 'MISSING 2.0', 'MISSING 3.0'],
    act: async (log) => {
      for (const { pk, sk } of await itemsOf(log.table, 'LANES')) await log.table.remove(pk, sk);
    },
  },
  {
    name: 'delete the last number in the directory',
    expect: ['MISSING', 'MISSING 3.0'],
    act: (log) => log.table.remove('LANES', numberKey(3)),
  },
  {
    name: 'delete a whole sealed lane, the last one, with its number',
    expect: ['MISSING', 'MISSING 3.0'],
    act: async (log) => {
      await dropLane(log, 3);
      await log.table.remove('LANES', numberKey(3));
    },
  },
  {
    name: 'delete the records of a lane that is not sealed',
    expect: ['MISSING', 'MISSING 4.0', 'PENDING -'],
    act: async (log) => {
      await (await log.lane()).append(note('unsealed'));
      await dropLane(log, 4);
    },
  },
  {
    name: 'delete an unsealed lane with its number (a receipt was kept)',
    expect: ['MISSING', 'MISSING 3.9', 'MISSING 3.10', 'TRUNCATED 3.9'].slice(0, 3),
    options: (log) => ({ receipts: keptOf(log) }),
    act: (log) => dropLane(log, 3, SEALED),
  },
  {
    name: 'change the order of two records',
    expect: ['MODIFIED', 'MODIFIED 1.2', 'MODIFIED 1.5'],
    act: async (log) => {
      const [left, right] = [await at(log, 1, 2), await at(log, 1, 5)];
      await overwrite(log.table, place(left, 1, 5));
      await overwrite(log.table, place(right, 1, 2));
    },
    naive: (chain) => {
      const [left, right] = [chain[2]?.body ?? '', chain[5]?.body ?? ''];
      return naiveVerify(
        rehash(
          chain.map((one, index) => ({ ...one, body: index === 2 ? right : index === 5 ? left : one.body })),
        ),
      );
    },
  },
  {
    name: 'swap records between two lanes',
    expect: ['MODIFIED', 'MODIFIED 1.2', 'MODIFIED 2.2'],
    act: async (log) => {
      const [left, right] = [await at(log, 1, 2), await at(log, 2, 2)];
      await overwrite(log.table, place(left, 2, 2));
      await overwrite(log.table, place(right, 1, 2));
    },
  },
  {
    name: 'replay a record at the end',
    expect: ['DUPLICATE', 'DUPLICATE 1.9', 'PENDING -'],
    act: async (log) => {
      await log.table.put(place(await at(log, 1, 2), 1, SEALED), 'absent');
    },
    naive: (chain) => naiveVerify(rehash([...chain, chain[2] ?? { body: '', prev: '', hash: '' }])),
  },
  {
    name: "forge a record with a database administrator's rights",
    expect: ['MODIFIED', 'MODIFIED 1.9', 'PENDING -'],
    act: async (log) => {
      const own = keyPairFromSeed(seeded('intruder')(32));
      const last = await at(log, 1, SEALED - 1);
      const signed = signedOf(last);
      const prev = signed === undefined ? '' : Buffer.from(recordHash(signed)).toString('hex');
      const record = {
        v: 1,
        lane: 1,
        seq: SEALED,
        prev,
        type: 'approval.approved',
        time: '2026-11-21T07:00:01.000Z',
        trace: TRACE,
        data: {},
      };
      const b = bytes(JSON.stringify(record));
      await log.table.put({ pk: laneKey(1), sk: seqKey(SEALED), b, s: own.sign(b) }, 'absent');
    },
    naive: (chain) => naiveVerify(naiveChain([...chain.map(({ body }) => body), 'forged'])),
  },
  {
    name: 'forge a lane with a key that nobody trusts',
    expect: ['KEY', 'KEY 4.0', 'PENDING -'],
    act: async (log) => {
      await (await log.lane({ authority: authoritySigner('intruder') })).append(note('forged'));
    },
  },
  {
    name: 'forge a lane with an authority key that was rotated away',
    expect: ['KEY', 'KEY 4.0', 'PENDING -'],
    act: async (log) => {
      const fresh = authoritySigner('fresh');
      log.trustAll.authorities.splice(
        0,
        1,
        authorityKey(log.authority, { to_lane: 3 }),
        authorityKey(fresh, { from_lane: 4 }),
      );
      await log.lane();
    },
  },
  {
    name: 'forge a lane with an authority key that has expired',
    expect: ['KEY', 'KEY 4.0', 'PENDING -'],
    act: async (log) => {
      log.trustAll.authorities.splice(
        0,
        1,
        authorityKey(log.authority, { not_after: '2026-11-21T08:00:00.000Z' }),
      );
      log.time.now += 2 * 60 * 60 * 1000;
      await log.lane();
    },
  },
  {
    name: 'change a lane certificate in the directory',
    expect: ['MODIFIED', 'MODIFIED 2.0'],
    act: async (log) => {
      const item = await log.table.get('LANES', numberKey(2));
      if (item?.b instanceof Uint8Array)
        await overwrite(log.table, { ...item, pk: item.pk, sk: item.sk, b: flip(40)(item.b) });
    },
  },
  {
    name: 'roll the published checkpoint back',
    expect: ['TRUNCATED', 'TRUNCATED -'],
    act: async (log) => {
      const old = [...log.worm.files.values()].at(0);
      log.log.files.set('checkpoint', old ?? bytes(''));
    },
  },
  {
    name: 'roll the lock back as well, and everything that is sealed since',
    expect: ['TRUNCATED', 'TRUNCATED -', 'TRUNCATED -'],
    act: async (log) => {
      const old = [...log.worm.files.values()].at(0) ?? bytes('');
      const [, size = '0'] = text(old).split('\n');
      log.log.files.set('checkpoint', old);
      const lock = await log.table.get('LOG', 'LOCK');
      await overwrite(log.table, {
        ...lock,
        pk: 'LOG',
        sk: 'LOCK',
        size: Number(size),
        from: 0,
        note: `${text(old).split('\n\n')[0]}\n\n${text(old).split('\n\n')[1]?.split('\n')[0]}\n`,
      });
    },
  },
  {
    name: 'sign another tree of the same size with the real checkpoint key',
    expect: ['FORK', 'FORK -', 'FORK -'],
    act: (log) => signOther(log),
    naive: (chain) =>
      naiveVerify(rehash(chain.map((one, index) => (index === 5 ? { ...one, body: 'other' } : one)))),
  },
  {
    name: 'run a second sealer with a key of its own',
    expect: ['KEY', 'KEY -', 'TRUNCATED -'].slice(0, 2),
    act: (log) => signOther(log, authoritySigner('intruder')),
  },
  {
    name: 'change the signed size in the published checkpoint',
    expect: ['MODIFIED', 'MODIFIED -'],
    act: (log) => file(log, 'checkpoint', (old) => bytes(text(old).replace('\n27\n', '\n26\n'))),
  },
  {
    name: 'change a tile',
    expect: ['MODIFIED', 'MODIFIED -'],
    act: (log) => file(log, 'tile/0/000.p/27', flip(32 * 4)),
  },
  {
    name: 'change a bundle',
    expect: ['MODIFIED', 'MODIFIED 1.2'],
    act: (log) =>
      file(log, 'tile/entries/000.p/27', (old) =>
        Buffer.from(text2(old).replace('"note":"1/1"', '"note":"1/X"'), 'latin1'),
      ),
  },
  {
    name: 'remove a tile',
    expect: ['MISSING', 'MISSING -'],
    act: async (log) => void log.log.files.delete('tile/0/000.p/27'),
  },
  {
    name: 'remove a bundle',
    expect: ['MISSING', 'MISSING -'],
    act: async (log) => void log.log.files.delete('tile/entries/000.p/27'),
  },
  {
    name: "move a lane's mark in the lock, so that records would be skipped",
    expect: ['MODIFIED', 'MODIFIED 3.9', 'PENDING -'],
    act: async (log) => {
      const lock = await log.table.get('LOG', 'LOCK');
      const lanes = String(lock?.lanes).replace(/^3 9 /m, '3 11 ');
      await overwrite(log.table, { ...lock, pk: 'LOG', sk: 'LOCK', lanes });
    },
  },
  {
    name: 'remove the lock',
    expect: ['TRUNCATED', 'TRUNCATED -'],
    act: (log) => log.table.remove('LOG', 'LOCK'),
  },
  {
    name: 'change the write-once copy of a checkpoint',
    expect: ['MODIFIED', 'MODIFIED -'],
    act: async (log) => {
      const [name = ''] = [...log.worm.files.keys()];
      const old = log.worm.files.get(name);
      log.worm.files.set(name, bytes(text(old).replace(/\n[A-Za-z0-9+/]{4}/, '\nAAAA')));
    },
  },
  {
    name: 'put the copy of one checkpoint in the place of another',
    expect: ['MODIFIED', 'MODIFIED -'],
    act: async (log) => {
      const copies = [...log.worm.files];
      log.worm.files.set(copies[0]?.[0] ?? '', copies[1]?.[1] ?? bytes(''));
    },
  },
  {
    name: 'show an old view: no witness has cosigned for an hour',
    expect: ['TRUNCATED', 'TRUNCATED -'],
    options: () => ({ maxAgeSeconds: 60 }),
    act: async (log) => {
      log.time.now += 3_600_000;
    },
    naive: (chain) => naiveVerify(chain),
  },
  {
    name: 'double the last leaf ([a,b,c] as [a,b,c,c])',
    expect: ['MODIFIED', 'MODIFIED -'],
    act: async (log) => {
      const entries = entriesOf(log.log, 27);
      const tree = new TileTree();
      for (const entry of [...entries, ...entries.slice(-1)]) tree.append(entry);
      for (const { path, bytes: written } of tree.takeFiles()) log.log.files.set(path, written);
      await file(log, 'checkpoint', (old) => bytes(text(old).replace('\n27\n', '\n28\n')));
    },
    naive: (chain) => {
      const leaves = chain.slice(0, 3).map((one) => one.hash);
      return naiveRoot(leaves) === naiveRoot([...leaves, leaves[2] ?? '']) ? 'intact' : 'broken';
    },
  },
  {
    name: "destroy a subject's key without a record of it",
    expect: ['MISSING', 'MISSING 1.1'],
    act: async (log) => {
      await log.subjects.erase((await personOf(log)) ?? '');
    },
  },
];

/** What is lawful, and must not be called tampering. */
export const LAWFUL: readonly Attack[] = [
  { name: 'nothing at all', expect: ['PENDING', 'PENDING -'], act: async () => {} },
  {
    name: 'erase a subject, with proof',
    expect: ['OK', 'ERASED 1.1'],
    act: async (log) => {
      await log.sealer().seal();
      await eraseSubject(
        { ledger: await log.lane(), subjects: log.subjects },
        { subject: pseudonym(person('jake')), trace: TRACE },
      );
      await log.sealer().seal();
    },
  },
  {
    name: 'prune old lanes, on record',
    expect: ['OK'],
    act: async (log) => {
      log.time.now += 200 * 24 * 60 * 60 * 1000;
      const sealer = log.sealer();
      await sealer.seal();
      await sealer.seal();
      // The tombstones that closed the lanes are young themselves.
      log.time.now += 200 * 24 * 60 * 60 * 1000;
      const deps = {
        table: log.table,
        ledger: await log.lane(),
        view: { log: log.log, table: log.table, trust: log.trustAll },
        clock: () => log.time.now,
      };
      const plan = await planPruning(deps);
      if (plan === undefined) throw new Error('nothing to prune');
      if (await executePruning(deps, plan)) throw new Error('pruned before it was sealed');
      await sealer.seal();
      if (!(await executePruning(deps, plan))) throw new Error('not pruned');
      if ((await itemsOf(log.table, laneKey(1))).length > 0) throw new Error('still there');
    },
  },
  {
    name: 'rotate the authority key',
    expect: ['PENDING', 'PENDING -'],
    act: async (log) => {
      const fresh = authoritySigner('fresh');
      log.trustAll.authorities.splice(
        0,
        1,
        authorityKey(log.authority, { to_lane: 3 }),
        authorityKey(fresh, { from_lane: 4 }),
      );
      await log.lane({ authority: fresh });
    },
  },
];

const receiptsOf = new WeakMap<TestLog, readonly Receipt[]>();
export const keep = (log: TestLog, receipts: readonly Receipt[]): void => void receiptsOf.set(log, receipts);
export const keptOf = (log: TestLog): readonly Receipt[] => receiptsOf.get(log) ?? [];

/** One byte per character, so that lengths stay. */
const text2 = (old: Uint8Array): string => Buffer.from(old).toString('latin1');
async function personOf(log: TestLog): Promise<string | undefined> {
  const item = await at(log, 1, 1);
  return item.b instanceof Uint8Array ? parseRecord(item.b)?.subject : undefined;
}
