/**
 * Reading what authors hand in: a bundle and its examples. It takes seconds for the worst that is allowed, so whoever
 * decides in the same process has it done in another thread.
 */
import type { Problem } from '../basics/problem.ts';
import { beyondBounds } from '../charter/bounds.ts';
import { parseBundle, type ReadBundle, readBundle } from '../charter/bundle.ts';
import { ChanceryError } from '../errors.ts';
import type { WorkflowFacts } from '../terms.ts';
import { readExamples, runExamples, type TestReport } from './examples.ts';

export type BundleFiles = ReadonlyMap<string, string>;

export interface BundleReading {
  /** Its documents, policies and schema, or everything that is wrong with them. */
  read(files: BundleFiles): Promise<ReadBundle>;
  /** The same, with what is wrong with its examples. */
  examine(files: BundleFiles): Promise<ReadBundle>;
  /** Its examples, asked at this time (milliseconds). Throws CONFLICT when they or the bundle do not parse. */
  test(files: BundleFiles, now: number): Promise<TestReport>;
}

/** In this thread. @param workflows what examples ask for */
export function readingOf(workflows: readonly WorkflowFacts[]): BundleReading {
  const wrongExamples = (files: BundleFiles): readonly Problem[] => {
    const examples = readExamples(files, workflows);
    return examples.ok ? [] : examples.problems;
  };
  return {
    read: async (files) => readBundle(files),
    async examine(files) {
      const beyond = beyondBounds(files);
      if (beyond.length > 0) return { ok: false, problems: beyond };
      const read = readBundle(files);
      const problems = [...(read.ok ? [] : read.problems), ...wrongExamples(files)];
      return problems.length === 0 ? read : { ok: false, problems };
    },
    async test(files, now) {
      const parsed = parseBundle(files);
      const examples = readExamples(files, workflows);
      if (!parsed.ok || !examples.ok)
        throw new ChanceryError('CONFLICT', 'This charter or its tests do not parse.');
      return runExamples(parsed.charter, examples.set, now);
    },
  };
}
