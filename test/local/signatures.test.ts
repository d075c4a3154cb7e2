/** Threads that check signatures say what one thread says, in the same order; where one ends, nothing is said. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openSodium } from '../../adapters/local/sodium.ts';
import { verifyStore } from '../../local/ledger-verify.ts';
import { pack, unpack } from '../../local/signature-batch.ts';
import { openSignatures, type SignatureJob, type SignatureOffer } from '../../local/signatures.ts';
import { openThread, type Thread, ThreadEnded } from '../../local/thread.ts';
import { laneKey, seqKey } from '../../src/ledger/bytes.ts';
import { type LedgerVerification, verifyLedger } from '../../src/ledger/check/verify-log.ts';
import {
  type CheckSignatures,
  checkOnPool,
  importPublicKey,
  keyPairFromSeed,
  type ShownSignature,
  type VerifyingKey,
} from '../../src/ledger/ed25519.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import { cloneLog, type TestLog, testLog } from '../ledger/log-support.ts';
import { note, overwrite, seeded } from '../ledger/support.ts';
import { PROJECT } from '../runtime/support.ts';
import { startProcess } from '../support/process.ts';

const pair = keyPairFromSeed(seeded('signatures')(32));

function known(raw: Uint8Array): VerifyingKey {
  const key = importPublicKey(raw);
  if (key === undefined) throw new Error('no key');
  return key;
}
const key = known(pair.publicKey);

/** Signatures, those at these places changed. */
function claims(count: number, bad: readonly number[] = []): ShownSignature[] {
  return Array.from({ length: count }, (_, at) => {
    const b = new TextEncoder().encode(`record ${at}`);
    const s = pair.sign(b);
    if (bad.includes(at)) s[40] = (s[40] ?? 0) ^ 1;
    return { key, b, s };
  });
}

const badOf = (answers: readonly boolean[]): number[] =>
  answers.flatMap((genuine, at) => (genuine ? [] : [at]));

const openReal = (below = 0): Thread<SignatureOffer> =>
  openThread<SignatureJob, SignatureOffer>('./signature-worker.ts', { below });

/** Priorities of this process's threads that check signatures: 0 as a process begins, 19 the lowest (proc(5), `stat`). */
const nices = (): readonly number[] =>
  readdirSync('/proc/self/task').flatMap((id) => {
    const [, name, rest = ''] =
      /\((.*)\) (.*)/s.exec(readFileSync(`/proc/self/task/${id}/stat`, 'utf8')) ?? [];
    return './signature-worker.ts'.startsWith(name ?? '-') ? [Number(rest.split(' ')[16])] : [];
  });

/** Everything in threads, which are told here as they are opened. */
function threaded() {
  const threads: Thread<SignatureOffer>[] = [];
  const open = (): Thread<SignatureOffer> => {
    const thread = openReal();
    threads.push(thread);
    return thread;
  };
  return { threads, signatures: openSignatures({ here: 0, threads: 2, open }) };
}

it('has libsodium to speak of', () => {
  expect(openSodium()).toMatchObject({ ok: true });
});

describe('signatures in threads', () => {
  const { signatures, threads } = threaded();
  afterAll(() => signatures.end());

  it('finds the false ones wherever they stand, at the edges of a batch too', async () => {
    const bad = [0, 127, 128, 129, 255, 256, 299];
    expect(badOf(await signatures.check(claims(300, bad)))).toEqual(bad);
    expect(badOf(await signatures.check(claims(128, [127])))).toEqual([127]);
    expect(badOf(await signatures.check(claims(1)))).toEqual([]);
  });

  it('answers each who asked in one turn with what is theirs', async () => {
    const asked = [claims(3, [1]), [], claims(200, [150]), claims(1, [0]), claims(2)];
    const answers = await Promise.all(asked.map((claimed) => signatures.check(claimed)));
    expect(answers.map(({ length }) => length)).toEqual(asked.map(({ length }) => length));
    expect(answers.map(badOf)).toEqual([[1], [], [150], [0], []]);
  });

  it('does here what the threads have no place for, and all of it on one core', async () => {
    const bad = [0, 500, 1_100, 2_399];
    const { signatures: few, threads: opened } = threaded();
    expect(badOf(await few.check(claims(2_400, bad)))).toEqual(bad);
    expect(opened).toHaveLength(2);
    await few.end();
    const alone = openSignatures({
      here: 0,
      threads: 0,
      open: () => {
        throw new Error('there is one core');
      },
    });
    expect(badOf(await alone.check(claims(2_400, bad)))).toEqual(bad);
  });

  it.runIf(process.platform === 'linux')(
    'lets others go before its threads, where it is told to',
    async () => {
      const below = openSignatures({ here: 0, threads: 1, below: 3 });
      const level = openSignatures({ here: 0, threads: 1 });
      expect(badOf(await below.check(claims(2, [1])))).toEqual([1]);
      const before = nices();
      expect(badOf(await level.check(claims(2, [1])))).toEqual([1]);
      expect(before).toContain(Math.min(19, getPriority() + 3));
      expect(nices().filter((nice) => nice === getPriority())).toHaveLength(
        before.filter((nice) => nice === getPriority()).length + 1,
      );
      await Promise.all([below.end(), level.end()]);
    },
  );

  it('asks nobody when nothing is asked', async () => {
    const { signatures: idle, threads: opened } = threaded();
    expect(await idle.check([])).toEqual([]);
    expect(opened).toEqual([]);
    await idle.end();
  });

  it('takes a signature of another length for none, and not for the beginning of the next', async () => {
    const good = claims(6);
    const lengths = [64, 63, 64, 65, 0, 64];
    const odd = good.map((claim, at) => {
      const s = new Uint8Array(lengths[at] ?? 64);
      s.set(claim.s.subarray(0, s.length));
      return { ...claim, s };
    });
    expect(badOf(await signatures.check(odd))).toEqual([1, 3, 4]);
    const here = openSignatures();
    expect(badOf(await here.check(odd))).toEqual([1, 3, 4]);
    expect(badOf(await checkOnPool(odd))).toEqual([1, 3, 4]);
  });

  it('says nothing where a thread ends in the middle, and goes on with another after it', async () => {
    const { signatures: mortal, threads: opened } = threaded();
    await mortal.check(claims(1));
    const told = expect(mortal.check(claims(600))).rejects.toBeInstanceOf(ThreadEnded);
    // It was sent.
    await Promise.resolve();
    await Promise.all(opened.map((thread) => thread.end()));
    await told;
    const before = opened.length;
    expect(badOf(await mortal.check(claims(10, [9])))).toEqual([9]);
    expect(opened.length).toBeGreaterThan(before);
    await mortal.end();
  });

  it('says nothing where a thread answers fewer than it was asked, or cannot be opened', async () => {
    const silent = (answer: () => Promise<Uint8Array>) =>
      openSignatures({
        here: 0,
        threads: 1,
        open: () => ({ ready: Promise.resolve(), call: answer as never, end: async () => {} }),
      });
    await expect(silent(async () => new Uint8Array([1])).check(claims(2))).rejects.toThrow('1 of 2');
    const broken = new Error('no thread');
    await expect(silent(() => Promise.reject(broken)).check(claims(2))).rejects.toBe(broken);
  });

  it('refuses a batch that was cut off anywhere', async () => {
    const batch = pack(claims(3));
    expect(unpack(batch)).toHaveLength(3);
    expect(unpack(new Uint8Array(0))).toEqual([]);
    const ends = new Set([0]);
    for (const { b } of claims(3)) ends.add(Math.max(...ends) + 100 + b.length);
    for (let length = 0; length < batch.length; length += 1)
      if (!ends.has(length)) expect(() => unpack(batch.subarray(0, length)), `${length}`).toThrow(RangeError);
    const thread = threads[0] ?? openReal();
    await expect(thread.call('verify', batch.slice(0, -1))).rejects.toThrow('cut off');
  });

  it('finds the same in a damaged log as one thread does, in the same order', async () => {
    const base = await writtenLog();
    await fc.assert(
      fc.asyncProperty(fc.array(damages, { maxLength: 6 }), fc.nat(2), async (damage, spoiled) => {
        const log = await cloneLog(base);
        for (const one of damage) await hurt(log, one);
        for (const name of [...log.log.files.keys()]
          .filter((path) => path.includes('entries'))
          .slice(0, spoiled)) {
          const file = log.log.files.get(name)?.slice() ?? new Uint8Array(0);
          file[file.length - 20] = (file[file.length - 20] ?? 0) ^ 1;
          log.log.files.set(name, file);
        }
        const [one, here, apart] = [
          await found(log, checkOnPool),
          await found(log, inTurn),
          await found(log, signatures.check),
        ];
        expect(here).toEqual(one);
        expect(apart).toEqual(one);
        if (damage.length === 0 && spoiled === 0)
          expect(one.findings.every(({ verdict }) => verdict === 'PENDING')).toBe(true);
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});

it('is said once where libsodium does not load, and everything is signed and verified all the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-no-addon-'));
  try {
    const runtime = await startProcess(folder, {}, ['--no-addons']);
    await runtime.kill('SIGTERM');
    const lines = (await readFile(join(folder, 'logs/chancery.jsonl'), 'utf8')).split('\n');
    expect(lines.filter((line) => line.includes('libsodium does not load here'))).toHaveLength(1);
    // What node:crypto signed is genuine by libsodium, and by itself.
    const otherThanWaiting = ({ findings }: Pick<LedgerVerification, 'findings'>) =>
      findings.filter(({ verdict }) => verdict !== 'PENDING');
    const verified = await verifyStore(folder);
    expect(verified.entries).toBeGreaterThan(0);
    expect(otherThanWaiting(verified)).toEqual([]);
    const program = `const { verifyStore } = await import('./local/ledger-verify.ts');
      console.log(JSON.stringify(await verifyStore(process.argv[1])));`;
    const without = ['--no-addons', '--input-type=module', '--eval', program, folder];
    const { stdout } = await promisify(execFile)(process.execPath, without, { cwd: PROJECT });
    const alone: LedgerVerification = JSON.parse(stdout);
    expect(alone.entries).toBe(verified.entries);
    expect(otherThanWaiting(alone)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 120_000);

/** One after the other in this thread, as simple as it gets. */
const inTurn: CheckSignatures = async (claimed) => {
  const opened = openSodium();
  if (!opened.ok) throw new Error(opened.reason);
  return claimed.map(({ key: { raw }, b, s }) => opened.sodium.verify({ key: raw, b, s }));
};

const found = (log: TestLog, check: CheckSignatures) =>
  verifyLedger({ log: log.log, worm: log.worm, lanes: tableSource(log.table) }, log.trustAll, {
    now: log.time.now,
    check,
  });

/** Two bundles and a part of one, in four lanes that take turns, and some records that are not sealed. */
async function writtenLog(): Promise<TestLog> {
  const log = testLog();
  const lanes = await Promise.all([log.lane(), log.lane(), log.lane(), log.lane()]);
  for (let round = 0; round < 12; round += 1) {
    for (const lane of lanes)
      await Promise.all(Array.from({ length: 12 }, (_, at) => lane.append(note(`${round}/${at}`))));
    if (round < 11) await log.sealer().seal();
  }
  return log;
}

const damages = fc.record({
  lane: fc.integer({ min: 1, max: 4 }),
  seq: fc.nat(140),
  part: fc.constantFrom('b' as const, 's' as const, 'gone' as const),
  at: fc.nat(63),
});

async function hurt(
  log: TestLog,
  { lane, seq, part, at }: typeof damages extends fc.Arbitrary<infer Damage> ? Damage : never,
): Promise<void> {
  const item = await log.table.get(laneKey(lane), seqKey(seq));
  if (item === undefined) return;
  if (part === 'gone') {
    await log.table.remove(item.pk, item.sk);
    return;
  }
  const bytes = item[part];
  if (!(bytes instanceof Uint8Array)) return;
  const changed = bytes.slice();
  changed[at] = (changed[at] ?? 0) ^ 4;
  await overwrite(log.table, { ...item, pk: item.pk, sk: item.sk, [part]: changed });
}
