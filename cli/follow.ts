/** `--follow` of lists: what is there, what comes, and what changes, each line when it does, until interrupted. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CliWorld } from './world.ts';

const FOLLOW_EVERY_MS = 1_000;

export interface Followed<T> {
  /** Newest first, as lists are; asked again and again. */
  readonly read: () => Promise<readonly T[]>;
  readonly id: (one: T) => string;
  readonly line: (one: T) => string;
}

/** Never returns by itself: what `read` throws ends it. With `--json`, each line is one object. */
export async function follow<T>(
  cli: Pick<CliWorld, 'json' | 'out'>,
  { read, id, line }: Followed<T>,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<never> {
  let before = new Map<string, string>();
  for (;;) {
    const now = new Map<string, string>();
    for (const one of (await read()).toReversed()) {
      const text = cli.json ? JSON.stringify(one) : line(one);
      if (before.get(id(one)) !== text) cli.out(text);
      now.set(id(one), text);
    }
    before = now;
    await wait(FOLLOW_EVERY_MS);
  }
}
