/** New signing keys for a data folder: what the old ones signed still verifies, here and in the second verifier. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openFileSigner } from '../../adapters/local/file-signer.ts';
import { readTrust } from '../../adapters/local/trust-file.ts';
import { verifyStore } from '../../local/ledger-verify.ts';
import { ROTATED_KEYS, rotateKeys } from '../../local/rotate-keys.ts';
import { dataPaths } from '../../local/stores.ts';
import { createIds } from '../../src/basics/ids.ts';
import { base64 } from '../../src/ledger/bytes.ts';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

const run = promisify(execFile);
const random = (length: number) => new Uint8Array(randomBytes(length));
const deps = { clock: Date.now, random, ids: createIds(Date.now, random), code: 'test' };

let folder = '';
const start = (): Promise<TestRuntime> =>
  startTestRuntime({ dataFolder: folder, workflowsFolder: join(PROJECT, 'test/fixtures/workflows') });

/** One governed run and its place, everything sealed. */
async function runOnce(): Promise<string> {
  const chancery = await start();
  try {
    const { status, body } = await chancery.execute(governed({ workflow_name: 'hello' }));
    expect(status).toBe(200);
    await vi.waitFor(async () => expect((await chancery.audit()).verdict).toBe('OK'), 15_000);
    return body.receipt.id;
  } finally {
    await chancery.runtime.stop();
  }
}

const verdict = async (options: { trust?: string } = {}) => (await verifyStore(folder, options)).verdict;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chancery-rotation-'));
  await runOnce();
  await copyFile(join(folder, 'trust.json'), join(folder, 'kept.json'));
}, 30_000);

afterAll(() => rm(folder, { recursive: true }));

it('is refused while a process uses the folder', async () => {
  const chancery = await start();
  try {
    await expect(rotateKeys(folder, ROTATED_KEYS, deps)).rejects.toMatchObject({ code: 'CONFLICT' });
  } finally {
    await chancery.runtime.stop();
  }
}, 30_000);

it('is vouched for by the old keys on record; old records verify, and work goes on under the new keys', async () => {
  const { record } = await rotateKeys(folder, ROTATED_KEYS, deps);
  // The record of it stands in what the old keys signed: who knows no others can read it.
  expect(await verdict({ trust: join(folder, 'kept.json') })).toBe('OK');
  expect(await verdict()).toBe('OK');
  expect((await readdir(join(folder, 'keys'))).filter((name) => name.endsWith('.next'))).toEqual([]);
  const after = await runOnce();
  expect(await verdict()).toBe('OK');
  expect(await verdict({ trust: join(folder, 'kept.json') })).toBe('KEY');
  const trust = await readTrust(join(folder, 'trust.json'));
  expect([trust?.authorities.length, trust?.log_keys.length, trust?.witnesses.length]).toEqual([2, 2, 2]);
  const [from] = after.split('.').map(Number);
  expect(from).toBeGreaterThanOrEqual(trust?.authorities[1]?.from_lane ?? Number.NaN);

  const bin = join(PROJECT, 'bin/chancery.ts');
  const env = { ...process.env, CHANCERY_DATA: folder };
  const { stdout } = await run(process.execPath, [bin, 'ledger', 'show', record ?? '', '--json'], { env });
  const { keys } = JSON.parse(stdout).record.data;
  expect(keys.map(({ key }: { key: string }) => key)).toEqual([...ROTATED_KEYS]);
  expect(keys[0].after).toBe(trust?.authorities[1]?.public_key);

  const out = join(folder, 'out');
  await run(process.execPath, [bin, 'ledger', 'export', out, '--json'], { env });
  const second = await run('python3', [join(PROJECT, 'test/verifier/verify.py'), 'export', out]);
  expect(JSON.parse(second.stdout)).toMatchObject({ verdict: 'OK', findings: [] });
}, 90_000);

it('is finished by the next run where it was cut off with the new keys trusted and not in place', async () => {
  const { checkpointKey } = dataPaths(folder);
  await rename(checkpointKey, `${checkpointKey}.next`);
  await openFileSigner(checkpointKey);
  expect(await rotateKeys(folder, ROTATED_KEYS, deps)).toEqual({ record: null, keys: ['checkpoint'] });
  await runOnce();
  expect(await verdict()).toBe('OK');
}, 60_000);

it('of keys that were put in place by a stranger is refused', async () => {
  const { authorityKey } = dataPaths(folder);
  await rename(authorityKey, `${authorityKey}.kept`);
  const strange = await openFileSigner(authorityKey);
  await expect(rotateKeys(folder, ['authority'], deps)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  const trust = await readTrust(join(folder, 'trust.json'));
  expect(trust?.authorities.map((key) => key.public_key)).not.toContain(base64(strange.publicKey));
});
