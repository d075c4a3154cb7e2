/**
 * What became of a request that was asked before under the same Idempotency-Key, by the id of its decision: the run and the approval
 * that follow from it carry the same id (`following`), so nothing else need have been remembered when the process died.
 */
import { following } from '../basics/ids.ts';
import { type Execution, type ExecutionsDeps, readExecution } from '../execution/executions.ts';
import type { Approvals, ApprovalView } from '../govern/approvals/approvals.ts';
import type { Json } from '../json.ts';

export interface EarlierDeps extends ExecutionsDeps {
  readonly approvals: Pick<Approvals, 'get'>;
}

export type EarlierRequest =
  /** Nothing of it was begun: no run in the ledger, no approval. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'underway' }
  /** `output` is null when none was kept. */
  | { readonly kind: 'ended'; readonly execution: Execution; readonly output: Json }
  /** Nothing was heard of the run in time: whether it did what it should nobody can know, unless its end is heard late. */
  | { readonly kind: 'unknown'; readonly execution: Execution }
  /** People, or the time, or a charter that changed meanwhile, said no. */
  | { readonly kind: 'refused'; readonly approval: ApprovalView };

export async function earlierRequest(deps: EarlierDeps, decision_id: string): Promise<EarlierRequest> {
  const execution = await readExecution(deps, following(decision_id, 'exe'));
  if (execution?.status === 'running') return { kind: 'underway' };
  if (execution?.status === 'stale') return { kind: 'unknown', execution };
  if (execution !== undefined) return { kind: 'ended', execution, output: await keptOutput(deps, execution) };

  const approval = await deps.approvals.get(following(decision_id, 'apr'));
  if (approval === undefined) return { kind: 'nothing' };
  const refused =
    approval.status === 'rejected' ||
    approval.status === 'expired' ||
    (approval.execution !== undefined && approval.execution.outcome === 'refused');
  return refused ? { kind: 'refused', approval } : { kind: 'underway' };
}

async function keptOutput({ documents }: EarlierDeps, { end }: Execution): Promise<Json> {
  const name = end?.output_ref;
  if (typeof name !== 'string') return null;
  const bytes = await documents.get(name);
  return bytes === undefined ? null : JSON.parse(new TextDecoder().decode(bytes));
}
