/** Runs that end, or do not, over a real store and a real ledger, with time and faults to inject. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { readCharter } from '../adapters/bundled-files.ts';
import { openFolderBlobs } from '../adapters/local/folder-blobs.ts';
import { openSqliteTable } from '../adapters/local/sqlite-table.ts';
import type { Ended } from '../src/execution/ended.ts';
import type { ExecutionsDeps } from '../src/execution/executions.ts';
import { remember } from '../src/execution/runs.ts';
import type { SettlingDeps } from '../src/execution/settling.ts';
import { readEntry } from '../src/ledger/entry.ts';
import { createVault } from '../src/ledger/people/vault.ts';
import { recordsOfExecution } from '../src/ledger/places/execution-records.ts';
import { allEntries } from '../src/ledger/reader.ts';
import type { LedgerRecord, Receipt } from '../src/ledger/record.ts';
import { FaultyLedger } from './approval/world.ts';
import { TRACE, testLedger } from './ledger/support.ts';
import { PROJECT } from './runtime/support.ts';
import { FaultyTable } from './support/faulty-table.ts';
import { issuers, person, pseudonym } from './support/person.ts';
import { untraced } from './support/tracers.ts';
import { registryOf, shippedFiles } from './workflow/files.ts';

const charter = readCharter(join(PROJECT, 'charter'));
export const succeeded: Ended = { status: 'succeeded', output: { health: 'ok' }, duration_us: 7 };

export async function openWorld() {
  const test = testLedger();
  const table = new FaultyTable(openSqliteTable(':memory:'));
  const ledger = new FaultyLedger(await test.lane());
  const { ids, clock, random } = test.deps;
  const documents = await openFolderBlobs(mkdtempSync(join(tmpdir(), 'chancery-settling-')));
  const deps: SettlingDeps = {
    ledger,
    workflows: registryOf(shippedFiles()),
    engine: { run: () => Promise.reject(new Error('nothing is run here')) },
    documents,
    table,
    charter: async () => charter,
    phrases: () => {
      throw new Error('execute mode is not screened');
    },
    ids,
    clock,
    tracer: untraced,
    vault: createVault({ subjects: test.subjects, pseudonym, home: issuers.home, random, ids, documents }),
    async *recordsSince(ms) {
      for await (const entry of allEntries(test.table, { from: new Date(ms).toISOString() }))
        yield { record: entry.record, hash: entry.record_hash };
    },
    recordsOfExecution: (execution_id) => recordsOfExecution(test.table, execution_id),
  };
  /** A decision that starts a run, remembered when it is a long one. */
  const start = async (workflow: string): Promise<{ id: string; receipt: Receipt }> => {
    const [id, decision_id] = [`exe_${ulid(clock())}`, ids('dec')];
    const receipt = await ledger.append({
      type: 'decision.made',
      trace: TRACE,
      who: person('jake'),
      labels: { workflow, drag_mode: 'execute' },
      data: { outcome: 'allow', decision_id, execution_id: id, workflow },
    });
    if (deps.workflows.get(workflow)?.kind === 'standard')
      await remember(deps, {
        execution_id: id,
        decision_id,
        after: receipt.record_hash,
        workflow,
        drag_mode: 'execute',
        trace: TRACE,
        who: person('jake'),
        meta: {},
        checks: [{ criterion: 0, path: '$.health', op: 'eq', value: 'ok' }],
      });
    return { id, receipt };
  };
  const ends = async (): Promise<LedgerRecord[]> => {
    const found: LedgerRecord[] = [];
    for await (const { record } of allEntries(test.table, { type: 'workflow.*' })) found.push(record);
    return found;
  };
  const executions: ExecutionsDeps = {
    ...deps,
    pseudonym,
    record: async (id) => (await readEntry(test.table, id))?.record,
  };
  return {
    deps,
    executions,
    table,
    ledger,
    time: test.time,
    start,
    ends,
    erase: () => test.subjects.erase(pseudonym(person('jake'))),
  };
}
