/** What a verification found, and the one word that it comes to. */
import { VERDICTS, type Verdict } from '../terms.ts';

export interface Finding {
  readonly verdict: Verdict;
  /** Absent when the finding is about the tree, a checkpoint or a witness. */
  readonly lane?: number;
  readonly seq?: number;
  readonly detail: string;
}

/** What `ledger verify --json` prints. */
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
