import { describe, expect, it } from 'vitest';
import type { Table } from '../../src/ports.ts';
import { PARTITION } from '../../src/watch/metrics/project.ts';
import { type Tail, tailOf } from '../../src/watch/metrics/tail.ts';
import { createDriftCheck, type MetricsVerdict, verifyMetrics } from '../../src/watch/metrics/verify.ts';
import { decision, memory, plant, projectorOn, record } from './support.ts';

async function projected(): Promise<Table> {
  const table = memory();
  for (let seq = 0; seq < 20; seq += 1) await plant(table, 1, seq, decision({ latency_us: seq * 1_000 }));
  await plant(table, 2, 0, record('ledger.lane_opened', {}));
  await plant(table, 2, 1, record('ledger.lane_closed', {}));
  await projectorOn(table).run();
  return table;
}

async function change(table: Table, cell: string, edit: (text: string) => string): Promise<void> {
  const item = (await table.query(PARTITION)).items.find(({ sk }) => sk.startsWith(cell));
  if (item === undefined || typeof item.d !== 'string' || typeof item.version !== 'number')
    throw new Error(cell);
  const changed = edit(item.d);
  expect(changed).not.toBe(item.d);
  await table.put({ ...item, d: changed, version: item.version + 1 }, { version: item.version });
}

const check = (table: Table) => verifyMetrics({ table, tail: tailOf(table) });

describe('metrics verify', () => {
  it('finds every counter and bucket equal to a replay, with records not yet projected counted too', async () => {
    const table = await projected();
    await plant(table, 1, 20, decision());
    expect(await check(table)).toMatchObject({ equal: true, drift: 0, records: 23, differences: [] });
  });

  it('comes to the same verdict in bites, and then reads only what is new', async () => {
    const table = await projected();
    const reads: string[] = [];
    const tail = tailOf(table);
    const watched: Tail = {
      ...tail,
      read(lane, from, limit) {
        reads.push(`${lane}.${from}`);
        return tail.read(lane, from, limit);
      },
    };
    const { check: bite } = createDriftCheck({ table, tail: watched });
    let bites = 0;
    let verdict: MetricsVerdict | undefined;
    for (; verdict === undefined && bites < 50; bites += 1) verdict = await bite(1);
    expect(bites).toBeGreaterThan(1);
    expect(verdict).toMatchObject({ equal: true, drift: 0, records: 22 });
    await plant(table, 1, 20, decision());
    reads.length = 0;
    expect(await bite(10)).toMatchObject({ equal: true, drift: 0, records: 23 });
    expect(new Set(reads)).toEqual(new Set(['1.20']));
    await change(table, 'decisions_total#', (text) => text.replace(',20,[]', ',17,[]'));
    expect(await bite(10)).toMatchObject({ equal: false, drift: 3 });
  });

  it('names a counter that was changed, and by how much', async () => {
    const table = await projected();
    await change(table, 'decisions_total#', (text) => text.replace(',20,[]', ',17,[]'));
    const verdict = await check(table);
    expect(verdict).toMatchObject({ equal: false, drift: 3 });
    expect(verdict.differences).toEqual([
      {
        metric: 'decisions_total',
        labels: ['allow', 'execute', '2', 'human_user'],
        stored: [17],
        replayed: [20],
      },
    ]);
  });

  it('sees a count moved from one bucket to the next though the sum stays', async () => {
    const table = await projected();
    await change(table, 'decision_duration_seconds#', (text) =>
      text.replace(/\[\[\],(\d+),\[(\d+),/, (_, sum, first) => `[[],${sum},[${Number(first) + 1},`),
    );
    expect(await check(table)).toMatchObject({ equal: false, drift: 1 });
  });

  it('sees a counter that was deleted, and one that no record explains', async () => {
    const table = await projected();
    await change(table, 'ledger_entries_total#', (text) => text.replace('decision.made', 'decision.faked'));
    const { differences } = await check(table);
    expect(differences.map(({ labels }) => labels[0]).sort()).toEqual(['decision.faked', 'decision.made']);
  });

  it('says which item is no record any more after its bytes were flipped', async () => {
    const table = memory();
    await plant(table, 1, 0, decision());
    await table.put(
      { pk: 'LANE#00000001', sk: '0000000001', b: new Uint8Array([0x7b, 0xff]), s: new Uint8Array(1) },
      'absent',
    );
    await projectorOn(table).run();
    const verdict = await check(table);
    expect(verdict.equal).toBe(false);
    expect(verdict.broken).toContainEqual({ lane: 1, seq: 1 });
  });
});
