/**
 * What a CI run comes to. A file that failed and passed when it ran alone is flaky: it is named and its second
 * word counts. One that fails twice counts as it failed first. Pure.
 */
import type { FileRun, TestRun } from './run.ts';

/** More flaky files than this, and nobody can tell a broken change from a loaded machine: the run fails. */
export const FLAKY_ALLOWED = 2;
export const SLOWEST_SHOWN = 10;

export interface Flaky {
  readonly file: string;
  /** Why it failed the first time. */
  readonly causes: readonly string[];
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly flaky: readonly Flaky[];
  /** Files and errors behind `failed`. */
  readonly failures: readonly string[];
  readonly tests: readonly { readonly name: string; readonly ms: number }[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, flaky: [], failures: [], tests: [] };

/** A step that is no test run counts as one. */
export function single(name: string, ok: boolean): Tally {
  return ok ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1, failures: [name] };
}

/**
 * One test run.
 * @param run what it said; undefined when it ended without a word
 * @param exitOk whether its process ended well
 * @param again what a failed file said when it ran alone, by path
 */
export function tallied(
  name: string,
  run: TestRun | undefined,
  exitOk: boolean,
  again: ReadonlyMap<string, FileRun>,
): Tally {
  if (run === undefined) return single(`${name}: ended without a report`, false);
  const files = run.files.map((first) => settled(first, again.get(first.file)));
  const strays = run.stray.map((cause) => ({ ...NOTHING, failed: 1, failures: [`${name}: ${cause}`] }));
  // No test at all, a coverage floor missed, a worker that died: nothing failed and the run did all the same.
  const unexplained = !exitOk && run.stray.length === 0 && run.files.every((file) => file.failed === 0);
  return total([
    ...files,
    ...strays,
    ...(unexplained ? [single(`${name}: failed outside of its tests`, false)] : []),
  ]);
}

export function total(tallies: readonly Tally[]): Tally {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((so, tally) => so + of(tally), 0);
  return {
    passed: sum((tally) => tally.passed),
    failed: sum((tally) => tally.failed),
    skipped: sum((tally) => tally.skipped),
    flaky: tallies.flatMap((tally) => tally.flaky),
    failures: tallies.flatMap((tally) => tally.failures),
    tests: tallies.flatMap((tally) => tally.tests),
  };
}

/** The end of the printed run; its last line is `N passed, N failed`. */
export function closing(tally: Tally): { readonly lines: readonly string[]; readonly ok: boolean } {
  const tooFlaky = tally.flaky.length > FLAKY_ALLOWED;
  const failed = tally.failed + (tooFlaky ? 1 : 0);
  const slowest = [...tally.tests].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST_SHOWN);
  const lines = [
    'The slowest tests:',
    ...slowest.map(({ name, ms }) => `  ${(ms / 1_000).toFixed(1).padStart(6)} s  ${name}`),
    ...tally.flaky.map(({ file, causes }) => `flaky: ${file} (${causes.join('; ')})`),
    ...tally.failures.map((what) => `failed: ${what}`),
    ...(tooFlaky ? [`failed: ${tally.flaky.length} flaky files, ${FLAKY_ALLOWED} are allowed`] : []),
    ...(tally.skipped > 0 ? [`${tally.skipped} skipped`] : []),
    `${tally.passed} passed, ${failed} failed`,
  ];
  return { lines, ok: failed === 0 };
}

function settled(first: FileRun, again: FileRun | undefined): Tally {
  const flaky = first.failed > 0 && again?.failed === 0;
  const { file, passed, failed, skipped, tests } = flaky ? again : first;
  return {
    passed,
    failed,
    skipped,
    flaky: flaky ? [{ file, causes: first.causes }] : [],
    failures: failed > 0 ? [`${file} (${first.causes.join('; ')})`] : [],
    tests: tests.map(({ name, ms }) => ({ name: `${file} > ${name}`, ms })),
  };
}
