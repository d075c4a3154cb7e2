/** Attacks on what is kept beside the records: keys, write-once copies, the witness, the lock, and a whole folder. */
import {
  hex,
  laneKey,
  linkHash,
  numberKey,
  parseRecord,
  recordBytes,
  seqKey,
  signedOf,
} from '../../src/ledger/bytes.ts';
import { keyPairFromSeed } from '../../src/ledger/ed25519.ts';
import { splitEntry } from '../../src/ledger/entry.ts';
import { eraseSubject } from '../../src/ledger/people/erase.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { formatLanes } from '../../src/ledger/seal/lock-pages.ts';
import { wormName, wormSizes } from '../../src/ledger/seal/worm.ts';
import { signCheckpoint } from '../../src/ledger/tree/checkpoint.ts';
import { TileTree } from '../../src/ledger/tree/tile-tree.ts';
import type { Item, Signer } from '../../src/ports.ts';
import { person, pseudonym } from '../support/person.ts';
import type { Attack } from './attacks.ts';
import { entriesOf, type TestLog } from './log-support.ts';
import { authoritySigner, itemsOf, note, ORIGIN, overwrite, seeded, TRACE } from './support.ts';

const JAKE = pseudonym(person('jake'));
const KEYS = `SUBJECT#${JAKE}`;
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

async function keyRow(log: TestLog): Promise<Item> {
  const [row] = await itemsOf(log.keys, KEYS);
  if (row === undefined) throw new Error('jake has no key');
  return row;
}

/** Another request of the same person, in a process that remembers nothing. */
async function comesAgain(log: TestLog): Promise<void> {
  log.time.now += 60_000;
  await (await log.lane()).append(note('again', { who: person('jake'), personal: { name: 'Jake Smith' } }));
}

async function sizes(log: TestLog): Promise<number[]> {
  const found: number[] = [];
  for await (const size of wormSizes(log.worm)) found.push(size);
  return found;
}

/** A checkpoint by `signer` over the first `size` entries, without the one at `without`. */
async function checkpointOf(log: TestLog, size: number, signer: Signer, without = -1): Promise<string> {
  const tree = new TileTree();
  for (const [index, entry] of entriesOf(log.log, (await readLock(log.table)).size)
    .slice(0, size)
    .entries())
    tree.append(index === without ? utf8('another') : entry);
  return signCheckpoint({ origin: ORIGIN, size: tree.size, root: tree.root() }, [signer]);
}

async function lockWith(
  log: TestLog,
  change: (lock: Item) => Record<string, string | number>,
): Promise<void> {
  const lock = await log.table.get('LOG', 'LOCK');
  if (lock === undefined) throw new Error('there is no lock');
  await overwrite(log.table, { ...lock, ...change(lock), pk: 'LOG', sk: 'LOCK' });
}

/** Everything as it was after the first sealing: what a person with yesterday's folder puts back. */
async function rollEverythingBack(log: TestLog): Promise<void> {
  const [first = 0] = (await sizes(log)).reverse();
  const kept = log.worm.files.get(wormName(first));
  for (const size of await sizes(log)) if (size > first) log.worm.files.delete(wormName(size));
  const entries = entriesOf(log.log, (await readLock(log.table)).size).slice(0, first);
  const next = new Map<number, { next: number; prev: string }>();
  for (const entry of entries) {
    const signed = splitEntry(entry);
    const record = parseRecord(signed.b);
    if (record !== undefined) next.set(record.lane, { next: record.seq + 1, prev: hex(linkHash(signed)) });
  }
  for (const [lane, { next: end }] of next)
    for (const { pk, sk } of await itemsOf(log.table, laneKey(lane)))
      if (Number(sk) >= end) await log.table.remove(pk, sk);
  log.log.files.clear();
  const tree = new TileTree();
  for (const entry of entries) tree.append(entry);
  for (const { path, bytes } of tree.takeFiles()) log.log.files.set(path, bytes);
  log.log.files.set('checkpoint', kept ?? utf8(''));
  const [head = ''] = text(kept).split('\n\n');
  const [line = ''] = text(kept)
    .slice(head.length + 2)
    .split('\n');
  await lockWith(log, () => ({
    size: first,
    from: 0,
    note: `${head}\n\n${line}\n`,
    lanes: formatLanes(next),
  }));
  const memory = await log.witnessTable.get('WITNESS', ORIGIN);
  await overwrite(log.witnessTable, {
    ...memory,
    pk: 'WITNESS',
    sk: ORIGIN,
    size: first,
    root: Buffer.from(tree.root()).toString('base64'),
  });
}

/** The checkpoint that an auditor took home before anything was done. */
const takenHome = new WeakMap<TestLog, string>();
const takeHome = (log: TestLog): void => void takenHome.set(log, text(log.log.files.get('checkpoint')));
const home = (log: TestLog) => ({ since: takenHome.get(log) ?? '' });

export const ATTACKS_ON_WHAT_IS_KEPT: readonly Attack[] = [
  {
    name: 'destroy a key, and let the person come again and get another',
    expect: ['MISSING', 'MISSING 1.1'],
    act: async (log) => {
      await log.keys.remove(KEYS, (await keyRow(log)).sk);
      await comesAgain(log);
    },
  },
  {
    name: 'the same, and erase the person lawfully afterwards',
    expect: ['MISSING', 'MISSING 1.1', 'ERASED 4.1'],
    act: async (log) => {
      await log.keys.remove(KEYS, (await keyRow(log)).sk);
      await comesAgain(log);
      await eraseSubject(
        { ledger: await log.lane(), subjects: log.subjects },
        { subject: JAKE, trace: TRACE },
      );
    },
  },
  {
    name: "put other bytes in the place of a subject's key",
    expect: ['MISSING', 'MISSING 1.1'],
    act: async (log) =>
      overwrite(log.keys, {
        ...(await keyRow(log)),
        pk: KEYS,
        sk: (await keyRow(log)).sk,
        k: new Uint8Array(32),
      }),
  },
  {
    name: 'put a key back that was erased, out of a copy',
    expect: ['MODIFIED', 'MODIFIED 1.1'],
    act: async (log) => {
      const row = await keyRow(log);
      await eraseSubject(
        { ledger: await log.lane(), subjects: log.subjects },
        { subject: JAKE, trace: TRACE },
      );
      await overwrite(log.keys, row);
    },
  },
  {
    name: 'remove the newest write-once checkpoint',
    expect: ['MISSING', 'MISSING -'],
    act: async (log) => void log.worm.files.delete(wormName((await sizes(log))[0] ?? 0)),
  },
  {
    name: 'remove a write-once checkpoint between others',
    expect: ['MISSING', 'MISSING -'],
    act: async (log) => void log.worm.files.delete(wormName((await sizes(log))[1] ?? 0)),
  },
  {
    name: 'remove all write-once checkpoints',
    expect: ['MISSING', 'MISSING -'],
    act: async (log) => log.worm.files.clear(),
  },
  {
    name: 'make the witness forget',
    expect: ['MISSING', 'MISSING -'],
    act: (log) => log.witnessTable.remove('WITNESS', ORIGIN),
  },
  {
    name: 'change what the witness remembers',
    expect: ['FORK', 'FORK -', 'FORK -'],
    act: async (log) => {
      const memory = await log.witnessTable.get('WITNESS', ORIGIN);
      const root = Buffer.alloc(32).toString('base64');
      await overwrite(log.witnessTable, { ...memory, pk: 'WITNESS', sk: ORIGIN, root });
    },
  },
  {
    name: "put yesterday's folder back as a whole (a checkpoint was kept elsewhere)",
    expect: ['TRUNCATED', 'TRUNCATED -'],
    options: home,
    act: async (log) => {
      takeHome(log);
      await rollEverythingBack(log);
    },
  },
  {
    name: 'show another history to somebody who kept a checkpoint',
    expect: ['FORK', 'FORK -'],
    options: home,
    act: async (log) => void takenHome.set(log, await checkpointOf(log, 9, log.checkpointKey, 4)),
  },
  {
    name: 'give an auditor a checkpoint that is not ours',
    expect: ['KEY', 'KEY -'],
    options: home,
    act: async (log) => void takenHome.set(log, await checkpointOf(log, 9, authoritySigner('intruder'))),
  },
  {
    name: 'show an old view, cosigned by a clock that ran ahead (`--fresh`)',
    expect: ['TRUNCATED', 'TRUNCATED -'],
    options: () => ({ maxAgeSeconds: 60 }),
    act: async (log) => {
      log.time.now -= 400 * 86_400_000;
    },
  },
  {
    name: 'keep a write-once checkpoint of a tree that is another one',
    expect: ['FORK', 'FORK -'],
    act: async (log) => {
      const other = await checkpointOf(log, 12, log.checkpointKey, 3);
      log.worm.files.set(wormName(12), utf8(other));
    },
  },
  {
    name: 'drop an open lane from the lock, so that nothing of it is sealed any more',
    expect: ['MODIFIED', 'MODIFIED 3.9'],
    act: (log) =>
      lockWith(log, ({ lanes }) => ({
        lanes: String(lanes)
          .split('\n')
          .filter((line) => !line.startsWith('3 '))
          .join('\n'),
      })),
  },
  {
    name: 'let the lock know of lanes that are to come, so that they are passed over',
    expect: ['MODIFIED', 'MODIFIED 4.0'],
    act: (log) => lockWith(log, () => ({ last_lane: 7 })),
  },
  {
    name: 'put the checkpoint of another log in the place of ours',
    expect: ['KEY', 'KEY -'],
    act: async (log) => {
      const tree = new TileTree();
      const foreign = { origin: 'elsewhere.example/log', size: 0, root: tree.root() };
      log.log.files.set('checkpoint', utf8(await signCheckpoint(foreign, [log.checkpointKey])));
    },
  },
  {
    name: 'give the directory a lane that never was',
    expect: ['MISSING', 'MISSING 4.0'],
    act: async (log) => {
      const item = await log.table.get('LANES', numberKey(1));
      await log.table.put({ ...item, pk: 'LANES', sk: numberKey(4) }, 'absent');
    },
  },
  {
    name: 'take a lane out of the directory',
    expect: ['MISSING', 'MISSING 2.0'],
    act: (log) => log.table.remove('LANES', numberKey(2)),
  },
  {
    name: 'put a whole lane under a second number',
    expect: ['MODIFIED', 'MODIFIED 4.0'],
    act: async (log) => {
      for (const item of await itemsOf(log.table, laneKey(1)))
        await log.table.put({ ...item, pk: laneKey(4), sk: item.sk }, 'absent');
    },
  },
  {
    name: 'put an item under a key that is no place of a lane',
    expect: ['FORMAT', 'FORMAT 1.-'],
    act: async (log) => {
      const item = await log.table.get(laneKey(1), seqKey(2));
      await log.table.put({ ...item, pk: laneKey(1), sk: '00000x' }, 'absent');
    },
  },
  {
    name: 'cut a signature short',
    expect: ['FORMAT', 'FORMAT 1.4'],
    act: async (log) => {
      const item = await log.table.get(laneKey(1), seqKey(4));
      const signed = item && signedOf(item);
      if (item && signed)
        await overwrite(log.table, { ...item, pk: item.pk, sk: item.sk, s: signed.s.slice(1) });
    },
  },
  {
    name: 'change a record that is not sealed yet',
    expect: ['MODIFIED', 'MODIFIED 3.9'],
    act: async (log) => {
      const item = await log.table.get(laneKey(3), seqKey(9));
      const record = item?.b instanceof Uint8Array ? parseRecord(item.b) : undefined;
      if (item && record)
        await overwrite(log.table, {
          ...item,
          pk: item.pk,
          sk: item.sk,
          b: recordBytes({ ...record, data: { note: 'rewritten' } }),
        });
    },
  },
  {
    name: 'remove a record between others that are not sealed yet',
    expect: ['MISSING', 'MISSING 3.9'],
    act: (log) => log.table.remove(laneKey(3), seqKey(9)),
  },
  {
    name: 'certify a lane for another log with our own authority key',
    expect: ['KEY', 'KEY 4.0'],
    act: async (log) => {
      await (await log.lane({ origin: 'elsewhere.example/log' })).append(note('forged'));
    },
  },
  {
    name: "write beyond a lane's own end",
    expect: ['MODIFIED', 'MODIFIED 2.10'],
    act: async (log) => {
      const items = await itemsOf(log.table, laneKey(2));
      const closed = keyPairFromSeed(seeded('intruder')(32));
      const last = items.at(-1);
      if (last === undefined) throw new Error('lane 2 is empty');
      const { b, s } = await closing(log, 2);
      await log.table.put({ pk: laneKey(2), sk: seqKey(items.length), b, s }, 'absent');
      const beyond = utf8('{}');
      await log.table.put(
        { pk: laneKey(2), sk: seqKey(items.length + 1), b: beyond, s: closed.sign(beyond) },
        'absent',
      );
    },
  },
];

/** A tombstone by the authority at the end of a lane. */
async function closing(log: TestLog, lane: number): Promise<{ b: Uint8Array; s: Uint8Array }> {
  const items = await itemsOf(log.table, laneKey(lane));
  const signed = items.at(-1) && signedOf(items.at(-1) ?? { pk: '', sk: '' });
  if (!signed) throw new Error('the lane is empty');
  const b = recordBytes({
    v: 1,
    lane,
    seq: items.length,
    prev: hex(linkHash(signed)),
    type: 'ledger.lane_closed',
    time: new Date(log.time.now).toISOString(),
    trace: TRACE,
    data: { reason: 'tombstone' },
  });
  return { b, s: await log.authority.sign(b) };
}
