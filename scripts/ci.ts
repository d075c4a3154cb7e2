/**
 * What CI runs after `npm ci`, one step after the other. Each step installs what it needs and fails when that
 * cannot be had. Prints each step's time and ends with `N passed, N failed`: tests where the step is a test
 * run, the step itself where it is not.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Step {
  readonly name: string;
  /** An npm script. */
  readonly script: string;
  /** A vitest run: its own counts are added up. */
  readonly tests: boolean;
}

const STEPS: readonly Step[] = [
  { name: "the README's test command", script: 'test', tests: true },
  { name: 'types, lint, imports', script: 'check', tests: false },
  { name: 'the demo', script: 'demo', tests: false },
  { name: 'precision and recall on the corpus', script: 'corpus', tests: false },
  { name: "the log, by others' code", script: 'test:tlog', tests: true },
  { name: "storage on AWS's own engine", script: 'test:dynamodb-local', tests: true },
  { name: 'the templates against the resource schemas', script: 'test:templates', tests: true },
  { name: 'the stacks, deployed and driven', script: 'test:deploy', tests: true },
  { name: 'alert and burn-rate rules', script: 'test:promtool', tests: true },
  { name: 'a real Prometheus', script: 'test:prometheus', tests: true },
  { name: 'every panel of every dashboard', script: 'test:dashboards', tests: true },
  { name: 'from violation to pager', script: 'test:alerting', tests: true },
  { name: 'findings, read by other models', script: 'test:siem', tests: true },
];

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numTotalTests: number;
  readonly success: boolean;
}

const folder = mkdtempSync(join(tmpdir(), 'chancery-ci-'));
let passed = 0;
let failed = 0;

for (const [index, step] of STEPS.entries()) {
  const began = performance.now();
  const file = join(folder, `${index}.json`);
  const extra = step.tests
    ? ['--', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    : [];
  console.log(`\n=== ${step.name} (npm run ${step.script})`);
  const run = spawnSync('npm', ['run', '--silent', step.script, ...extra], { stdio: 'inherit' });
  const ok = run.status === 0;
  const report = step.tests ? readReport(file) : undefined;
  passed += report?.numPassedTests ?? (ok ? 1 : 0);
  // A run that failed without a failing test (a crash, no test found) is a failure too.
  failed += report ? report.numFailedTests + (ok || report.numFailedTests > 0 ? 0 : 1) : ok ? 0 : 1;
  console.log(
    `=== ${step.name}: ${ok ? 'ok' : 'FAILED'} in ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
}

rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}
