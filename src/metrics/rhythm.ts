/**
 * The projector's rhythm in a process that lives: on each ring fold what is new (memory only, so that a
 * scrape sees it at once), and once a second look at every lane and store. A crash loses nothing: what was
 * not stored is folded again.
 */
import type { Doorbell } from '../ports.ts';
import type { Projector } from './project.ts';

export interface RhythmDeps {
  readonly projector: Projector;
  readonly doorbell: Doorbell;
  /** Resolves after so many milliseconds, or early when the signal says so. */
  readonly after: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The store failed; the next turn tries again. */
  readonly onFailure: (error: unknown) => void;
}

/** Rings this close together are one. */
const GATHER_MS = 10;
const STORE_EVERY_MS = 1_000;

/** Starts at once. The answer stops it and stores the rest. */
export function startRhythm({ projector, doorbell, after, onFailure }: RhythmDeps): {
  stop(): Promise<void>;
} {
  const end = new AbortController();
  let gathering = false;

  const guarded = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      onFailure(error);
    }
  };

  const hush = doorbell.listen(() => {
    if (gathering) return;
    gathering = true;
    void after(GATHER_MS, end.signal).then(() => {
      gathering = false;
      return guarded(() => projector.catchUp('busy'));
    });
  });

  const turns = (async () => {
    while (!end.signal.aborted) {
      await guarded(() => projector.run());
      await after(STORE_EVERY_MS, end.signal);
    }
  })();

  return {
    async stop() {
      hush();
      end.abort();
      await turns;
      await guarded(() => projector.run());
    },
  };
}
