/** CI on a suite of its own, run by vitest as every step is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runSuite } from '../../scripts/ci/suite.ts';

const config = new URL('fixture/vitest.config.ts', import.meta.url).pathname;
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-test-'));
  process.env.CI_FIXTURE_MARK = join(folder, 'mark');
});
afterEach(() => {
  delete process.env.CI_FIXTURE_MARK;
  rmSync(folder, { recursive: true });
});

async function run(...cases: string[]) {
  const command = [process.execPath, vitest, 'run', '--config', config, ...cases] as const;
  const { flaky, failures, passed, failed, skipped } = await runSuite(
    { name: 'fixture', command: [...command], config },
    join(folder, 'run.json'),
    'ignore',
  );
  return { passed, failed, skipped, flaky: flaky.map(({ file }) => basename(file)), failures };
}

it('counts a run in which all is well', async () => {
  expect(await run('sound')).toEqual({ passed: 1, failed: 0, skipped: 1, flaky: [], failures: [] });
});

it('counts a file that passes alone by its second word, and names it', async () => {
  expect(await run('once')).toEqual({
    passed: 2,
    failed: 0,
    skipped: 0,
    flaky: ['once.case.ts'],
    failures: [],
  });
});

it('counts a file that fails twice as it failed', async () => {
  const { failures, ...counts } = await run('always', 'sound');
  expect(counts).toEqual({ passed: 2, failed: 1, skipped: 1, flaky: [] });
  expect(failures).toEqual([expect.stringContaining('always.case.ts (expected 2 to be 3')]);
});

it('counts a file that does not load as one failure', async () => {
  const { failures, ...counts } = await run('unloadable');
  expect(counts).toEqual({ passed: 0, failed: 1, skipped: 0, flaky: [] });
  expect(failures).toEqual([expect.stringContaining('does not load')]);
});

it('counts an error outside of the tests, though every test passed', async () => {
  const { failures, ...counts } = await run('stray');
  expect(counts).toEqual({ passed: 1, failed: 1, skipped: 0, flaky: [] });
  expect(failures).toEqual(['fixture: nobody awaited me']);
});

it('counts a run that finds no test as a failure', async () => {
  expect(await run('nosuch')).toMatchObject({ passed: 0, failed: 1 });
});
