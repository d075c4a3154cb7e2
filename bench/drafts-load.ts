/** The callers and authors of drafts.ts, in a thread of their own each. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFolder } from '../adapters/bundled-files.ts';
import { serve } from '../local/thread.ts';
import type { Door } from './drafts.ts';

const PROJECT = new URL('..', import.meta.url).pathname;
const EVERY_MS = 10;

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

let stopped = false;
const SHIPPED = readFolder(join(PROJECT, 'charter'));

/** Milliseconds of each decision, for so many seconds or until it is told to stop. */
async function decide({ url, token }: Door, seconds: number): Promise<number[]> {
  const took: number[] = [];
  stopped = false;
  const until = performance.now() + seconds * 1_000;
  while (!stopped && performance.now() < until) {
    const began = performance.now();
    const answer = await send(url, token, '/decisions', QUESTION);
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`a decision was answered ${answer.status}`);
    took.push(performance.now() - began);
    await sleep(EVERY_MS);
  }
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
async function author({ url, token }: Door, from: number, bundles: number): Promise<[number, number][]> {
  const answers = new Map<number, number>();
  for (let seed = from; seed < from + bundles; seed++) {
    const body = JSON.stringify({ files: badBundle(SHIPPED, seed) });
    const answer = await send(url, token, '/charters/validate', body);
    await answer.arrayBuffer();
    answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1);
  }
  return [...answers];
}

await serve((door: Door) => ({
  decide: (seconds: number) => decide(door, seconds),
  async stop() {
    stopped = true;
  },
  author: (from: number, bundles: number) => author(door, from, bundles),
}));
