/**
 * What CI runs after `npm ci`, one step after the other. Each step installs what it needs and fails when that
 * cannot be had. Ends with the slowest tests, what was flaky, what failed, and `N passed, N failed`: tests where
 * the step is a test run, the step itself where it is not.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSuite } from './ci/suite.ts';
import { closing, single, type Tally, total } from './ci/tally.ts';

interface Step {
  readonly name: string;
  /** An npm script. */
  readonly script: string;
  /** Of the tests with real parts: whose names these are in. */
  readonly only?: readonly string[];
  /** The vitest configuration of a test run. */
  readonly config?: string;
}

const UNIT = 'vitest.config.ts';
const REAL = 'test/real/vitest.config.ts';

const STEPS: readonly Step[] = [
  { name: "the README's test command", script: 'test', config: UNIT },
  { name: 'types, lint, imports', script: 'check' },
  { name: 'the demo', script: 'demo' },
  { name: 'precision and recall on the corpus', script: 'corpus' },
  { name: "the log, by others' code", script: 'test:real', only: ['tlog'], config: REAL },
  { name: "storage on AWS's own engine", script: 'test:real', only: ['store'], config: REAL },
  {
    name: 'the templates against the resource schemas',
    script: 'test:real',
    only: ['templates'],
    config: REAL,
  },
  { name: 'the stacks, deployed and driven', script: 'test:real', only: ['deploy'], config: REAL },
  { name: 'alert and burn-rate rules', script: 'test:real', only: ['promtool', 'slo-rules'], config: REAL },
  { name: 'a real Prometheus', script: 'test:real', only: ['prometheus'], config: REAL },
  { name: 'every panel of every dashboard', script: 'test:real', only: ['dashboards'], config: REAL },
  { name: 'the console, in Chromium', script: 'test:real', only: ['real/console'], config: REAL },
  { name: 'from violation to pager', script: 'test:real', only: ['alerting'], config: REAL },
  { name: "agents' tools, by others' programs", script: 'test:real', only: ['real/mcp'], config: REAL },
  { name: 'findings, read by other models', script: 'test:real', only: ['ocsf'], config: REAL },
];

const folder = mkdtempSync(join(tmpdir(), 'chancery-ci-'));
const tally = total(STEPS.map(timed));
rmSync(folder, { recursive: true });

const { lines, ok } = closing(tally);
console.log(`\n${lines.join('\n')}`);
process.exitCode = ok ? 0 : 1;

function timed(step: Step): Tally {
  const began = performance.now();
  console.log(`\n=== ${step.name} (npm run ${[step.script, ...(step.only ?? [])].join(' ')})`);
  const outcome = runStep(step);
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  console.log(`=== ${step.name}: ${outcome.failed === 0 ? 'ok' : 'FAILED'} in ${seconds} s`);
  return outcome;
}

function runStep({ name, script, only = [], config }: Step): Tally {
  const args = ['run', '--silent', script];
  if (config !== undefined) {
    return runSuite({ name, command: ['npm', ...args, '--', ...only], config }, join(folder, 'run.json'));
  }
  return single(name, spawnSync('npm', args, { stdio: 'inherit' }).status === 0);
}
