/** The patrol where processes come and go: what one found, all know, until one of them finds it in order. */
import { expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { laneKey, seqKey } from '../../src/ledger/bytes.ts';
import { patrolRound, patrolVerdict, stayingPatrol } from '../../src/ledger/check/patrol-round.ts';
import { anyUnsound, heldByVerdict, sealerVerdict } from '../../src/ledger/check/start-check.ts';
import { type TestLog, testLog } from './log-support.ts';
import { note, overwrite } from './support.ts';

const depsOf = (log: TestLog) => ({
  view: { log: log.log, table: log.table, trust: log.trustAll },
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
