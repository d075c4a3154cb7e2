import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import type { Table } from '../../src/ports.ts';
import { Accumulators, scrapeAt } from '../../src/watch/metrics/accumulators.ts';
import { createExposition } from '../../src/watch/metrics/exposition.ts';
import { BASE, CHUNK, createProjector, PARTITION } from '../../src/watch/metrics/project.ts';
import type { Ride } from '../../src/watch/metrics/ride.ts';
import { type Tail, tailOf } from '../../src/watch/metrics/tail.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { virtualTime } from '../support/virtual-time.ts';
import {
  decision,
  depsOn,
  folded,
  measured,
  memory,
  NOW,
  plant,
  projectorOn,
  proven,
  record,
} from './support.ts';

const ride = (count: number): string =>
  JSON.stringify({
    counts: [['http_requests_total', ['GET', '/health', '200', 'ok'], count]],
    observed: [['http_request_duration_seconds', ['GET', '/health'], count * 1_000, [0, count]]],
    set: [['http_requests_in_flight', [], count]],
  });

/** A few kinds of record, enough to touch counters, gauges that go both ways, histograms and set gauges. */
const anyRecord: fc.Arbitrary<LedgerRecord> = fc
  .record({
    kind: fc.integer({ min: 0, max: 5 }),
    us: fc.integer({ min: 0, max: 5_000_000 }),
    at: fc.integer({ min: 0, max: 3 }),
    workflow: fc.constantFrom('data-export', 'compliance-report'),
  })
  .map(({ kind, us, at, workflow }) => {
    const more = { time: new Date(NOW + at).toISOString(), labels: { workflow, drag_mode: 'grunt' } };
    const made = [
      decision({ latency_us: us }, { time: more.time }),
      record(
        'workflow.succeeded',
        { outcome: 'success', duration_us: us, settlement: { result: 'met' } },
        more,
      ),
      record('workflow.failed', { outcome: 'failure', duration_us: us }, more),
      record('approval.requested', { priority: 'high' }, more),
      record('approval.approved', { priority: 'high', final: true, waited_us: us }, more),
      record('auth.unauthorized', { reason: 'expired', status: 401, count: 1 + (us % 50) }, more),
    ];
    return made[kind] ?? decision();
  });
const anyLedger = fc.array(fc.array(anyRecord, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 4,
});

async function written(lanes: readonly (readonly LedgerRecord[])[]): Promise<Table> {
  const table = memory();
  for (const [index, records] of lanes.entries()) {
    for (const [seq, what] of records.entries()) {
      await plant(table, index + 1, seq, what, seq % 3 === 0 ? ride(seq + 1) : undefined);
    }
  }
  return table;
}

/** What any projection must equal: every lane read from its start, one after the other. */
async function expected(table: Table) {
  const tail = tailOf(table);
  const entries = [];
  for (const lane of await tail.lanes(0)) entries.push(...(await tail.read(lane, 0, 1_000)).entries);
  return folded(entries);
}

describe('projection', () => {
  it('gives the same totals whatever the order of lanes, the size of batches and the number of visits', async () => {
    await fc.assert(
      fc.asyncProperty(anyLedger, fc.infiniteStream(fc.integer({ min: 1, max: 4 })), async (lanes, turns) => {
        const ledger = await written(lanes);
        const state = memory();
        const whole = tailOf(ledger);
        let projector = projectorOn(ledger, state, {
          lanes: (from) => whole.lanes(from),
          read: (lane, from, limit) => whole.read(lane, from, Math.min(limit, turns.next().value ?? 1)),
        });
        for (let visit = 0; visit < 14; visit += 1) {
          const order = lanes.map((_, index) => index + 1).sort(() => (visit % 2 === 0 ? 1 : -1));
          await projector.run(order);
          await projector.run(order);
          if (visit % 5 === 0) projector = projectorOn(ledger, state);
        }
        await projector.run();
        const right = await expected(ledger);
        expect(proven(projector.state())).toEqual(proven(right));
        expect(measured(projector.state())).toEqual(measured(right));
      }),
      { numRuns: 25 },
    );
  });

  it('counts each record once though every write may fail before or after it happened', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLedger,
        fc.array(
          fc.tuple(fc.integer({ min: 0, max: 12 }), fc.constantFrom<'before' | 'after'>('before', 'after')),
          {
            minLength: 1,
            maxLength: 6,
          },
        ),
        fc.constantFrom(2, 5, 10_000),
        async (lanes, faults, bite) => {
          const ledger = await written(lanes);
          const inner = memory();
          const state = new FaultyTable(inner);
          for (const [skip, when] of faults) {
            state.fail('put', when, { skip, times: 1 });
            await createProjector({ ...depsOn(ledger, state), bite })
              .run()
              .catch(() => undefined);
            state.heal();
          }
          const last = projectorOn(ledger, state, tailOf(ledger));
          await last.run();
          const right = await expected(ledger);
          expect(proven(last.state())).toEqual(proven(right));
          expect(measured(last.state())).toEqual(measured(right));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('counts each record once though two projectors run at the same time', async () => {
    const ledger = memory();
    const state = memory();
    const [left, right] = [projectorOn(ledger, state), projectorOn(ledger, state)];
    for (let seq = 0; seq < 40; seq += 1) {
      await plant(ledger, 1, seq, decision({ latency_us: seq * 100 }), ride(1));
      await Promise.all([left.run(), right.run()]);
    }
    await Promise.all([left.run(), right.run()]);
    const reader = projectorOn(ledger, state);
    await reader.reload();
    expect(proven(reader.state())).toEqual(proven(await expected(ledger)));
    expect(measured(reader.state())).toEqual(measured(await expected(ledger)));
  });

  it('writes hardly anything in vain when eight run at once, and loses nothing', async () => {
    const [ledger, inner] = [memory(), memory()];
    const { later, during, farAway } = virtualTime();
    let [puts, refused] = [0, 0];
    // As far away as a store is: others come in between.
    const far = farAway(inner, 4);
    const state: Table = Object.assign(Object.create(inner) as Table, {
      query: far.query,
      remove: far.remove,
      async put(...given: Parameters<Table['put']>) {
        const result = await far.put(...given);
        puts += 1;
        if (!result.stored) refused += 1;
        return result;
      },
    });
    const eight = Array.from({ length: 8 }, () =>
      createProjector({ table: state, tail: tailOf(farAway(ledger, 4)), clock: () => NOW, wait: later }),
    );
    for (let seq = 0; seq < 12; seq += 1) {
      await plant(ledger, 1 + (seq % 3), Math.floor(seq / 3), decision({ latency_us: seq * 100 }), ride(1));
      await during(eight.map((projector) => projector.run()));
    }
    const reader = projectorOn(ledger, inner);
    await reader.reload();
    expect(proven(reader.state())).toEqual(proven(await expected(ledger)));
    expect(measured(reader.state())).toEqual(measured(await expected(ledger)));
    expect(refused / puts).toBeLessThanOrEqual(0.05);
  });

  it('shows what comes while it waits for the turn that another has', async () => {
    const ledger = memory();
    await plant(ledger, 1, 0, decision());
    const base = { pk: PARTITION, sk: BASE, next: 0, m: '' };
    await ledger.put({ ...base, version: 1, turn: true }, 'absent');
    const asked = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const projector = createProjector({
      table: ledger,
      tail: tailOf(ledger),
      clock: () => NOW,
      wait() {
        asked.resolve();
        return over.promise;
      },
    });
    const run = projector.run();
    await asked.promise;
    await plant(ledger, 1, 1, decision());
    await projector.catchUp();
    expect(projector.state().marks.get(1)).toBe(1);
    await ledger.put({ ...base, version: 2 }, { version: 1 });
    over.resolve();
    await run;
    const again = projectorOn(ledger);
    await again.reload();
    expect(proven(again.state())).toEqual(proven(await expected(ledger)));
  });

  it('says so when others have the turn all the time, and takes the turn of one that died', async () => {
    const ledger = memory();
    await plant(ledger, 1, 0, decision());
    const base = { pk: PARTITION, sk: BASE, next: 0, m: '', turn: true };
    await ledger.put({ ...base, version: 1 }, 'absent');
    let version = 1;
    const busy = createProjector({
      table: ledger,
      tail: tailOf(ledger),
      clock: () => NOW,
      wait: async () => {
        await ledger.put({ ...base, version: version + 1 }, { version });
        version += 1;
      },
    });
    await expect(busy.run()).rejects.toMatchObject({ code: 'CONFLICT' });
    const last = projectorOn(ledger);
    await last.run();
    expect(proven(last.state())).toEqual(proven(await expected(ledger)));
  });

  it('keeps marks of ten thousand open lanes in little room, and reads those of an older version', async () => {
    const ledger = memory();
    await ledger.put({ pk: PARTITION, sk: BASE, version: 1, next: 3, m: '[[1,4],[2,35]]' }, 'absent');
    const older = projectorOn(ledger);
    await older.reload();
    expect([...older.state().marks]).toEqual([
      [1, 4],
      [2, 35],
    ]);
    const many = memory();
    for (let lane = 1; lane <= 10_000; lane += 1)
      await plant(many, lane, 0, record('ledger.lane_opened', {}));
    const projector = projectorOn(many);
    await projector.run();
    const items = (await many.query(PARTITION)).items;
    expect(Math.max(...items.map((item) => JSON.stringify(item).length))).toBeLessThan(64_000);
    await projector.run();
    const slim = (await many.query(PARTITION)).items.filter(({ sk }) => sk !== BASE);
    expect(slim.map(({ m }) => m)).toEqual(slim.map(() => ''));
    const again = projectorOn(many);
    await again.reload();
    expect(again.state().marks).toEqual(projector.state().marks);
  }, 60_000);

  it('says how far it is behind while it catches up, and nothing once it has', async () => {
    const ledger = memory();
    for (let seq = 0; seq <= CHUNK; seq += 1) await plant(ledger, 1, seq, decision());
    const behind: number[] = [];
    const projector = createProjector({
      table: ledger,
      tail: tailOf(ledger),
      clock: () => NOW + 30_000,
      wait: async () => undefined,
      breathe: async () => {
        behind.push(projector.lag());
      },
    });
    await projector.run();
    expect([behind[0], projector.lag()]).toEqual([30, 0]);
  });

  it('stores what is long bite by bite: what shows figures has the memory in between, and an end loses nothing', async () => {
    const ledger = memory();
    for (const lane of [1, 2, 3])
      for (let seq = 0; seq < 25; seq += 1) await plant(ledger, lane, seq, decision(), ride(1));
    const state = memory();
    const projector = createProjector({ ...depsOn(ledger, state), clock: () => NOW + 30_000, bite: 10 });
    expect(await projector.catchUp()).toBe(false);
    expect(projector.lag()).toBe(30);
    await projector.run(undefined, () => false);
    const reader = projectorOn(ledger, state);
    await reader.reload();
    const stored = [...reader.state().marks.values()].reduce((sum, seq) => sum + seq + 1, 0);
    // Two lanes: what was folded before, and one bite.
    expect(stored).toBe(50);
    const next = createProjector({ ...depsOn(ledger, state), bite: 10 });
    await next.run();
    expect(next.lag()).toBe(0);
    expect(proven(next.state())).toEqual(proven(await expected(ledger)));
    expect(measured(next.state())).toEqual(measured(await expected(ledger)));
  });

  it('stops a lane at a gap and goes on when the gap is filled', async () => {
    const ledger = memory();
    await plant(ledger, 1, 0, decision());
    await plant(ledger, 1, 2, decision());
    const projector = projectorOn(ledger);
    await projector.run();
    expect(projector.state().marks.get(1)).toBe(0);
    await plant(ledger, 1, 1, decision());
    await projector.run();
    expect(projector.state().marks.get(1)).toBe(2);
    expect(proven(projector.state())).toEqual(proven(await expected(ledger)));
  });

  it('folds nothing behind an item whose bytes are no record any more, and says where it is', async () => {
    const ledger = memory();
    await plant(ledger, 1, 0, decision());
    await ledger.put(
      { pk: 'LANE#00000001', sk: '0000000001', b: new Uint8Array([0xff]), s: new Uint8Array([1]) },
      'absent',
    );
    await plant(ledger, 1, 2, decision());
    const broken: string[] = [];
    const projector = createProjector({
      table: ledger,
      tail: tailOf(ledger),
      clock: () => NOW,
      wait: async () => undefined,
      onBroken: (lane, seq) => broken.push(`${lane}.${seq}`),
    });
    await projector.run();
    expect(broken).toContain('1.1');
    expect(projector.state().marks.get(1)).toBe(0);
  });

  it('forgets a lane that has ended, and never counts it again', async () => {
    const ledger = memory();
    await plant(ledger, 1, 0, record('ledger.lane_opened', {}));
    await plant(ledger, 1, 1, decision());
    await plant(ledger, 1, 2, record('ledger.lane_closed', { reason: 'lease' }));
    await plant(ledger, 2, 0, record('ledger.lane_opened', {}));
    const projector = projectorOn(ledger);
    await projector.run();
    expect([...projector.state().marks.keys()]).toEqual([2]);
    const again = projectorOn(ledger);
    await again.run();
    await again.run();
    expect(proven(again.state())).toEqual(proven(await expected(ledger)));
  });

  it('keeps what a process measured over a crash right after a scrape', async () => {
    const ledger = memory();
    await plant(ledger, 1, 0, decision());
    const projector = projectorOn(ledger);
    await projector.run();
    await projector.absorb({
      counts: [['http_requests_total', ['GET', '/metrics', '200', 'ok'], 3]],
      observed: [],
      set: [],
      traced: [],
    });
    const after = projectorOn(ledger);
    await after.reload();
    expect(
      measured(after.state())['http_requests_total#p0'] ?? Object.values(measured(after.state())).join(),
    ).toContain('/metrics');
  });

  it('folds nothing in vain beside one that leaves its figures, and stores its own in one turn with what it folds', async () => {
    const [ledger, inner] = [memory(), memory()];
    await plant(ledger, 1, 0, decision());
    const own = {
      counts: [['http_requests_total', ['GET', '/metrics', '200', 'ok'], 1]],
      observed: [],
      set: [],
      traced: [],
    } satisfies Ride;
    const state = new FaultyTable(inner);
    const lanesRead: number[] = [];
    const tail = tailOf(ledger);
    const counted: Tail = {
      lanes: (from, most) => tail.lanes(from, most),
      read(lane, from, limit) {
        lanesRead.push(lane);
        return tail.read(lane, from, limit);
      },
    };
    const [folding, leaving] = [projectorOn(ledger, state, counted), projectorOn(ledger, inner, counted)];
    for (let seq = 1; seq < 6; seq += 1) {
      await plant(ledger, 1, seq, decision());
      await leaving.leave(own);
      [state.calls.length, lanesRead.length] = [0, 0];
      await folding.run(undefined, undefined, () => own);
      // It found out once that others store as well.
      if (seq > 2) expect(lanesRead).toEqual([1]);
      // It takes the turn and gives it back.
      const turns = state.calls.filter(({ operation, sk }) => operation === 'put' && sk === BASE);
      expect(turns).toHaveLength(2);
    }
    const reader = projectorOn(ledger, inner);
    await reader.reload();
    expect(proven(reader.state())).toEqual(proven(await expected(ledger)));
    const all = new Accumulators();
    for (let times = 0; times < 10; times += 1) all.ride(own, scrapeAt(new Date(NOW).toISOString()));
    expect(measured(reader.state())).toEqual(measured(all));
  });

  it('folds anew what was deleted, to the same bytes', async () => {
    const ledger = memory();
    for (let seq = 0; seq < 30; seq += 1) await plant(ledger, 1, seq, decision({ latency_us: seq }), ride(2));
    const projector = projectorOn(ledger);
    await projector.run();
    const before = { proven: proven(projector.state()), measured: measured(projector.state()) };
    for (const { sk } of (await ledger.query(PARTITION)).items) await ledger.remove(PARTITION, sk);
    const anew = projectorOn(ledger);
    await anew.run();
    expect({ proven: proven(anew.state()), measured: measured(anew.state()) }).toEqual(before);
  });

  it('costs a reader a fixed number of reads, whatever the number of lanes, and none within the time that it keeps', async () => {
    const readsOver = async (lanes: number): Promise<number> => {
      const ledger = memory();
      const state = new FaultyTable(memory());
      for (let lane = 1; lane <= lanes; lane += 1) await plant(ledger, lane, 0, decision());
      await projectorOn(ledger, state).run();
      state.forget();
      const exposition = createExposition({
        projector: projectorOn(ledger, state),
        clock: () => NOW,
        readings: async () => [],
        mode: { kind: 'stored', max_age_ms: 5_000 },
      });
      expect(await exposition.render('text')).toContain(
        `chancery_ledger_entries_total{event_type="decision.made"} ${lanes}`,
      );
      await exposition.render('text');
      return state.calls.length;
    };
    expect(await readsOver(1)).toBe(1);
    expect(await readsOver(1_000)).toBe(1);
  });
});
