import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PERIOD_SECONDS } from '../../adapters/aws/cloudwatch-metrics.ts';
import type { EnvironmentName } from '../../lib/environments.ts';
import { ALL_FUNCTIONS, WATCH_FUNCTIONS } from '../../lib/functions.ts';
import { metricBill } from '../../lib/metric-bill.ts';
import { publishedIn } from '../../lib/published.ts';
import { readWorkflows } from '../../lib/workflows.ts';
import { ASSUMED, type Counted, costsOfAMillion, type Held, renderCosts } from '../../scripts/costs.ts';
import { openWitness } from '../../src/ledger/tree/witness.ts';
import type { Blobs, Item, Signer, Table } from '../../src/ports.ts';
import { BASE } from '../../src/watch/metrics/project.ts';
import { publishedBill, wantedOf } from '../../src/watch/metrics/published.ts';
import { testLog } from '../ledger/log-support.ts';
import { note } from '../ledger/support.ts';
import { governed, PROJECT, startTestRuntime } from '../runtime/support.ts';
import { resourcesOf, synthesise } from './synth.ts';

const EXECUTIONS = 20;

interface Bill {
  writes: number;
  reads: number;
  /** Of each record. */
  recordBytes: readonly number[];
  recordUnits: number;
  /** Of the projector: what it wrote, and in how many runs (each writes its base once). */
  metricUnits: number;
  metricRuns: number;
}

const NOTHING: Bill = { writes: 0, reads: 0, recordBytes: [], recordUnits: 0, metricUnits: 0, metricRuns: 0 };

/** Counts what DynamoDB would bill: writes in started kilobytes, consistent reads in started four. */
function billing(inner: Table): { table: Table; counted: Bill; since(): void } {
  const counted: Bill = { ...NOTHING };
  const size = (item: Item | undefined) =>
    Object.entries(item ?? {}).reduce(
      (sum, [name, value]) =>
        sum + name.length + (value instanceof Uint8Array ? value.length : JSON.stringify(value).length),
      0,
    );
  const isMetrics = (pk: string) => pk === 'METRICS';
  /** Units of the projector's run under way: from the base that takes the turn to the one that gives it back. */
  let run: number | undefined;
  const projected = (units: number, step: 'taken' | 'given back' | undefined) => {
    if (step === 'taken') run = 0;
    if (run === undefined) return;
    run += units;
    if (step !== 'given back') return;
    counted.metricRuns += 1;
    counted.metricUnits += run;
    run = undefined;
  };
  const write = (pk: string, bytes: number, item: { readonly sk?: string; readonly turn?: unknown } = {}) => {
    const units = Math.max(1, Math.ceil(bytes / 1_024));
    const step = item.turn === true ? 'taken' : 'given back';
    if (isMetrics(pk)) projected(units, item.sk === BASE ? step : undefined);
    // Figures and polls are billed by the clock, not by the execution.
    if (!isMetrics(pk)) counted.writes += units;
    if (!pk.startsWith('LANE#')) return;
    counted.recordBytes = [...counted.recordBytes, bytes];
    counted.recordUnits += units;
  };
  const read = (pk: string, bytes: number) => {
    // The projector and the poll for charter and emergency state are billed by the clock, not by the execution.
    if (!isMetrics(pk)) counted.reads += Math.max(1, Math.ceil(bytes / 4_096));
  };
  const table: Table = {
    async get(pk, sk) {
      const item = await inner.get(pk, sk);
      if (pk.startsWith('PRINCIPAL') || pk.startsWith('EXECUTION') || pk.startsWith('SUBJECT'))
        read(pk, size(item));
      return item;
    },
    put(item, condition) {
      write(item.pk, size(item), item);
      return inner.put(item, condition);
    },
    putRun(items) {
      for (const item of items) write(item.pk, size(item));
      return inner.putRun(items);
    },
    query: (pk, range) => inner.query(pk, range),
    async add(pk, sk, slots) {
      const item = await inner.add(pk, sk, slots);
      write(pk, size(item));
      return item;
    },
    async merge(pk, sk, attributes) {
      const item = await inner.merge(pk, sk, attributes);
      write(pk, size(item));
      return item;
    },
    remove(pk, sk, condition) {
      write(pk, 1);
      return inner.remove(pk, sk, condition);
    },
  };
  return {
    table,
    counted,
    since() {
      Object.assign(counted, NOTHING);
      run = undefined;
    },
  };
}

/** A decision and its outcome, as they usually are: figures of the process ride on some, the more the slower the machine. */
function bytesOfAPair(records: readonly number[]): number {
  const sizes = records.toSorted((a, b) => a - b);
  const at = (share: number) => sizes[Math.floor(share * sizes.length)] ?? 0;
  return at(0.25) + at(0.75);
}

/** One run of the sealer over the records of its window, as its parts are asked. */
async function sealing(): Promise<Counted['seal']> {
  const RUNS = 20;
  const log = testLog();
  const said = { requests: 0, signatures: 0, calls: 0, writeUnits: 0 };
  const counting = (blobs: Blobs): Blobs => ({
    ...blobs,
    put(...given) {
      said.requests += 1;
      return blobs.put(...given);
    },
    list(prefix) {
      said.requests += 1;
      return blobs.list(prefix);
    },
  });
  const signing = (signer: Signer): Signer => ({
    ...signer,
    sign(message) {
      said.signatures += 1;
      return signer.sign(message);
    },
  });
  /** As what is a function of its own on AWS is called. */
  const called =
    <Given extends unknown[], Answer>(work: (...given: Given) => Answer) =>
    (...given: Given): Answer => {
      said.calls += 1;
      return work(...given);
    };
  const { table, counted, since } = billing(log.table);
  const { table: witnessTable, counted: witnessed, since: witnessedSince } = billing(log.witnessTable);
  const signer = signing(log.checkpointKey);
  const witness = openWitness({
    table: witnessTable,
    signer: signing(log.witnessKey),
    name: `${log.trustAll.origin}/witness`,
    origin: log.trustAll.origin,
    logKeys: log.trustAll.log_keys,
    clock: () => log.time.now,
  });
  const sealer = log.sealer({
    table,
    log: counting(log.log),
    worm: counting(log.worm),
    signers: [{ ...signer, sign: called(signer.sign) }],
    witnesses: [{ ...witness, add: called(witness.add) }],
  });
  const lane = await log.lane();
  for (let run = 0; run <= RUNS; run++) {
    // The first has everything to begin.
    if (run === 1) {
      Object.assign(said, { requests: 0, signatures: 0, calls: 0 });
      since();
      witnessedSince();
    }
    for (let n = 0; n < 2 * ASSUMED.rate * ASSUMED.seal.everySeconds; n++)
      await lane.append(note(`${run}.${n}`));
    await sealer.seal();
  }
  said.writeUnits = counted.writes + witnessed.writes;
  const each = (value: number) => Math.ceil(value / RUNS);
  return {
    requests: each(said.requests),
    signatures: each(said.signatures),
    calls: each(said.calls),
    writeUnits: each(said.writeUnits),
  };
}

/** What its templates hold that is paid for by the month. */
function heldBy(name: EnvironmentName): Held {
  const { ledger, gate, watch } = synthesise(name);
  const all = [ledger, gate, watch];
  const of = (type: string) =>
    all.flatMap((template) => resourcesOf(template, type)).map(([, each]) => each.Properties);
  const watched = ({ Metrics }: Record<string, unknown>) =>
    Array.isArray(Metrics) ? Metrics.filter((each) => 'MetricStat' in each).length : 1;
  return {
    keys: of('AWS::KMS::Key').length,
    alarmMetrics: of('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + watched(alarm), 0),
    compositeAlarms: of('AWS::CloudWatch::CompositeAlarm').length,
    dashboards: of('AWS::CloudWatch::Dashboard').length,
    secrets: of('AWS::SecretsManager::Secret').length,
    insightRules: of('AWS::CloudWatch::InsightRule').length,
    insights: of('AWS::Lambda::Function').some(({ Layers }) => Layers !== undefined),
  };
}

it('costs what the page says, by the operations of an execution', async () => {
  const held = { dev: heldBy('dev'), prod: heldBy('prod') };
  let bill: ReturnType<typeof billing> | undefined;
  const chancery = await startTestRuntime(
    { workflowsFolder: join(PROJECT, 'test/fixtures/workflows') },
    {
      table: (inner) => {
        bill = billing(inner);
        return bill.table;
      },
    },
  );
  try {
    const { engine } = chancery.runtime.office;
    const { run } = engine;
    let engineCalls = 0;
    engine.run = (execution) => {
      engineCalls += 1;
      return run.call(engine, execution);
    };
    const hello = governed({ workflow_name: 'hello' });
    // The first makes the subject's key and has its labels admitted: paid once, not per execution.
    expect((await chancery.execute(hello)).status).toBe(200);
    engineCalls = 0;
    bill?.since();
    for (let n = 0; n < EXECUTIONS; n++) expect((await chancery.execute(hello)).status).toBe(200);
    const counted: Counted = {
      // Rounded: figures of the process ride on a record every five seconds, and may make it a kilobyte longer.
      writeUnits: Math.round((bill?.counted.writes ?? 0) / EXECUTIONS),
      readUnits: Math.ceil((bill?.counted.reads ?? 0) / EXECUTIONS),
      // To the hundred, so that a longer id does not change the page.
      recordBytes: Math.ceil(bytesOfAPair(bill?.counted.recordBytes ?? []) / 100) * 100,
      recordUnits: Math.round((bill?.counted.recordUnits ?? 0) / EXECUTIONS),
      engineCalls: engineCalls / EXECUTIONS,
      idempotencyUnits: 0,
      seal: await sealing(),
    };
    bill?.since();
    for (let n = 0; n < EXECUTIONS; n++) {
      const headers = { 'idempotency-key': `costs-${n}` };
      expect((await chancery.execute(hello, {}, headers)).status).toBe(200);
    }
    const withKey = Math.round((bill?.counted.writes ?? 0) / EXECUTIONS);
    Object.assign(counted, { idempotencyUnits: withKey - counted.writeUnits });
    expect(counted.engineCalls).toBe(1);
    expect(counted.idempotencyUnits).toBeGreaterThanOrEqual(2);
    // Three writes (standing, decision, outcome); records are longer than a kilobyte each.
    expect(counted.writeUnits).toBeGreaterThanOrEqual(3);
    expect(counted.writeUnits).toBeLessThanOrEqual(10);
    const total = costsOfAMillion(counted).reduce((sum, { dollars }) => sum + dollars, 0);
    expect(total).toBeGreaterThan(1);
    // What is assumed of the projector is not less than what it does here.
    await expect.poll(() => bill?.counted.metricRuns ?? 0, { timeout: 20_000 }).toBeGreaterThan(0);
    const { metricUnits = 0, metricRuns = 1 } = bill?.counted ?? {};
    expect(metricUnits / metricRuns).toBeGreaterThan(5);
    expect(metricUnits / metricRuns).toBeLessThan(ASSUMED.project.writeUnits);
    const functions = [...ALL_FUNCTIONS, ...WATCH_FUNCTIONS].length;
    const { dollars_a_month } = metricBill(readWorkflows().length);
    const metrics = wantedOf(publishedIn('prod')).length;
    const published = { metrics, dollars: publishedBill(metrics, PERIOD_SECONDS) };
    await expect(
      renderCosts(counted, { functions, metricDollars: dollars_a_month, published }, held),
    ).toMatchFileSnapshot(join(PROJECT, 'docs/costs.md'));
  } finally {
    await chancery.stop();
  }
}, 120_000);
