/** Invariant 1: no record, no run; whatever the store does. */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LocalSettings } from '../../local/settings.ts';
import { type Fault, FaultyTable } from '../support/faulty-table.ts';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

const isLane = ({ pk }: { pk: string }): boolean => pk.startsWith('LANE#');

async function start(
  settings: Partial<LocalSettings> = {},
): Promise<{ chancery: TestRuntime; store: FaultyTable }> {
  const tables: FaultyTable[] = [];
  const chancery = await startTestRuntime(settings, {
    table: (inner) => {
      const table = new FaultyTable(inner);
      tables.push(table);
      return table;
    },
  });
  const [store] = tables;
  if (!store) throw new Error('the runtime opened no table');
  return { chancery, store };
}

/** Decisions that started a run, and outcomes, as the ledger has them. */
async function recorded(chancery: TestRuntime) {
  const token = await chancery.token({ sub: 'ada', roles: ['auditor'] });
  const types = async (type: string) =>
    (await chancery.call('GET', `/ledger/entries?type=${type}&limit=200`, { token })).body.entries as {
      record: { data: { execution_id?: string } };
    }[];
  return {
    decisions: await types('decision.made'),
    outcomes: [...(await types('workflow.succeeded')), ...(await types('workflow.failed'))],
  };
}

describe('a ledger that cannot be written', () => {
  let chancery: TestRuntime | undefined;
  afterEach(() => chancery?.stop());

  /** Append 0 is the decision, append 1 the outcome; every try of it fails until the writer gives up. */
  const cases: { append: number; fault: Fault; ran: number }[] = [
    { append: 0, fault: 'before', ran: 0 },
    { append: 0, fault: 'after', ran: 0 },
    { append: 1, fault: 'before', ran: 1 },
    { append: 1, fault: 'after', ran: 1 },
  ];
  it.each(cases)(
    'answers 503 when append $append fails $fault persisting, and nothing runs without its decision',
    async ({ append, fault, ran }) => {
      const world = await start();
      chancery = world.chancery;
      const documents: string[] = [];
      world.store.fail('putRun', fault, { skip: append, times: Number.POSITIVE_INFINITY, matches: isLane });
      const answer = await chancery.execute(governed());
      expect(answer.status).toBe(503);
      expect(answer.body.code).toBe('LEDGER_UNAVAILABLE');
      for await (const name of chancery.runtime.documents.list('reports/')) documents.push(name);
      expect(documents).toHaveLength(ran);

      world.store.heal();
      expect((await chancery.execute(governed())).status).toBe(200);
      const { decisions } = await recorded(chancery);
      // The record that was refused to its caller may stand in the ledger; the lane has no gap and no fork either way.
      expect(decisions.length).toBeGreaterThanOrEqual(1);
      expect(await chancery.faults()).toEqual([]);
    },
  );

  it('hides a single failure of either kind from the caller: the identical write is sent again', async () => {
    const world = await start();
    chancery = world.chancery;
    for (const fault of ['before', 'after', 'partway'] as const) {
      for (const skip of [0, 1]) {
        world.store.fail('putRun', fault, { skip, matches: isLane });
        expect((await chancery.execute(governed())).status).toBe(200);
        expect(world.store.unmet).toBe(0);
      }
    }
    const { decisions, outcomes } = await recorded(chancery);
    expect([decisions.length, outcomes.length]).toEqual([6, 6]);
    expect(await chancery.faults()).toEqual([]);
  });

  it('runs nothing while the standing of the caller cannot be counted', async () => {
    const world = await start();
    chancery = world.chancery;
    world.store.fail('add', 'before', { times: Number.POSITIVE_INFINITY });
    const answer = await chancery.execute(governed());
    expect(answer.status).toBe(503);
    expect((await recorded(chancery)).decisions).toHaveLength(0);
  });
});

describe('the cost of a governed execution', () => {
  it('is three store round trips and one engine call: standing, decision, run, outcome', async () => {
    const { chancery, store } = await start({ workflowsFolder: join(PROJECT, 'test/fixtures/workflows') });
    try {
      const hello = governed({ workflow_name: 'hello' });
      await chancery.execute(hello);
      const runs: string[] = [];
      const { engine } = chancery.runtime.office;
      const { run } = engine;
      engine.run = (execution) => {
        runs.push(execution.workflow);
        return run.call(engine, execution);
      };
      store.forget();
      expect((await chancery.execute(hello)).status).toBe(200);
      // The projector reads and writes beside the request, whether there is one or not.
      const own = store.calls.filter(({ pk, operation }) => pk !== 'METRICS' && operation !== 'query');
      expect(own.map(({ operation, pk }) => `${operation} ${pk.split('#')[0]}`)).toEqual([
        'add PRINCIPAL',
        'putRun LANE',
        'putRun LANE',
      ]);
      expect(runs).toEqual(['hello']);
    } finally {
      await chancery.stop();
    }
  });
});
