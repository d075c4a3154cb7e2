/** A file of a workflow, as the checks want it: its value, and a problem for any place in it. */
import type { Problem } from '../basics/problem.ts';
import { readYaml } from '../basics/yaml.ts';

export interface SourceFile {
  readonly value: unknown;
  /** The problem at `path`, or at the nearest place around it that the file has. */
  problem(path: readonly PropertyKey[], code: string, message: string, fix: string): Problem;
}

export type Read =
  | { readonly ok: true; readonly source: SourceFile }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function readSource(file: string, text: string): Read {
  const { value, problems, locate } = readYaml(file, text);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    source: {
      value,
      problem: (path, code, message, fix) => ({
        file,
        ...locate(path.filter((step) => typeof step !== 'symbol')),
        code,
        message,
        fix,
      }),
    },
  };
}
