/**
 * What a ledger's age costs: the store operations and the time of each path, over sealed stores of so many records in
 * so many lanes that were opened and closed one after the other, 50 a day. The sizes are in the environment variable
 * `AGES`, as `RECORDS:LANES` separated by blanks; with `AGE_STORES=FOLDER` the stores are made once and kept there.
 */
import { openFolderBlobs } from '../adapters/local/folder-blobs.ts';
import { openSqliteTable } from '../adapters/local/sqlite-table.ts';
import { readTrust } from '../adapters/local/trust-file.ts';
import { dataPaths } from '../local/stores.ts';
import { publishedCheckpoint } from '../src/ledger/check/proof.ts';
import { sealedPrunings } from '../src/ledger/check/sentinel.ts';
import { checkStart } from '../src/ledger/check/start-check.ts';
import { verifySince } from '../src/ledger/check/verify-since.ts';
import { recordsOfExecution } from '../src/ledger/places/execution-records.ts';
import { allEntries, readEntries } from '../src/ledger/reader.ts';
import { readLock } from '../src/ledger/seal/lock.ts';
import { lanesOf } from '../src/watch/alerting.ts';
import { createProjector } from '../src/watch/metrics/project.ts';
import { tailOf } from '../src/watch/metrics/tail.ts';
import { createExporter } from '../src/watch/siem/export.ts';
import { type Counting, countingBlobs, countingTable } from '../test/support/counting-table.ts';
import { openAgedStore, withNextLane } from './aged-store.ts';
import { quiet } from './sealed-store.ts';
import { median, type Table } from './table.ts';

const AGES = (process.env.AGES ?? '2000:10 300000:1500 60:10 300000:50000').split(' ');
const DAY_MS = 24 * 3_600_000;
const REPEATS = 9;

export async function benchAge(): Promise<Table> {
  const columns: Map<string, string>[] = [];
  for (const age of AGES) {
    const [records = 0, lanes = 0] = age.split(':').map(Number);
    columns.push(await measure(records, lanes));
  }
  const paths = [...(columns[0]?.keys() ?? [])];
  return {
    title: 'What age costs: store operations and median milliseconds of each path',
    head: ['', ...AGES.map((age) => `${age.replace(':', ' records in ')} lanes`)],
    rows: paths.map((path) => [path, ...columns.map((column) => column.get(path) ?? '')]),
  };
}

async function measure(records: number, lanes: number): Promise<Map<string, string>> {
  const { folder, now, oldest, newest, done } = await openAgedStore(records, lanes);
  const paths = dataPaths(folder);
  const trust = await readTrust(`${folder}/trust.json`);
  if (trust === undefined) throw new Error('the store has no trust');
  const inner = openSqliteTable(paths.table);
  const table = countingTable(inner);
  const [log, worm] = [
    countingBlobs(await openFolderBlobs(paths.log)),
    countingBlobs(await openFolderBlobs(paths.worm)),
  ];
  const counted = { table, log, worm };
  const clock = () => now;
  const found = new Map<string, string>();
  const path = async (
    name: string,
    work: () => Promise<unknown>,
    of: Readonly<Record<string, Counting>> = counted,
  ): Promise<void> => {
    const times: number[] = [];
    let operations = 0;
    for (let at = 0; at < REPEATS; at += 1) {
      for (const store of Object.values(of)) store.total();
      const began = performance.now();
      await work();
      times.push(performance.now() - began);
      operations = Object.values(of).reduce((sum, store) => sum + store.total(), 0);
    }
    found.set(name, `${operations} · ${median(times).toFixed(1)}`);
  };
  const day = (end: number) => ({
    from: new Date(end - DAY_MS).toISOString(),
    to: new Date(end).toISOString(),
  });
  const count = async (range: { from: string; to: string }) => {
    for await (const _ of allEntries(table, range));
  };
  const projector = createProjector({ table, tail: tailOf(table), clock, wait: async () => undefined });
  const lanesOfTable = lanesOf(table);
  const siem = createExporter({
    ...quiet,
    table,
    lanes: lanesOfTable,
    clock,
    sink: { name: 'bench', take: async () => undefined },
  });
  await projector.run();
  await siem.run();
  await path('the newest page of 100', () => readEntries(table, {}, { limit: 100 }));
  await path('the oldest page of 100', () => readEntries(table, {}, { limit: 100, order: 'oldest' }));
  await path('the newest execution', () => recordsOfExecution(table, newest));
  await path('the oldest execution', () => recordsOfExecution(table, oldest));
  await path("an hour's records (sweep, drain, revocation)", () =>
    count({ ...day(now), from: new Date(now - 3_600_000).toISOString() }),
  );
  await path('an idle pass of the SIEM export', () => siem.run());
  await path('an idle run of the projector', () => projector.run());
  await path('the figures for a scrape', () => projector.reload());
  await path('the check at start', () =>
    checkStart({ table, log, worm, trust, sealer: async () => undefined }),
  );
  const since = (await publishedCheckpoint({ log, trust }))?.text ?? '';
  await withNextLane(
    folder,
    (lanes) => countingTable(lanes),
    async ({ lane, next, table }) => {
      await path('an append, synced', () => lane.append(next()), { table });
    },
  );
  await path('an incremental verification of ten records', () =>
    verifySince(
      { log, worm, lock: () => readLock(table), table, pruned: sealedPrunings({ log, table, trust }) },
      trust,
      { now: Date.now(), since },
    ),
  );
  inner.close();
  done();
  return found;
}
