import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { all, records } from './table-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'chancery-crash-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes runs and counts in parallel and prints each acknowledgement, until it is killed. */
const WRITER = `
  const { openSqliteTable } = await import(process.argv[1]);
  const table = openSqliteTable(process.argv[2]);
  const item = (pk, seq) => ({ pk, sk: String(seq).padStart(10, '0'),
    b: new TextEncoder().encode('{"lane":1,"seq":' + seq + '}'), s: new Uint8Array(64).fill(1) });
  const lane = async (pk) => {
    for (let seq = 0; ; seq += 3) {
      await table.putRun([item(pk, seq), item(pk, seq + 1), item(pk, seq + 2)]);
      await table.add('COUNT', pk, [{ name: 'n', window: 0, by: 3 }]);
      console.log(pk + ' ' + (seq + 3));
    }
  };
  await Promise.all(['LANE#1', 'LANE#2', 'LANE#3', 'LANE#4'].map(lane));`;

test.each([100, 400, 900])(
  'killed after %i acknowledgements, a store has every one of them and no gap',
  async (kill) => {
    const path = join(folder, `${kill}.db`);
    const adapter = new URL('../../adapters/local/sqlite-table.ts', import.meta.url).href;
    const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, adapter, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const acknowledged = new Map<string, number>();
    let count = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const [pk = '', records] = line.split(' ');
      acknowledged.set(pk, Number(records));
      if (++count === kill) child.kill('SIGKILL');
    }
    if (child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');

    const table = openSqliteTable(path);
    expect(acknowledged.size).toBe(4);
    for (const [pk, atLeast] of acknowledged) {
      const found = await all(table, pk);
      expect(found).toEqual(records(pk, 0, found.length));
      expect(found.length).toBeGreaterThanOrEqual(atLeast);
      expect(found.length % 3).toBe(0);
      expect((await table.get('COUNT', pk))?.n).toBeGreaterThanOrEqual(atLeast);
    }
    table.close();
  },
);
