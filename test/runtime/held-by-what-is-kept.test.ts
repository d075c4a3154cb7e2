/** What holds a running system beside its records: keys, write-once copies, the witness, tiles, the files of its store. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dataPaths } from '../../local/stores.ts';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

const run = promisify(execFile);
let live: TestRuntime | undefined;
const folders: string[] = [];

async function start(folder: string): Promise<TestRuntime> {
  live = await startTestRuntime({
    dataFolder: folder,
    workflowsFolder: join(PROJECT, 'test/fixtures/workflows'),
  });
  return live;
}

async function stop(): Promise<void> {
  await live?.runtime.stop();
  live = undefined;
}

/** A folder with a sealed run in it, and nobody at work. */
async function used(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-kept-'));
  folders.push(folder);
  const runtime = await start(folder);
  expect((await runtime.execute(governed({ workflow_name: 'hello' }))).status).toBe(200);
  await vi.waitFor(async () => expect((await runtime.audit()).verdict).toBe('OK'), 15_000);
  await stop();
  return folder;
}

afterEach(async () => {
  await stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function expectHeld(from: TestRuntime, finding: RegExp): Promise<void> {
  await vi.waitFor(async () => {
    const { status, body } = await from.call('GET', '/health/ready');
    const ledger = body.checks.find(({ name }: { name: string }) => name === 'ledger');
    expect([status, ledger?.details.finding]).toEqual([503, expect.stringMatching(finding)]);
  }, 20_000);
  const refused = await from.execute(governed({ workflow_name: 'hello' }));
  expect([refused.status, refused.body.code]).toEqual([503, 'LEDGER_UNAVAILABLE']);
}

async function expectFree(from: TestRuntime): Promise<void> {
  await vi.waitFor(async () => expect((await from.call('GET', '/health/ready')).status).toBe(200), 20_000);
  expect((await from.execute(governed({ workflow_name: 'hello' }))).status).toBe(200);
}

async function restore(folder: string): Promise<void> {
  const env = { ...process.env, CHANCERY_DATA: folder };
  await run(process.execPath, [join(PROJECT, 'bin/chancery.ts'), 'ledger', 'restore'], { env });
}

/** The file of the newest copy: names count down. */
async function newestCopy(folder: string): Promise<string> {
  const root = join(dataPaths(folder).worm, 'checkpoints');
  const names = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return names.sort()[0] ?? '';
}

it('a write-once copy that was removed holds everything until it is restored', async () => {
  const folder = await used();
  await rm(await newestCopy(folder));
  const held = await start(folder);
  await expectHeld(held, /^worm: .* is gone/);
  await restore(folder);
  await expectFree(held);
}, 90_000);

it('a witness that forgot what it cosigned holds everything until its memory is back', async () => {
  const folder = await used();
  for (const ending of ['', '-wal', '-shm'])
    await rm(`${dataPaths(folder).witness}${ending}`, { force: true });
  const held = await start(folder);
  await expectHeld(held, /^witness: it has forgotten/);
  await restore(folder);
  await expectFree(held);
}, 90_000);

it.each(['checkpointKey', 'authorityKey', 'witnessKey'] as const)(
  'another key in the place of the %s signs nothing',
  async (key) => {
    const folder = await used();
    const path = dataPaths(folder)[key];
    await copyFile(path, `${path}.kept`);
    await copyFile(dataPaths(folder).capabilityKey, path);
    const held = await start(folder);
    await expectHeld(held, /^keys: .*\.pem in the folder keys is not the key/);
    await stop();
    await rename(`${path}.kept`, path);
    await expectFree(await start(folder));
  },
  90_000,
);

it('a bundle that was changed holds everything until it is as it was signed', async () => {
  const folder = await used();
  const names = await readdir(join(dataPaths(folder).log, 'tile', 'entries'), { recursive: true });
  const widthOf = (name: string): number => Number(/\.p\/(\d+)$/.exec(name)?.[1] ?? 0);
  const bundle = names.sort((left, right) => widthOf(right) - widthOf(left))[0] ?? '';
  const path = join(dataPaths(folder).log, 'tile', 'entries', bundle);
  const before = await readFile(path);
  await writeFile(path, Buffer.from(before).fill(88, 40, 44));
  const held = await start(folder);
  await expectHeld(held, /^tiles: /);
  await writeFile(path, before);
  await expectFree(held);
}, 90_000);

it('a write-ahead log that is removed under the process is noticed, and what was acknowledged is there after a start', async () => {
  const folder = await used();
  const held = await start(folder);
  const { body } = await held.execute(governed({ workflow_name: 'hello' }));
  await vi.waitFor(async () => expect((await held.audit()).verdict).toBe('OK'), 15_000);
  await rm(`${dataPaths(folder).table}-wal`);
  await expectHeld(held, /^files: .*write-ahead log was removed/);
  await stop();
  const again = await start(folder);
  await restore(folder);
  await expectFree(again);
  const token = await again.token({ sub: 'ada', roles: ['auditor'] });
  expect((await again.call('GET', `/ledger/entries/${body.receipt.id}`, { token })).status).toBe(200);
}, 90_000);

describe('the file of the store, under the running process', () => {
  /** At once, whatever round in the background comes when: each commit looks. */
  async function expectRefused(from: TestRuntime): Promise<void> {
    const { status, body } = await from.execute(governed({ workflow_name: 'hello' }));
    expect(status).toBe(503);
    expect(['STORE_UNAVAILABLE', 'LEDGER_UNAVAILABLE']).toContain(body.code);
  }

  async function acknowledged(from: TestRuntime): Promise<string> {
    const { status, body } = await from.execute(governed({ workflow_name: 'hello' }));
    expect(status).toBe(200);
    await vi.waitFor(async () => expect((await from.audit()).verdict).toBe('OK'), 15_000);
    return body.receipt.id;
  }

  async function expectThere(from: TestRuntime, id: string): Promise<void> {
    await expectFree(from);
    const token = await from.token({ sub: 'ada', roles: ['auditor'] });
    expect((await from.call('GET', `/ledger/entries/${id}`, { token })).status).toBe(200);
    await vi.waitFor(async () => expect((await from.audit()).verdict).toBe('OK'), 15_000);
  }

  it('is unlinked: the next request is refused, and a start with `ledger restore` has all that was acknowledged', async () => {
    const folder = await used();
    const held = await start(folder);
    const id = await acknowledged(held);
    await rm(dataPaths(folder).table);
    await expectRefused(held);
    await expectHeld(held, /^(files|sealing): .*removed or replaced/);
    await stop();
    const again = await start(folder);
    await restore(folder);
    await expectThere(again, id);
  }, 90_000);

  it('is replaced by a copy of itself: the next request is refused, and a start has all that was acknowledged', async () => {
    const folder = await used();
    const held = await start(folder);
    const id = await acknowledged(held);
    const { table } = dataPaths(folder);
    await copyFile(table, `${table}.copy`);
    await rename(`${table}.copy`, table);
    await expectRefused(held);
    await expectHeld(held, /^(files|sealing): .*removed or replaced/);
    await stop();
    await expectThere(await start(folder), id);
  }, 90_000);

  it('of the keys of people is moved away: held, until it is back', async () => {
    const folder = await used();
    const held = await start(folder);
    const id = await acknowledged(held);
    const { subjects } = dataPaths(folder);
    await rename(subjects, `${subjects}.away`);
    await expectHeld(held, /^files: .*removed or replaced/);
    await rename(`${subjects}.away`, subjects);
    await expectThere(held, id);
  }, 90_000);
});

it('a write-once folder that takes nothing is not ready, and goes on when it does again', async () => {
  const folder = await used();
  const held = await start(folder);
  const { worm } = dataPaths(folder);
  await rename(worm, `${worm}.away`);
  await writeFile(worm, 'no folder');
  await held.execute(governed({ workflow_name: 'hello' }));
  await vi.waitFor(async () => expect((await held.call('GET', '/health/ready')).status).toBe(503), 20_000);
  await rm(worm);
  await rename(`${worm}.away`, worm);
  await expectFree(held);
}, 90_000);
