/**
 * Whether what authors hand in makes decisions wait: 10,000 bundles, each wrong in a way that was drawn (broken text,
 * too deep, too many, too slow, too large), while a decision is asked for every 10 ms. Callers and authors are in
 * threads of their own. `node bench/drafts.ts [bundles]`
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
  /** How many bundles were answered, by status. */
  readonly author: (bundles: number) => Promise<[number, number][]>;
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
    const quiet = await caller.call('decide', 10);
    const deciding = caller.call('decide', 86_400);
    const answers = await writer.call('author', bundles);
    await caller.call('stop');
    const during = await deciding;
    await Promise.all([caller.end(), writer.end()]);
    const usual = at(quiet, 0.5);
    const row = (what: string, took: readonly number[]): string[] => [
      what,
      String(took.length),
      ...[0.5, 0.99, 1].map((share) => at(took, share).toFixed(1)),
      String(took.filter((ms) => ms - usual > LATE_MS).length),
    ];
    const said = answers.map(([status, count]) => `${count} × ${status}`).join(', ');
    return table(
      `Decisions while ${bundles} wrong bundles are validated (${said}); goal: none more than ${LATE_MS} ms late`,
      ['meanwhile', 'decisions', 'p50 ms', 'p99 ms', 'most ms', `> ${LATE_MS} ms late`],
      [row('nothing else', quiet), row('bundles', during)],
    );
  } finally {
    await runtime.stop();
    await rm(folder, { recursive: true });
  }
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

if (import.meta.main) console.log(show(await benchDrafts(Number(process.argv[2] ?? 10_000))));
