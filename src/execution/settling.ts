/**
 * What happens to runs after their request: a long one ends (`settle` hears it on AWS, the local engine calls),
 * or nothing is heard of one in time (`sweep`). Either is recorded exactly once, whatever dies in between.
 */
import { runSpanId } from '../basics/trace.ts';
import { ChanceryError } from '../errors.ts';
import { foundIn, type OutcomeData, type ToolOutcomeData } from '../ledger/payloads.ts';
import type { LedgerRecord, NewRecord } from '../ledger/record.ts';
import { settle } from '../workflow/settle.ts';
import type { Ended, Finished } from './ended.ts';
import { conclude, costOf, type ExecutionDeps } from './execute.ts';
import { isEnd, isToolCall, type OpenRunsDeps, openRuns, readSlice } from './open-runs.ts';
import { LEASE_MS, move, pendingOf, readRun } from './runs.ts';
import { saveMark } from './sweep-mark.ts';

export interface SettlingDeps extends ExecutionDeps, OpenRunsDeps {
  /** The records that name this execution, oldest first. */
  readonly recordsOfExecution: (
    execution_id: string,
  ) => Promise<readonly { readonly record: LedgerRecord; readonly record_hash: string }[]>;
}

/**
 * Records how a long run ended. Hearing it again does nothing; hearing it while another records it throws
 * CONFLICT, so that an event source delivers it once more, after the other has finished or died.
 */
export async function hearEnd(
  deps: SettlingDeps,
  execution_id: string,
  result: Ended,
): Promise<Finished | undefined> {
  const run = await readRun(deps, execution_id);
  if (run === undefined || run.state === 'ended') return undefined;
  const held = run.state === 'ending' && deps.clock() < run.at + LEASE_MS;
  const mine = held ? undefined : await move(deps, execution_id, run, 'ending');
  if (mine === undefined)
    throw new ChanceryError('CONFLICT', `The end of ${execution_id} is being recorded.`);
  const pending = await pendingOf(deps, mine);
  if (pending === undefined) return undefined; // erased since: the sweep's record says what is left to say
  const recorded = run.state === 'ending' ? await findEnd(deps, execution_id) : undefined;
  const more = { keep_output: true, was_stale: mine.was_stale };
  // In another process and much later than the run began: its span goes on in the same trace, below the run's.
  const span = { trace_id: pending.trace, parent_id: runSpanId(execution_id), resource: pending.workflow };
  const finished =
    recorded === undefined
      ? await deps.tracer.span('settle', span, async (note) => {
          const settled = await conclude(deps, pending, result, more);
          note({ outcome: settled.data.outcome });
          return settled;
        })
      : undefined;
  await move(deps, execution_id, mine, 'ended', recorded ?? finished?.receipt.id);
  return finished;
}

/** Id of the record that somebody who died since had already made of the end. */
async function findEnd(deps: SettlingDeps, execution_id: string): Promise<string | undefined> {
  const end = (await deps.recordsOfExecution(execution_id)).find(({ record }) => isEnd(record));
  return end && `${end.record.lane}.${end.record.seq}`;
}

export interface Swept {
  readonly stale: number;
  /** Runs that may still end. */
  readonly open: number;
  /** There are older records that no sweep has looked at: sweep again. Absent where there are none. */
  readonly behind?: true;
}

/**
 * Finds decisions that started a run and have no outcome after the workflow's timeout, and records each as
 * `workflow.stale`. It resumes where the last sweep left off; every sweep may be cut off or run beside another. Where the
 * last one is long ago, or none is known of, it looks at all that may still run, and at a slice of what is older.
 * @param dead_before runs that began before this time (milliseconds) are known to be dead: the one-machine
 *   runtime knows that of all runs of the process before it
 */
export async function findStale(deps: SettlingDeps, dead_before = 0): Promise<Swept> {
  const now = deps.clock();
  const { open, behind, version } = await openRuns(deps);
  const slice = behind && (await readSlice(deps, behind));
  for (const [execution_id, run] of slice?.begun ?? []) open.set(execution_id, run);
  let stale = 0;
  for (const [execution_id, run] of [...open]) {
    if (now < run.due && run.began >= dead_before) continue;
    const end = await recordStale(deps, execution_id);
    if (end !== 'later') open.delete(execution_id);
    if (end === 'stale') stale += 1;
  }
  const rest = slice?.rest;
  await saveMark(deps.table, { now, open, version, ...(rest === undefined ? {} : { behind: rest }) });
  return { stale, open: open.size, ...(rest === undefined ? {} : { behind: true }) };
}

/** `later`: it is just ending, or another sweep is at it. `ended`: it had an outcome after all. */
async function recordStale(deps: SettlingDeps, execution_id: string): Promise<'stale' | 'ended' | 'later'> {
  const records = await deps.recordsOfExecution(execution_id);
  if (records.some(({ record }) => isEnd(record) || record.type === 'workflow.stale')) return 'ended';
  const began = records.find(({ record }) => record.type === 'decision.made');
  if (began === undefined) return 'later';
  const { record, record_hash: hash } = began;
  const run = await readRun(deps, execution_id);
  const held = run !== undefined && run.state !== 'running' && deps.clock() < run.at + LEASE_MS;
  // Ended without an outcome in the ledger: it was recorded after we had read that part. The next sweep sees it.
  if (held || run?.state === 'ended') return 'later';
  if ((await move(deps, execution_id, run, 'stale')) === undefined) return 'later';
  const duration_us = Math.max(0, deps.clock() - Date.parse(record.time)) * 1000;
  if (isToolCall(record)) {
    await deps.ledger.append(staleCall(execution_id, record, hash, duration_us));
    return 'stale';
  }
  const data: OutcomeData = {
    decision_id: String(record.data.decision_id),
    execution_id,
    outcome: 'stale',
    duration_us,
    ...costOf(await deps.charter(), String(record.data.workflow)),
    prescriptive: foundIn([]),
    settlement: settle([], undefined),
  };
  const { workflow = 'none', drag_mode = 'none' } = record.labels ?? {};
  await deps.ledger.append({
    type: 'workflow.stale',
    trace: record.trace,
    ...(record.meta === undefined ? {} : { meta: record.meta }),
    after: hash,
    labels: { workflow, drag_mode },
    data,
  });
  return 'stale';
}

/** What the tool did nobody here can know: it was called, and no answer of it was heard. */
function staleCall(
  execution_id: string,
  record: LedgerRecord,
  after: string,
  duration_us: number,
): NewRecord {
  const { resource } = record.data;
  const named = typeof resource === 'object' && resource !== null && 'id' in resource ? resource.id : 'other';
  const data: ToolOutcomeData = {
    tool: String(named),
    outcome: 'stale',
    decision_id: String(record.data.decision_id),
    execution_id,
    duration_us,
    error_type: 'stale',
  };
  return {
    type: 'tool.failed',
    trace: record.trace,
    ...(record.meta === undefined ? {} : { meta: record.meta }),
    after,
    data,
  };
}
