/** Somebody with the file and a SQL tool changes the ledger under the running system. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it, vi } from 'vitest';
import { openLedgerFile } from '../../adapters/local/ledger-file.ts';
import { dataPaths } from '../../local/stores.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import { startTestRuntime, type TestRuntime } from './support.ts';

interface Alarm {
  readonly kind: string;
  readonly lane: number;
  readonly seq: number;
  readonly expected_hash: string;
  readonly preserved: string;
  readonly old_image: { readonly b: string };
}

let chancery: TestRuntime | undefined;
const folders: string[] = [];

async function start(dataFolder?: string): Promise<{ chancery: TestRuntime; folder: string }> {
  const folder = dataFolder ?? (await mkdtemp(join(tmpdir(), 'chancery-sentinel-')));
  if (dataFolder === undefined) folders.push(folder);
  chancery = await startTestRuntime({ dataFolder: folder });
  return { chancery, folder };
}

afterEach(async () => {
  await chancery?.runtime.stop();
  chancery = undefined;
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** From the store: over HTTP reading is recorded, and nothing is while a finding stands. */
async function alarms({ folder }: TestRuntime): Promise<Alarm[]> {
  const file = openLedgerFile(dataPaths(folder).table);
  try {
    const { entries } = await readEntries(file, { type: 'security.tamper_detected' });
    return entries.map(({ record }) => record.data as unknown as Alarm);
  } finally {
    file.close();
  }
}

function tamper(folder: string, sql: string): Buffer {
  const tool = new DatabaseSync(dataPaths(folder).table);
  const row = tool.prepare(`SELECT b FROM items WHERE pk GLOB 'LANE#*' AND sk = '0000000001'`).get();
  tool.exec(sql);
  tool.close();
  if (!(row?.b instanceof Uint8Array)) throw new Error('there is no such record');
  return Buffer.from(row.b);
}

function readMark(folder: string): object {
  const tool = new DatabaseSync(dataPaths(folder).table, { readOnly: true });
  const row = tool.prepare(`SELECT more FROM items WHERE pk = 'SENTINEL'`).get();
  tool.close();
  return JSON.parse(String(row?.more ?? '{}'));
}

const CHANGE = `UPDATE items SET b = X'7B7D' WHERE pk GLOB 'LANE#*' AND sk = '0000000001'`;

it('a changed record is on record within seconds, its old image kept byte for byte', async () => {
  const { chancery, folder } = await start();
  const before = tamper(folder, CHANGE);
  const [alarm] = await vi.waitFor(async () => {
    const found = await alarms(chancery);
    expect(found.map(({ kind }) => kind)).toContain('stream_modify');
    return found.filter(({ kind }) => kind === 'stream_modify');
  }, 5_000);
  expect(alarm).toMatchObject({ lane: 1, seq: 1 });
  expect(Buffer.from(alarm?.old_image.b ?? '', 'base64')).toEqual(before);
  const kept = JSON.parse(await readFile(join(dataPaths(folder).worm, alarm?.preserved ?? ''), 'utf8'));
  expect(Buffer.from(kept.b, 'base64')).toEqual(before);
});

it('what was done to a record cannot be taken out of what the sentinel is told', async () => {
  const { folder } = await start();
  const tool = new DatabaseSync(dataPaths(folder).table);
  for (const hiding of [
    'DELETE FROM changes',
    `UPDATE changes SET b = new_b, new_pk = pk`,
    `UPDATE changes SET position = 0`,
    `INSERT OR REPLACE INTO changes (position, pk, sk, more) SELECT position, 'LANE#00000009', '0', '{}' FROM changes`,
  ]) {
    tool.exec(`BEGIN; ${CHANGE}`);
    expect(() => tool.exec(hiding)).toThrow('only added to');
    tool.exec('ROLLBACK');
  }
  tool.close();
});

it.each([
  ['behind everything', (position: number) => ({ position: 1_000_000_000, seal: position })],
  ['at what was done', (position: number) => ({ position })],
  ['at what was done, as an earlier version left it', (position: number) => ({ position, seal: undefined })],
])(
  'whoever moves the sentinel on while the system is down is told of none the less: %s',
  async (_, moved) => {
    const first = await start();
    // It has a mark of its own.
    tamper(first.folder, `UPDATE items SET more = '{"t":"x"}' WHERE pk GLOB 'LANE#*' AND sk = '0000000000'`);
    await vi.waitFor(async () => expect(await alarms(first.chancery)).toMatchObject([{ seq: 0 }]), 5_000);
    await vi.waitFor(() => expect(readMark(first.folder)).toMatchObject({ position: 1 }), 5_000);
    await first.chancery.runtime.stop();
    tamper(first.folder, CHANGE);
    const tool = new DatabaseSync(dataPaths(first.folder).table);
    const [last] = tool.prepare('SELECT max(position) AS last FROM changes').all();
    tool
      .prepare(`UPDATE items SET more = ? WHERE pk = 'SENTINEL'`)
      .run(JSON.stringify({ ...readMark(first.folder), ...moved(Number(last?.last)) }));
    tool.close();
    const { chancery } = await start(first.folder);
    await vi.waitFor(async () => {
      const told = (await alarms(chancery)).filter(({ kind }) => kind === 'stream_modify');
      expect(told.map(({ seq }) => seq)).toContain(1);
    }, 5_000);
  },
);

it('what was removed while the system was down is found when it starts, and told once', async () => {
  const first = await start();
  await first.chancery.runtime.stop();
  const before = tamper(first.folder, `DELETE FROM items WHERE pk GLOB 'LANE#*' AND sk = '0000000001'`);
  const { chancery } = await start(first.folder);
  const removals = async () => (await alarms(chancery)).filter(({ kind }) => kind === 'stream_remove');
  const [alarm] = await vi.waitFor(async () => {
    const found = await removals();
    expect(found).toHaveLength(1);
    return found;
  }, 5_000);
  expect(Buffer.from(alarm?.old_image.b ?? '', 'base64')).toEqual(before);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await removals()).toHaveLength(1);
});
