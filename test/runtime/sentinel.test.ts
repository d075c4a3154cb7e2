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
