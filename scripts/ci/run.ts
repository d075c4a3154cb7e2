/** What one vitest run said, as the reporter writes it and the tally reads it. */
import * as z from 'zod';

const FileRun = z.object({
  /** Absolute path. */
  file: z.string(),
  passed: z.int().nonnegative(),
  /** Failed tests; 1 when the file failed without one (it did not load, a hook threw). */
  failed: z.int().nonnegative(),
  skipped: z.int().nonnegative(),
  /** First line of each error. */
  causes: z.array(z.string()),
  tests: z.array(z.object({ name: z.string(), ms: z.number().nonnegative() })),
});

export const TestRun = z.object({
  files: z.array(FileRun),
  /** First line of each error that belongs to no file: nobody awaited it, or it came after the test. */
  stray: z.array(z.string()),
});

export type FileRun = z.infer<typeof FileRun>;
export type TestRun = z.infer<typeof TestRun>;
