/** `--follow` of lists: what is there, what comes, and what changes, each line when it does, until interrupted. */
import type { UntilEnded } from './interrupted.ts';
import type { NextLook } from './news.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export interface Followed<T> {
  /** Newest first, as lists are; asked again and again. */
  readonly read: () => Promise<readonly T[]>;
  readonly id: (one: T) => string;
  readonly line: (one: T) => string;
}

/** Whether it is worth asking again: the service was there before, and does not answer at the moment. */
export const isAway = (error: unknown): boolean =>
  error instanceof CommandEnd && error.exit === EXIT.unavailable;

/**
 * Goes on over a restart of the service; a refusal ends it, and so does a service that was never there. With `--json`,
 * each line is one object.
 */
export function follow<T>(
  cli: Pick<CliWorld, 'json' | 'out' | 'err'>,
  { read, id, line }: Followed<T>,
  nextLook: NextLook,
): UntilEnded {
  return async (ended) => {
    let before: ReadonlyMap<string, string> | undefined;
    let away = false;
    while (!ended.aborted) {
      try {
        const now = new Map<string, string>();
        for (const one of (await read()).toReversed()) {
          const text = cli.json ? JSON.stringify(one) : line(one);
          if (before?.get(id(one)) !== text) cli.out(text);
          now.set(id(one), text);
        }
        [before, away] = [now, false];
      } catch (error) {
        if (before === undefined || !isAway(error)) throw error;
        if (!away) cli.err('The service does not answer; waiting for it.');
        away = true;
      }
      await nextLook(ended);
    }
  };
}
