import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { broken, renderScaling, simulate } from '../../scripts/scaling.ts';
import { PROJECT } from '../runtime/support.ts';

const USUAL = { concurrency: 1_000, stageRate: 1_000 };

describe('what a flood does', () => {
  const flood = { flood: 77_000, good: 500, concurrency: 1_000 };

  it('a stop with executions of its own is taken within 5 s, however large the flood', () => {
    expect(simulate({ ...flood, reserved: 20 }).stop_s).toBeLessThan(5);
    expect(simulate({ ...flood, flood: 770_000, reserved: 1 }).stop_s).toBeLessThan(5);
  });

  it('without them it waits for as long as the flood lasts', () => {
    expect(simulate({ ...flood, reserved: 0 }).stop_s).toBe(Number.POSITIVE_INFINITY);
  });

  it('good callers are served when the edge holds the flooder back, and hardly otherwise', () => {
    expect(simulate({ ...flood, reserved: 20 }).good).toBeLessThan(0.2);
    expect(simulate({ ...flood, flood: 1_000, perCaller: 100, reserved: 20 }).good).toBeGreaterThan(0.99);
  });

  it('nothing is lost where there is room', () => {
    expect(simulate({ flood: 0, good: 20, concurrency: 10, reserved: 0 })).toMatchObject({ good: 1 });
  });
});

describe('what breaks first', () => {
  it('is nothing at 100 a second, and more the more is asked', () => {
    expect(broken(100, USUAL)).toEqual([]);
    const [few, many] = [broken(2_000, USUAL).length, broken(10_000, USUAL).length];
    expect(few).toBeGreaterThan(0);
    expect(many).toBeGreaterThan(few);
  });

  it('is on the page', async () => {
    await expect(renderScaling()).toMatchFileSnapshot(join(PROJECT, 'docs/scaling.md'));
  });
});
