/**
 * `chancery start` with a kill -9 at one step of the first execution that is asked for under an Idempotency-Key:
 * `dies-at.ts FOLDER STEP`. Its clock is behind by more than a key's lease, so that whoever comes after it finds the
 * lease over.
 */
import { startRuntime } from '../../local/runtime.ts';
import { readSettings } from '../../local/settings.ts';
import type { Item, Table } from '../../src/ports.ts';

export const STEPS = ['claimed', 'decided', 'asked', 'ran', 'recorded', 'kept'] as const;
type Step = (typeof STEPS)[number];
export const BEHIND_MS = 120_000;

if (import.meta.main) {
  const [folder = '', dying = ''] = process.argv.slice(2);
  const reached = (step: Step): void => {
    if (step === dying) process.kill(process.pid, 'SIGKILL');
  };
  const isKey = ({ pk }: Item): boolean => pk.startsWith('IDEMPOTENCY#');

  const watched = (table: Table): Table => ({
    get: (pk, sk) => table.get(pk, sk),
    query: (pk, range) => table.query(pk, range),
    async put(item, condition) {
      if (isKey(item) && item.state === 'done') reached('recorded');
      const put = await table.put(item, condition);
      if (isKey(item)) reached(item.state === 'running' ? 'claimed' : 'kept');
      return put;
    },
    putRun: (items) => table.putRun(items),
    add: (pk, sk, slots) => table.add(pk, sk, slots),
    merge: (pk, sk, attributes) => table.merge(pk, sk, attributes),
    remove: (pk, sk, condition) => table.remove(pk, sk, condition),
  });

  const { url } = await startRuntime(
    { ...readSettings(process.env, process.cwd()), dataFolder: folder, port: 0 },
    {
      clock: () => Date.now() - BEHIND_MS,
      table: watched,
      engine: (engine) => ({
        async run(asked) {
          reached('decided');
          const result = await engine.run(asked);
          reached('ran');
          return result;
        },
      }),
      async fetch(...given) {
        const answer = await fetch(...given);
        reached('asked');
        return answer;
      },
    },
  );
  console.log(JSON.stringify({ url }));
}
