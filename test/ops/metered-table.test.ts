import { expect, test } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import type { Meter } from '../../src/ports.ts';
import { meterTable } from '../../src/watch/ops/metered-table.ts';
import { tableContract } from '../store/table-contract.ts';
import { FaultyTable } from '../support/faulty-table.ts';

const SILENT: Meter = { count: () => undefined, observe: () => undefined, set: () => undefined };

tableContract(
  'a metered table',
  async () => {
    const table = openSqliteTable(':memory:');
    return { table: meterTable(table, SILENT, () => 0), close: () => table.close() };
  },
  10,
);

test('every operation is counted once with its result and timed, a refusal as a conflict too', async () => {
  const seen: string[] = [];
  const label = (labels: Readonly<Record<string, string>>) => Object.values(labels).join(',');
  const meter: Meter = {
    count: (metric, labels, by = 1) => seen.push(`${metric} ${label(labels)} ${by}`),
    observe: (metric, labels, value) => seen.push(`${metric} ${label(labels)} ${value}`),
    set: () => undefined,
  };
  let now = 0;
  const inner = openSqliteTable(':memory:');
  const faulty = new FaultyTable(inner).fail('get', 'before');
  const table = meterTable(faulty, meter, () => (now += 250));
  await table.put({ pk: 'a', sk: 'a' }, 'absent');
  await table.put({ pk: 'a', sk: 'a' }, 'absent');
  await expect(table.get('a', 'a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await table.merge('a', 'a', { n: 1 });
  inner.close();
  expect(seen).toEqual([
    'store_operations_total put,ok 1',
    'store_operation_duration_seconds put 0.25',
    'store_conflicts_total put 1',
    'store_operations_total put,refused 1',
    'store_operation_duration_seconds put 0.25',
    'store_operations_total get,error 1',
    'store_operation_duration_seconds get 0.25',
    'store_operations_total merge,ok 1',
    'store_operation_duration_seconds merge 0.25',
  ]);
});
