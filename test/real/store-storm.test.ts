/** A hundred real processes that open a lane at the same moment, on one folder and on DynamoDB Local. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { lastLane, mendDirectory } from '../../src/ledger/lane/directory.ts';
import { checkLanes, tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import type { Table } from '../../src/ports.ts';
import { authorityKey, authoritySigner, ORIGIN } from '../ledger/support.ts';
import { clientAt, makeTable } from '../support/dynamo.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';

const PROCESSES = 100;

interface Written {
  readonly id: string;
  readonly signed: number;
  readonly took_ms: number;
  readonly operations: number;
}

async function storm(where: readonly string[]): Promise<Written[]> {
  const script = resolve(import.meta.dirname, 'storm-writer.ts');
  const children = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, [script, ...where], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const lines = children.map(({ stdout }) => createInterface({ input: stdout })[Symbol.asyncIterator]());
  for (const line of lines) expect((await line.next()).value).toBe('ready');
  for (const { stdin } of children) stdin.write('go\n');
  return Promise.all(
    lines.map(async (line): Promise<Written> => JSON.parse((await line.next()).value ?? '{}')),
  );
}

async function judge(table: Table, written: readonly Written[]): Promise<void> {
  const times = written.map(({ took_ms }) => took_ms).sort((left, right) => left - right);
  console.log(`first ${times[0]} ms, half ${times[PROCESSES / 2]} ms, last ${times.at(-1)} ms`);
  const operations = written.reduce((sum, one) => sum + one.operations, 0);
  console.log(`${operations / PROCESSES} operations each`);
  // Six are what it takes, where nobody is held up: the lock, the end of the directory, the number, record 0, whether the one
  // before has begun, the record. Looking for its turn, each took forty.
  expect(operations / PROCESSES).toBeLessThan(15);
  // As the sealer does in its round.
  for (let lane = await lastLane(table); (await mendDirectory(table, lane + 1)) !== 'nothing'; lane += 1);
  expect(new Set(written.map(({ id }) => id)).size).toBe(PROCESSES);
  expect(Math.max(...written.map(({ signed }) => signed))).toBeLessThanOrEqual(2);
  const trust = { origin: ORIGIN, authorities: [authorityKey(authoritySigner())] };
  expect(await checkLanes(tableSource(table), trust)).toMatchObject({
    entries: PROCESSES * 3,
    lanes: PROCESSES,
    findings: [],
  });
}

describe('a hundred processes that start at once', () => {
  it('all write on one folder, with at most two signatures each and no number twice; how soon is printed', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'chancery-storm-')), 'store.sqlite');
    const table = openSqliteTable(path);
    await judge(table, await storm(['sqlite', path]));
    table.close();
  }, 300_000);

  it('and on DynamoDB Local', async () => {
    const local = await startDynamoDbLocal();
    try {
      const client = clientAt(local.url);
      const name = await makeTable(client, 'storm');
      await judge(openDynamoTable(client, name), await storm(['dynamodb', local.url, name]));
    } finally {
      await local.stop();
    }
  }, 300_000);
});
