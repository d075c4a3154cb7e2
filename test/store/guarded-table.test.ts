/** What acts on working state sees it through a guard: to everything that gives no power it is the store itself. */
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { guardTable } from '../../src/govern/power/guard.ts';
import { Powers } from '../../src/govern/power/powers.ts';
import { tableContract } from './table-contract.ts';

tableContract('sqlite behind the guard', async () => {
  const table = openSqliteTable(':memory:');
  const guarded = guardTable({
    table,
    powers: new Powers(),
    catchUp: async () => {},
    wrote: () => {},
    suspect: () => {},
    clock: Date.now,
  });
  return { table: guarded, close: () => table.close() };
});
