/** Finding the newest checkpoint while a sealer is at work. */
import { expect, it } from 'vitest';
import { findHeads } from '../../src/ledger/check/heads-check.ts';
import { readLock } from '../../src/ledger/seal/lock.ts';
import { testLog } from './log-support.ts';
import { note } from './support.ts';

/** The sealer is held before it publishes its second tree, and finishes at the verifier's n-th read. */
async function besideASealer(at: number): Promise<readonly string[]> {
  const log = testLog();
  const lane = await log.lane();
  await lane.append(note('1'));
  await log.sealer().seal();
  const before = (await readLock(log.table)).size;
  log.time.now += 100;
  await lane.append(note('2'));
  let publish = () => {};
  let held = () => {};
  const reached = new Promise<void>((resolve) => (held = resolve));
  const gate = new Promise<void>((resolve) => (publish = resolve));
  const sealing = log
    .sealer({
      log: {
        ...log.log,
        get: log.log.get.bind(log.log),
        list: log.log.list.bind(log.log),
        remove: log.log.remove.bind(log.log),
        async put(name, bytes, ...more) {
          // A new sealer publishes the tree that it finds once more; the one to hold is its own.
          if (name === 'checkpoint' && sizeIn(bytes) > before) {
            held();
            await gate;
          }
          return log.log.put(name, bytes, ...more);
        },
      },
    })
    .seal();
  await reached;
  let reads = 0;
  const reading = async () => {
    reads += 1;
    if (reads !== at) return;
    publish();
    await sealing;
  };
  const { findings } = await findHeads(
    {
      log: {
        async get(name) {
          const found = await log.log.get(name);
          await reading();
          return found;
        },
      },
      worm: {
        get: (name) => log.worm.get(name),
        async *list(prefix) {
          yield* log.worm.list(prefix);
          await reading();
        },
      },
      async lock() {
        const lock = await readLock(log.table);
        await reading();
        return lock;
      },
    },
    log.trustAll,
  );
  publish();
  await sealing;
  return findings.map(({ verdict, detail }) => `${verdict}: ${detail}`);
}

const sizeIn = (bytes: Uint8Array): number => Number(Buffer.from(bytes).toString('utf8').split('\n')[1]);

it.each([1, 2, 3, 4, 5, 6, 99])('a sealer that publishes at read %i is no rollback', async (at) => {
  expect(await besideASealer(at)).toEqual([]);
});
