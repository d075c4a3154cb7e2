/**
 * Attacks by insiders with more than one thing in their hands: the key of a lane in its process's memory, the authority's key, the clock, a
 * pruning or a restore under way, and two changes of which one is to hide the other.
 */
import { canonicalJson } from '../../src/basics/canonical.ts';
import {
  base64,
  hex,
  laneKey,
  linkHash,
  numberKey,
  parseRecord,
  recordBytes,
  recordItem,
  type Signed,
  seqKey,
  signedOf,
} from '../../src/ledger/bytes.ts';
import { type KeyPair, keyPairFromSeed } from '../../src/ledger/ed25519.ts';
import { executePruning, planPruning } from '../../src/ledger/keep/prune.ts';
import { restoreRecords } from '../../src/ledger/keep/restore.ts';
import type { Lane } from '../../src/ledger/lane/lane.ts';
import { tombstone } from '../../src/ledger/lane/tombstone.ts';
import { eraseSubject } from '../../src/ledger/people/erase.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { wormName } from '../../src/ledger/seal/worm.ts';
import { leafHash } from '../../src/ledger/tree/merkle.ts';
import { TILE_WIDTH } from '../../src/ledger/tree/tiles.ts';
import { person, pseudonym } from '../support/person.ts';
import { type Attack, keep, keptOf, SEALED } from './attacks.ts';
import type { TestLog } from './log-support.ts';
import { authorityKey, authoritySigner, itemsOf, note, overwrite, seeded, TRACE } from './support.ts';

const HALF_A_YEAR_MS = 200 * 24 * 60 * 60 * 1000;
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('latin1');
const bytesOf = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'latin1'));

async function at(log: TestLog, lane: number, seq: number): Promise<Signed & { record: LedgerRecord }> {
  const item = await log.table.get(laneKey(lane), seqKey(seq));
  const signed = item && signedOf(item);
  const record = signed && parseRecord(signed.b);
  if (signed === undefined || record === undefined) throw new Error(`no record at ${lane}.${seq}`);
  return { ...signed, record };
}

/** A new lane, and its key out of the memory of its process. */
export async function laneWithKey(log: TestLog): Promise<{ lane: Lane; key: KeyPair }> {
  let key: KeyPair | undefined;
  const lane = await log.lane({
    random: (length) => {
      const bytes = log.deps.random(length);
      key ??= keyPairFromSeed(bytes);
      return bytes;
    },
  });
  if (key === undefined) throw new Error('the lane asked for no key');
  return { lane, key };
}

/** Puts a record, signed as its lane would, where it says it belongs. */
async function putSigned(log: TestLog, record: LedgerRecord, { sign }: Pick<KeyPair, 'sign'>): Promise<void> {
  const b = recordBytes(record);
  await overwrite(log.table, recordItem(record.lane, record.seq, { b, s: sign(b) }));
}

/** What would follow a record in its lane. */
const behind = ({ record, b, s }: Signed & { record: LedgerRecord }): LedgerRecord => ({
  ...record,
  seq: record.seq + 1,
  v: 1,
  prev: hex(linkHash({ b, s })),
  data: { note: 'forged' },
});

function change(log: TestLog, name: string, how: (old: string) => string): void {
  const old = log.log.files.get(name);
  if (old === undefined) throw new Error(`no file ${name}`);
  log.log.files.set(name, bytesOf(how(text(old))));
}

/** More records than one tile has hashes for, in the lane of a writer of its own. */
async function grow(log: TestLog, to: number): Promise<void> {
  const lane = await log.lane();
  while ((await readLock(log.table)).size < to) {
    await Promise.all(Array.from({ length: 250 }, (_, index) => lane.append(note(`more ${index}`))));
    await log.sealer().seal();
  }
}

/** All lanes closed and old, one more open that prunes. */
async function grownOld(log: TestLog): Promise<Lane> {
  for (let twice = 0; twice < 2; twice += 1) {
    log.time.now += HALF_A_YEAR_MS;
    for (let rounds = 0; rounds < 3; rounds += 1) await log.sealer().seal();
  }
  return log.lane();
}

async function prune(log: TestLog, kept: ReadonlySet<number>): Promise<void> {
  const ledger = await grownOld(log);
  const view = { log: log.log, table: log.table, trust: log.trustAll };
  const plan = await planPruning({ table: log.table, ledger, clock: () => log.time.now }, { kept });
  if (plan === undefined) throw new Error('there is nothing to prune');
  await log.sealer().seal();
  if (!(await executePruning({ table: log.table, view }, plan))) throw new Error('nothing was pruned');
}

async function dropLane(log: TestLog, lane: number): Promise<void> {
  for (const { pk, sk } of await itemsOf(log.table, laneKey(lane))) await log.table.remove(pk, sk);
}

export const ATTACKS_IN_COMBINATION: readonly Attack[] = [
  {
    name: "sign another record with the lane's own key, where one is sealed",
    expect: ['FORK', 'FORK 4.2'],
    act: async (log) => {
      const { lane, key } = await laneWithKey(log);
      for (const word of ['a', 'b', 'c']) await lane.append(note(word));
      await log.sealer().seal();
      await putSigned(log, { ...(await at(log, 4, 2)).record, data: { note: 'another' } }, key);
    },
  },
  {
    name: "sign another record with the lane's own key, and let that one be sealed (a receipt was kept)",
    expect: ['FORK', 'FORK 4.1'],
    options: (log) => ({ receipts: keptOf(log) }),
    act: async (log, kept) => {
      const { lane, key } = await laneWithKey(log);
      keep(log, [...kept, await lane.append(note('a'))]);
      await putSigned(log, { ...(await at(log, 4, 1)).record, data: { note: 'another' } }, key);
      await log.sealer().seal();
    },
  },
  {
    name: "go on with the lane's own key behind its own end",
    expect: ['FORK', 'FORK 4.3'],
    act: async (log) => {
      const { lane, key } = await laneWithKey(log);
      await lane.append(note('a'));
      await lane.close();
      await log.sealer().seal();
      await putSigned(log, { ...behind(await at(log, 4, 2)), type: 'admin.access' }, key);
    },
  },
  {
    name: "date a record back with the lane's own key",
    expect: ['FORMAT', 'FORMAT 4.2'],
    act: async (log) => {
      const { lane, key } = await laneWithKey(log);
      await lane.append(note('a'));
      // What is sealed is the head of the next round: its sealer cannot know when the record before it was.
      await log.sealer().seal();
      const time = new Date(log.time.now - 3_600_000).toISOString();
      await putSigned(log, { ...behind(await at(log, 4, 1)), time }, key);
      await log.sealer().seal();
    },
  },
  {
    name: "write a sealed lane anew, under a certificate made with the authority's key",
    expect: ['FORK', ...Array.from({ length: SEALED }, (_, seq) => `FORK 2.${seq}`)],
    act: async (log) => {
      const own = keyPairFromSeed(seeded('intruder')(32));
      const first = (await at(log, 2, 0)).record;
      const old = JSON.parse(String(first.data.certificate));
      const certificate = canonicalJson({ ...old, public_key: base64(own.publicKey) });
      const authority_signature = base64(await log.authority.sign(utf8(certificate)));
      let record: LedgerRecord = { ...first, data: { certificate, authority_signature } };
      await overwrite(log.table, {
        pk: 'LANES',
        sk: numberKey(2),
        b: utf8(certificate),
        s: Buffer.from(authority_signature, 'base64'),
      });
      for (let seq = 0; seq < SEALED; seq += 1) {
        await putSigned(log, record, own);
        record = { ...behind(await at(log, 2, seq)), type: 'admin.access' };
      }
    },
  },
  {
    name: "close a lane with the authority's key in the place of what is not sealed yet (receipts were kept)",
    expect: ['FORK', 'FORK 3.9', 'MISSING 3.10'],
    options: (log) => ({ receipts: keptOf(log) }),
    act: async (log) => {
      const { record } = await at(log, 3, SEALED);
      const time = new Date(log.time.now).toISOString();
      await log.table.remove(laneKey(3), seqKey(SEALED + 1));
      await overwrite(
        log.table,
        await tombstone({ lane: 3, seq: SEALED, prev: record.prev, time }, log.authority),
      );
      await log.sealer().seal();
    },
  },
  {
    name: 'certify a lane with an authority key that was rotated away, by a clock that was set back',
    expect: ['KEY', 'KEY 4.0'],
    act: async (log) => {
      const not_after = new Date(log.time.now + 1_000).toISOString();
      log.trustAll.authorities.splice(
        0,
        1,
        authorityKey(log.authority, { to_lane: 3, not_after }),
        authorityKey(authoritySigner('fresh'), { from_lane: 4 }),
      );
      await (await log.lane()).append(note('forged'));
    },
  },
  {
    name: 'change a record in the store and in the log alike',
    expect: ['MODIFIED', 'MODIFIED 1.2'],
    act: async (log) => {
      const item = await at(log, 1, 2);
      const forged = text(item.b).replace('"note":"1/1"', '"note":"1/X"');
      await overwrite(log.table, recordItem(1, 2, { b: bytesOf(forged), s: item.s }));
      change(log, 'tile/entries/000.p/27', (old) => old.replace('"note":"1/1"', '"note":"1/X"'));
    },
  },
  {
    name: 'the same, with the hash in the tile',
    expect: ['FORK', ...Array.from({ length: 7 }, () => 'FORK -'), 'MODIFIED 1.2'],
    act: async (log) => {
      const item = await at(log, 1, 2);
      const [before, after] = [text(item.b), text(item.b).replace('"note":"1/1"', '"note":"1/X"')];
      await overwrite(log.table, recordItem(1, 2, { b: bytesOf(after), s: item.s }));
      change(log, 'tile/entries/000.p/27', (old) => old.replace(before, after));
      const leaf = (b: string): string => text(leafHash(Buffer.concat([bytesOf(b), item.s])));
      change(log, 'tile/0/000.p/27', (old) => old.replace(leaf(before), leaf(after)));
    },
  },
  {
    name: 'remove a record, and poison the log so that a restore puts another in its place',
    expect: ['MODIFIED', 'MODIFIED 1.2'],
    act: async (log) => {
      await log.table.remove(laneKey(1), seqKey(2));
      change(log, 'tile/entries/000.p/27', (old) => old.replace('"note":"1/1"', '"note":"1/X"'));
      const source = { log: log.log, worm: log.worm, trust: log.trustAll };
      if ((await restoreRecords(source, log.table)).status !== 'refused') throw new Error('it was put back');
    },
  },
  {
    name: 'remove records under cover of a pruning that is not sealed',
    expect: ['MISSING', 'MISSING 1.0'],
    act: async (log) => {
      const ledger = await grownOld(log);
      const clock = () => log.time.now;
      if ((await planPruning({ table: log.table, ledger, clock }, { kept: new Set([2, 3]) })) === undefined)
        throw new Error('there is nothing to prune');
      await dropLane(log, 1);
    },
  },
  {
    name: 'remove more than a sealed pruning names',
    expect: ['MISSING', 'MISSING 2.0'],
    act: async (log) => {
      await prune(log, new Set([2, 3]));
      await dropLane(log, 2);
    },
  },
  {
    name: 'put records back that were pruned, changed',
    expect: ['MODIFIED', 'MODIFIED 1.2'],
    act: async (log) => {
      const items = await itemsOf(log.table, laneKey(1));
      await prune(log, new Set([2, 3]));
      for (const item of items)
        await log.table.put(
          Number(item.sk) === 2 && item.b instanceof Uint8Array
            ? { ...item, b: bytesOf(text(item.b).replace('1/1', '1/X')) }
            : item,
          'absent',
        );
    },
  },
  {
    name: "take the record of an erasure away before it is sealed, when the subject's key is gone",
    expect: ['MISSING', 'MISSING 1.1'],
    act: async (log) => {
      const ledger = await log.lane();
      const subject = pseudonym(person('jake'));
      await eraseSubject({ ledger, subjects: log.subjects }, { subject, trace: TRACE });
      await log.table.remove(laneKey(4), seqKey(1));
    },
  },
  {
    name: 'append an entry to a bundle, behind those of the tree',
    expect: ['FORMAT', 'FORMAT -'],
    act: async (log) => change(log, 'tile/entries/000.p/27', (old) => `${old}\u0000\u0003abc`),
  },
  {
    name: 'append a hash to a tile, behind those of the tree',
    expect: ['MODIFIED', 'MODIFIED -'],
    act: async (log) => change(log, 'tile/0/000.p/27', (old) => `${old}${'x'.repeat(32)}`),
  },
  {
    name: 'change a tile above the leaves',
    expect: ['MODIFIED', 'MODIFIED -'],
    act: async (log) => {
      await grow(log, TILE_WIDTH);
      change(log, 'tile/1/000.p/1', (old) => `x${old.slice(1)}`);
    },
  },
  {
    name: 'exchange two bundles, and their tiles with them',
    expect: ['FORK', ...Array.from({ length: 9 }, () => 'FORK -'), 'MISSING 4.0'],
    act: async (log) => {
      await grow(log, 2 * TILE_WIDTH);
      const { files } = log.log;
      for (const kind of ['entries', '0']) {
        const [one, two] = [files.get(`tile/${kind}/000`), files.get(`tile/${kind}/001`)];
        if (one === undefined || two === undefined) throw new Error('there are no two full tiles');
        files.set(`tile/${kind}/000`, two);
        files.set(`tile/${kind}/001`, one);
      }
    },
  },
  {
    name: 'put bytes that are no text in the place of a write-once copy',
    expect: ['FORMAT', 'FORMAT -'],
    act: async (log) => void log.worm.files.set(wormName(27), new Uint8Array([0xff, 0xfe, 0x00])),
  },
  {
    name: 'remove the newest write-once copy, and stage something so that it seems to be on its way',
    expect: ['MISSING', 'MISSING -'],
    act: async (log) => {
      const { size, from } = await readLock(log.table);
      log.worm.files.delete(wormName(size));
      log.log.files.set(`staging/${String(from).padStart(12, '0')}`, utf8('1\n3 9 1\nnonsense'));
    },
  },
];
