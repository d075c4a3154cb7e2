/** Verification of what is new since a checkpoint that somebody kept: what it finds, and what it costs. */
import { describe, expect, it } from 'vitest';
import { laneKey, seqKey } from '../../src/ledger/bytes.ts';
import { verifySince } from '../../src/ledger/check/verify-since.ts';
import { exportLog } from '../../src/ledger/keep/export.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { wormName } from '../../src/ledger/seal/worm.ts';
import { memoryBlobs } from './blobs.ts';
import { type TestLog, testLog } from './log-support.ts';
import { note } from './support.ts';

const text = (log: TestLog): string => Buffer.from(log.log.files.get('checkpoint') ?? []).toString();

/** `old` records in two lanes are sealed, then a checkpoint is kept, and ten more of each lane and a third are. */
async function grown(old: number) {
  const log = testLog();
  const lanes = [await log.lane(), await log.lane()];
  for (let index = 0; index < old; index += 1) await lanes[index % 2]?.append(note(`${index}`));
  await log.sealer().seal();
  const kept = text(log);
  lanes.push(await log.lane());
  for (const lane of lanes)
    for (let index = 0; index < 10; index += 1) await lane.append(note(`new ${index}`));
  await log.sealer().seal();
  await lanes[0]?.append(note('not sealed'));
  return { log, kept, lanes };
}

/** What it says, and how many files and items it reads for it. */
async function since(log: TestLog, kept: string, withStore = true) {
  let reads = 0;
  const counting = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(of, name) {
        const value = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          reads += 1;
          return Reflect.apply(value, of, args);
        };
      },
    });
  const result = await verifySince(
    {
      log: counting(log.log),
      worm: counting(log.worm),
      ...(withStore ? { table: counting(log.table), lock: () => readLock(log.table) } : {}),
    },
    log.trustAll,
    { now: log.time.now, since: kept },
  );
  const found = result.findings.map(({ verdict, lane, seq }) =>
    lane === undefined ? verdict : `${verdict} ${lane}.${seq}`,
  );
  return { ...result, found, reads };
}

describe('verification since a kept checkpoint', () => {
  it('looks at what is new, in a store and in a log alone', async () => {
    const { log, kept } = await grown(600);
    expect(await since(log, kept)).toMatchObject({ verdict: 'PENDING', entries: 32, lanes: 3 });
    expect(await since(log, kept, false)).toMatchObject({ verdict: 'OK', entries: 31, lanes: 3, found: [] });
    expect(await since(log, text(log))).toMatchObject({ verdict: 'PENDING', entries: 1, lanes: 1 });
  });

  it.each([280, 500, 600])(
    'goes on where the kept tree of about %i ended in an export, which has the tiles of its own size alone',
    async (old) => {
      const { log, kept } = await grown(old);
      const files = memoryBlobs();
      await exportLog({ log: log.log, trust: log.trustAll }, files);
      const options = { now: log.time.now, since: kept };
      const result = await verifySince({ log: files }, log.trustAll, options);
      expect(result).toMatchObject({ verdict: 'OK', lanes: 3, findings: [] });
    },
  );

  it('costs as much when ten times as much was there before, also where there is the log alone', async () => {
    const [little, much] = [await grown(600), await grown(6_000)];
    const [few, many] = [await since(little.log, little.kept), await since(much.log, much.kept)];
    expect(many.reads).toBeLessThanOrEqual(few.reads * 1.2);
    const [alone, aged] = [
      await since(little.log, little.kept, false),
      await since(much.log, much.kept, false),
    ];
    // The certificates of two lanes that are open since then are found by halves: a few of 24 bundles, and not all.
    expect(aged.reads).toBeLessThanOrEqual(alone.reads + 2 * 2 * Math.ceil(Math.log2(24)));
  }, 60_000);

  it.each<[string, string[], (made: Awaited<ReturnType<typeof grown>>) => unknown]>([
    [
      'a new record that was changed in the store',
      ['MISSING 2.303', 'PENDING'],
      ({ log }) => log.table.remove(laneKey(2), seqKey(303)),
    ],
    [
      'a copy that is gone',
      ['MISSING', 'PENDING'],
      ({ log }) => readLock(log.table).then(({ size }) => log.worm.files.delete(wormName(size))),
    ],
    [
      'a bundle that was changed',
      ['MODIFIED', 'PENDING'],
      ({ log }) => {
        const name = [...log.log.files.keys()].filter((one) => one.startsWith('tile/entries/')).at(-1) ?? '';
        const old = Buffer.from(log.log.files.get(name) ?? []).toString('latin1');
        log.log.files.set(name, Buffer.from(old.replace('new 5', 'new X'), 'latin1'));
      },
    ],
  ])('finds %s', async (_, expected, act) => {
    const made = await grown(600);
    await act(made);
    expect((await since(made.log, made.kept)).found).toEqual(expected);
  });

  it('finds that everything was rolled back, and another history', async () => {
    const [one, other] = [await grown(600), await grown(604)];
    const newest = text(one.log);
    const older = await grown(20);
    expect((await since(older.log, newest)).found).toContain('TRUNCATED');
    expect((await since(other.log, one.kept)).verdict).toBe('FORK');
  });
});
