import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FileRun } from '../../scripts/ci/run.ts';
import {
  closing,
  FLAKY_ALLOWED,
  NOTHING,
  SLOWEST_SHOWN,
  single,
  tallied,
  total,
} from '../../scripts/ci/tally.ts';

const fileRun = (file: string, passed: number, failed: number): FileRun => ({
  file,
  passed,
  failed,
  skipped: 0,
  causes: Array.from({ length: failed }, (_, n) => `cause ${n}`),
  tests: Array.from({ length: passed + failed }, (_, n) => ({ name: `test ${n}`, ms: n })),
});

const flakyFiles = (count: number) =>
  total(
    Array.from({ length: count }, (_, n) => {
      const file = `${n}.test.ts`;
      const run = { files: [fileRun(file, 1, 1)], stray: [] };
      return tallied('unit', run, false, new Map([[file, fileRun(file, 2, 0)]]));
    }),
  );

it(`lets ${FLAKY_ALLOWED} flaky files pass, by name, and fails the run at one more`, () => {
  const allowed = closing(flakyFiles(FLAKY_ALLOWED));
  expect(allowed.ok).toBe(true);
  expect(allowed.lines).toContain('flaky: 0.test.ts (cause 0)');
  expect(allowed.lines.at(-1)).toBe('4 passed, 0 failed');
  const more = closing(flakyFiles(FLAKY_ALLOWED + 1));
  expect(more.ok).toBe(false);
  expect(more.lines.at(-1)).toBe('6 passed, 1 failed');
});

it('prints the ten slowest tests, slowest first', () => {
  const tests = [5, 900, 20, 70, 60, 50, 40, 30, 80, 90, 100, 10].map((ms) => ({ name: `of ${ms}`, ms }));
  const { lines } = closing({ ...NOTHING, passed: 12, tests });
  const shown = lines.filter((line) => line.includes(' s  of '));
  expect(shown).toHaveLength(SLOWEST_SHOWN);
  expect(shown[0]).toContain('of 900');
  expect(shown.join()).not.toMatch(/of (5|10)$/);
});

it('calls a run that failed without a failing test a failure', () => {
  const run = { files: [fileRun('a.test.ts', 3, 0)], stray: [] };
  expect(tallied('unit', run, false, new Map())).toMatchObject({ passed: 3, failed: 1 });
  expect(tallied('unit', undefined, false, new Map())).toMatchObject({ passed: 0, failed: 1 });
  expect(tallied('unit', undefined, true, new Map())).toMatchObject({ passed: 0, failed: 1 });
  expect(single('the demo', false)).toMatchObject({ failed: 1, failures: ['the demo'] });
});

it('is green only when every file passed, at first or alone, and nothing went wrong beside them', () => {
  const file = fc.record({ passed: fc.nat(5), failed: fc.nat(2), alone: fc.option(fc.nat(1)) });
  fc.assert(
    fc.property(fc.array(file), fc.nat(1), (files, strays) => {
      const run = {
        files: files.map(({ passed, failed }, n) => fileRun(`${n}`, passed, failed)),
        stray: Array.from({ length: strays }, () => 'stray'),
      };
      const again = new Map(
        files.flatMap(({ passed, failed, alone }, n) =>
          alone === null ? [] : [[`${n}`, fileRun(`${n}`, passed + failed - alone, alone)] as const],
        ),
      );
      const bad = files.filter(({ failed, alone }) => failed > 0 && alone !== 0);
      const flaky = files.filter(({ failed, alone }) => failed > 0 && alone === 0);
      const exitOk = strays === 0 && files.every(({ failed }) => failed === 0);
      const tally = tallied('unit', run, exitOk, again);
      expect(tally.failed).toBe(bad.reduce((sum, { failed }) => sum + failed, strays));
      expect(tally.flaky).toHaveLength(flaky.length);
      expect(closing(tally).ok).toBe(bad.length === 0 && strays === 0 && flaky.length <= FLAKY_ALLOWED);
    }),
  );
});
