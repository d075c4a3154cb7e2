/** Time of its own for many who wait for each other in one process, so that a busy machine changes nothing. */
export interface VirtualTime {
  /** Resolves after so many milliseconds of this time. */
  readonly later: (ms: number) => Promise<void>;
  /** Lets it pass until all of the work is done: a pause ends when all who run have paused or wait for a part that is far away. */
  readonly during: <T>(work: readonly Promise<T>[]) => Promise<T[]>;
  /** This time stands still while something is really done, as in a thread. */
  readonly really: <T>(work: () => Promise<T>) => Promise<T>;
  /** The same part as far away as that; it stands still while the part does something. */
  readonly farAway: <T extends object>(part: T, ms: number) => T;
}

/** Turns of the event loop after which all who only wait for each other have paused. */
const TURNS = 4;

export function virtualTime(): VirtualTime {
  let [now, busy] = [0, 0];
  const pauses: { readonly at: number; readonly end: () => void }[] = [];
  const later = (ms: number) => new Promise<void>((end) => pauses.push({ at: now + ms, end }));
  const turn = () => new Promise((next) => setImmediate(next));

  async function really<T>(work: () => Promise<T>): Promise<T> {
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
    }
  }

  return {
    later,
    really,
    async during(work) {
      let done = false;
      const ended = Promise.all(work).finally(() => {
        done = true;
      });
      // It is heard of where it is awaited.
      ended.catch(() => undefined);
      while (!done) {
        for (let turns = 0; turns < TURNS || busy > 0; turns += 1) await turn();
        const [first] = pauses.sort((left, right) => left.at - right.at).splice(0, 1);
        now = first?.at ?? now;
        first?.end();
      }
      return ended;
    },
    farAway: (part, ms) =>
      new Proxy(part, {
        get(target, method) {
          const value: unknown = Reflect.get(target, method);
          if (typeof value !== 'function') return value;
          if (method === 'list') {
            return async function* (...given: unknown[]) {
              await later(ms);
              yield* await really(() => Array.fromAsync<unknown>(value.apply(target, given)));
            };
          }
          return async (...given: unknown[]) => {
            await later(ms / 2);
            const result = await really<unknown>(async () => value.apply(target, given));
            await later(ms / 2);
            return result;
          };
        },
      }),
  };
}

/** Numbers between 0 and 1 that look random and are the same in every run (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
