/** How threads speak: every call is answered once, by a value, an error or the thread's end. */
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyInThread } from '../../local/ledger-verify.ts';
import { replayInThread } from '../../local/replay.ts';
import type { SealOrders } from '../../local/sealing.ts';
import { openThread, ThreadEnded } from '../../local/thread.ts';
import { shipped } from '../charter/world.ts';
import { PROJECT } from '../runtime/support.ts';

const empty = () => mkdtemp(join(tmpdir(), 'chancery-thread-'));

it('is how every thread speaks: no other file makes one', () => {
  const files = globSync('{src,http,adapters,local,cli,lambdas,bench,scripts}/**/*.ts', { cwd: PROJECT });
  const making = files.filter((file) =>
    /worker_threads|comlink/.test(readFileSync(join(PROJECT, file), 'utf8')),
  );
  expect(making).toEqual(['local/thread.ts']);
});

describe('a call to a thread', () => {
  it('throws the code that the call threw', async () => {
    const folder = await empty();
    await expect(verifyInThread(folder)).rejects.toMatchObject({
      name: 'ChanceryError',
      code: 'NOT_FOUND',
      message: expect.stringContaining('trust.json'),
    });
  });

  it('throws the message of what nobody foresaw', async () => {
    const store = join(await empty(), 'no-store', 'no-table');
    await expect(replayInThread(store, shipped, shipped, 0)).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
      cause: { message: expect.stringMatching(/\S/) },
    });
  });

  it('ends with the thread, before it began and after', async () => {
    const died: string[] = [];
    const job = { folder: await empty(), intervalMs: 1_000, heartbeatMs: 1_000, limit: 1 };
    const thread = openThread<typeof job, SealOrders>('./seal-worker.ts', job, {
      died: ({ message }) => died.push(message),
    });
    const [ready, called] = await Promise.allSettled([thread.ready, thread.call('seal')]);
    expect([ready, called].map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(died).toEqual(['the data folder has no trust.json']);
    await expect(thread.call('seal')).rejects.toBeInstanceOf(ThreadEnded);
  });

  it('is answered for each of those that wait at once', async () => {
    const job = { folder: await empty(), options: {} };
    const thread = openThread<typeof job, { run: () => Promise<unknown> }>('./verify-worker.ts', job);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => thread.call('run')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'rejected'));
    const waiting = thread.call('run');
    await thread.end();
    await expect(waiting).rejects.toThrow();
  });
});
