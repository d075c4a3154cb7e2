/**
 * Whether what authors hand in makes decisions wait: 10,000 bundles, each wrong in a way that was drawn (broken text,
 * too deep, too many, too slow, too large), while a decision is asked for every 10 ms. Callers and authors are in
 * threads of their own. `node bench/drafts.ts [bundles]`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { readFolder } from '../adapters/bundled-files.ts';
import { startRuntime } from '../local/runtime.ts';
import { readSettings } from '../local/settings.ts';
import { show, type Table, table } from './table.ts';

const PROJECT = new URL('..', import.meta.url).pathname;
const LATE_MS = 50;
const EVERY_MS = 10;

type Job =
  | { readonly role: 'caller'; readonly url: string; readonly token: string; readonly seconds: number }
  | { readonly role: 'author'; readonly url: string; readonly token: string; readonly bundles: number };

const QUESTION = JSON.stringify({
  action: 'gateway:tool:invoke',
  resource: { type: 'tool', id: 'search-mcp.search' },
});

const send = (url: string, token: string, path: string, body: string): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
  });

/** Milliseconds of each decision until told to stop. */
async function call({ url, token, seconds }: Extract<Job, { role: 'caller' }>): Promise<number[]> {
  let stopped = false;
  parentPort?.on('message', () => {
    stopped = true;
  });
  const took: number[] = [];
  const until = performance.now() + seconds * 1_000;
  while (!stopped && performance.now() < until) {
    const began = performance.now();
    const answer = await send(url, token, '/decisions', QUESTION);
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`a decision was answered ${answer.status}`);
    took.push(performance.now() - began);
    await sleep(EVERY_MS);
  }
  parentPort?.removeAllListeners('message');
  return took;
}

/** A number from 0 to 1 that follows from a seed: the same bundles each time (mulberry32). */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One bundle that is wrong. */
function badBundle(shipped: ReadonlyMap<string, string>, seed: number): Record<string, string> {
  const draw = drawn(seed);
  const pick = <One>(from: readonly One[]): One => from[Math.floor(draw() * from.length)] as One;
  const many = (most: number): number => 1 + Math.floor(draw() * most);
  const files = Object.fromEntries(shipped);
  const name = pick(Object.keys(files));
  const text = files[name] ?? '';
  const clause = Array.from({ length: many(60) }, (_, index) => `context.risk < ${index}`).join(' && ');
  const broad = (index: number): string =>
    `@id("b${index}")\n@description("x")\npermit (principal, action, resource) when { ${clause} && nothing };\n`;
  const wrongs: readonly (() => void)[] = [
    () => {
      files[name] = text.slice(0, Math.floor(draw() * text.length));
    },
    () => {
      const at = Math.floor(draw() * text.length);
      files[name] = text.slice(0, at) + pick(['[', '{', '"', '(', '\u0000', '&a *a', '\t-']) + text.slice(at);
    },
    () => {
      files['policies/deep.cedar'] = `permit (principal, action, resource) when { ${pick([
        '(',
        '[',
        '!',
        'if ',
        'a.',
      ]).repeat(many(5_000))} };`;
    },
    () => {
      files['policies/broad.cedar'] = Array.from({ length: many(240) }, (_, index) => broad(index)).join('');
    },
    () => {
      files['flags.yaml'] = pick(['[', '- ', 'a: ', '{a: ', '&a [*a, ']).repeat(many(20_000));
    },
    () => {
      files['tests/more.yaml'] = `a: &a [x]\nb: [${'*a, '.repeat(many(20_000))}]`;
    },
    () => {
      files[name] = `${text}${'x'.repeat(many(500_000))}`;
    },
  ];
  pick(wrongs)();
  return files;
}

/** Sends them one after the other; how many were answered, by status. */
async function author({
  url,
  token,
  bundles,
}: Extract<Job, { role: 'author' }>): Promise<[number, number][]> {
  const shipped = readFolder(join(PROJECT, 'charter'));
  const answers = new Map<number, number>();
  for (let seed = 0; seed < bundles; seed++) {
    const body = JSON.stringify({ files: badBundle(shipped, seed) });
    const answer = await send(url, token, '/charters/validate', body);
    await answer.arrayBuffer();
    answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1);
  }
  return [...answers];
}

function inThread<Result>(job: Job): { readonly done: Promise<Result>; stop(): void } {
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  const done = new Promise<Result>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { done, stop: () => worker.postMessage('stop') };
}

export async function benchDrafts(bundles = 10_000): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-drafts-'));
  const runtime = await startRuntime({ ...readSettings({}, PROJECT), port: 0, dataFolder: folder });
  try {
    const { url } = runtime;
    const human = { kind: 'human', sub: 'root', name: 'Root', roles: ['admin', 'analyst'] } as const;
    const token = await runtime.mint({ ...human, ttlSeconds: 86_400 });
    await inThread<number[]>({ role: 'caller', url, token, seconds: 3 }).done;
    const quiet = await inThread<number[]>({ role: 'caller', url, token, seconds: 10 }).done;
    const caller = inThread<number[]>({ role: 'caller', url, token, seconds: 86_400 });
    const answers = await inThread<[number, number][]>({ role: 'author', url, token, bundles }).done;
    caller.stop();
    const during = await caller.done;
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

if (isMainThread) {
  if (import.meta.main) console.log(show(await benchDrafts(Number(process.argv[2] ?? 10_000))));
} else {
  const job = workerData as Job;
  parentPort?.postMessage(job.role === 'caller' ? await call(job) : await author(job));
}
