/** What became of an execution, for whoever holds its id. */
import type { JsonObject } from '../json.ts';
import type { Pseudonym } from '../ledger/people/pseudonym.ts';
import type { Vault } from '../ledger/people/vault.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import type { Blobs, Clock, Table } from '../ports.ts';
import type { PrincipalId } from '../terms.ts';
import { parametersName } from '../workflow/input.ts';
import { exportPrefix } from '../workflow/tasks/subject-export.ts';
import type { Registry } from '../workflow/workflow.ts';
import { dueOf, isEnd, runOf } from './open-runs.ts';
import { pendingOf, readRun } from './runs.ts';

export interface ExecutionsDeps {
  readonly table: Table;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly documents: Blobs;
  readonly workflows: Registry;
  readonly pseudonym: Pseudonym;
  /** The genuine records that name this execution, oldest first. */
  readonly recordsOfExecution: (
    execution_id: string,
  ) => Promise<readonly { readonly record: LedgerRecord }[]>;
  /** A genuine record by its id. */
  readonly record: (id: string) => Promise<LedgerRecord | undefined>;
}

export const EXECUTION_STATES = ['running', 'succeeded', 'failed', 'stale'] as const;

export interface Execution {
  readonly execution_id: string;
  readonly status: (typeof EXECUTION_STATES)[number];
  readonly workflow: string;
  readonly drag_mode: string;
  readonly decision_id: string;
  readonly trace_id: string;
  /** Pseudonym of who asked for the run; undefined while that is not known from a record. */
  readonly subject?: string;
  /** OutcomeData of its end. */
  readonly end?: JsonObject;
}

const ID = /^exe_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
export async function readExecution(
  deps: ExecutionsDeps,
  execution_id: string,
): Promise<Execution | undefined> {
  if (!ID.test(execution_id)) return undefined;
  const run = await readRun(deps, execution_id);
  if (run?.end !== undefined) {
    const record = await deps.record(run.end);
    // The item could name any record: what another run came to says nothing of this one.
    if (record?.data.execution_id === execution_id && isEnd(record)) return ofEnd(execution_id, record);
  }
  const pending = run && (await pendingOf(deps, run));
  if (pending !== undefined && (run?.state === 'running' || run?.state === 'ending')) {
    const { workflow, drag_mode, decision_id, trace, who } = pending;
    const subject = deps.pseudonym(who);
    const late = run?.state === 'running' && deps.clock() >= dueOf(deps, workflow, run.at);
    const status = late ? 'stale' : 'running';
    return { execution_id, status, workflow, drag_mode, decision_id, trace_id: trace, subject };
  }
  return search(deps, execution_id);
}

/** A short run has no item of its own: its records tell. An end counts more than that none was heard in time. */
async function search(deps: ExecutionsDeps, execution_id: string): Promise<Execution | undefined> {
  const records = (await deps.recordsOfExecution(execution_id)).map(({ record }) => record);
  const end = records.find(isEnd) ?? records.find(({ type }) => type === 'workflow.stale');
  if (end !== undefined) return ofEnd(execution_id, end);
  const start = records.find(({ type }) => type === 'decision.made');
  if (start === undefined) return undefined;
  // What no sweep has come to yet is none the less stale.
  const late = deps.clock() >= runOf(deps, start).due;
  return { ...common(execution_id, start), status: late ? 'stale' : 'running' };
}

function ofEnd(execution_id: string, record: LedgerRecord): Execution {
  const { outcome } = record.data;
  const status = outcome === 'stale' ? 'stale' : outcome === 'success' ? 'succeeded' : 'failed';
  return { ...common(execution_id, record), status, end: record.data };
}

function common(execution_id: string, record: LedgerRecord) {
  const { workflow = 'none', drag_mode = 'none' } = record.labels ?? {};
  return {
    execution_id,
    workflow,
    drag_mode,
    decision_id: String(record.data.decision_id),
    trace_id: record.trace,
    ...(record.subject === undefined ? {} : { subject: record.subject }),
  };
}

export type Part = 'output' | 'document';

/** The kept output or the written document, for the person who asked for the run only; else undefined. */
export async function readPart(
  deps: ExecutionsDeps,
  execution: Execution,
  part: Part,
  who: PrincipalId,
): Promise<{ readonly name: string; readonly bytes: Uint8Array } | undefined> {
  const name = part === 'output' ? execution.end?.output_ref : execution.end?.document;
  if (execution.subject !== deps.pseudonym(who) || typeof name !== 'string') return undefined;
  const bytes = await deps.documents.get(name);
  return bytes && { name, bytes };
}

/**
 * Removes every document that was made for or about a person: parameters and outputs of their runs, what those
 * wrote, and exports of their data. Part of an erasure; safe to repeat. Returns how many were there.
 */
export async function removeDocuments(
  deps: Pick<ExecutionsDeps, 'documents'>,
  subject: string,
  records: AsyncIterable<LedgerRecord>,
): Promise<number> {
  const names = new Set<string>();
  for await (const { data } of records) {
    if (typeof data.execution_id === 'string') names.add(parametersName(data.execution_id));
    for (const name of [data.output_ref, data.document]) if (typeof name === 'string') names.add(name);
  }
  for await (const name of deps.documents.list(exportPrefix(subject))) names.add(name);
  let removed = 0;
  for (const name of names) {
    if ((await deps.documents.get(name)) === undefined) continue;
    await deps.documents.remove(name);
    removed += 1;
  }
  return removed;
}
