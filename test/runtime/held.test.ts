/** What a running system does when it finds that its ledger contradicts itself: it acknowledges nothing, and says why. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { mintLocalToken } from '../../adapters/local/dev-issuer.ts';
import { verifyStore } from '../../local/ledger-verify.ts';
import { dataPaths } from '../../local/stores.ts';
import { startProcess } from '../support/process.ts';
import { governed, OPERATOR, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

const run = promisify(execFile);
let chancery: TestRuntime | undefined;
const folders: string[] = [];

async function start(folder: string): Promise<TestRuntime> {
  chancery = await startTestRuntime({
    dataFolder: folder,
    workflowsFolder: join(PROJECT, 'test/fixtures/workflows'),
  });
  return chancery;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-held-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  await chancery?.runtime.stop();
  chancery = undefined;
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** As somebody does it beside the running system. */
async function restore(dataFolder: string): Promise<unknown> {
  const bin = join(PROJECT, 'bin/chancery.ts');
  const env = { ...process.env, CHANCERY_DATA: dataFolder };
  const { stdout } = await run(process.execPath, [bin, 'ledger', 'restore', '--json'], { env });
  return JSON.parse(stdout);
}

const ready = async (from: TestRuntime) => {
  const { status, body } = await from.call('GET', '/health/ready');
  const ledger = body.checks.find(({ name }: { name: string }) => name === 'ledger');
  return { status, finding: ledger?.details.finding };
};

/** Runs once and waits until the last receipt is sealed. */
async function runSealed(from: TestRuntime): Promise<string> {
  const { status, body } = await from.execute(governed({ workflow_name: 'hello' }));
  expect(status).toBe(200);
  await vi.waitFor(async () => expect((await from.audit()).verdict).toBe('OK'), 10_000);
  return body.receipt.id;
}

/** It acknowledges nothing, and names this finding wherever somebody looks. */
async function expectHeld(from: TestRuntime, finding: RegExp): Promise<void> {
  await vi.waitFor(
    async () => expect(await ready(from)).toEqual({ status: 503, finding: expect.stringMatching(finding) }),
    15_000,
  );
  const refused = await from.execute(governed({ workflow_name: 'hello' }));
  expect([refused.status, refused.body.code]).toEqual([503, 'LEDGER_UNAVAILABLE']);
  expect((await from.call('GET', '/health')).status).toBe(503);
}

async function expectFree(from: TestRuntime): Promise<void> {
  await vi.waitFor(async () => expect((await ready(from)).status).toBe(200), 15_000);
  expect((await from.execute(governed({ workflow_name: 'hello' }))).status).toBe(200);
}

it('an older store put back: nothing is acknowledged until the store is restored from the sealed log', async () => {
  const folder = await newFolder();
  const { table } = dataPaths(folder);
  const older = join(folder, 'older.sqlite');
  await runSealed(await start(folder));
  await chancery?.runtime.stop();
  await copyFile(table, older);
  const kept = await runSealed(await start(folder));
  await chancery?.runtime.stop();
  await copyFile(older, table);

  const held = await start(folder);
  await expectHeld(held, /^(worm|witness|lock): /);
  const restored = await restore(folder);
  expect(restored).toMatchObject({ status: 'restored', lock: true, differing: [] });
  await expectFree(held);
  await vi.waitFor(async () => expect(await held.faults()).toEqual([]), 10_000);
  const token = await held.token({ sub: 'ada', roles: ['auditor'] });
  expect((await held.call('GET', `/ledger/entries/${kept}`, { token })).status).toBe(200);
  // What was found while nothing could be recorded is on record now.
  await vi.waitFor(async () => {
    const { body } = await held.call('GET', '/ledger/entries?type=security.tamper_detected', { token });
    expect(body.entries.length).toBeGreaterThan(0);
  }, 10_000);
}, 90_000);

it('a record that was changed while nobody ran is found, and holds everything until it is put right', async () => {
  const folder = await newFolder();
  await runSealed(await start(folder));
  await chancery?.runtime.stop();
  const tool = new DatabaseSync(dataPaths(folder).table);
  const where = `pk = 'LANE#00000001' AND sk = '0000000001'`;
  const row = tool.prepare(`SELECT b FROM items WHERE ${where}`).get();
  // Whoever knows of the triggers drops them first.
  tool.exec('DROP TRIGGER ledger_modified');
  tool.exec(`UPDATE items SET b = X'7B7D' WHERE ${where}`);
  tool.close();

  const held = await start(folder);
  await expectHeld(held, /^record: MODIFIED: record 1\.1 /);
  const { text } = await held.call('GET', '/metrics', {
    token: await held.token({ sub: 'ada', roles: ['auditor'] }),
  });
  expect(text).toMatch(/chancery_ledger_integrity_checks_total\{result="MODIFIED"\} 1/);

  const mend = new DatabaseSync(dataPaths(folder).table);
  mend.prepare(`UPDATE items SET b = ? WHERE ${where}`).run(row?.b ?? null);
  mend.close();
  await expectFree(held);
}, 60_000);

it('a store that was moved away under the running process takes nothing more, and goes on when it is back', async () => {
  const folder = await newFolder();
  const { table } = dataPaths(folder);
  const held = await start(folder);
  await runSealed(held);
  await rename(table, `${table}.away`);
  await expectHeld(held, /^(files|sealing): .*removed or replaced/);
  await rename(`${table}.away`, table);
  await expectFree(held);
}, 60_000);

it('the main file of the store alone is a copy of everything that is sealed', async () => {
  const folder = await newFolder();
  const chancery = await start(folder);
  const kept = await runSealed(chancery);
  const alone = join(folder, 'alone.sqlite');
  await vi.waitFor(async () => {
    await writeFile(alone, await readFile(dataPaths(folder).table));
    const copy = new DatabaseSync(alone, { readOnly: true });
    const [lane, seq] = kept.split('.').map(Number);
    const found = copy
      .prepare('SELECT 1 FROM items WHERE pk = ? AND sk = ?')
      .get(`LANE#${String(lane).padStart(8, '0')}`, String(seq).padStart(10, '0'));
    copy.close();
    expect(found).toBeDefined();
  }, 10_000);
}, 60_000);

it('a log that cannot be written: nothing is promised a place in it, and it goes on by itself', async () => {
  const folder = await newFolder();
  const { log } = dataPaths(folder);
  const held = await start(folder);
  await runSealed(held);
  // Where drafts are written there is no folder any more: whoever runs this, each write fails.
  await rm(join(log, '.writing'), { recursive: true });
  await writeFile(join(log, '.writing'), '');
  // Promised before anybody could know: it is sealed later.
  const early = await held.execute(governed({ workflow_name: 'hello' }));
  await expectHeld(held, /^sealing: .*something else is in the place of a folder$/);
  await rm(join(log, '.writing'));
  await mkdir(join(log, '.writing'));
  await expectFree(held);
  await vi.waitFor(async () => expect((await held.audit()).verdict).toBe('OK'), 10_000);
  const token = await held.token({ sub: 'ada', roles: ['auditor'] });
  expect((await held.call('GET', `/ledger/entries/${early.body.receipt.id}`, { token })).status).toBe(200);
}, 60_000);

// A process whose files may not grow meets the same refusals as one on a full disk.
it.runIf(process.platform === 'linux')(
  'a disk without room: nothing is acknowledged, readiness says so, and it goes on by itself',
  async () => {
    const folder = await newFolder();
    const chancery = await startProcess(folder, {
      CHANCERY_WORKFLOWS: join(PROJECT, 'test/fixtures/workflows'),
    });
    const token = await mintLocalToken(folder, OPERATOR, Date.now());
    const execute = async () => {
      const answer = await fetch(`${chancery.url}/workflows/governed/execute`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(governed({ workflow_name: 'hello' })),
      });
      return z
        .looseObject({ code: z.string().optional() })
        .parse({ ...(await answer.json()), status: answer.status });
    };
    const isReady = async () => (await fetch(`${chancery.url}/health/ready`)).status;
    const mayGrow = (bytes: string) =>
      run('prlimit', ['--pid', String(chancery.child.pid), `--fsize=${bytes}:unlimited`]);
    try {
      expect((await execute()).status).toBe(200);
      await mayGrow('1');
      const refused = await execute();
      expect(refused.status).toBe(503);
      expect(['STORE_UNAVAILABLE', 'LEDGER_UNAVAILABLE']).toContain(refused.code);
      await vi.waitFor(async () => expect(await isReady()).toBe(503), 15_000);
      await mayGrow('unlimited');
      await vi.waitFor(async () => expect(await isReady()).toBe(200), 15_000);
      expect((await execute()).status).toBe(200);
    } finally {
      await chancery.kill('SIGTERM');
    }
    expect((await verifyStore(folder)).verdict).toBe('OK');
  },
  60_000,
);
