/**
 * A vitest reporter that writes a `TestRun` to the file named by CI_RUN_FILE. Vitest's own JSON report leaves out
 * errors outside of tests, so a count made of it alone would call such a run green.
 */
import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';
import type { FileRun, TestRun } from './run.ts';

export default class implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], stray: readonly SerializedError[]): void {
    const target = process.env.CI_RUN_FILE;
    if (target === undefined) throw new Error('CI_RUN_FILE is not set: where shall the run be written?');
    const run: TestRun = { files: modules.map(fileRun), stray: stray.map(firstLine) };
    writeFileSync(target, JSON.stringify(run));
  }
}

function fileRun(module: TestModule): FileRun {
  const tests = [...module.children.allTests()];
  const count = (state: string) => tests.filter((test) => test.result().state === state).length;
  const failed = count('failed');
  const suites = [...module.children.allSuites()];
  const errors = [module, ...suites].flatMap((each) => each.errors());
  return {
    file: module.moduleId,
    passed: count('passed'),
    failed: failed === 0 && module.state() === 'failed' ? 1 : failed,
    skipped: count('skipped'),
    causes: [...errors, ...tests.flatMap((test) => test.result().errors ?? [])].map(firstLine),
    tests: tests.map((test) => ({ name: test.fullName, ms: test.diagnostic()?.duration ?? 0 })),
  };
}

function firstLine(error: { readonly message: string }): string {
  return error.message.split('\n', 1)[0] ?? '';
}
