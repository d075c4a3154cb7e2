/**
 * What happens to runs after their request: a long one ends (`settle` hears it on AWS, the local engine calls),
 * or nothing is heard of one in time (`sweep`). Either is recorded exactly once, whatever dies in between.
 */
import { runSpanId } from '../basics/trace.ts';
import { TOOL_CALL } from '../decision/question.ts';
import { ChanceryError } from '../errors.ts';
import { foundIn, type OutcomeData, type ToolOutcomeData } from '../ledger/payloads.ts';
import { isExecutionId } from '../ledger/places/by-execution.ts';
import type { LedgerRecord, NewRecord } from '../ledger/record.ts';
import { settle } from '../workflow/settle.ts';
import type { Ended, Finished } from './ended.ts';
import { conclude, costOf, type ExecutionDeps } from './execute.ts';
import { LEASE_MS, move, pendingOf, readRun } from './runs.ts';

export interface SettlingDeps extends ExecutionDeps {
  /** All records from a time on (milliseconds), oldest first. */
  readonly recordsSince: (
    ms: number,
  ) => AsyncIterable<{ readonly record: LedgerRecord; readonly hash: string }>;
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

/** A tool call that was cut off ends in `tool.failed` as well, with the outcome `stale`. */
const ENDS: ReadonlySet<string> = new Set([
  'workflow.succeeded',
  'workflow.failed',
  'tool.invoked',
  'tool.failed',
]);
export const isEnd = ({ type }: LedgerRecord): boolean => ENDS.has(type);

/** Milliseconds since the epoch: when it began, and from when on nothing more is expected of it. */
interface OpenRun {
  readonly began: number;
  readonly due: number;
}

/** Beyond a workflow's own timeout: an end may take this long to be heard. */
const GRACE_MS = 30_000;
/** A record may stand in a lane this long after the time in it; a sweep starts that much earlier. */
const LATE_MS = 10_000;
/** Where the last sweep left off (`from`), and the runs that it left open (`open`, a line each). */
const MARK = { pk: 'SWEEP', sk: 'runs' } as const;
/** 60 bytes each. Beyond so many the next sweep reads from the first of the rest on. */
const OPEN_KEPT = 2_000;

export interface Swept {
  readonly stale: number;
  /** Runs that may still end. */
  readonly open: number;
}

type OpenRunsDeps = Pick<SettlingDeps, 'table' | 'recordsSince' | 'workflows'>;

/** Decisions that started a run and have no outcome yet: those that the last sweep left, and new ones. Changes nothing. */
async function openRuns(deps: OpenRunsDeps) {
  const mark = await deps.table.get(MARK.pk, MARK.sk);
  const left = parseOpen(mark?.open);
  const open = new Map(left);
  // An end can come before its start where the clocks of two lanes differ.
  const ended = new Set<string>();
  // Without the runs that were left open, all of them are looked for again.
  const from = left === undefined ? 0 : Number(mark?.from ?? 0);
  for await (const { record } of deps.recordsSince(from)) {
    const { execution_id } = record.data;
    if (typeof execution_id !== 'string') continue;
    if (record.type === 'decision.made') open.set(execution_id, runOf(deps, record));
    else if (isEnd(record) || record.type === 'workflow.stale') ended.add(execution_id);
  }
  for (const execution_id of ended) open.delete(execution_id);
  return { mark, open };
}

/** How many executions run, whichever process started them: the ledger knows, and nothing runs without it. */
export async function countOpen(deps: OpenRunsDeps): Promise<number> {
  return (await openRuns(deps)).open.size;
}

/**
 * Finds decisions that started a run and have no outcome after the workflow's timeout, and records each as
 * `workflow.stale`. It resumes where the last sweep left off; every sweep may be cut off or run beside another.
 * @param dead_before runs that began before this time (milliseconds) are known to be dead: the one-machine
 *   runtime knows that of all runs of the process before it
 */
export async function findStale(deps: SettlingDeps, dead_before = 0): Promise<Swept> {
  const now = deps.clock();
  const { mark, open } = await openRuns(deps);
  let stale = 0;
  for (const [execution_id, run] of open) {
    if (now < run.due && run.began >= dead_before) continue;
    const end = await recordStale(deps, execution_id);
    if (end !== 'later') open.delete(execution_id);
    if (end === 'stale') stale += 1;
  }
  const byAge = [...open].sort(([, left], [, right]) => left.began - right.began);
  const [kept, rest] = [byAge.slice(0, OPEN_KEPT), byAge.slice(OPEN_KEPT)];
  const from = Math.min(now, ...rest.map(([, run]) => run.began)) - LATE_MS;
  const version = Number(mark?.version ?? 0);
  const next = { ...MARK, from, open: formatOpen(kept), version: version + 1 };
  // Refused: another sweep moved it. Ours found the same, and the next one starts from where that one was.
  await deps.table.put(next, mark === undefined ? 'absent' : { version });
  return { stale, open: open.size };
}

/** No tool is waited for longer (`limits` of its server in the charter). */
export const LONGEST_CALL_SECONDS = 300;

const isToolCall = ({ data }: LedgerRecord): boolean => data.action === TOOL_CALL;

function runOf({ workflows }: Pick<SettlingDeps, 'workflows'>, record: LedgerRecord): OpenRun {
  const began = Date.parse(record.time);
  if (isToolCall(record)) return { began, due: began + LONGEST_CALL_SECONDS * 1000 + GRACE_MS };
  const { workflow } = record.data;
  const known = typeof workflow === 'string' ? workflows.get(workflow) : undefined;
  return { began, due: began + (known?.timeout_seconds ?? 0) * 1000 + GRACE_MS };
}

const formatOpen = (open: readonly (readonly [string, OpenRun])[]): string =>
  open.map(([id, { began, due }]) => `${id} ${began} ${due}`).join('\n');

/** Undefined for text that no sweep wrote. */
function parseOpen(text: unknown): ReadonlyMap<string, OpenRun> | undefined {
  if (typeof text !== 'string') return undefined;
  const open = new Map<string, OpenRun>();
  for (const line of text === '' ? [] : text.split('\n')) {
    const [id = '', began, due] = line.split(' ');
    const run = { began: Number(began), due: Number(due) };
    if (!isExecutionId(id) || !Number.isSafeInteger(run.began) || !Number.isSafeInteger(run.due))
      return undefined;
    open.set(id, run);
  }
  return open;
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
