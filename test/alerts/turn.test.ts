/** One writer at a time, also when one of them is slower than its turn. */
import { expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { inTurn, type TurnDeps } from '../../src/watch/alerts/notify/turn.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { START } from './support.ts';

/** Waiting lets time pass, and the others go on. */
function world() {
  const it = { now: START };
  const deps: TurnDeps = {
    table: openSqliteTable(':memory:'),
    clock: () => it.now,
    wait: async (ms) => {
      it.now += ms;
      await new Promise((next) => setImmediate(next));
    },
  };
  return { it, deps };
}

it('lets the next one in when the turn is given back, also after work that failed', async () => {
  const { it, deps } = world();
  await expect(inTurn(deps, 's', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await inTurn(deps, 's', async () => 'done')).toBe('done');
  expect(it.now).toBe(START);
});

it('does not give back the turn of another, taken after its own had lapsed', async () => {
  const { it, deps } = world();
  const inside: string[] = [];
  let finishSlow = () => {};
  let finishSecond = () => {};
  const slow = inTurn(deps, 's', () => new Promise<void>((done) => (finishSlow = done)));
  await deps.wait(10_001);
  const second = inTurn(deps, 's', () => {
    inside.push('second');
    return new Promise<void>((done) => (finishSecond = done));
  });
  while (inside.length === 0) await deps.wait(0);
  finishSlow();
  await slow;
  const third = inTurn(deps, 's', async () => inside.push('third'));
  for (let n = 0; n < 20; n += 1) await deps.wait(1);
  expect(inside).toEqual(['second']);
  finishSecond();
  await Promise.all([second, third]);
  expect(inside).toEqual(['second', 'third']);
  expect(it.now - START).toBeLessThan(20_000);
});

it('takes no turn for its own that was taken, lapsed and given back in between', async () => {
  const { it, deps } = world();
  let finishSlow = () => {};
  const slow = inTurn(deps, 's', () => new Promise<void>((done) => (finishSlow = done)));
  await deps.wait(10_001);
  await inTurn(deps, 's', async () => {});
  let finishThird = () => {};
  let third = false;
  const work = inTurn(deps, 's', () => {
    third = true;
    return new Promise<void>((done) => (finishThird = done));
  });
  while (!third) await deps.wait(0);
  finishSlow();
  await slow;
  const before = it.now;
  let fourth = false;
  const last = inTurn(deps, 's', async () => (fourth = true));
  for (let n = 0; n < 20; n += 1) await deps.wait(1);
  expect(fourth).toBe(false);
  finishThird();
  await Promise.all([work, last]);
  expect(it.now - before).toBeLessThan(10_000);
});

it.each(['before', 'after'] as const)('says when the turn cannot be given back (%s)', async (fault) => {
  const { deps } = world();
  const table = new FaultyTable(deps.table).fail('remove', fault);
  await expect(inTurn({ ...deps, table }, 's', async () => {})).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
  expect(await inTurn(deps, 's', async () => 'next')).toBe('next');
});
