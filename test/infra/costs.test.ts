import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Counted, costsOfAMillion, renderCosts } from '../../scripts/costs.ts';
import type { Item, Table } from '../../src/ports.ts';
import { governed, PROJECT, startTestRuntime } from '../runtime/support.ts';

const EXECUTIONS = 20;

interface Bill {
  writes: number;
  reads: number;
  recordBytes: number;
}

/** Counts what DynamoDB would bill: writes in started kilobytes, consistent reads in started four. */
function billing(inner: Table): { table: Table; counted: Bill; since(): void } {
  const counted: Bill = { writes: 0, reads: 0, recordBytes: 0 };
  const size = (item: Item | undefined) =>
    Object.entries(item ?? {}).reduce(
      (sum, [name, value]) =>
        sum + name.length + (value instanceof Uint8Array ? value.length : JSON.stringify(value).length),
      0,
    );
  const isMetrics = (pk: string) => pk === 'METRICS';
  const write = (pk: string, bytes: number) => {
    const units = Math.max(1, Math.ceil(bytes / 1_024));
    // Figures and polls are billed by the clock, not by the execution.
    if (!isMetrics(pk)) counted.writes += units;
    if (pk.startsWith('LANE#')) counted.recordBytes += bytes;
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
      write(item.pk, size(item));
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
    remove(pk, sk) {
      write(pk, 1);
      return inner.remove(pk, sk);
    },
  };
  return {
    table,
    counted,
    since() {
      Object.assign(counted, { writes: 0, reads: 0, recordBytes: 0 });
    },
  };
}

it('costs what the page says, by the operations of an execution', async () => {
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
      writeUnits: Math.ceil((bill?.counted.writes ?? 0) / EXECUTIONS),
      readUnits: Math.ceil((bill?.counted.reads ?? 0) / EXECUTIONS),
      // To the hundred, so that a longer id does not change the page.
      recordBytes: Math.ceil((bill?.counted.recordBytes ?? 0) / EXECUTIONS / 100) * 100,
      engineCalls: engineCalls / EXECUTIONS,
    };
    expect(counted.engineCalls).toBe(1);
    // Three writes (standing, decision, outcome); records are longer than a kilobyte each.
    expect(counted.writeUnits).toBeGreaterThanOrEqual(3);
    expect(counted.writeUnits).toBeLessThanOrEqual(10);
    const total = costsOfAMillion(counted).reduce((sum, { dollars }) => sum + dollars, 0);
    expect(total).toBeGreaterThan(1);
    await expect(renderCosts(counted)).toMatchFileSnapshot(join(PROJECT, 'docs/costs.md'));
  } finally {
    await chancery.stop();
  }
});
