import { beforeEach, describe, expect, it } from 'vitest';
import { readExecution } from '../src/execution/executions.ts';
import { countOpen } from '../src/execution/open-runs.ts';
import { findStale, hearEnd, type SettlingDeps } from '../src/execution/settling.ts';
import { openWorld, succeeded } from './settling-world.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
beforeEach(async () => {
  world = await openWorld();
});
const types = async () => (await world.ends()).map(({ type }) => type);
const later = (seconds: number) => {
  world.time.now += seconds * 1000;
};

describe('the end of a long run', () => {
  it('is settled, recorded behind its decision, and its output kept', async () => {
    const { id, receipt } = await world.start('deploy-to-production');
    expect(await hearEnd(world.deps, id, succeeded)).toMatchObject({
      data: { outcome: 'success', settlement: { result: 'met' } },
    });
    expect(await world.ends()).toMatchObject([
      {
        type: 'workflow.succeeded',
        after: receipt.record_hash,
        labels: { workflow: 'deploy-to-production' },
      },
    ]);
    const [end] = await world.ends();
    const kept = await world.deps.documents.get(String(end?.data.output_ref));
    expect(JSON.parse(new TextDecoder().decode(kept))).toEqual({ health: 'ok' });
  });

  it('heard again does nothing; of a run that was never started neither', async () => {
    const { id } = await world.start('deploy-to-production');
    await hearEnd(world.deps, id, succeeded);
    expect(await hearEnd(world.deps, id, succeeded)).toBeUndefined();
    expect(await hearEnd(world.deps, 'exe_none', succeeded)).toBeUndefined();
    expect(await types()).toEqual(['workflow.succeeded']);
  });

  it('heard twice at once is recorded once; the other is told to come again', async () => {
    const { id } = await world.start('deploy-to-production');
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => hearEnd(world.deps, id, succeeded)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await types()).toEqual(['workflow.succeeded']);
  });

  const places = ['before', 'after'].flatMap(
    (fault) =>
      [
        ['ledger', fault, 0],
        ['put', fault, 0],
        ['put', fault, 1],
      ] as const,
  );
  it.each(places)('is recorded once when the %s fails %s it stored (%i)', async (what, fault, skip) => {
    const { id } = await world.start('deploy-to-production');
    if (what === 'ledger') world.ledger.fault = { when: fault === 'before' ? 'before' : 'after', skip };
    else world.table.fail('put', fault === 'before' ? 'before' : 'after', { skip });
    for (let delivery = 0; delivery < 3; delivery += 1) {
      await hearEnd(world.deps, id, succeeded).catch(() => undefined);
      later(61);
    }
    expect(await types()).toEqual(['workflow.succeeded']);
  });
});

describe('what runs', () => {
  it('is counted by any process, until its end or its staleness is recorded', async () => {
    const { id } = await world.start('deploy-to-production');
    await world.start('compliance-report');
    expect(await countOpen(world.deps)).toBe(2);
    await hearEnd(world.deps, id, succeeded);
    expect(await countOpen(world.deps)).toBe(1);
    later(3_600);
    await findStale(world.deps);
    expect(await countOpen(world.deps)).toBe(0);
  });
});

describe('the sweep', () => {
  it('finds a run without an outcome after its timeout, once', async () => {
    const { id, receipt } = await world.start('compliance-report');
    later(49);
    expect(await findStale(world.deps)).toEqual({ stale: 0, open: 1 });
    later(1);
    expect(await findStale(world.deps)).toEqual({ stale: 1, open: 0 });
    expect(await findStale(world.deps)).toEqual({ stale: 0, open: 0 });
    expect(await world.ends()).toMatchObject([
      {
        type: 'workflow.stale',
        after: receipt.record_hash,
        labels: { workflow: 'compliance-report', drag_mode: 'execute' },
        data: {
          execution_id: id,
          outcome: 'stale',
          duration_us: 50_000_000,
          settlement: { result: 'unknown' },
        },
      },
    ]);
  });

  it('gives a long run its own timeout, and lets it end after all', async () => {
    const { id } = await world.start('deploy-to-production');
    later(929);
    expect(await findStale(world.deps)).toEqual({ stale: 0, open: 1 });
    later(1);
    expect(await findStale(world.deps)).toEqual({ stale: 1, open: 0 });
    expect(await hearEnd(world.deps, id, succeeded)).toMatchObject({ data: { was_stale: true } });
    expect(await types()).toEqual(['workflow.stale', 'workflow.succeeded']);
  });

  it('passes over runs that ended, and those that end at this moment', async () => {
    const { id } = await world.start('deploy-to-production');
    const other = await world.start('deploy-to-production');
    await hearEnd(world.deps, id, succeeded);
    later(2000);
    world.ledger.fault = { when: 'before', skip: 0 };
    await hearEnd(world.deps, other.id, succeeded).catch(() => undefined);
    expect(await findStale(world.deps)).toEqual({ stale: 0, open: 1 });
    expect(await types()).toEqual(['workflow.succeeded']);
  });

  it('knows runs of an earlier process to be dead at once', async () => {
    await world.start('deploy-to-production');
    later(1);
    const restarted = world.time.now;
    await world.start('compliance-report');
    expect(await findStale(world.deps, restarted)).toEqual({ stale: 1, open: 1 });
  });

  it('says it once when two sweep at the same time', async () => {
    for (let run = 0; run < 5; run += 1) await world.start('compliance-report');
    later(60);
    const swept = await Promise.all([findStale(world.deps), findStale(world.deps), findStale(world.deps)]);
    expect(swept.reduce((sum, { stale }) => sum + stale, 0)).toBe(5);
    expect(await types()).toEqual(Array(5).fill('workflow.stale'));
  });

  it.each([
    ['ledger', 'before', 0],
    ['ledger', 'after', 0],
    ['put', 'before', 0],
    ['put', 'after', 0],
    ['put', 'before', 1],
    ['put', 'after', 1],
  ] as const)('says it once when the %s fails %s it stored (%i)', async (what, when, skip) => {
    await world.start('compliance-report');
    later(60);
    if (what === 'ledger') world.ledger.fault = { when, skip };
    else world.table.fail('put', when, { skip });
    for (let sweep = 0; sweep < 3; sweep += 1) {
      await findStale(world.deps).catch(() => undefined);
      later(61);
    }
    expect(await types()).toEqual(['workflow.stale']);
    expect(world.table.unmet).toBe(0);
  });

  it('reads on from where it left off', async () => {
    await world.start('compliance-report');
    later(600);
    await findStale(world.deps);
    later(600);
    const from: number[] = [];
    const watched: SettlingDeps = {
      ...world.deps,
      recordsSince: (ms) => {
        from.push(ms);
        return world.deps.recordsSince(ms);
      },
    };
    await findStale(watched);
    expect(from).toEqual([world.time.now - 600_000 - 10_000]);
  });
});

describe('a sweep with much behind it', () => {
  /** The same, seeing the time of each record that is read, and with slices of so many. */
  const watched = (slice: number) => {
    const read: string[] = [];
    const deps: SettlingDeps = {
      ...world.deps,
      slice,
      async *recordsSince(ms) {
        for await (const entry of world.deps.recordsSince(ms)) {
          read.push(entry.record.time);
          yield entry;
        }
      },
    };
    return { deps, read };
  };
  /** Runs of one minute after the other, that ended. */
  const past = async (runs: number): Promise<void> => {
    for (let run = 0; run < runs; run += 1) {
      const { id } = await world.start('deploy-to-production');
      later(1);
      await hearEnd(world.deps, id, succeeded);
      later(60);
    }
  };
  /** Sweeps until nothing is behind; how many sweeps that took. */
  const toTheEnd = async (deps: SettlingDeps): Promise<number> => {
    for (let sweeps = 1; sweeps < 100; sweeps += 1) {
      const swept = await findStale(deps).catch(() => undefined);
      if (swept !== undefined && swept.behind === undefined) return sweeps;
      later(61);
    }
    throw new Error('it does not end');
  };

  it.each([10, 40])('reads no more before it knows what runs after %i runs than after few', async (runs) => {
    await past(runs);
    later(3_600);
    const { id } = await world.start('compliance-report');
    later(60);
    const { deps, read } = watched(8);
    expect(await findStale(deps)).toEqual({ stale: 1, open: 0, behind: true });
    // The one that could still run, a slice of what is older, and the record after it that ends the slice.
    expect(read).toHaveLength(1 + 8 + 1);
    expect((await world.ends()).at(-1)).toMatchObject({ type: 'workflow.stale', data: { execution_id: id } });
  });

  it('finds what was cut off long ago, slice by slice, and goes on from its cursor', async () => {
    const first = await world.start('compliance-report');
    await past(10);
    const second = await world.start('deploy-to-production');
    await past(10);
    later(3_600);
    const { deps, read } = watched(6);
    const sweeps = await toTheEnd(deps);
    expect(sweeps).toBeGreaterThan(4);
    expect((await world.ends()).filter(({ type }) => type === 'workflow.stale')).toMatchObject([
      { data: { execution_id: first.id } },
      { data: { execution_id: second.id } },
    ]);
    // Each record is read once, and the one that ended a slice once more.
    expect(read.length).toBeLessThan(42 + 2 * sweeps + 3);
    expect(await findStale(deps)).toEqual({ stale: 0, open: 0 });
  });

  it('takes a run that ended in a later slice for what it is', async () => {
    const { id } = await world.start('deploy-to-production');
    later(120);
    await past(3);
    await hearEnd(world.deps, id, succeeded);
    later(3_600);
    expect(await toTheEnd(watched(2).deps)).toBeGreaterThan(2);
    expect(await types()).not.toContain('workflow.stale');
  });

  it('neither counts nor shows as running what it has not come to yet', async () => {
    const short = await world.start('compliance-report');
    const long = await world.start('deploy-to-production');
    expect(await countOpen(world.deps)).toBe(2);
    for (const { id } of [short, long])
      expect(await readExecution(world.executions, id)).toMatchObject({ status: 'running' });
    later(3_600);
    expect(await countOpen(world.deps)).toBe(0);
    for (const { id } of [short, long])
      expect(await readExecution(world.executions, id)).toMatchObject({ status: 'stale' });
  });

  it('goes over what came while nobody swept as well, however old the mark is', async () => {
    await findStale(world.deps);
    later(7 * 24 * 3_600);
    await past(4);
    const { id } = await world.start('compliance-report');
    await past(4);
    later(24 * 3_600);
    await toTheEnd(watched(3).deps);
    expect((await world.ends()).filter(({ type }) => type === 'workflow.stale')).toMatchObject([
      { data: { execution_id: id } },
    ]);
  });

  const places = (['ledger', 'put'] as const).flatMap((what) =>
    (['before', 'after'] as const).flatMap((when) =>
      [0, 1, 2, 3, 4].map((skip) => [what, when, skip] as const),
    ),
  );
  it.each(places)(
    'loses nothing and says nothing twice when the %s fails %s it stored (%i)',
    async (what, when, skip) => {
      const cut: string[] = [];
      for (let at = 0; at < 5; at += 1) {
        cut.push((await world.start('compliance-report')).id);
        await past(2);
      }
      later(3_600);
      if (what === 'ledger') world.ledger.fault = { when, skip };
      else world.table.fail('put', when, { skip });
      await toTheEnd(watched(4).deps);
      const stale = (await world.ends()).filter(({ type }) => type === 'workflow.stale');
      expect(stale.map(({ data }) => String(data.execution_id)).sort()).toEqual([...cut].sort());
      expect(world.table.unmet).toBe(0);
    },
  );
});

describe('a person who was erased while their run went on', () => {
  it('reads nothing again of a run that is still open, and finds it all the same', async () => {
    await world.start('deploy-to-production');
    const read: number[] = [];
    const recordsSince = (ms: number) => {
      read.push(ms);
      return world.deps.recordsSince(ms);
    };
    await findStale(world.deps);
    later(60);
    expect(await findStale({ ...world.deps, recordsSince })).toEqual({ stale: 0, open: 1 });
    expect(read[0]).toBe(world.time.now - 70_000);
    later(24 * 3_600);
    expect(await findStale({ ...world.deps, recordsSince })).toEqual({ stale: 1, open: 0 });
    expect(Math.min(...read.slice(1))).toBe(world.time.now - 24 * 3_600_000 - 10_000);
  });

  it.each(['', 'exe_none 1 2', 7])(
    'looks at everything again where what was left open reads %j',
    async (open) => {
      await world.start('deploy-to-production');
      await findStale(world.deps);
      later(24 * 3_600);
      const mark = await world.table.get('SWEEP', 'runs');
      await world.table.put(
        { pk: 'SWEEP', sk: 'runs', from: world.time.now, open, version: 2 },
        { version: Number(mark?.version) },
      );
      // An empty list is what a sweep writes that left nothing: it is believed.
      expect((await findStale(world.deps)).stale).toBe(open === '' ? 0 : 1);
    },
  );

  it('leaves a run whose end says no more than the sweep does', async () => {
    const { id } = await world.start('deploy-to-production');
    await world.erase();
    expect(await hearEnd(world.deps, id, succeeded)).toBeUndefined();
    later(2000);
    await findStale(world.deps);
    expect(await types()).toEqual(['workflow.stale']);
  });
});
