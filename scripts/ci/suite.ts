/** Runs one vitest suite, then each file that failed once more alone. */
import { readFileSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ended, type Output } from './program.ts';
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
export async function runSuite(suite: Suite, scratch: string, output: Output): Promise<Tally> {
  const vitest = (program: string, args: readonly string[]) => spoken(program, args, scratch, output);
  const [program, ...args] = suite.command;
  const { run, ok } = await vitest(program, args);
  const again = new Map<string, FileRun>();
  for (const { file } of run?.files.filter(({ failed }) => failed > 0) ?? []) {
    if (output !== 'ignore') writeSync(output, `\n=== once more, alone: ${file}\n`);
    const alone = await vitest(process.execPath, [VITEST, 'run', '--config', suite.config, file]);
    const said = alone.run?.files.find((each) => each.file === file);
    // An error outside of its tests is the file's own when nothing else ran.
    if (alone.ok && said) again.set(file, said);
  }
  return tallied(suite.name, run, ok, again);
}

async function spoken(program: string, args: readonly string[], scratch: string, output: Output) {
  rmSync(scratch, { force: true });
  const reporters = ['--reporter=default', `--reporter=${REPORTER}`];
  const ok = await ended(program, [...args, ...reporters], output, { CI_RUN_FILE: scratch });
  return { run: read(scratch), ok };
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
