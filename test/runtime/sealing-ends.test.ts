/** What becomes of receipts when nobody seals: the thread of the sealer is ended, again and again, or is not heard of. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startSealing } from '../../local/sealing.ts';
import type { Standing } from '../../src/ledger/hold.ts';
import { governed, startTestRuntime, type TestRuntime } from './support.ts';

const folder = await mkdtemp(join(tmpdir(), 'chancery-sealing-'));
let live: TestRuntime;
let sealers: Worker[] = [];
const heard = (worker: Worker): void => {
  if (worker.threadName === './seal-worker.ts') sealers.push(worker);
};

beforeEach(async () => {
  sealers = [];
  process.on('worker', heard);
  live = await startTestRuntime({ dataFolder: folder });
});
afterEach(async () => {
  vi.useRealTimers();
  process.off('worker', heard);
  await live.stop();
});
afterAll(() => rm(folder, { recursive: true }));

async function ledger() {
  const { status, body } = await live.call('GET', '/health/ready');
  const check = body.checks.find(({ name }: { name: string }) => name === 'ledger');
  return [status, check?.details.finding];
}
const run = async () => {
  const { status, body } = await live.execute(governed({ workflow_name: 'compliance-report' }));
  return status === 200 ? [status] : [status, body.code];
};

it('nothing is promised from the moment when its thread ends until another one has looked', async () => {
  expect(await run()).toEqual([200]);
  const [sealer] = sealers;
  await sealer?.terminate();
  expect(await run()).toEqual([503, 'LEDGER_UNAVAILABLE']);
  expect(await ledger()).toEqual([503, expect.stringMatching(/^sealing: its thread ended/)]);
  await vi.waitFor(async () => expect(await ledger()).toEqual([200, undefined]), 20_000);
  expect([sealers.length, await run()]).toEqual([2, [200]]);
  await vi.waitFor(async () => expect((await live.audit()).verdict).toBe('OK'), 20_000);
  const { body } = await live.call('GET', '/ledger/entries?limit=200', {
    token: await live.token({ roles: ['auditor'] }),
  });
  expect(JSON.stringify(body)).not.toContain('tamper');
}, 60_000);

it('after as many have ended as are opened again, it is held until somebody starts the process again', async () => {
  for (let deaths = 1; deaths <= 5; deaths += 1) {
    await vi.waitFor(() => expect(sealers).toHaveLength(deaths), 20_000);
    await sealers.at(-1)?.terminate();
  }
  expect(await ledger()).toEqual([503, expect.stringMatching(/start the process again$/)]);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(sealers).toHaveLength(5);
  expect(await run()).toEqual([503, 'LEDGER_UNAVAILABLE']);
  const lines = (await readFile(join(folder, 'log.jsonl'), 'utf8')).split('\n');
  const deaths = lines.filter((line) => line.includes('The sealing thread ended'));
  expect(deaths.slice(-5).map((line) => JSON.parse(line).deaths)).toEqual([1, 2, 3, 4, 5]);
}, 60_000);

it('a thread that is not heard of for a minute holds everything back until it is', async () => {
  // Beside the runtime's own, as another process would.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const found: (Standing | undefined)[] = [];
  const sealing = await startSealing(folder, {
    meter: { count() {}, observe() {}, set() {} },
    log: { write() {} },
    alarm: async () => undefined,
    hold: { set: (watcher, standing) => void (watcher === 'sealing' && found.push(standing)) },
  });
  found.splice(0);
  vi.advanceTimersByTime(60_000);
  expect(found.splice(0)).toEqual([{ head: 'sealing', detail: 'no round came to its end for 60 s' }]);
  await sealing.seal();
  expect(found.at(-1)).toBeUndefined();
  expect(found.length).toBeGreaterThan(0);
  await sealing.stop();
}, 60_000);
