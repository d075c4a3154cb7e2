/** The patrol where processes come and go: what one found, all know, until one of them finds it in order. */
import { encodeTime } from 'ulid';
import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { laneKey, numberKey, seqKey } from '../../src/ledger/bytes.ts';
import { patrolRound, patrolVerdict, stayingPatrol } from '../../src/ledger/check/patrol-round.ts';
import { anyUnsound, heldByVerdict, sealerVerdict } from '../../src/ledger/check/start-check.ts';
import { forgetStretches } from '../../src/ledger/places/by-time.ts';
import { recordsOfExecution } from '../../src/ledger/places/execution-records.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import type { Range, Table } from '../../src/ports.ts';
import { person, pseudonym } from '../support/person.ts';
import { type TestLog, testLog } from './log-support.ts';
import { START as BEGUN, itemsOf, note, overwrite, TRACE } from './support.ts';

const START = new Date(BEGUN).toISOString();

const depsOf = (log: TestLog) => ({
  view: { log: log.log, table: log.table, trust: log.trustAll },
  notes: log.table,
  pruned: async () => false,
});

it('holds every process after one found a changed record, and lets them go on when another finds it mended', async () => {
  const [log, state] = [testLog(), openSqliteTable(':memory:')];
  const lane = await log.lane();
  for (let index = 0; index < 300; index += 1) await lane.append(note(`${index}`));
  await log.sealer().seal();
  const time = { now: 0 };
  const read = anyUnsound(sealerVerdict(state).read, () => patrolVerdict(state));
  const held = heldByVerdict(read, () => time.now);
  expect(await held()).toBeUndefined();

  const item = await log.table.get(laneKey(1), seqKey(280));
  if (item === undefined) throw new Error('no record');
  await overwrite(log.table, { ...item, b: new Uint8Array([123, 125]) });
  // The second bundle is the second round's.
  expect(await patrolRound(depsOf(log), state)).toEqual({ standing: undefined });
  expect(await patrolRound(depsOf(log), state)).toMatchObject({ found: { verdict: 'MODIFIED' } });
  time.now += 5_000;
  expect(await held()).toMatchObject({ head: 'record', detail: expect.stringContaining('1.280') });

  // Known by now, and it stands whatever bundle is looked at.
  const again = await patrolRound(depsOf(log), state);
  expect(again).toMatchObject({ standing: { head: 'record' } });
  expect(again).not.toHaveProperty('found');
  await sealerVerdict(state).write({ sound: true });
  time.now += 5_000;
  expect(await held()).toMatchObject({ head: 'record' });

  await overwrite(log.table, item);
  await patrolRound(depsOf(log), state);
  time.now += 5_000;
  expect(await held()).toBeUndefined();
});

/** A state whose first write waits until another has been at it. */
function late(state: Table, before: () => Promise<unknown>): Table {
  let waited = false;
  const wait = async () => {
    if (waited) return;
    waited = true;
    await before();
  };
  return Object.assign(Object.create(state) as Table, {
    get: state.get.bind(state),
    async put(...given: Parameters<Table['put']>) {
      await wait();
      return state.put(...given);
    },
    async merge(...given: Parameters<Table['merge']>) {
      await wait();
      return state.merge(...given);
    },
  });
}

async function changed(log: TestLog, seq: number): Promise<() => Promise<void>> {
  const item = await log.table.get(laneKey(1), seqKey(seq));
  if (item === undefined) throw new Error('no record');
  await overwrite(log.table, { ...item, b: new Uint8Array([123, 125]) });
  return () => overwrite(log.table, item);
}

describe('two patrols at once', () => {
  async function sealed() {
    const [log, state] = [testLog(), openSqliteTable(':memory:')];
    const lane = await log.lane();
    for (let index = 0; index < 600; index += 1) await lane.append(note(`${index}`));
    await log.sealer().seal();
    return { log, state, deps: depsOf(log) };
  }
  const suspects = async (state: Table) => (await state.get('SEALER', 'PATROL'))?.suspects;

  it('lose nothing that the faster one found, and what the slower one found in order stands until the next bite', async () => {
    const { log, state, deps } = await sealed();
    // The slower one has looked at the bundle when somebody changes a record in it, which the faster one sees.
    let mend = async () => {};
    const faster = async () => {
      mend = await changed(log, 100);
      expect(await patrolRound(deps, state)).toMatchObject({ found: { verdict: 'MODIFIED' } });
    };
    expect(await patrolRound(deps, late(state, faster))).toEqual({ standing: undefined });
    expect([await suspects(state), await patrolVerdict(state)]).toEqual([
      '0',
      { sound: false, head: 'record', detail: expect.stringContaining('1.100') },
    ]);
    await mend();
    await patrolRound(deps, state);
    expect([await suspects(state), await patrolVerdict(state)]).toEqual(['', { sound: true }]);
  });

  it('both have their findings stand, in whichever order they are written down', async () => {
    const { log, state, deps } = await sealed();
    const mends = [await changed(log, 10), await changed(log, 300)];
    const other = async () => {
      await state.merge('SEALER', 'PATROL', { next: 1, suspects: '', sound: true });
      expect(await patrolRound(deps, state)).toMatchObject({ found: { verdict: 'MODIFIED' } });
    };
    expect(await patrolRound(deps, late(state, other))).toMatchObject({ found: { verdict: 'MODIFIED' } });
    expect(
      String(await suspects(state))
        .split(' ')
        .sort(),
    ).toEqual(['0', '1']);
    for (const mend of mends) await mend();
    for (let round = 0; round < 2; round += 1) await patrolRound(deps, state);
    expect([await suspects(state), await patrolVerdict(state)]).toEqual(['', { sound: true }]);
  });

  it('take up what an older version left, which had no version', async () => {
    const { log, state, deps } = await sealed();
    await state.merge('SEALER', 'PATROL', {
      next: 0,
      suspects: '2',
      sound: false,
      head: 'record',
      detail: 'x',
    });
    await changed(log, 10);
    await patrolRound(deps, state);
    expect(await suspects(state)).toBe('0');
  });
});

it('goes on in the next process: what the one before it found stands from the first look, wherever that falls', async () => {
  const [log, state] = [testLog(), openSqliteTable(':memory:')];
  const lane = await log.lane();
  for (let index = 0; index < 600; index += 1) await lane.append(note(`${index}`));
  await log.sealer().seal();
  const item = await log.table.get(laneKey(1), seqKey(300));
  if (item === undefined) throw new Error('no record');
  await overwrite(log.table, { ...item, b: new Uint8Array([123, 125]) });
  const before = stayingPatrol(depsOf(log), state);
  expect(await before()).toEqual({ standing: undefined });
  expect(await before()).toMatchObject({ found: { verdict: 'MODIFIED' } });

  const after = stayingPatrol(depsOf(log), state);
  expect(await after()).toMatchObject({
    standing: { head: 'record', detail: expect.stringContaining('1.300') },
  });
  await overwrite(log.table, item);
  expect(await after()).toEqual({ standing: undefined });
  expect(await stayingPatrol(depsOf(log), state)()).toEqual({ standing: undefined });
});

it.each([
  `TIME#${START.slice(0, 10)}`,
  'DAYS',
  `PERSON#${pseudonym(person('jake'))}`,
  `RUNS#${START.slice(0, 16)}`,
])(
  'writes notes again that somebody took out of the store (%s), tells of it once, and every record is found as before',
  async (partition) => {
    const [log, state] = [testLog(), openSqliteTable(':memory:')];
    const lane = await log.lane();
    const execution_id = `exe_${encodeTime(log.time.now, 10)}${'0'.repeat(16)}`;
    const who = person('jake');
    for (let index = 0; index < 300; index += 1)
      await lane.append(note(`${index}`, index === 7 ? { who, data: { execution_id } } : {}));
    await lane.close();
    await log.sealer().seal();
    const found = async () => [
      (await readEntries(log.table, {}, { limit: 400 })).entries.length,
      (await readEntries(log.table, { subject: pseudonym(who) })).entries.length,
      (await recordsOfExecution(log.table, execution_id)).length,
    ];
    const before = await found();
    expect(before).toEqual([302, 1, 1]);
    expect(await patrolRound(depsOf(log), state)).toEqual({ standing: undefined });
    for (const { pk, sk } of await itemsOf(log.table, partition)) await log.table.remove(pk, sk);
    expect(await found()).not.toEqual(before);

    const rounds = [];
    for (let round = 0; round < 4; round += 1) rounds.push((await patrolRound(depsOf(log), state)).mended);
    expect(rounds.filter((mended) => mended !== undefined).length).toBeGreaterThan(0);
    expect(rounds.slice(2)).toEqual([undefined, undefined]);
    expect(await found()).toEqual(before);
  },
);

describe('a note of some of a lane’s records', () => {
  /** Three checkpoints within one bundle: each stretch of the lane has its note. */
  async function sealedThrice() {
    const [log, state] = [testLog(), openSqliteTable(':memory:')];
    const lane = await log.lane();
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 3; index += 1) await lane.append(note(`${index}`));
      log.time.now += 20;
      await log.sealer().seal();
    }
    const partition = `TIME#${START.slice(0, 10)}`;
    const idsOf = async (order: 'oldest' | 'newest') =>
      (await readEntries(log.table, {}, { limit: 100, order })).entries.map(({ id }) => id);
    const everything = await idsOf('oldest');
    expect(everything).toHaveLength(10);
    const expectAll = async () => {
      expect(await idsOf('oldest')).toEqual(everything);
      expect(await idsOf('newest')).toEqual([...everything].reverse());
    };
    return { log, state, partition, expectAll };
  }

  it.each([0, 1, 2])(
    'is mended beside those that are left, and both directions find all (note %i)',
    async (at) => {
      const { log, state, partition, expectAll } = await sealedThrice();
      const gone = (await itemsOf(log.table, partition))[at];
      await log.table.remove(partition, gone?.sk ?? '');
      expect(await patrolRound(depsOf(log), state)).toMatchObject({ mended: expect.any(String) });
      await expectAll();
      expect(await patrolRound(depsOf(log), state)).toEqual({ standing: undefined });
    },
  );

  it('is mended again where somebody changes the one that was written in its place', async () => {
    const { log, state, partition, expectAll } = await sealedThrice();
    const [gone] = await itemsOf(log.table, partition);
    await log.table.remove(partition, gone?.sk ?? '');
    await patrolRound(depsOf(log), state);
    const [mended] = (await itemsOf(log.table, partition)).filter(({ sk }) => sk.endsWith('+'));
    if (mended === undefined) throw new Error('nothing was mended');
    await overwrite(log.table, { ...mended, pk: mended.pk, sk: mended.sk, first: 9 });
    expect(await patrolRound(depsOf(log), state)).toMatchObject({ mended: expect.any(String) });
    await expectAll();
    expect(await patrolRound(depsOf(log), state)).toEqual({ standing: undefined });
  });
});

it('neither tells of notes that a sealed pruning has taken, nor writes them again, while the records behind them are still going', async () => {
  const [log, state] = [testLog(), openSqliteTable(':memory:')];
  const [going, staying] = [await log.lane(), await log.lane()];
  for (const lane of [going, staying]) {
    await lane.append(note('once'));
    await lane.close();
  }
  await log.sealer().seal();
  const partition = `TIME#${START.slice(0, 10)}`;
  const deps = { ...depsOf(log), pruned: async (lane: number) => lane === 1 };
  const notes = await itemsOf(log.table, partition);
  await forgetStretches(log.table, 1, {
    from: START,
    to: new Date(log.time.now).toISOString(),
    subjects: new Set(),
  });
  const left = await itemsOf(log.table, partition);
  expect(left.length).toBeLessThan(notes.length);
  expect(await patrolRound(deps, state)).toEqual({ standing: undefined });
  expect(await itemsOf(log.table, partition)).toEqual(left);

  // What somebody takes besides is no pruning.
  for (const { pk, sk } of left) await log.table.remove(pk, sk);
  expect(await patrolRound(deps, state)).toMatchObject({ mended: expect.any(String) });
  expect((await itemsOf(log.table, partition)).map(({ lane }) => lane)).toEqual([2]);
});

it('notes a sealed pruning again whose note somebody took, and takes what it covers for removed no longer', async () => {
  const [log, state] = [testLog(), openSqliteTable(':memory:')];
  const lane = await log.lane();
  const { id } = await lane.append({
    type: 'ledger.pruned',
    trace: TRACE,
    data: { before: START, lanes: [{ lane: 7, next: 3 }] },
  });
  await log.sealer().seal();
  await log.table.remove('PRUNINGS', id);
  expect(await patrolRound(depsOf(log), state)).toMatchObject({ mended: expect.any(String) });
  expect(await itemsOf(log.table, 'PRUNINGS')).toEqual([expect.objectContaining({ sk: id })]);
  expect(await patrolRound(depsOf(log), state)).toEqual({ standing: undefined });
});

/** What is done to a closed and sealed lane, and what the patrol says of it. */
const DONE: Readonly<Record<string, readonly [(log: TestLog) => Promise<unknown>, string]>> = {
  'loses its entry in the directory': [
    (log) => log.table.remove('LANES', numberKey(1)),
    'MISSING: the directory',
  ],
  'has another certificate there': [
    (log) => log.table.merge('LANES', numberKey(1), { s: new Uint8Array(64) }),
    'MODIFIED: the directory',
  ],
  'goes on behind its end': [
    async (log) => {
      const item = await log.table.get(laneKey(1), seqKey(1));
      return item && log.table.put({ ...item, sk: seqKey(9) }, 'absent');
    },
    'FORK: lane 1 was closed',
  ],
  'has an item under a key that is no place': [
    async (log) => {
      const item = await log.table.get(laneKey(1), seqKey(1));
      return item && log.table.put({ ...item, sk: 'zzz' }, 'absent');
    },
    'FORK: lane 1 was closed',
  ],
};

it.each(Object.entries(DONE))('holds everybody where a closed lane %s', async (_, [act, detail]) => {
  const [log, state] = [testLog(), openSqliteTable(':memory:')];
  const lane = await log.lane();
  await lane.append(note('one'));
  await lane.close();
  await log.sealer().seal();
  expect(await patrolRound(depsOf(log), state)).toEqual({ standing: undefined });
  await act(log);
  expect(await patrolRound(depsOf(log), state)).toMatchObject({
    standing: { head: 'record', detail: expect.stringContaining(detail) },
  });
});

it('looks again at what could not be read, and does not pass it over', async () => {
  const [log, state] = [testLog(), openSqliteTable(':memory:')];
  const lane = await log.lane();
  for (let index = 0; index < 300; index += 1) await lane.append(note(`${index}`));
  await log.sealer().seal();
  const away = async (): Promise<never> => Promise.reject(new Error('damaged'));
  const deps = depsOf(log);
  const fault = { on: true };
  const table = {
    get: log.table.get.bind(log.table),
    query: (pk: string, range?: Range) => (fault.on ? away() : log.table.query(pk, range)),
  };
  const bite = stayingPatrol({ ...deps, view: { ...deps.view, table } }, state);
  for (let tries = 0; tries < 3; tries += 1) await expect(bite()).rejects.toThrow('damaged');
  fault.on = false;
  await log.table.remove(laneKey(1), seqKey(7));
  expect(await bite()).toMatchObject({
    found: { verdict: 'MISSING', detail: expect.stringContaining('1.7') },
  });
});
