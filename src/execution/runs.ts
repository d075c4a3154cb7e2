/**
 * The state of a run that outlives its request, and of one that was cut off: one item per execution, moved by
 * conditional writes, so that of "it ended" and "it is stale" only one is recorded at a time.
 *
 *   running → ending → ended        its end is heard, recorded, done
 *   running → stale → ending → …    nothing was heard in time; should it end after all, that is recorded too
 *   (none)  → stale                 a short run whose process died
 */

import type { Vault } from '../ledger/people/vault.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import type { Clock, Item, Table } from '../ports.ts';
import type { DragMode, MissionCheck, PrincipalId } from '../terms.ts';

/** What must be remembered of a run until its outcome is recorded. */
export interface Pending {
  readonly execution_id: string;
  readonly decision_id: string;
  /** Record hash of the decision. */
  readonly after: string;
  readonly workflow: string;
  readonly drag_mode: DragMode;
  readonly trace: string;
  readonly who: PrincipalId;
  /** Which request it comes of, in which session. */
  readonly meta: NonNullable<LedgerRecord['meta']>;
  readonly checks: readonly MissionCheck[];
}

export interface RunsDeps {
  readonly table: Table;
  readonly vault: Vault;
  readonly clock: Clock;
}

/** As it was kept before issuers were told apart. */
interface Former {
  readonly sub: string;
}

export interface KeptRun {
  readonly state: 'running' | 'ending' | 'ended' | 'stale';
  /** When it came into this state, milliseconds. */
  readonly at: number;
  /** It was recorded as stale before. */
  readonly was_stale: boolean;
  /** Id of the record of its end. */
  readonly end?: string;
  readonly item: Item;
}

/** Longer than recording an end takes: whoever holds `ending` or `stale` past it has died. */
export const LEASE_MS = 60_000;
const KEPT_SECONDS = 30 * 86_400;
const SORT = 'run';

const partition = (execution_id: string): string => `EXECUTION#${execution_id}`;

/** Before a long run starts. */
export async function remember(deps: RunsDeps, pending: Pending): Promise<void> {
  const sealed = await deps.vault.seal(pending.who, pending);
  await deps.table.put({ ...fresh(deps, pending.execution_id, 'running'), sealed }, 'absent');
}

export async function readRun(deps: RunsDeps, execution_id: string): Promise<KeptRun | undefined> {
  const item = await deps.table.get(partition(execution_id), SORT);
  if (item === undefined) return undefined;
  const { state } = item;
  if (state !== 'running' && state !== 'ending' && state !== 'ended' && state !== 'stale') return undefined;
  const was_stale = item.was_stale === true || state === 'stale';
  const end = typeof item.end === 'string' ? { end: item.end } : {};
  return { state, at: Number(item.at), was_stale, item, ...end };
}

/** Undefined when the person was erased since. Only `remember` seals these. */
export async function pendingOf(deps: RunsDeps, run: KeptRun): Promise<Pending | undefined> {
  if (typeof run.item.sealed !== 'string') return undefined;
  const kept = (await deps.vault.open(run.item.sealed)) as
    | Pending
    | (Former & Omit<Pending, 'who'>)
    | undefined;
  if (kept === undefined || 'who' in kept) return kept;
  const { sub, ...pending } = kept;
  return { ...pending, who: deps.vault.formerly(sub) };
}

/** Moves a run on; undefined when somebody else did since it was read. `undefined` run: it had no item. */
export async function move(
  deps: RunsDeps,
  execution_id: string,
  run: KeptRun | undefined,
  state: KeptRun['state'],
  end?: string,
): Promise<KeptRun | undefined> {
  const at = deps.clock();
  const was_stale = run?.was_stale === true || state === 'stale';
  const change = { state, at, was_stale, ...(end === undefined ? {} : { end }) };
  const item: Item = run
    ? { ...run.item, ...change, version: Number(run.item.version) + 1 }
    : { ...fresh(deps, execution_id, state), ...change };
  const put = await deps.table.put(item, run ? { version: Number(run.item.version) } : 'absent');
  return put.stored ? { state, at, was_stale, item } : undefined;
}

function fresh(deps: RunsDeps, execution_id: string, state: KeptRun['state']): Item {
  const now = deps.clock();
  return {
    pk: partition(execution_id),
    sk: SORT,
    version: 1,
    state,
    at: now,
    expires: Math.ceil(now / 1000) + KEPT_SECONDS,
  };
}
