/** Runs one vitest suite, then each file that failed once more alone. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FileRun } from './run.ts';
import { TestRun } from './run.ts';
import { type Tally, tallied } from './tally.ts';

const VITEST = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');
const REPORTER = new URL('reporter.ts', import.meta.url).pathname;

export interface Suite {
  readonly name: string;
  /** The program that runs it and its arguments; options for vitest can be appended. */
  readonly command: readonly [string, ...string[]];
  /** The vitest configuration that it runs with, by which one of its files runs alone. */
  readonly config: string;
}

/**
 * @param scratch a file that may be written over
 * @param output where vitest's own words go
 */
export function runSuite(suite: Suite, scratch: string, output: 'inherit' | 'ignore' = 'inherit'): Tally {
  const vitest = (program: string, args: readonly string[]) => spoken(program, args, scratch, output);
  const [program, ...args] = suite.command;
  const { run, ok } = vitest(program, args);
  const again = new Map<string, FileRun>();
  for (const { file } of run?.files.filter(({ failed }) => failed > 0) ?? []) {
    if (output === 'inherit') console.log(`\n=== once more, alone: ${file}`);
    const alone = vitest(process.execPath, [VITEST, 'run', '--config', suite.config, file]);
    const said = alone.run?.files.find((each) => each.file === file);
    // An error outside of its tests is the file's own when nothing else ran.
    if (alone.ok && said) again.set(file, said);
  }
  return tallied(suite.name, run, ok, again);
}

function spoken(program: string, args: readonly string[], scratch: string, stdio: 'inherit' | 'ignore') {
  rmSync(scratch, { force: true });
  const { status } = spawnSync(program, [...args, '--reporter=default', `--reporter=${REPORTER}`], {
    stdio,
    env: { ...process.env, CI_RUN_FILE: scratch },
  });
  return { run: read(scratch), ok: status === 0 };
}

function read(file: string): TestRun | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined; // It ended before it could say anything; the tally counts that as a failure.
  }
  return TestRun.parse(JSON.parse(text));
}
