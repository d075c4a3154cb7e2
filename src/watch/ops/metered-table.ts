/** A `Table` whose operations are counted and timed (families `store_*` of the catalogue). */
import type { Clock, Meter, PutResult, Table } from '../../ports.ts';

/** `clock` in milliseconds, fractions welcome: most operations of the embedded store take less than one. */
export function meterTable(table: Table, meter: Meter, clock: Clock): Table {
  async function timed<T>(
    operation: string,
    work: () => Promise<T>,
    refused: (answer: T) => boolean = () => false,
  ): Promise<T> {
    const start = clock();
    let result = 'error';
    try {
      const answer = await work();
      result = refused(answer) ? 'refused' : 'ok';
      if (result === 'refused') meter.count('store_conflicts_total', { operation });
      return answer;
    } finally {
      meter.count('store_operations_total', { operation, result });
      meter.observe('store_operation_duration_seconds', { operation }, (clock() - start) / 1_000);
    }
  }

  return {
    get: (pk, sk) => timed('get', () => table.get(pk, sk)),
    put: (item, condition) => timed('put', () => table.put(item, condition), notStored),
    putRun: (items) => timed('put_run', () => table.putRun(items), notStored),
    query: (pk, range) => timed('query', () => table.query(pk, range)),
    add: (pk, sk, slots, lasting) => timed('add', () => table.add(pk, sk, slots, lasting)),
    merge: (pk, sk, attributes) => timed('merge', () => table.merge(pk, sk, attributes)),
    remove: (pk, sk, condition) => timed('remove', () => table.remove(pk, sk, condition)),
  };
}

/** A condition that did not hold is an answer, not an error. */
function notStored({ stored }: PutResult): boolean {
  return !stored;
}
