/**
 * An approved call: it is made once, and only it. A client that can open a URL holds a sealed state meanwhile (`request-state.ts`); for one
 * that cannot, the approval is found by what was asked. Whether it was used is the store's to say, by a conditional write, so that of two
 * callers who come at once one calls; and the ledger's, so that taking that write back makes no second call.
 */
import { following } from '../basics/ids.ts';
import type { Reason } from '../errors.ts';
import type { Approvals, ApprovalView } from '../govern/approvals/approvals.ts';
import type { Clock, Table } from '../ports.ts';
import { APPROVAL_VOID } from './answer.ts';

export interface GrantDeps {
  readonly table: Table;
  readonly clock: Clock;
  readonly approvals: Approvals;
  /** The records that name this execution as the store has them, genuine or not: what is used may be refused early, never late. */
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
  deps: GrantDeps,
  { approval_id, approval }: Grant,
  action_digest: string,
): Promise<Reason | undefined> {
  const { table, clock } = deps;
  if (approval.action_digest !== action_digest) return APPROVAL_VOID;
  if (await isUsed(deps, approval_id)) return USED;
  const claim = { pk: PARTITION, sk: approval_id, at: clock() };
  if ((await table.put({ ...claim, version: 1 }, 'absent')).stored) return undefined;
  const before = await table.get(PARTITION, approval_id);
  if (before === undefined || clock() < Number(before.at) + LEASE_MS) return USED;
  if (await isUsed(deps, approval_id)) return USED;
  const version = Number(before.version);
  return (await table.put({ ...claim, version: version + 1 }, { version })).stored ? undefined : USED;
}

const isUsed = async ({ recordsOfExecution }: GrantDeps, approval_id: string): Promise<boolean> =>
  (await recordsOfExecution(following(approval_id, 'exe'))).length > 0;

/** Where the approval of exactly this call is found: who asks, through whom, the tool and its arguments are in the digest. */
const ASKED = 'TOOL_APPROVALS';
/** As long as a sealed state counts. */
const KEPT_SECONDS = 4 * 86_400;

export async function rememberAsked({ table, clock }: GrantDeps, approval: ApprovalView): Promise<void> {
  const { action_digest, approval_id } = approval;
  const expires = Math.ceil(clock() / 1_000) + KEPT_SECONDS;
  await table.merge(ASKED, action_digest, { approval_id, expires });
}

/** The approval that was asked for this very call before, while people decide or it was not used yet; undefined when there is none. */
export async function askedBefore(deps: GrantDeps, action_digest: string): Promise<Grant | undefined> {
  const item = await deps.table.get(ASKED, action_digest);
  const approval_id = item?.approval_id;
  const approval = typeof approval_id === 'string' ? await deps.approvals.get(approval_id) : undefined;
  // The item only leads there: what the approval is for stands in the approval.
  if (approval === undefined || approval.action_digest !== action_digest) return undefined;
  const grant = { approval_id: approval.approval_id, approval };
  if (approval.status === 'pending') return grant;
  if (approval.status !== 'approved' || (await isUsed(deps, grant.approval_id))) return undefined;
  return grant;
}

const USED: Reason = {
  code: 'approval_used',
  message: 'what was approved has been called once already; ask again for another call',
  kind: 'forbidden',
};
