import { describe, expect, it } from 'vitest';
import { checkStart, type Soundness, sealerVerdict, watchStart } from '../../src/ledger/check/start-check.ts';
import { HeldBack } from '../../src/ledger/hold.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { stage, unstage } from '../../src/ledger/seal/staging.ts';
import { wormName } from '../../src/ledger/seal/worm.ts';
import { tilePath } from '../../src/ledger/tree/tiles.ts';
import { entriesOf, type TestLog, testLog } from './log-support.ts';
import { note, overwrite } from './support.ts';

const depsOf = (log: TestLog, sealer: () => Promise<Soundness | undefined> = async () => undefined) => ({
  table: log.table,
  log: log.log,
  worm: log.worm,
  trust: log.trustAll,
  sealer,
});

/** Sealed twice; gives the lock of the first time. */
async function sealedTwice() {
  const log = testLog();
  const lane = await log.lane();
  await log.sealer().seal();
  const before = await log.table.get('LOG', 'LOCK');
  await lane.append(note('more'));
  await log.sealer().seal();
  const lock = await log.table.get('LOG', 'LOCK');
  if (before === undefined || lock === undefined) throw new Error('no lock');
  return { log, before, lock };
}

describe('start-up verification', () => {
  it('finds a new log, and one that was sealed, sound', async () => {
    expect(await checkStart(depsOf(testLog()))).toEqual({ sound: true });
    expect(await checkStart(depsOf((await sealedTwice()).log))).toEqual({ sound: true });
  });

  it('finds a sealer at work sound: its lock is ahead of the write-once checkpoint', async () => {
    const { log } = await sealedTwice();
    const { from, size } = await readLock(log.table);
    log.worm.files.delete(wormName(size));
    const entries = entriesOf(log.log, size).slice(from);
    await stage(log.log, from, { segments: [{ lane: 1, seq: from, count: entries.length }], entries });
    expect(await checkStart(depsOf(log))).toEqual({ sound: true });
    // Its work is done, and the copy is not there; or what is staged is nothing that the tree could have grown by.
    await unstage(log.log, from);
    expect(await checkStart(depsOf(log))).toMatchObject({ sound: false, head: 'worm' });
    log.log.files.set(`staging/${String(from).padStart(12, '0')}`, new Uint8Array(1));
    expect(await checkStart(depsOf(log))).toMatchObject({ sound: false, head: 'worm' });
  });

  it.each<[string, string, (made: Awaited<ReturnType<typeof sealedTwice>>) => Promise<unknown>]>([
    ['a lock that was rolled back', 'lock', ({ log, before }) => overwrite(log.table, before)],
    [
      'a directory that has lost its last lane',
      'directory',
      ({ log }) => log.table.remove('LANES', '00000001'),
    ],
    [
      'a directory with a lane that nobody opened',
      'directory',
      async ({ log }) => {
        const first = await log.table.get('LANES', '00000001');
        return first && log.table.put({ ...first, sk: '00000002' }, 'absent');
      },
    ],
    [
      'a directory with a gap',
      'directory',
      async ({ log }) => {
        const first = await log.table.get('LANES', '00000001');
        return first && log.table.put({ ...first, sk: '00000005' }, 'absent');
      },
    ],
    ['a lock that is gone', 'lock', ({ log }) => log.table.remove('LOG', 'LOCK')],
    [
      'a lock that is none',
      'lock',
      ({ log, lock }) => overwrite(log.table, { ...lock, lanes: 'as I please' }),
    ],
    [
      'a lock with another signature',
      'lock',
      ({ log, lock }) =>
        overwrite(log.table, { ...lock, note: String(lock.note).replace(/.{9}\n$/, 'AAAAAAAA\n') }),
    ],
    [
      'a lock that says another size than it is signed for',
      'lock',
      ({ log, lock }) => overwrite(log.table, { ...lock, size: 7 }),
    ],
    [
      'a write-once checkpoint that nobody of ours signed',
      'worm',
      async ({ log }) =>
        log.worm.files.set(wormName(9), new TextEncoder().encode('chancery.test/ledger\n9\nAAAA\n')),
    ],
    [
      'a tile that was changed',
      'tiles',
      async ({ log }) => {
        for (const [name, bytes] of log.log.files)
          if (name.startsWith(tilePath(0, 0, 256))) bytes[3] = (bytes[3] ?? 0) ^ 1;
      },
    ],
    [
      'tiles that are gone',
      'tiles',
      async ({ log }) => {
        for (const name of log.log.files.keys()) if (name.startsWith('tile/0/')) log.log.files.delete(name);
      },
    ],
  ])('tells of %s', async (_, head, tamper) => {
    const made = await sealedTwice();
    await tamper(made);
    expect(await checkStart(depsOf(made.log))).toMatchObject({ sound: false, head });
  });

  it('believes the sealer, who reads every record', async () => {
    const { log } = await sealedTwice();
    const state = sealerVerdict(log.witnessTable);
    expect(await state.read()).toBeUndefined();
    await state.write({ sound: false, head: 'lane', detail: 'lane 1 does not follow' });
    expect(await checkStart(depsOf(log, state.read))).toEqual({
      sound: false,
      head: 'lane',
      detail: 'lane 1 does not follow',
    });
    await state.write({ sound: true });
    expect(await checkStart(depsOf(log, state.read))).toEqual({ sound: true });
  });

  it('is told by several sealers what each found last, whatever each of them had found before', async () => {
    const { log } = await sealedTwice();
    const [one, other] = [sealerVerdict(log.witnessTable), sealerVerdict(log.witnessTable)];
    const gone = { sound: false, head: 'directory', detail: 'it ends before lane 3' } as const;
    for (const found of [{ sound: true }, gone, { sound: true }, gone] as const) {
      await other.write(found);
      await one.write({ sound: true });
      expect(await one.read()).toEqual({ sound: true });
      await other.write(gone);
      expect(await one.read()).toEqual(gone);
    }
  });

  it('raises one alarm for one thing, and looks again after ten seconds', async () => {
    const { log, before, lock } = await sealedTwice();
    const alarms: unknown[] = [];
    const watch = watchStart(
      depsOf(log),
      () => log.time.now,
      async (data) => alarms.push(data),
    );
    await overwrite(log.table, before);
    expect(await watch.standing()).toMatchObject({ head: 'lock' });
    log.time.now += 10_000;
    expect(await watch.standing()).toMatchObject({ head: 'lock' });
    expect(alarms).toEqual([
      { kind: 'head_conflict', head: 'lock', detail: 'it knows a tree of 1, and one of 2 was signed' },
    ]);
    await overwrite(log.table, lock);
    expect(await watch.standing()).toMatchObject({ head: 'lock' });
    log.time.now += 10_000;
    expect(await watch.standing()).toBeUndefined();
  });

  it('tells afterwards what could not be recorded while it stood', async () => {
    const { log, before, lock } = await sealedTwice();
    const alarms: unknown[] = [];
    let held = true;
    const watch = watchStart(
      depsOf(log),
      () => log.time.now,
      async (data) => {
        if (held) throw new HeldBack({ head: 'lock', detail: 'it stands' });
        alarms.push(data);
      },
    );
    await overwrite(log.table, before);
    expect(await watch.standing()).toMatchObject({ head: 'lock' });
    await overwrite(log.table, lock);
    held = false;
    log.time.now += 10_000;
    expect(await watch.standing()).toBeUndefined();
    expect(alarms).toMatchObject([{ kind: 'head_conflict', head: 'lock' }]);
  });
});
