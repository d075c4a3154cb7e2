/**
 * An approved call: it is made once, and only it. What the caller holds meanwhile is sealed (`request-state.ts`); whether it was used is
 * the store's to say, by a conditional write, so that of two callers who come at once one calls.
 */
import { following } from '../basics/ids.ts';
import type { Reason } from '../errors.ts';
import type { ApprovalView } from '../govern/approvals/approvals.ts';
import type { Clock, Table } from '../ports.ts';
import { APPROVAL_VOID } from './answer.ts';

export interface GrantDeps {
  readonly table: Table;
  readonly clock: Clock;
  /** The records that name this execution, oldest first. */
  readonly recordsOfExecution: (execution_id: string) => Promise<readonly unknown[]>;
}

export interface Grant {
  readonly approval_id: string;
  readonly approval: ApprovalView;
}

const PARTITION = 'TOOL_GRANTS';
/** Longer than recording a decision takes: who claimed it and recorded none by then has died, and called nothing. */
const LEASE_MS = 60_000;

/** Undefined: the call is this caller's to make, now. */
export async function claimGrant(
  { table, clock, recordsOfExecution }: GrantDeps,
  { approval_id, approval }: Grant,
  action_digest: string,
): Promise<Reason | undefined> {
  if (approval.action_digest !== action_digest) return APPROVAL_VOID;
  const claim = { pk: PARTITION, sk: approval_id, at: clock() };
  if ((await table.put({ ...claim, version: 1 }, 'absent')).stored) return undefined;
  const before = await table.get(PARTITION, approval_id);
  if (before === undefined || clock() < Number(before.at) + LEASE_MS) return USED;
  if ((await recordsOfExecution(following(approval_id, 'exe'))).length > 0) return USED;
  const version = Number(before.version);
  return (await table.put({ ...claim, version: version + 1 }, { version })).stored ? undefined : USED;
}

const USED: Reason = {
  code: 'approval_used',
  message: 'what was approved has been called once already; ask again for another call',
  kind: 'forbidden',
};
