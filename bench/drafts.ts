/**
 * Whether what authors hand in makes decisions wait: 10,000 bundles, each wrong in a way that was drawn (broken text,
 * too deep, too many, too slow, too large), while a decision is asked for every 10 ms. Callers and authors are in
 * threads of their own. Quiet spells alternate with busy ones, so that both see the same machine; and what the deciding
 * thread itself was busy with is counted in its own CPU time, which nobody beside it can lengthen.
 * `node bench/drafts.ts [bundles]`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRuntime } from '../local/runtime.ts';
import { readSettings } from '../local/settings.ts';
import { openThread } from '../local/thread.ts';
import { show, type Table, table } from './table.ts';

const PROJECT = new URL('..', import.meta.url).pathname;
const LATE_MS = 50;
/** Bundles between two quiet spells. */
const AT_ONCE = 500;
const LOOK_MS = 5;

/** Where the load goes, and by whose token. */
export interface Door {
  readonly url: string;
  readonly token: string;
}

/** What drafts-load.ts offers. */
type Load = {
  /** Milliseconds of each decision. */
  readonly decide: (seconds: number) => Promise<number[]>;
  readonly stop: () => Promise<void>;
  /** How many bundles were answered, by status; the same bundle for the same number. */
  readonly author: (from: number, bundles: number) => Promise<[number, number][]>;
};

export async function benchDrafts(bundles = 10_000): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-drafts-'));
  const runtime = await startRuntime({ ...readSettings({}, PROJECT), port: 0, dataFolder: folder });
  try {
    const { url } = runtime;
    const human = { kind: 'human', sub: 'root', name: 'Root', roles: ['admin', 'analyst'] } as const;
    const token = await runtime.mint({ ...human, ttlSeconds: 86_400 });
    const open = () => openThread<Door, Load>('../bench/drafts-load.ts', { url, token });
    const [caller, writer] = [open(), open()];
    await caller.call('decide', 3);
    const answers = new Map<number, number>();
    const [quiet, during]: [number[], number[]] = [[], []];
    const [alone, beside] = [ownTurns(), ownTurns()];
    for (let done = 0; done < bundles; done += AT_ONCE) {
      quiet.push(...(await alone.during(caller.call('decide', 5))));
      const deciding = caller.call('decide', 86_400);
      const said = await beside.during(writer.call('author', done, Math.min(AT_ONCE, bundles - done)));
      await caller.call('stop');
      during.push(...(await deciding));
      for (const [status, count] of said) answers.set(status, (answers.get(status) ?? 0) + count);
    }
    await Promise.all([caller.end(), writer.end()]);
    const usual = at(quiet, 0.5);
    const row = (what: string, took: readonly number[], busy: readonly number[]): string[] => [
      what,
      String(took.length),
      ...[0.5, 0.99, 1].map((share) => at(took, share).toFixed(1)),
      String(took.filter((ms) => ms - usual > LATE_MS).length),
      at(busy, 1).toFixed(1),
      String(busy.filter((ms) => ms > LATE_MS).length),
    ];
    const said = [...answers].map(([status, count]) => `${count} × ${status}`).join(', ');
    return table(
      `Decisions while ${bundles} wrong bundles are validated (${said}); goal: none more than ${LATE_MS} ms late`,
      [
        'meanwhile',
        'decisions',
        'p50 ms',
        'p99 ms',
        'most ms',
        `> ${LATE_MS} ms late`,
        'own CPU at once, most ms',
        `> ${LATE_MS}`,
      ],
      [row('nothing else', quiet, alone.busy), row('bundles', during, beside.busy)],
    );
  } finally {
    await runtime.stop();
    await rm(folder, { recursive: true });
  }
}

/** Milliseconds of CPU that this thread spent between two looks, as close together as it lets them be. */
function ownTurns() {
  const busy: number[] = [];
  const spent = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  return {
    busy,
    async during<T>(work: Promise<T>): Promise<T> {
      let before = spent();
      const looking = setInterval(() => {
        const now = spent();
        busy.push(now - before);
        before = now;
      }, LOOK_MS);
      try {
        return await work;
      } finally {
        clearInterval(looking);
      }
    },
  };
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

if (import.meta.main) console.log(show(await benchDrafts(Number(process.argv[2] ?? 10_000))));
