/**
 * Attacks on records that were signed together: on what each of them carries of its run, by whoever can write to the store and the log, and
 * by insiders with the key of a lane, or the authority's.
 */
import {
  hex,
  laneKey,
  parseRecord,
  recordBytes,
  recordHash,
  recordItem,
  type Signed,
  seqKey,
  signedOf,
} from '../../src/ledger/bytes.ts';
import { type KeyPair, keyPairFromSeed } from '../../src/ledger/ed25519.ts';
import { joinEntry, splitEntry } from '../../src/ledger/entry.ts';
import { executePruning, planPruning } from '../../src/ledger/keep/prune.ts';
import { restoreRecords } from '../../src/ledger/keep/restore.ts';
import { LEASE_MS } from '../../src/ledger/lane/certificate.ts';
import type { Lane } from '../../src/ledger/lane/lane.ts';
import { tombstone } from '../../src/ledger/lane/tombstone.ts';
import { eraseSubject } from '../../src/ledger/people/erase.ts';
import type { LedgerRecord, Receipt } from '../../src/ledger/record.ts';
import { LEASE_GRACE_MS } from '../../src/ledger/seal/gather.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { leafHash } from '../../src/ledger/tree/merkle.ts';
import {
  bundlePath,
  decodeBundle,
  encodeBundle,
  joinHashes,
  splitHashes,
  tilePath,
} from '../../src/ledger/tree/tiles.ts';
import type { Item } from '../../src/ports.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { person, pseudonym } from '../support/person.ts';
import { bodyHash } from '../verifier/run-signatures.ts';
import { type Attack, keep, keptOf } from './attacks.ts';
import { laneWithKey } from './attacks-in-combination.ts';
import type { TestLog } from './log-support.ts';
import { type Parts, readParts, signTogether, writeParts } from './run-parts.ts';
import { itemsOf, note, overwrite, seeded, TRACE } from './support.ts';

const HALF_A_YEAR_MS = 200 * 24 * 60 * 60 * 1000;
const NOBODY = new Uint8Array(0);

interface Record {
  readonly signed: Signed;
  readonly record: LedgerRecord;
}

async function at(log: TestLog, seq: number, lane = 4): Promise<Record> {
  const item = await log.table.get(laneKey(lane), seqKey(seq));
  const signed = item && signedOf(item);
  const record = signed && parseRecord(signed.b);
  if (signed === undefined || record === undefined) throw new Error(`no record at ${lane}.${seq}`);
  return { signed, record };
}

const put = (log: TestLog, seq: number, signed: Signed): Promise<void> =>
  overwrite(log.table, recordItem(4, seq, signed));

/** What somebody makes of a record in the store. */
async function change(log: TestLog, seq: number, how: (signed: Signed) => Partial<Signed>): Promise<void> {
  const { signed } = await at(log, seq);
  await put(log, seq, { ...signed, ...how(signed) });
}

/** The same of what it carries of its run. */
const parts =
  (how: (parts: Parts) => Partial<Parts>) =>
  ({ s }: Signed): Pick<Signed, 's'> => {
    const read = readParts(s);
    return { s: writeParts({ ...read, ...how(read) }) };
  };

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

/** One of each kind, by the place at which it is done. */
const CHANGES: readonly [seq: number, how: (signed: Signed) => Partial<Signed>][] = [
  [1, parts(({ index }) => ({ index: index + 1 }))],
  [2, parts(({ size }) => ({ size: size + 1 }))],
  [3, parts(({ path }) => ({ path: path.map((hash, height) => (height === 1 ? flipped(hash, 9) : hash)) }))],
  [4, parts(({ signature }) => ({ signature: flipped(signature, 3) }))],
  [5, ({ b }) => ({ b: Buffer.from(text(b).replace('"run ', '"ran '), 'latin1') })],
];

interface Written {
  readonly lane: Lane;
  readonly key: KeyPair;
  readonly receipts: readonly Receipt[];
}

/** Lane 4 with its first record and a run of five (1 to 5); and with one more of three (6 to 8). */
async function oneRun(log: TestLog): Promise<Written> {
  const { lane, key } = await laneWithKey(log);
  const records = ['a', 'b', 'c', 'd', 'e'].map((word) => lane.append(note(`run ${word}`)));
  return { lane, key, receipts: await Promise.all(records) };
}

async function twoRuns(log: TestLog): Promise<Written> {
  const { lane, key, receipts } = await oneRun(log);
  const more = await Promise.all(['x', 'y', 'z'].map((word) => lane.append(note(`run ${word}`))));
  return { lane, key, receipts: [...receipts, ...more] };
}

const seal = (log: TestLog) => log.sealer().seal();
const drop = (log: TestLog, ...seqs: readonly number[]) =>
  Promise.all(seqs.map((seq) => log.table.remove(laneKey(4), seqKey(seq))));
const kept = (log: TestLog) => ({ receipts: keptOf(log) });

/** These places of lane 4 signed together by somebody, and put back. */
async function signAnew(log: TestLog, seqs: readonly number[], sign: KeyPair['sign']): Promise<void> {
  const bodies = await Promise.all(seqs.map(async (seq) => (await at(log, seq)).signed.b));
  const signatures = signTogether(bodies, sign);
  for (const [index, seq] of seqs.entries())
    await put(log, seq, { b: bodies[index] ?? NOBODY, s: signatures[index] ?? NOBODY });
}

/** Bundle and, if wanted, tile of a log of fewer than 256 entries, with other entries. */
async function changeLog(
  log: TestLog,
  how: (signed: Signed, record: LedgerRecord) => Partial<Signed>,
  withTile = false,
): Promise<void> {
  const { size } = await readLock(log.table);
  const [bundle, tile] = [bundlePath(0, size), tilePath(0, 0, size)];
  const entries = decodeBundle(log.log.files.get(bundle) ?? NOBODY) ?? [];
  const changed = entries.map((entry) => {
    const signed = splitEntry(entry);
    const record = parseRecord(signed.b);
    return record?.lane === 4 ? joinEntry({ ...signed, ...how(signed, record) }) : entry;
  });
  log.log.files.set(bundle, encodeBundle(changed));
  const hashes = splitHashes(log.log.files.get(tile) ?? NOBODY);
  if (withTile)
    log.log.files.set(tile, joinHashes(hashes.map((_, index) => leafHash(changed[index] ?? NOBODY))));
}

const changesOf = (seq: number) => CHANGES.find(([place]) => place === seq)?.[1] ?? (() => ({}));
const all = (verdict: string, ...seqs: readonly number[]) => seqs.map((seq) => `${verdict} 4.${seq}`);

export const ATTACKS_ON_RUNS: readonly Attack[] = [
  {
    name: 'cut a run at its end, before it is sealed (receipts were kept)',
    expect: ['MISSING', ...all('MISSING', 4, 5)],
    options: kept,
    act: async (log) => {
      keep(log, (await oneRun(log)).receipts);
      await drop(log, 4, 5);
    },
  },
  {
    name: 'the same, after it is sealed',
    expect: ['TRUNCATED', ...all('TRUNCATED', 4)],
    act: async (log) => {
      await oneRun(log);
      await seal(log);
      await drop(log, 4, 5);
    },
  },
  {
    name: 'take a record out of the middle of a run, before it is sealed',
    expect: ['MISSING', ...all('MISSING', 3)],
    act: async (log) => {
      await oneRun(log);
      await drop(log, 3);
    },
  },
  {
    name: 'take the first records of a run away, after it is sealed',
    expect: ['MISSING', ...all('MISSING', 1)],
    act: async (log) => {
      await oneRun(log);
      await seal(log);
      await drop(log, 1, 2);
    },
  },
  {
    name: 'change the order of two records of a run',
    expect: ['MODIFIED', ...all('MODIFIED', 2, 4)],
    act: async (log) => {
      await oneRun(log);
      const [left, right] = [await at(log, 2), await at(log, 4)];
      await put(log, 2, right.signed);
      await put(log, 4, left.signed);
    },
  },
  {
    name: 'change the order of two records of a run, and leave each place its way up',
    expect: ['MODIFIED', ...all('MODIFIED', 2, 4)],
    act: async (log) => {
      await oneRun(log);
      const [left, right] = [await at(log, 2), await at(log, 4)];
      await put(log, 2, { ...left.signed, b: right.signed.b });
      await put(log, 4, { ...right.signed, b: left.signed.b });
    },
  },
  {
    name: 'give a record the signature of its neighbour in the run',
    expect: ['MODIFIED', ...all('MODIFIED', 2)],
    act: async (log) => {
      await oneRun(log);
      await seal(log);
      const { s } = (await at(log, 3)).signed;
      await change(log, 2, () => ({ s }));
    },
  },
  {
    name: 'move a record into another run of its lane, with the signature and the size of that one',
    expect: ['MODIFIED', ...all('MODIFIED', 2)],
    act: async (log) => {
      await twoRuns(log);
      const other = readParts((await at(log, 7)).signed.s);
      await change(
        log,
        2,
        parts(() => other),
      );
    },
  },
  {
    name: 'change index, size, path, signature and bytes of records of a run, before it is sealed',
    expect: ['MODIFIED', ...all('MODIFIED', 1, 2, 3, 4, 5)],
    act: async (log) => {
      await oneRun(log);
      for (const [seq, how] of CHANGES) await change(log, seq, how);
    },
  },
  {
    name: 'the same, after it is sealed',
    expect: ['MODIFIED', ...all('MODIFIED', 1, 2, 3, 4, 5)],
    act: async (log) => {
      await oneRun(log);
      await seal(log);
      for (const [seq, how] of CHANGES) await change(log, seq, how);
    },
  },
  {
    name: 'the same, in the log',
    expect: ['MODIFIED', ...all('MODIFIED', 1, 2, 3, 4, 5)],
    act: async (log) => {
      await oneRun(log);
      await seal(log);
      await changeLog(log, (signed, { seq }) => changesOf(seq)(signed));
    },
  },
  {
    name: 'the same, in the store and in the log alike, with the hashes in the tile',
    expect: ['FORK', ...Array.from({ length: 4 }, () => 'FORK -'), ...all('MODIFIED', 1, 2, 3, 4, 5)],
    act: async (log) => {
      await oneRun(log);
      await seal(log);
      for (const [seq, how] of CHANGES) await change(log, seq, how);
      await changeLog(log, (signed, { seq }) => changesOf(seq)(signed), true);
    },
  },
  {
    name: 'change the mark at the end of what a record carries of its run',
    expect: ['MODIFIED', ...all('MODIFIED', 2)],
    act: async (log) => {
      await oneRun(log);
      await seal(log);
      await change(
        log,
        2,
        parts(({ path }) => ({ mark: 0x80 + path.length + 1 })),
      );
    },
  },
  {
    name: 'move the boundary between a sealed record and its signature, so that hash and tree stay as they are',
    expect: ['MODIFIED', ...all('MODIFIED', 2)],
    act: async (log) => {
      await oneRun(log);
      await seal(log);
      await change(log, 2, (signed) => {
        const entry = joinEntry(signed);
        return { b: entry.slice(0, -64), s: entry.slice(-64) };
      });
    },
  },
  {
    name: 'change that mark in the log, so that nobody can take the entry apart (receipts were kept)',
    expect: ['MODIFIED', 'MODIFIED -', ...all('MISSING', 2)],
    options: kept,
    act: async (log) => {
      keep(log, [...keptOf(log), ...(await oneRun(log)).receipts]);
      await seal(log);
      const other = parts(({ mark = 0 }) => ({ mark: mark - 1 }));
      await changeLog(log, (signed, { seq }) => (seq === 2 ? other(signed) : {}));
    },
  },
  {
    name: 'let an entry of the log say that it is of another lane (receipts were kept)',
    expect: ['MODIFIED', 'MODIFIED 3.2', ...all('MISSING', 2)],
    options: kept,
    act: async (log) => {
      keep(log, [...keptOf(log), ...(await oneRun(log)).receipts]);
      await seal(log);
      const lies = (b: Uint8Array) => Buffer.from(text(b).replace('"lane":4,', '"lane":3,'), 'latin1');
      await changeLog(log, ({ b }, { seq }) => (seq === 2 ? { b: lies(b) } : {}));
    },
  },
  {
    name: "sign a run anew with another lane's key",
    expect: ['MODIFIED', ...all('MODIFIED', 1, 2, 3, 4, 5)],
    act: async (log) => {
      await oneRun(log);
      const other = await laneWithKey(log);
      await signAnew(log, [1, 2, 3, 4, 5], (message) => other.key.sign(message));
    },
  },
  {
    name: "sign a run anew with the authority's key",
    expect: ['MODIFIED', ...all('MODIFIED', 1, 2, 3, 4, 5)],
    act: async (log) => {
      await oneRun(log);
      const { sign } = keyPairFromSeed(seeded('authority')(32));
      await signAnew(log, [1, 2, 3, 4, 5], sign);
    },
  },
  {
    name: "sign a sealed run anew with the lane's own key, cut into two",
    expect: ['FORK', ...all('FORK', 1, 2, 3, 4, 5)],
    act: async (log) => {
      const { key } = await oneRun(log);
      await seal(log);
      await signAnew(log, [1, 2], key.sign);
      await signAnew(log, [3, 4, 5], key.sign);
    },
  },
  {
    name: "sign a run anew with the lane's own key, and let that one be sealed (receipts were kept)",
    expect: ['FORK', ...all('FORK', 1, 2, 3, 4, 5)],
    options: kept,
    act: async (log) => {
      const { key, receipts } = await oneRun(log);
      keep(log, receipts);
      await signAnew(log, [1, 2, 3, 4], key.sign);
      await signAnew(log, [5], key.sign);
      await seal(log);
    },
  },
  {
    name: "sign another record into a sealed run with the lane's own key",
    expect: ['FORK', ...all('FORK', 3)],
    act: async (log) => {
      const { key } = await oneRun(log);
      await seal(log);
      const b = recordBytes({ ...(await at(log, 3)).record, data: { note: 'another' } });
      const [s = NOBODY] = signTogether([b], key.sign);
      await put(log, 3, { b, s });
    },
  },
  {
    name: "sign a record of a run by itself with the lane's own key",
    expect: ['MODIFIED', ...all('MODIFIED', 3)],
    act: async (log) => {
      const { key } = await oneRun(log);
      await change(log, 3, ({ b }) => ({ s: key.sign(b) }));
    },
  },
  {
    name: "sign a record that says that it is alone with a run, with the lane's own key",
    expect: ['MODIFIED', ...all('MODIFIED', 1)],
    act: async (log) => {
      const { lane, key } = await laneWithKey(log);
      await lane.append(note('alone'));
      await signAnew(log, [1], key.sign);
    },
  },
  {
    name: "take the bare signature of a run for a record that is alone, with the lane's own key",
    expect: ['MODIFIED', ...all('MODIFIED', 1)],
    act: async (log) => {
      const { lane, key } = await laneWithKey(log);
      await lane.append(note('alone'));
      await change(log, 1, ({ b }) => ({ s: readParts(signTogether([b], key.sign)[0] ?? NOBODY).signature }));
    },
  },
  {
    name: "let a run follow the hash of the record before instead of its link, with the lane's own key",
    expect: ['FORK', ...all('FORK', 6)],
    act: async (log) => {
      const { key } = await oneRun(log);
      const { record, signed } = await at(log, 5);
      const prev = hex(recordHash(signed));
      const b = recordBytes({ ...record, seq: 6, prev });
      await put(log, 6, { b, s: signTogether([b], key.sign)[0] ?? NOBODY });
    },
  },
  {
    name: "close a lane with the authority's key in the middle of a run (receipts were kept)",
    expect: ['FORK', ...all('FORK', 3), ...all('MISSING', 4, 5)],
    options: kept,
    act: async (log) => {
      keep(log, (await oneRun(log)).receipts);
      const { record } = await at(log, 3);
      await drop(log, 4, 5);
      const { prev, time } = record;
      await overwrite(log.table, await tombstone({ lane: 4, seq: 3, prev, time }, log.authority));
      await seal(log);
    },
  },
];

async function sealPieces(log: TestLog): Promise<void> {
  const sealer = log.sealer({ limit: 2 });
  for (let more = true; more; ) {
    const sealed = await sealer.seal();
    more = sealed.status === 'sealed' && sealed.more;
  }
}

/** What happens lawfully to runs. */
export const LAWFUL_RUNS: readonly Attack[] = [
  {
    name: 'two runs, not sealed, and their receipts',
    expect: ['PENDING', 'PENDING -'],
    options: kept,
    act: async (log) => keep(log, [...keptOf(log), ...(await twoRuns(log)).receipts]),
  },
  {
    name: 'seal a run in pieces',
    expect: ['OK'],
    options: kept,
    act: async (log) => {
      keep(log, [...keptOf(log), ...(await twoRuns(log)).receipts]);
      await sealPieces(log);
    },
  },
  {
    name: 'close a lane for its writer in the middle of a run',
    expect: ['OK'],
    options: kept,
    act: async (log) => {
      const lane = await log.lane();
      const first = await lane.append(note('alone'));
      const { record_hash: prev, time } = first;
      const closing = await tombstone({ lane: 4, seq: 2, prev, time }, log.authority);
      await log.table.put(closing, 'absent');
      const more = await Promise.all(['a', 'b', 'c'].map((word) => lane.append(note(word))));
      keep(log, [...keptOf(log), first, ...more]);
      await seal(log);
    },
  },
  {
    name: 'close a lane for its writer behind a run, and behind a run that was cut off',
    expect: ['OK'],
    act: async (log) => {
      await oneRun(log);
      // What a writer leaves that died while its store wrote one record after the other.
      await drop(log, 4, 5);
      log.time.now += LEASE_MS + LEASE_GRACE_MS + 1;
      for (let round = 0; round < 2; round += 1) await seal(log);
    },
  },
  {
    name: 'restore records of a run that the store lost, and the lock',
    expect: ['OK'],
    act: async (log) => {
      await twoRuns(log);
      await sealPieces(log);
      await drop(log, 2, 3, 8);
      await log.table.remove('LOG', 'LOCK');
      await restoreRecords({ log: log.log, worm: log.worm, trust: log.trustAll }, log.table);
    },
  },
  {
    name: 'prune on record, cut off in the middle of a run',
    expect: ['OK'],
    act: async (log) => {
      await (await oneRun(log)).lane.close();
      for (let twice = 0; twice < 2; twice += 1) {
        for (let rounds = 0; rounds < 3; rounds += 1) await seal(log);
        log.time.now += HALF_A_YEAR_MS;
      }
      const ledger = await log.lane();
      const clock = () => log.time.now;
      const plan = await planPruning({ table: log.table, ledger, clock }, { kept: new Set([1, 2, 3]) });
      if (plan === undefined) throw new Error('there is nothing to prune');
      await seal(log);
      const matches = ({ pk }: Pick<Item, 'pk'>) => pk === laneKey(4);
      const table = new FaultyTable(log.table).fail('remove', 'before', { skip: 3, matches });
      const view = { log: log.log, table: log.table, trust: log.trustAll };
      await executePruning({ table, view }, plan).catch(() => undefined);
      const left = (await itemsOf(log.table, laneKey(4))).map(({ sk }) => Number(sk));
      if (left.join() !== '3,4,5,6') throw new Error(`it was cut off elsewhere: ${left}`);
    },
  },
  {
    name: 'erase a person of a run, with proof',
    expect: ['OK', 'ERASED 4.1'],
    act: async (log) => {
      const lane = await log.lane();
      const subject = pseudonym(person('ann'));
      // Her key is there already: so all three are ready in one turn.
      await log.subjects.forSealing(subject);
      const own = { who: person('ann'), personal: { name: 'Ann Onymous' } };
      await Promise.all(['a', 'b', 'c'].map((word) => lane.append(note(word, own))));
      if ((await at(log, 3)).record.v !== 2) throw new Error('they were not signed together');
      await eraseSubject({ ledger: lane, subjects: log.subjects }, { subject, trace: TRACE });
      await seal(log);
    },
  },
  {
    name: 'continue a lane after a run, alone and in runs',
    expect: ['OK'],
    act: async (log) => {
      const { lane } = await oneRun(log);
      await lane.append(note('alone'));
      await Promise.all(['p', 'q'].map((word) => lane.append(note(word))));
      const records = await Promise.all([5, 6, 7].map((seq) => at(log, seq)));
      const links = records.map(({ signed }, at) => hex(at === 0 ? bodyHash(signed.b) : recordHash(signed)));
      if (records[1]?.record.prev !== links[0] || records[2]?.record.prev !== links[1])
        throw new Error('another link than the page says');
      await lane.close();
      await seal(log);
    },
  },
];
