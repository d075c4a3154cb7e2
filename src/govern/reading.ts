/**
 * Reading what authors hand in: a bundle and its examples. It takes seconds for the worst that is allowed, so whoever
 * decides in the same process has it done in another thread.
 */
import type { Problem } from '../basics/problem.ts';
import { Recent } from '../basics/recent.ts';
import { type ReadYaml, readYaml, type YamlFile } from '../basics/yaml.ts';
import { beyondBounds } from '../charter/bounds.ts';
import { prepared, type ReadBundle, readBundle } from '../charter/bundle.ts';
import { answersOf, NO_ANSWERS } from '../charter/cedar-answers.ts';
import { ChanceryError } from '../errors.ts';
import type { WorkflowFacts } from '../terms.ts';
import { readExamples, runExamples, type TestReport } from './examples.ts';

/** YAML that is kept: some three bundles of it, and no text so long that as many of them would fill the thread. */
const FILES_KEPT = 40;
const LONGEST_KEPT = 20_000;

export type BundleFiles = ReadonlyMap<string, string>;

export type CheckedBundle =
  | { readonly ok: true; readonly digest: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface BundleReading {
  /** Its documents, policies and schema, or everything that is wrong with them. */
  read(files: BundleFiles): Promise<ReadBundle>;
  /** The same, with what is wrong with its examples. */
  examine(files: BundleFiles): Promise<ReadBundle>;
  /** Whether anything is wrong with it, as `examine` says; of one that is right only its digest. */
  check(files: BundleFiles): Promise<CheckedBundle>;
  /** Its examples, asked at this time (milliseconds). Throws CONFLICT when they or the bundle do not parse. */
  test(files: BundleFiles, now: number): Promise<TestReport>;
}

/**
 * In this thread. Authors hand in the same bundle with a change, over and over, so what was said of the same text before
 * is not asked for again. @param workflows what examples ask for
 */
export function readingOf(workflows: readonly WorkflowFacts[]): BundleReading {
  const kept = new Recent<YamlFile>(FILES_KEPT);
  const yaml: ReadYaml = (file, text) => {
    if (text.length > LONGEST_KEPT) return readYaml(file, text);
    const name = `${file}\n${text}`;
    return kept.get(name) ?? kept.keep(name, readYaml(file, text));
  };
  /** Of the last bundle that nothing was wrong with. */
  let known = NO_ANSWERS;
  const readKnowing = (files: BundleFiles): ReadBundle => {
    const read = readBundle(files, known, yaml);
    if (read.ok) known = answersOf(read.charter.policies, read.charter.schema);
    return read;
  };
  const wrongExamples = (files: BundleFiles): readonly Problem[] => {
    const examples = readExamples(files, workflows, yaml);
    return examples.ok ? [] : examples.problems;
  };
  function examined(files: BundleFiles): ReadBundle {
    const beyond = beyondBounds(files);
    if (beyond.length > 0) return { ok: false, problems: beyond };
    const read = readKnowing(files);
    const problems = [...(read.ok ? [] : read.problems), ...wrongExamples(files)];
    return problems.length === 0 ? read : { ok: false, problems: firstOf(problems) };
  }
  return {
    read: async (files) => readKnowing(files),
    examine: async (files) => examined(files),
    async check(files) {
      const read = examined(files);
      return read.ok ? { ok: true, digest: read.charter.digest } : read;
    },
    async test(files, now) {
      const read = readKnowing(files);
      const examples = readExamples(files, workflows, yaml);
      if (!read.ok || !examples.ok)
        throw new ChanceryError('CONFLICT', 'This charter or its tests do not parse.');
      return runExamples(prepared(read.charter), examples.set, now);
    },
  };
}

/** As many as an author mends before asking again. Whoever decides hands the answer on, and 80,000 would hold it up. */
const MOST_SHOWN = 100;
const LONGEST_SHOWN = 500;

function firstOf(problems: readonly Problem[]): readonly Problem[] {
  const shown = problems.slice(0, MOST_SHOWN).map((problem) => ({
    ...problem,
    message: cutAt(problem.message),
    fix: cutAt(problem.fix),
  }));
  const [last] = shown.slice(-1);
  const left = problems.length - shown.length;
  if (last === undefined || left === 0) return shown;
  const message = `${left} more problems are not listed`;
  return [...shown, { ...last, code: 'more_problems', message, fix: 'Mend these first.' }];
}

function cutAt(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN).toWellFormed()}…` : text;
}
