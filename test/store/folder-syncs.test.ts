/** Syncs of a folder are shared, and never by one whose entry may have come too late for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FolderSyncs } from '../../adapters/local/folder-syncs.ts';

/** A disk whose syncs are ended by hand. */
function disk() {
  let clock = 0;
  const open: { began: number; folder: string; end: (error?: Error) => void }[] = [];
  const done = new Map<string, number>();
  const syncs = new FolderSyncs(
    (folder) =>
      new Promise<void>((resolve, reject) => {
        clock += 1;
        const began = clock;
        open.push({
          began,
          folder,
          end(error) {
            if (error === undefined) {
              done.set(folder, Math.max(began, done.get(folder) ?? 0));
              resolve();
            } else reject(error);
          },
        });
      }),
  );
  return {
    syncs,
    open,
    tick: () => (clock += 1),
    /** When the newest sync that succeeded began. */
    kept: (folder: string) => done.get(folder) ?? 0,
    began: () => clock,
  };
}

it('everybody who is told has their entry in a sync that began after they asked, whatever fails beside it', async () => {
  const step = fc.oneof(
    fc.record({ ask: fc.constantFrom('a', 'b') }),
    fc.record({ end: fc.nat(3), fails: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { syncs, open, tick, kept } = disk();
      const asked: Promise<void>[] = [];
      let told = 0;
      const end = async (at: number, fails: boolean): Promise<void> => {
        const [one] = open.splice(at % Math.max(1, open.length), 1);
        one?.end(fails ? new Error('the disk') : undefined);
        await sleep(0);
      };
      for (const each of steps) {
        if ('end' in each) {
          await end(each.end, each.fails);
          continue;
        }
        const { ask } = each;
        const at = tick();
        asked.push(
          syncs.sync(ask).then(
            () => {
              told += 1;
              expect(kept(ask)).toBeGreaterThan(at);
            },
            (error: Error) => {
              told += 1;
              expect(error.message).toBe('the disk');
            },
          ),
        );
      }
      while (open.length > 0) await end(0, false);
      await Promise.all(asked);
      expect(told).toBe(asked.length);
    }),
    { numRuns: 60 },
  );
});

it('twenty at once are two syncs, and the failure of the first is told to nobody else', async () => {
  const { syncs, open, began } = disk();
  const asked = Array.from({ length: 20 }, () => syncs.sync('tile'));
  expect(open).toHaveLength(1);
  open.shift()?.end(new Error('the disk'));
  await expect(asked[0]).rejects.toThrow('the disk');
  await sleep(0);
  open.shift()?.end();
  await Promise.all(asked.slice(1));
  expect(began()).toBe(2);
});
