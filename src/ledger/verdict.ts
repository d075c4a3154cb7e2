/**
 * What verification may say. One word per kind of trouble, each with its place: a double write is not a
 * deletion, and "tampered" helps nobody. An empty ledger is not OK either.
 */
export const VERDICTS = [
  /** Worst first: the verdict of a verification is the worst of its findings. */
  'KEY',
  'FORK',
  'MODIFIED',
  'MISSING',
  'TRUNCATED',
  'DUPLICATE',
  'FORMAT',
  'PENDING',
  'OK',
  'ERASED',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Finding {
  readonly verdict: Verdict;
  /** Absent when the finding is about the tree, a checkpoint or a witness. */
  readonly lane?: number;
  readonly seq?: number;
  readonly detail: string;
}

/** The `--json` shape of requirements 5.5. */
export interface Verification {
  readonly verdict: Verdict;
  readonly entries: number;
  readonly lanes: number;
  readonly tree_size: number;
  readonly findings: readonly Finding[];
}

/** A lawful erasure is told and changes nothing; waiting for the tree is told as PENDING. */
export function conclude(
  counts: { entries: number; lanes: number; tree_size: number },
  findings: readonly Finding[],
): Verification {
  const all: readonly Finding[] =
    counts.entries > 0 || findings.length > 0
      ? findings
      : [{ verdict: 'MISSING', detail: 'The ledger is empty: there is nothing to vouch for' }];
  const worst = VERDICTS.find(
    (verdict) => verdict !== 'ERASED' && all.some((finding) => finding.verdict === verdict),
  );
  return { verdict: worst ?? 'OK', ...counts, findings: all };
}
