/** A level of threat rises with what is seen and falls with time, to nought. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decayed, HALF_LIFE_MS, raised, Threats } from '../../src/loop/threat.ts';
import { SEVERITIES } from '../../src/terms.ts';
import { seen } from './world.ts';

const severity = fc.constantFrom(...SEVERITIES);

describe('a level of threat', () => {
  it('stays between 0 and 1 and rises with each violation', () => {
    fc.assert(
      fc.property(fc.array(severity, { minLength: 1, maxLength: 200 }), (all) => {
        let level = 0;
        for (const each of all) {
          const next = raised(level, { severity: each, basis: 'observed' });
          expect(next).toBeGreaterThanOrEqual(level);
          expect(next).toBeLessThanOrEqual(1);
          level = next;
        }
      }),
    );
  });

  it('halves in its half-life, and is nought in time, wherever it was', () => {
    expect(decayed(0.8, HALF_LIFE_MS)).toBeCloseTo(0.4);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (level) => {
        expect(decayed(level, 7 * HALF_LIFE_MS)).toBe(0);
      }),
    );
  });

  it('rises more for what is worse, and less for somebody’s word', () => {
    const levels = SEVERITIES.map((each) => raised(0, { severity: each, basis: 'observed' }));
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
    for (const each of SEVERITIES)
      expect(raised(0, { severity: each, basis: 'reported' })).toBeLessThan(
        raised(0, { severity: each, basis: 'observed' }),
      );
  });

  it('is told once more when it is nought, and then forgotten', () => {
    const threats = new Threats();
    threats.note(seen({ node: 'node-7', severity: 'BAN' }), 0);
    expect(threats.all(HALF_LIFE_MS)).toEqual([{ node: 'node-7', level: expect.closeTo(0.3) }]);
    expect(threats.all(20 * HALF_LIFE_MS)).toEqual([{ node: 'node-7', level: 0 }]);
    expect(threats.all(20 * HALF_LIFE_MS)).toEqual([]);
  });
});
