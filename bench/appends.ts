/**
 * Appends by 64 concurrent writers: lanes, against one optimistic hash chain with the same record, signing and
 * store, with and without group commit. The last chain is at its best, which 64 writers cannot have on AWS: few
 * writers in one process, each of which commits the records of its callers as one group.
 * `node bench/appends.ts [--seconds 4] [--dynamodb-local]`; prints a table per store.
 */

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ulid } from 'ulid';
import { openDynamoTable } from '../adapters/aws/dynamodb-table.ts';
import { openFileSigner } from '../adapters/local/file-signer.ts';
import { openSqliteTable } from '../adapters/local/sqlite-table.ts';
import { type Lane, type LaneDeps, openLane } from '../src/ledger/lane/lane.ts';
import { SubjectKeys } from '../src/ledger/people/personal.ts';
import { createPseudonym } from '../src/ledger/people/pseudonym.ts';
import type { NewRecord } from '../src/ledger/record.ts';
import type { Item, PutResult, Table } from '../src/ports.ts';
import { startDynamoDbLocal } from '../test/real/dynamodb-local.ts';
import { clientAt, makeTable } from '../test/support/dynamo.ts';
import { openOptimisticWriter } from './optimistic-chain.ts';
import { percentile, type Table as Result, show, table } from './table.ts';

const WRITERS = 64;

interface Contender {
  readonly name: string;
  append(record: NewRecord, caller: number): Promise<unknown>;
  wasted(): number;
}

interface Figure {
  readonly name: string;
  readonly per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly wasted: number;
}

type Contenders = readonly ((table: Table) => Promise<Contender>)[];

/** One process: its callers share its lane, and SQLite commits in groups what arrives together. */
const IN_ONE_PROCESS: Contenders = [
  (on) => lanesOn('one lane', on, 1),
  async (on) => chainOn('one optimistic chain, group commit', on, WRITERS),
  async (on) => chainOn('one optimistic chain, one put per commit', oneByOne(on), WRITERS),
  async (on) => chainOn('one optimistic chain, 8 writers grouping 8 callers each', on, 8),
];

/** As on AWS: every writer is a process of its own, with its own lane, and every put is a commit. */
const IN_MANY: Contenders = [
  (on) => lanesOn('64 lanes', on, WRITERS),
  async (on) => chainOn('one optimistic chain', on, WRITERS),
];

/** Runs every contender on a fresh table of its own, one after the other. */
async function compareAppends(
  contenders: Contenders,
  open: () => Promise<Opened>,
  seconds: number,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const contender of contenders) {
    const opened = await open();
    figures.push(await measure(await contender(opened.table), seconds));
    await opened.close();
  }
  return figures;
}

interface Opened {
  readonly table: Table;
  close(): Promise<void> | void;
}

async function measure(contender: Contender, seconds: number): Promise<Figure> {
  await contender.append(sample(0), 0);
  const wastedBefore = contender.wasted();
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1_000;
  const caller = async (n: number) => {
    while (performance.now() < end) {
      const began = performance.now();
      await contender.append(sample(n), n);
      latencies.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, n) => caller(n)));
  const took = (performance.now() - start) / 1_000;
  latencies.sort((a, b) => a - b);
  return {
    name: contender.name,
    per_second: latencies.length / took,
    p50_ms: percentile(latencies, 0.5),
    p99_ms: percentile(latencies, 0.99),
    wasted: contender.wasted() - wastedBefore,
  };
}

/** Failed conditional writes are counted as the table answers them; the callers share `count` lanes. */
async function lanesOn(name: string, table: Table, count: number): Promise<Contender> {
  let refused = 0;
  const counted = async (answer: Promise<PutResult>): Promise<PutResult> => {
    const result = await answer;
    if (!result.stored) refused += 1;
    return result;
  };
  const watched: Table = {
    ...bound(table),
    put: (item, condition) => counted(table.put(item, condition)),
    putRun: (items) => counted(table.putRun(items)),
  };
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-key-'));
  const authority = await openFileSigner(join(folder, 'authority.pem'));
  rmSync(folder, { recursive: true });
  const deps: LaneDeps = {
    table: watched,
    subjects: new SubjectKeys({
      table: openSqliteTable(':memory:', { erasing: true }),
      clock: Date.now,
      random,
    }),
    authority,
    pseudonym: createPseudonym(random(32), undefined),
    issuerName: (issuer) => issuer,
    clock: Date.now,
    random,
    ids: (prefix) => `${prefix}_${ulid()}`,
    origin: 'bench',
    code: 'bench',
    region: 'local',
    max_merge_delay_seconds: 2,
    together: true,
    wait: (ms) => new Promise((resolve) => (ms === 0 ? setImmediate(resolve) : setTimeout(resolve, ms))),
  };
  const lanes: Lane[] = [];
  for (let n = 0; n < count; n++) lanes.push(await openLane(deps));
  refused = 0;
  return {
    name,
    append: async (record, caller) => lanes[caller % count]?.append(record),
    wasted: () => refused,
  };
}

/** `writers` share the callers, and the chain, between them. */
function chainOn(name: string, table: Table, writers: number): Contender {
  const key = generateKeyPairSync('ed25519').privateKey;
  const group = WRITERS / writers;
  const chain = Array.from({ length: writers }, () => openOptimisticWriter(table, key, group));
  return {
    name,
    append: async (record, caller) => chain[caller % writers]?.append(record),
    wasted: () => chain.reduce((sum, writer) => sum + writer.wasted, 0),
  };
}

/** A table whose runs go one after the other, so that each is a commit of its own. */
function oneByOne(table: Table): Table {
  let last: Promise<unknown> = Promise.resolve();
  const putRun = (items: readonly Item[]): Promise<PutResult> => {
    const answer = last.then(() => table.putRun(items));
    last = answer;
    return answer;
  };
  return { ...bound(table), putRun };
}

function bound(table: Table): Table {
  return {
    get: (pk, sk) => table.get(pk, sk),
    put: (item, condition) => table.put(item, condition),
    putRun: (items) => table.putRun(items),
    query: (pk, range) => table.query(pk, range),
    add: (pk, sk, slots) => table.add(pk, sk, slots),
    merge: (pk, sk, attributes) => table.merge(pk, sk, attributes),
    remove: (pk, sk) => table.remove(pk, sk),
  };
}

/** About as large as the record of a decision. */
function sample(caller: number): NewRecord {
  return {
    type: 'decision.made',
    trace: randomBytes(16).toString('hex'),
    data: {
      decision_id: `dec_${ulid()}`,
      outcome: 'allow',
      stage: 'permit',
      workflow: 'compliance-report',
      action: 'workflow:execute',
      principal: { kind: 'human', roles: ['operator'], scopes: ['workflows:execute', 'ledger:read'] },
      reasons: [],
      policies: [{ id: 'operators-run-registered-workflows', effect: 'permit' }],
      charter: { version: '1.0.0', digest: 'c'.repeat(64) },
      action_digest: randomBytes(32).toString('hex'),
      note: `caller ${caller} ${'x'.repeat(400)}`,
    },
  };
}

async function onSqlite(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'));
  const table = openSqliteTable(join(folder, 'ledger.db'));
  return {
    table,
    close() {
      table.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function onDynamoDbLocal(): Promise<Opened> {
  const local = await startDynamoDbLocal();
  const client = clientAt(local.url);
  const table = openDynamoTable(client, await makeTable(client, 'bench'));
  return {
    table,
    async close() {
      client.destroy();
      await local.stop();
    },
  };
}

function tableOf(store: string, figures: readonly Figure[]): Result {
  const base = figures[0]?.per_second ?? Number.NaN;
  return table(
    `Appends by ${WRITERS} concurrent writers, ${store}`,
    ['', 'appends/s', 'p50 ms', 'p99 ms', 'failed conditional writes', 'lanes are'],
    figures.map(({ name, per_second, p50_ms, p99_ms, wasted }) => [
      name,
      Math.round(per_second),
      p50_ms.toFixed(1),
      p99_ms.toFixed(1),
      wasted,
      `${(base / per_second).toFixed(1)} ×`,
    ]),
  );
}

export async function benchAppends(seconds = 4): Promise<Result> {
  return tableOf('node:sqlite, synced to the disk', await compareAppends(IN_ONE_PROCESS, onSqlite, seconds));
}

/** Needs Java and Maven: not part of the bench that npm alone runs. */
export async function benchAppendsOnDynamoDbLocal(seconds = 4): Promise<Result> {
  return tableOf('DynamoDB Local', await compareAppends(IN_MANY, onDynamoDbLocal, seconds));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '4' }, 'dynamodb-local': { type: 'boolean' } },
  });
  const seconds = Number(values.seconds);
  console.log(show(await benchAppends(seconds)));
  if (values['dynamodb-local']) console.log(show(await benchAppendsOnDynamoDbLocal(seconds)));
}
