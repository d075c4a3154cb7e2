/** The loop acts once, on record, within its caps, and takes back what fails or what was for nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { healingId } from '../../src/govern/healing.ts';
import { ownWords } from '../../src/ledger/people/words.ts';
import { CYCLE_MS } from '../../src/loop/loop.ts';
import { isTouching } from '../../src/loop/plan.ts';
import { SEVERITIES, type Severity } from '../../src/terms.ts';
import { TRACE } from '../ledger/support.ts';
import { healingWorld, told } from './healing-world.ts';

const HOLDS: Readonly<Record<Severity, readonly string[]>> = {
  WARNING: [],
  SUSPENSION: ['quarantine'],
  BAN: ['ban'],
  CRIMINAL: ['quarantine'],
};
const ACTIONS: Readonly<Record<Severity, string>> = {
  WARNING: 'log_and_monitor',
  SUSPENSION: 'quarantine_network',
  BAN: 'remove_from_cluster',
  CRIMINAL: 'escalate_to_committee',
};

describe('each severity', () => {
  it.each(SEVERITIES)(
    '%s has its action, planned and executed on record, which can be undone',
    async (severity) => {
      const { loop, executor, violation, recorded, holding } = await healingWorld();
      loop.hear([violation('a', severity)]);
      expect(await loop.cycle()).toMatchObject({ heard: 1, done: 1, failed: 0, held: 0 });
      const action = ACTIONS[severity];
      const records = await recorded();
      expect(told(records)).toEqual([
        ['healing.planned', 'planned', action, severity],
        ['healing.executed', 'executed', action, severity],
      ]);
      expect(await holding('a')).toEqual(HOLDS[severity]);

      const id = String(records[0]?.data.healing_id);
      expect(
        await executor.undo(id, ownWords('a person takes it back'), { trace: 'b'.repeat(32) }),
      ).toMatchObject({
        status: 'undone',
        action,
      });
      expect(await holding('a')).toEqual([]);
      expect(told((await recorded()).slice(2))).toEqual([
        ['healing.executed', 'undone', 'restore', severity],
      ]);
      await executor.undo(id, ownWords('again'), { trace: 'b'.repeat(32) });
      expect(await recorded()).toHaveLength(3);
    },
  );
});

describe('a cycle', () => {
  it('that is run twice does nothing more', async () => {
    const { loop, violation, recorded } = await healingWorld();
    loop.hear([violation('a', 'SUSPENSION'), violation('b', 'BAN')]);
    await loop.cycle();
    const after = (await recorded('*')).length + (await recorded()).length;
    for (let again = 0; again < 3; again += 1)
      expect(await loop.cycle()).toEqual({ heard: 0, done: 0, failed: 0, held: 0 });
    expect((await recorded('*')).length + (await recorded()).length).toBe(after);
  });

  it('that hears the same records again, or in another process, does nothing more', async () => {
    const { loop, open, violation, recorded } = await healingWorld();
    const records = [violation('a', 'SUSPENSION')];
    loop.hear(records);
    await loop.cycle();
    const before = (await recorded()).length;
    loop.hear(records);
    await loop.cycle();
    const other = open().loop;
    other.hear(records);
    await other.cycle();
    expect(await recorded()).toHaveLength(before);
  });

  it('touches no more principals than the blast radius; the rest are on record as deferred, once, and follow', async () => {
    const { loop, violation, recorded, holding, turn } = await healingWorld({ max_plans: 20 });
    const subjects = Array.from({ length: 12 }, (_, index) => `p${index}`);
    loop.hear(subjects.map((subject) => violation(subject, 'SUSPENSION')));
    const done = [(await loop.cycle()).done];
    expect((await recorded('healing.planned')).filter(({ data }) => data.status === 'deferred')).toHaveLength(
      7,
    );
    while (loop.waiting() > 0) {
      turn();
      done.push((await loop.cycle()).done);
    }
    expect(done).toEqual([5, 5, 2]);
    for (const subject of subjects) expect(await holding(subject)).toEqual(['quarantine']);
    const deferred = (await recorded('healing.planned')).filter(({ data }) => data.status === 'deferred');
    expect(new Set(deferred.map(({ data }) => data.healing_id)).size).toBe(deferred.length);
  });

  it('shares its blast radius with every other loop', async () => {
    const world = await healingWorld({ max_plans: 20 });
    const loops = [world.loop, world.open().loop, world.open().loop];
    for (const [at, loop] of loops.entries())
      loop.hear(Array.from({ length: 4 }, (_, index) => world.violation(`p${at}-${index}`, 'SUSPENSION')));
    const done = [];
    for (const loop of loops) done.push((await loop.cycle()).done);
    expect(done).toEqual([4, 1, 0]);
  });

  it('of many, in any order, never touches more than the cap: property', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.constantFrom(...SEVERITIES)), {
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 3 }),
        async (all, blast_radius) => {
          const { loop, violation, recorded, turn, ledger } = await healingWorld({ blast_radius });
          loop.hear(all.map(([accused, severity]) => violation(accused, severity)));
          for (let cycle = 0; cycle < 3; cycle += 1) {
            const from = (await recorded('sanction.applied')).length;
            await loop.cycle();
            const touched = new Set(
              (await recorded('sanction.applied')).slice(from).map(({ data }) => data.subject),
            );
            expect(touched.size).toBeLessThanOrEqual(blast_radius);
            turn();
            ledger.time.now += CYCLE_MS;
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('two loops at once', () => {
  it('act once', async () => {
    const { loop, open, violation, recorded } = await healingWorld();
    const other = open().loop;
    const records = [violation('a', 'BAN')];
    loop.hear(records);
    other.hear(records);
    await Promise.all([loop.cycle(), other.cycle()]);
    expect(told(await recorded())).toEqual([
      ['healing.planned', 'planned', 'remove_from_cluster', 'BAN'],
      ['healing.executed', 'executed', 'remove_from_cluster', 'BAN'],
    ]);
    expect(await recorded('sanction.applied')).toHaveLength(1);
  });
});

describe('an action that fails', () => {
  const fails = { matches: ({ pk }: { pk: string }) => pk === 'SANCTIONS' };

  it.each(['before', 'after'] as const)('%s it was stored, is tried again and done once', async (how) => {
    const { loop, state, violation, recorded, holding } = await healingWorld();
    state.fail('put', how, { ...fails, times: 2 });
    loop.hear([violation('a', 'SUSPENSION')]);
    expect(await loop.cycle()).toMatchObject({ done: 1, failed: 0 });
    expect(state.unmet).toBe(how === 'before' ? 0 : state.unmet);
    expect(await holding('a')).toEqual(['quarantine']);
    expect(await recorded('sanction.applied')).toHaveLength(1);
  });

  it.each(['before', 'after'] as const)(
    '%s each of its three tries, is rolled back and not tried again',
    async (how) => {
      const { loop, state, violation, recorded, holding, turn } = await healingWorld();
      const standing = ({ pk }: { pk: string }) => pk.startsWith('PRINCIPAL#');
      state.fail('merge', how, { matches: standing, times: 3 });
      const record = violation('a', 'SUSPENSION');
      loop.hear([record]);
      expect(await loop.cycle()).toMatchObject({ done: 0, failed: 1 });
      expect(state.unmet).toBe(0);
      expect(
        (await recorded('healing.failed')).map(({ data }) => [data.outcome, data.tries, data.error]),
      ).toEqual([['rolled_back', 3, 'STORE_UNAVAILABLE']]);
      expect(await holding('a')).toEqual([]);
      turn();
      loop.hear([{ ...record, seq: record.seq + 1_000 }]);
      await loop.cycle();
      expect(await recorded('healing.failed')).toHaveLength(1);
      expect(await holding('a')).toEqual([]);
    },
  );

  it('says so where it cannot be taken back either', async () => {
    const { loop, state, violation, recorded } = await healingWorld();
    state.fail('merge', 'after', { matches: ({ pk }) => pk.startsWith('PRINCIPAL#'), times: 4 });
    loop.hear([violation('a', 'SUSPENSION')]);
    await loop.cycle();
    expect((await recorded('healing.failed')).map(({ data }) => data.outcome)).toEqual(['failure']);
  });

  it('is not even begun while nothing can be put on record, and done when it can', async () => {
    const { loop, state, violation, recorded, holding } = await healingWorld();
    loop.hear([violation('a', 'SUSPENSION')]);
    state.down();
    await expect(loop.cycle()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    state.heal();
    expect(await holding('a')).toEqual([]);
    await loop.cycle();
    expect(await holding('a')).toEqual(['quarantine']);
    expect(await recorded('healing.executed')).toHaveLength(1);
  });

  it('is not tried again where the case gives no reason for it', async () => {
    const { loop, cases, violation, recorded } = await healingWorld();
    loop.hear([violation('a', 'BAN', { case_id: 'vio_01M8J01083YETVPS1RBA66ME9P' })]);
    cases.set('vio_01M8J01083YETVPS1RBA66ME9P', {
      accused: 'a',
      basis: 'observed',
      severity: 'WARNING',
      open: true,
    } as never);
    await loop.cycle();
    expect((await recorded('healing.failed')).map(({ data }) => [data.tries, data.error])).toEqual([
      [1, 'CONFLICT'],
    ]);
  });
});

describe('a shadow', () => {
  it('says what it would do, once, and does nothing', async () => {
    const { loop, violation, recorded, holding, turn } = await healingWorld({ mode: 'shadow' });
    const records = SEVERITIES.map((severity) => violation(`of ${severity}`, severity));
    loop.hear(records);
    await loop.cycle();
    turn();
    loop.hear(records.map((record) => ({ ...record, seq: record.seq + 1_000 })));
    await loop.cycle();
    expect(told(await recorded()).map(([type, status]) => [type, status])).toEqual(
      SEVERITIES.map(() => ['healing.planned', 'shadowed']),
    );
    expect(await recorded('sanction.*')).toEqual([]);
    for (const severity of SEVERITIES) expect(await holding(`of ${severity}`)).toEqual([]);
  });
});

describe('reports', () => {
  it('of one reporter get nobody banned, and the second of them within an hour nobody quarantined', async () => {
    const { loop, violation, recorded, holding, turn } = await healingWorld();
    for (const accused of ['a', 'b', 'c']) {
      loop.hear([violation(accused, 'BAN', { basis: 'reported' })]);
      await loop.cycle();
      turn();
    }
    expect(await holding('a')).toEqual(['quarantine']);
    for (const accused of ['b', 'c']) expect(await holding(accused)).toEqual([]);
    expect((await recorded('healing.planned')).filter(({ data }) => data.status === 'withheld')).toHaveLength(
      2,
    );
    for (let again = 0; again < 20; again += 1) loop.hear([violation('a', 'BAN', { basis: 'reported' })]);
    await loop.cycle();
    expect(await holding('a')).toEqual(['quarantine']);
  });
});

describe('a case that ends', () => {
  it.each(['violation.dismissed', 'violation.restored'])(
    'by %s takes back what was done for it',
    async (type) => {
      const { loop, violation, recorded, holding } = await healingWorld();
      const record = violation('a', 'SUSPENSION');
      const before = violation('b', 'SUSPENSION');
      loop.hear([record, before]);
      await loop.cycle();
      loop.hear([{ ...record, type, seq: 500, data: { violation_id: record.data.violation_id ?? '' } }]);
      expect(await loop.cycle()).toMatchObject({ done: 1 });
      expect(await holding('a')).toEqual([]);
      expect(await holding('b')).toEqual(['quarantine']);
      expect(told((await recorded('healing.executed')).slice(-1))).toEqual([
        ['healing.executed', 'undone', 'restore', 'SUSPENSION'],
      ]);
    },
  );
});

describe('whoever can only write to the table', () => {
  it('keeps the loop from nothing, and has it lift nothing, by an item that no record made', async () => {
    const { loop, executor, violation, state, holding, recorded } = await healingWorld();
    const [one, other] = [violation('a', 'BAN'), violation('b', 'SUSPENSION')];
    loop.hear([other]);
    await loop.cycle();
    const [done] = await recorded('healing.executed');
    const theirs = { ...(await state.get('HEALING', String(done?.data.healing_id))) };
    const id = healingId(String(one.data.violation_id), 'BAN', 'a');
    const forged = { ...theirs, pk: 'HEALING', sk: id, case_id: String(one.data.violation_id), subject: 'a' };
    await state.put(forged, 'absent');
    expect(await executor.get(id)).toMatchObject({ status: 'executed' });
    expect(await executor.undoCase(String(one.data.violation_id), TRACE)).toBe(0);
    expect(await holding('b')).toEqual(['quarantine']);
    loop.hear([one]);
    await loop.cycle();
    expect(await holding('a')).toEqual(['ban']);
  });
});

describe('three sources on one metric', () => {
  it('are told to the committee, and nobody is put under anything for it', async () => {
    const { loop, violation, recorded } = await healingWorld();
    loop.hear(['a', 'b', 'c'].map((accused) => violation(accused, 'WARNING', { metric: 'user_location' })));
    await loop.cycle();
    const escalated = (await recorded('healing.executed')).filter(
      ({ data }) => data.action === 'escalate_to_committee',
    );
    expect(escalated.map(({ data }) => data)).toMatchObject([
      {
        pattern: 'spatial',
        severity: 'SUSPENSION',
        nodes: ['node of a', 'node of b', 'node of c'],
        subject: '',
      },
    ]);
    expect(await recorded('sanction.*')).toEqual([]);
  });
});

describe('a loop that starts anew', () => {
  it('takes up what the one before had heard and not done', async () => {
    const { loop, open, asking, violation, holding, recorded } = await healingWorld();
    loop.hear([violation('a', 'SUSPENSION', { case_id: 'vio_01M8J01083YETVPS1RBA66ME9P' })]);
    const { loop: next } = open();
    asking.push({
      record: '99.0',
      at: 0,
      trace: '0'.repeat(32),
      node: 'n',
      case_id: 'vio_01M8J01083YETVPS1RBA66ME9P',
      severity: 'SUSPENSION',
      basis: 'observed',
      accused: 'a',
      reporter: '',
      moves: true,
    });
    await next.recover();
    await next.cycle();
    expect(await holding('a')).toEqual(['quarantine']);
    await next.recover();
    expect(next.waiting()).toBe(0);
    await next.cycle();
    expect(await recorded('healing.executed')).toHaveLength(1);
  });
});

describe('what the loop knows', () => {
  const MINUTE = 60_000;

  it('is whether it helped: no further violation while it was watched, or how many', async () => {
    const { loop, knowledge, open, violation, ledger } = await healingWorld();
    const effects = async () =>
      (await knowledge.list({ limit: 10 })).known
        .map(({ subject, effect, recurrences }) => [subject, effect, recurrences])
        .sort();
    loop.hear([violation('good', 'SUSPENSION'), violation('stubborn', 'SUSPENSION')]);
    await loop.cycle();
    expect(await effects()).toEqual([
      ['good', 'watching', 0],
      ['stubborn', 'watching', 0],
    ]);
    ledger.time.now += MINUTE;
    const again = violation('stubborn', 'SUSPENSION');
    const further = {
      ...again,
      data: { ...again.data, case: { id: again.data.violation_id ?? '', severity: 'SUSPENSION' } },
    };
    const next = open();
    await next.loop.recover();
    next.loop.hear([further]);
    await next.loop.cycle();
    ledger.time.now += 15 * MINUTE;
    expect(await effects()).toEqual([
      ['good', 'helped', 0],
      ['stubborn', 'recurred', 1],
    ]);
  });

  it('does not take an escalation for a touch', () => {
    expect(
      isTouching({ action: 'escalate_to_committee', cause: { kind: 'pattern', pattern: 'burst' } }),
    ).toBe(false);
    expect(isTouching({ action: 'escalate_to_committee', cause: { kind: 'case' } })).toBe(true);
  });
});
