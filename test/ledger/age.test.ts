/**
 * What the ledger's age costs: the same work over ten closed lanes and over 1,500, counted in store operations.
 * Nothing here takes time into account; `bench/age.ts` does.
 */
import { encodeTime } from 'ulid';
import { beforeAll, describe, expect, it } from 'vitest';
import { findStale } from '../../src/execution/settling.ts';
import { recordedDecisions } from '../../src/govern/replay.ts';
import { sealedPrunings } from '../../src/ledger/check/sentinel.ts';
import { checkStart } from '../../src/ledger/check/start-check.ts';
import { executePruning, planPruning, RETENTION_DAYS } from '../../src/ledger/keep/prune.ts';
import { recordsOfExecution } from '../../src/ledger/places/execution-records.ts';
import { allEntries, readEntries } from '../../src/ledger/reader.ts';
import { lanesOf } from '../../src/watch/alerting.ts';
import { createProjector } from '../../src/watch/metrics/project.ts';
import { tailOf } from '../../src/watch/metrics/tail.ts';
import { createExporter } from '../../src/watch/siem/export.ts';
import { openWorld } from '../settling-world.ts';
import { type CountingTable, countingTable } from '../support/counting-table.ts';
import { person, pseudonym } from '../support/person.ts';
import { recordsSince } from '../support/records-since.ts';
import { type TestLog, testLog } from './log-support.ts';
import { note } from './support.ts';

const RECORDS_A_LANE = 6;
/** Fifty lanes a day. */
const BETWEEN_MS = (24 * 3_600_000) / 50;
const quiet = { meter: { count() {}, observe() {}, set() {} }, log: { write() {} } };

interface Aged {
  readonly log: TestLog;
  readonly table: CountingTable;
  readonly oldest: string;
  readonly newest: string;
  /** Operations of each path. */
  readonly cost: Readonly<Record<string, number>>;
}

let ids = 0;
function executionId(now: number): string {
  ids += 1;
  return `exe_${encodeTime(now, 10)}${String(ids).padStart(16, '0')}`;
}

const subjectOf = (at: number): string => pseudonym(person(`worker-${at}`));

async function all(records: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of records);
}

/** Takes every closed lane out of the store that ended before a time, as an operator does. */
async function pruneBefore(log: TestLog, time: string): Promise<void> {
  const { table } = log;
  const clock = () => Date.parse(time) + RETENTION_DAYS * 24 * 3_600_000;
  const plan = await planPruning({ table, ledger: await log.lane(), clock });
  if (plan === undefined) throw new Error('nothing is old enough');
  await log.sealer().seal();
  await executePruning({ table, view: { log: log.log, table, trust: log.trustAll } }, plan);
}

async function age(lanes: number): Promise<Aged> {
  const log = testLog({ seed: `age ${lanes}` });
  const table = countingTable(log.table);
  const sealer = log.sealer({ table });
  const projector = createProjector({
    table,
    tail: tailOf(table),
    clock: log.deps.clock,
    wait: log.deps.wait,
  });
  const siem = createExporter({
    ...quiet,
    table,
    lanes: lanesOf(table),
    clock: log.deps.clock,
    sink: { name: 'test', take: async () => undefined },
  });
  const executions: string[] = [];
  for (let at = 0; at < lanes; at += 1) {
    const lane = await log.lane();
    const execution_id = executionId(log.time.now);
    executions.push(execution_id);
    for (let index = 0; index < RECORDS_A_LANE; index += 1) {
      await lane.append(
        note('', {
          who: person(`worker-${at}`),
          type: index % 2 === 0 ? 'decision.made' : 'workflow.succeeded',
          data: { execution_id, index },
        }),
      );
      log.time.now += 1_000;
    }
    await lane.close();
    log.time.now += BETWEEN_MS;
    if (at % 25 === 0 || at === lanes - 1) {
      await sealer.seal();
      await projector.run();
      await siem.run();
    }
  }
  await sealer.seal();
  const cost: Record<string, number> = {};
  const count = async (path: string, work: () => Promise<unknown>): Promise<void> => {
    table.total();
    await work();
    cost[path] = table.total();
  };
  const [oldest = '', newest = ''] = [executions[0], executions.at(-1)];
  const hour = new Date(log.time.now - BETWEEN_MS * 2).toISOString();
  await count('the newest page', () => readEntries(table, {}, { limit: 50 }));
  await count('a page of long ago', () => readEntries(table, { to: '2026-11-21T09:00:00Z' }, { limit: 5 }));
  await count('everything since an hour ago', () => all(allEntries(table, { from: hour })));
  await count('an execution that just ended', () => recordsOfExecution(table, newest));
  await count('an execution of long ago', () => recordsOfExecution(table, oldest));
  const { deps } = await openWorld();
  const sweeping = {
    ...deps,
    clock: log.deps.clock,
    table,
    recordsSince: recordsSince(table),
    recordsOfExecution: (id: string) => recordsOfExecution(table, id),
  };
  await count('the first sweep, with all of it behind', () => findStale({ ...sweeping, slice: 20 }));
  expect(await findStale({ ...sweeping, slice: 100_000 })).toEqual({ stale: 0, open: 0 });
  await count('the sweep', () => findStale(sweeping));
  await count("a person's records of long ago", () => all(allEntries(table, { subject: subjectOf(0) })));
  await count("a person's newest records", () =>
    readEntries(table, { subject: subjectOf(lanes - 1) }, { limit: 5 }),
  );
  await count('the decisions of an hour, for a replay', () =>
    all(recordedDecisions(table, Date.parse(hour))),
  );
  await count('an idle pass of the export', () => siem.run());
  await count('an idle run of the projector', () => projector.run());
  await count('an idle round of the sealer', () => sealer.seal());
  await count('the check at start', () =>
    checkStart({ ...log, table, trust: log.trustAll, sealer: async () => undefined }),
  );
  const lane = await log.lane({ table });
  await count('an append', () => lane.append(note('one more')));
  await count('the newest page, with an open lane', () => readEntries(table, {}, { limit: 50 }));
  await count('a round of the sealer', () => sealer.seal());
  await count('a run of the projector', () => projector.run());
  await count('a pass of the export', () => siem.run());
  await count('opening a lane', () => log.lane({ table }));
  await count('a start of the sealer', () => log.sealer({ table }).seal());
  const view = { log: log.log, table, trust: log.trustAll };
  await count('whether a pruning covers a record that is gone, where none does', () =>
    sealedPrunings(view)(1, 0),
  );
  await count('a plan of pruning, with all that was too old gone', async () => {
    await pruneBefore(log, hour);
    table.total();
    await planPruning({
      table,
      ledger: lane,
      clock: () => Date.parse(hour) + RETENTION_DAYS * 24 * 3_600_000,
    });
  });
  await count('whether a pruning covers a record that is gone, where one does', () =>
    sealedPrunings(view)(1, 0),
  );
  await count('the oldest page, with all that was too old gone', () =>
    readEntries(table, {}, { limit: 5, order: 'oldest' }),
  );
  return { log, table, oldest, newest, cost };
}

describe('the cost of age', () => {
  let [young, old]: Aged[] = [];
  beforeAll(async () => {
    [young, old] = [await age(10), await age(1_500)];
  }, 120_000);

  it('is nothing: each path takes as many store operations at 1,500 closed lanes as at ten, within a fifth', () => {
    const grown = Object.entries(young?.cost ?? {}).filter(
      ([path, before]) => Math.abs((old?.cost[path] ?? Number.NaN) - before) > before * 0.2,
    );
    expect(
      grown.map(([path, before]) => `${path}: ${before} at ten lanes, ${old?.cost[path]} at 1,500`),
    ).toEqual([]);
    expect(Object.keys(young?.cost ?? {}).length).toBeGreaterThan(15);
  });
});
