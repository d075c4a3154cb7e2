/**
 * Which runs may still end: those that the last sweep left open, and those that began since. However old the ledger is,
 * a run that can still end began within the longest timeout: nothing else is read before it is known what runs.
 */
import { TOOL_CALL } from '../decision/question.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import type { Clock, Table } from '../ports.ts';
import type { Registry } from '../workflow/workflow.ts';
import { type OpenRun, readMark, type Unswept } from './sweep-mark.ts';

export interface OpenRunsDeps {
  readonly table: Table;
  readonly workflows: Registry;
  readonly clock: Clock;
  /** All records from a time on (milliseconds), oldest first. */
  readonly recordsSince: (
    ms: number,
  ) => AsyncIterable<{ readonly record: LedgerRecord; readonly hash: string }>;
  /** Records that one sweep looks at of what is behind (10,000). */
  readonly slice?: number;
}

/** A tool call that was cut off ends in `tool.failed` as well, with the outcome `stale`. */
const ENDS: ReadonlySet<string> = new Set([
  'workflow.succeeded',
  'workflow.failed',
  'tool.invoked',
  'tool.failed',
]);
export const isEnd = ({ type }: LedgerRecord): boolean => ENDS.has(type);
export const isToolCall = ({ data }: LedgerRecord): boolean => data.action === TOOL_CALL;

/** Beyond a workflow's own timeout: an end may take this long to be heard. */
const GRACE_MS = 30_000;
/** No tool is waited for longer (`limits` of its server in the charter). */
export const LONGEST_CALL_SECONDS = 300;
/** Half a second's worth. */
const SLICE_RECORDS = 10_000;

export interface OpenRuns {
  readonly open: Map<string, OpenRun>;
  /** What no sweep has looked at yet, all of it before any run that may still end. */
  readonly behind?: Unswept;
  /** Of the mark that this begins with; undefined when there is none. */
  readonly version: number | undefined;
}

/** Changes nothing. */
export async function openRuns(deps: OpenRunsDeps): Promise<OpenRuns> {
  const { mark, version } = await readMark(deps.table);
  const begins = deps.clock() - longest(deps);
  const left = mark?.from ?? 0;
  const behind =
    left < begins ? { from: Math.min(left, mark?.behind?.from ?? left), to: begins } : mark?.behind;
  const runs = openIn(deps, mark?.open ?? new Map());
  for await (const { record } of deps.recordsSince(Math.max(left, begins))) runs.hear(record);
  return { open: runs.open(), version, ...(behind === undefined ? {} : { behind }) };
}

/** How many executions run, whichever process started them: the ledger knows, and nothing runs without it. */
export async function countOpen(deps: OpenRunsDeps): Promise<number> {
  return (await openRuns(deps)).open.size;
}

export interface Slice {
  /** Runs that began in it and did not end in it. Their time is up; they may have ended behind it. */
  readonly begun: ReadonlyMap<string, OpenRun>;
  /** What is left. */
  readonly rest?: Unswept;
}

/** The first part of a span: a slice, and what is of its last millisecond. */
export async function readSlice(deps: OpenRunsDeps, { from, to }: Unswept): Promise<Slice> {
  const { slice = SLICE_RECORDS } = deps;
  const runs = openIn(deps, new Map());
  let looked = 0;
  let last = from;
  for await (const { record } of deps.recordsSince(from)) {
    const at = Date.parse(record.time);
    if (at >= to) break;
    // Never within a millisecond: the next slice begins with the whole of it.
    if (looked >= slice && at > last) return { begun: runs.open(), rest: { from: at, to } };
    looked += 1;
    last = at;
    runs.hear(record);
  }
  return { begun: runs.open() };
}

/** Takes in records and tells which runs they leave open, those included that were before. */
function openIn(deps: Pick<OpenRunsDeps, 'workflows'>, before: ReadonlyMap<string, OpenRun>) {
  const begun = new Map(before);
  // An end can come before its start where the clocks of two lanes differ.
  const ended = new Set<string>();
  return {
    hear(record: LedgerRecord): void {
      const { execution_id } = record.data;
      if (typeof execution_id !== 'string') return;
      if (record.type === 'decision.made') begun.set(execution_id, runOf(deps, record));
      else if (isEnd(record) || record.type === 'workflow.stale') ended.add(execution_id);
    },
    open(): Map<string, OpenRun> {
      for (const execution_id of ended) begun.delete(execution_id);
      return begun;
    },
  };
}

/** @param record the decision that began it */
export function runOf(deps: Pick<OpenRunsDeps, 'workflows'>, record: LedgerRecord): OpenRun {
  const began = Date.parse(record.time);
  if (isToolCall(record)) return { began, due: began + LONGEST_CALL_SECONDS * 1_000 + GRACE_MS };
  const { workflow } = record.data;
  return { began, due: dueOf(deps, typeof workflow === 'string' ? workflow : '', began) };
}

/** When nothing more is expected of a run of this workflow that began then, milliseconds. */
export const dueOf = (
  { workflows }: Pick<OpenRunsDeps, 'workflows'>,
  workflow: string,
  began: number,
): number => began + (workflows.get(workflow)?.timeout_seconds ?? 0) * 1_000 + GRACE_MS;

/** Milliseconds from the beginning of a run to when nothing more is expected of it, at most. */
const longest = ({ workflows }: Pick<OpenRunsDeps, 'workflows'>): number =>
  Math.max(LONGEST_CALL_SECONDS, ...workflows.all.map(({ timeout_seconds }) => timeout_seconds)) * 1_000 +
  GRACE_MS;
