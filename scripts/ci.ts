/**
 * What CI runs after `npm ci`. Each step installs what it needs and fails when that cannot be had. Ends with the slowest tests, what was flaky, what failed, and `N passed, N failed`: tests where
 * the step is a test run, the step itself where it is not.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended } from './ci/program.ts';
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

/** One after the other: they keep every core busy. */
const ALONE: readonly Step[] = [
  { name: "the README's test command", script: 'test', config: UNIT },
  { name: 'the demo', script: 'demo' },
  { name: 'precision and recall on the corpus', script: 'corpus' },
];

/** Beside each other: half of the time they wait for servers, streams and downloads. */
const LANES: readonly (readonly Step[])[] = [
  [{ name: 'the stacks, deployed and driven', script: 'test:real', only: ['deploy'], config: REAL }],
  [
    { name: "the log, by others' code", script: 'test:real', only: ['tlog'], config: REAL },
    { name: "storage on AWS's own engine", script: 'test:real', only: ['store'], config: REAL },
    {
      name: 'the templates against the resource schemas',
      script: 'test:real',
      only: ['templates'],
      config: REAL,
    },
    { name: 'alert and burn-rate rules', script: 'test:real', only: ['promtool', 'slo-rules'], config: REAL },
    { name: 'a real Prometheus', script: 'test:real', only: ['prometheus'], config: REAL },
    { name: 'every panel of every dashboard', script: 'test:real', only: ['dashboards'], config: REAL },
    { name: 'the console, in Chromium', script: 'test:real', only: ['real/console'], config: REAL },
    { name: 'from violation to pager', script: 'test:real', only: ['alerting'], config: REAL },
    { name: 'the image, compose and Kubernetes', script: 'test:real', only: ['containers'], config: REAL },
    { name: 'findings, read by other models', script: 'test:real', only: ['ocsf'], config: REAL },
    {
      name: "the API by others' generators, and a terminal",
      script: 'test:real',
      only: ['real/api', 'real/terminal'],
      config: REAL,
    },
    { name: "agents' tools, by others' programs", script: 'test:real', only: ['real/mcp'], config: REAL },
    { name: 'types, lint, imports', script: 'check' },
  ],
];

const STDOUT = 1;

const folder = mkdtempSync(join(tmpdir(), 'chancery-ci-'));
const tallies: Tally[] = [];
for (const step of ALONE) tallies.push(await timed(step, join(folder, 'alone.json'), STDOUT));
const lanes = LANES.map(async (steps, lane) => {
  for (const step of steps) tallies.push(await spokenAtItsEnd(step, join(folder, `lane-${lane}`)));
});
await Promise.all(lanes);
const tally = total(tallies);
rmSync(folder, { recursive: true });

const { lines, ok } = closing(tally);
console.log(`\n${lines.join('\n')}`);
process.exitCode = ok ? 0 : 1;

/** What steps beside each other say would run into one another line by line. */
async function spokenAtItsEnd(step: Step, place: string): Promise<Tally> {
  const words = openSync(`${place}.txt`, 'w');
  const outcome = await timed(step, `${place}.json`, words);
  closeSync(words);
  process.stdout.write(readFileSync(`${place}.txt`));
  return outcome;
}

async function timed(step: Step, scratch: string, output: number): Promise<Tally> {
  const began = performance.now();
  writeSync(output, `\n=== ${step.name} (npm run ${[step.script, ...(step.only ?? [])].join(' ')})\n`);
  const outcome = await runStep(step, scratch, output);
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  writeSync(output, `=== ${step.name}: ${outcome.failed === 0 ? 'ok' : 'FAILED'} in ${seconds} s\n`);
  return outcome;
}

async function runStep(
  { name, script, only = [], config }: Step,
  scratch: string,
  output: number,
): Promise<Tally> {
  const args = ['run', '--silent', script];
  if (config === undefined) return single(name, await ended('npm', args, output));
  return runSuite({ name, command: ['npm', ...args, '--', ...only], config }, scratch, output);
}
