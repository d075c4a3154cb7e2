/** The text of a policy, out of the charter's files. Pure. */
import type { Charter } from '../app/shapes.ts';

export interface Clause {
  readonly effect: string;
  readonly description: string;
  readonly file: string;
  readonly line: number;
  /** As its author wrote it, without the comments around it. */
  readonly text: string;
}

/** Undefined where the charter has no policy of this id. */
export function clauseOf({ policies, files }: Charter, id: string): Clause | undefined {
  const policy = policies.find((each) => each.id === id);
  if (policy === undefined) return undefined;
  const { effect, description = '', file, line } = policy;
  const lines = (files[file] ?? '').split('\n').slice(line - 1);
  // A policy of Cedar ends at the first semicolon that ends a line.
  const last = lines.findIndex((each) => each.trimEnd().endsWith(';'));
  return { effect, description, file, line, text: lines.slice(0, last < 0 ? 1 : last + 1).join('\n') };
}
