import { expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { createStateCheck } from '../../src/govern/power/check.ts';
import { Powers } from '../../src/govern/power/powers.ts';

const AT = ['HOLDS', 'hold_1'] as const;
const HELD = {
  hold_id: 'hold_1',
  reason: 'a court asks',
  placed_at: '2026-11-29T12:00:00.000Z',
  record: '1.7',
};

it('names and mends an item each time, also when somebody writes it again the moment that it was mended', async () => {
  const store = openSqliteTable(':memory:');
  const merge = store.merge.bind(store);
  const forge = () => merge(...AT, { reason: 'nobody asks' });
  /** Comes back right behind each mend. */
  let again = 2;
  store.merge = async (...asked) => {
    const merged = await merge(...asked);
    if (again-- > 0) await forge();
    return merged;
  };
  const powers = new Powers();
  powers.set({ kind: 'hold', pk: AT[0], sk: AT[1], must: HELD, record: HELD.record });
  const alarms: unknown[] = [];
  const check = createStateCheck({
    table: store,
    fold: { powers, catchUp: async () => {} },
    alarm: async ({ kind }) => alarms.push(kind),
    recordStop: async () => {},
    bundles: { get: async () => undefined },
    clock: () => 0,
    wait: async () => {},
  });
  await store.put({ pk: AT[0], sk: AT[1], version: 1, ...HELD }, 'absent');
  await forge();
  for (let round = 0; round < 4; round += 1) {
    check.suspect(...AT);
    await check.round();
  }
  expect(alarms).toEqual(['state_changed', 'state_changed', 'state_changed']);
  expect(await store.get(...AT)).toMatchObject(HELD);
  await store.close();
});
