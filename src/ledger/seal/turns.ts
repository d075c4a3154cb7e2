/**
 * Who makes a round, of several sealers that could: whoever stages its bundle, and the others stand back until it is
 * published, or until they take who staged it for dead. This only saves them from doing the same in vain; what makes it
 * right is the order of the sealer's steps, each of which is conditional or may be repeated.
 */
import type { Wait } from '../lane/commit.ts';

/** Between two looks at a round that another makes, and how long one that does not move is respected: its sealer died. */
const PAUSE_MS = 100;
const LOST_MS = 3_000;
/** Those who wake together stage one after the other: within so long, longer where they meet all the same. */
const SPREAD_MS = { least: 20, first: 500, most: 2_000 };

export class SealerTurns {
  readonly #wait: Wait | undefined;
  readonly #chance: () => number;
  #spreadMs = SPREAD_MS.first;
  /** The version of the lock that this sealer wrote last. */
  #written: number | undefined;

  /**
   * @param wait undefined where no other sealer can be: then nobody is waited for
   * @param chance a number from 0 to 1, another each time
   */
  constructor(wait?: Wait, chance: () => number = Math.random) {
    [this.#wait, this.#chance] = [wait, chance];
  }

  /**
   * Lets those go first who are about to do the same; false, and at once, where nobody is to be expected: this sealer
   * wrote the lock last.
   */
  async letOthersGoFirst(version: number): Promise<boolean> {
    if (this.#wait === undefined || version === this.#written) return false;
    await this.#wait(this.#spreadMs * this.#chance());
    return true;
  }

  /** Looks until what another is at is over. False when it does not come to its end, or nobody else can be at it. */
  async untilOver(isOver: () => Promise<boolean>): Promise<boolean> {
    if (this.#wait === undefined) return false;
    // Not all who wait for one that died go on at the same moment.
    const patience = LOST_MS * (1 + this.#chance());
    for (let waited = 0; waited < patience; ) {
      const pause = PAUSE_MS * (1 + this.#chance());
      waited += pause;
      await this.#wait(pause);
      if (await isOver()) return true;
    }
    return false;
  }

  /** Whether this sealer was the first to stage. */
  staged(first: boolean): void {
    this.#spreadMs = first
      ? Math.max(SPREAD_MS.least, this.#spreadMs * 0.9)
      : Math.min(SPREAD_MS.most, this.#spreadMs * 2);
  }

  /** This sealer swapped the lock for this version. */
  wrote(version: number): void {
    this.#written = version;
  }
}
