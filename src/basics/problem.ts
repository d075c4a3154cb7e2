/** A mistake in a file that people write, a charter's or a workflow's: where it stands, and how to mend it. */
export interface Problem {
  /** Path inside its folder, e.g. `roles.yaml`. */
  readonly file: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** Stable snake_case. */
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}
