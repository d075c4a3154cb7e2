import { describe, expect, it } from 'vitest';
import { HAPPENINGS, Life } from './life.ts';

/** `SIMULATED_LIVES=1000 SIMULATED_FROM=5000` lives a thousand others; it takes some minutes. */
const LIVES = Number(process.env.SIMULATED_LIVES ?? 100);
const FROM = Number(process.env.SIMULATED_FROM ?? 1);
const STEPS = 8;

describe('random lives', () => {
  it(`of failures, races and upkeep, ${LIVES} of them, never make a gap, a fork or a false alarm, and all is sealed in the end`, async () => {
    let audits = 0;
    const done = new Set<string>();
    for (let seed = FROM; seed < FROM + LIVES; seed += 1) {
      const life = new Life(seed);
      const story: string[] = [];
      try {
        for (let step = 0; step < STEPS; step += 1) {
          story.push(await life.step());
          done.add(story.at(-1) ?? '');
          await life.audit();
          audits += 1;
        }
        await life.sealAll();
        expect(await life.audit()).toBe('OK');
      } catch (error) {
        throw new Error(`life ${seed}: ${story.join(', ')}`, { cause: error });
      }
    }
    expect(audits).toBe(LIVES * STEPS);
    // Few lives, to look at one again, do not see everything.
    if (LIVES >= 100) expect(done).toEqual(HAPPENINGS);
  }, 3_600_000);
});
