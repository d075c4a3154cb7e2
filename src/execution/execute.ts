/**
 * From an allowed decision to a recorded outcome. The decision record that carries the execution id is also
 * the start of the run; the outcome record follows it in the ledger, chained by `after`. A crash in between
 * leaves a decision without an outcome, which the sweep finds and records as `workflow.stale`.
 */
import type { PhraseBook } from '../aim/phrase-book.ts';
import { screen } from '../aim/prescriptive.ts';
import { sha256 } from '../basics/digest.ts';
import { following } from '../basics/ids.ts';
import { runSpanId } from '../basics/trace.ts';
import type { Charter } from '../charter/charter.ts';
import { type Question, spanOf } from '../decision/question.ts';
import { recordWith, type Weighed } from '../decision/record.ts';
import { ChanceryError } from '../errors.ts';
import type { Json } from '../json.ts';
import { foundIn, type OutcomeData } from '../ledger/payloads.ts';
import { idOf } from '../ledger/people/pseudonym.ts';
import type { Vault } from '../ledger/people/vault.ts';
import type { Ledger } from '../ledger/record.ts';
import type { Blobs, Clock, Engine, Ids, Table, Tracer } from '../ports.ts';
import type { PrescriptiveHit } from '../terms.ts';
import { executionInput } from '../workflow/input.ts';
import { checksOf, settle } from '../workflow/settle.ts';
import type { Registry } from '../workflow/workflow.ts';
import type { Ended, Finished, Run } from './ended.ts';
import { type Pending, remember } from './runs.ts';

/** Larger outputs come by reference. */
const MAX_INLINE_OUTPUT_BYTES = 300_000;

export interface ExecutionDeps {
  readonly ledger: Ledger;
  readonly workflows: Registry;
  readonly engine: Engine;
  readonly documents: Blobs;
  readonly table: Table;
  readonly charter: () => Promise<Charter>;
  readonly phrases: (charter: Charter) => PhraseBook;
  readonly ids: Ids;
  readonly tracer: Tracer;
  readonly vault: Vault;
  readonly clock: Clock;
}

/** Records the start, runs, settles and records the outcome. */
export async function execute(
  deps: ExecutionDeps,
  question: Question,
  weighed: Weighed,
  approval?: { readonly approval_id: string; readonly after: string },
): Promise<Run> {
  const { request } = question;
  const workflow = question.workflow && deps.workflows.get(question.workflow.name);
  if (!workflow || !request)
    throw new ChanceryError('INTERNAL_ERROR', 'An allowed execution must name a registered workflow.');
  // Named by the decision, after an approval by the one that was approved: a start that is tried again is the same start.
  const execution_id = following(approval?.approval_id ?? weighed.decision_id, 'exe');
  const decided = recordWith(weighed, {
    execution_id,
    ...(approval ? { approval_id: approval.approval_id } : {}),
  });
  const receipt = await deps.ledger.append(approval ? { ...decided, after: approval.after } : decided);

  const { trace, who } = decided;
  // The charter that decided stands in the decision; the end of the run names the one that is in force then.
  const { charter, ...meta } = decided.meta;
  const pending: Pending = {
    execution_id,
    decision_id: weighed.decision_id,
    after: receipt.record_hash,
    workflow: workflow.name,
    drag_mode: request.drag_mode,
    trace,
    who: idOf(who),
    meta,
    checks: checksOf(workflow, request.aim.mission),
  };
  const input = await executionInput(
    deps.documents,
    {
      execution_id,
      decision_id: weighed.decision_id,
      trace_id: trace,
      tracestate: deps.tracer.headers().tracestate ?? '',
      drag_mode: request.drag_mode,
      workflow: workflow.name,
    },
    request.parameters,
  );
  const wait = workflow.kind === 'express';
  if (!wait) await remember(deps, pending);
  const { action, resource } = spanOf(question);
  const result = await deps.tracer.span(
    'run',
    // In the trace of who asked, whoever approved it: that one's span is its link.
    {
      trace_id: trace,
      span_id: runSpanId(execution_id),
      action,
      resource,
      drag_mode: request.drag_mode,
    },
    async (note) => {
      const ran = await deps.engine.run({ name: execution_id, workflow: workflow.name, input, wait });
      note({ outcome: ran.status });
      return ran;
    },
  );
  if (result.status === 'started') return { kind: 'started', weighed, receipt, execution_id };
  const finished = await deps.tracer.span('settle', { action, resource }, async (note) => {
    // Nobody waits for what an approved run gives: it is kept for whoever asked.
    const settled = await conclude(deps, pending, result, { keep_output: approval !== undefined });
    note({ outcome: settled.data.outcome });
    return settled;
  });
  return {
    kind: 'ran',
    weighed,
    receipt,
    finished,
    ...(result.status === 'failed' ? { cause: result.cause } : {}),
  };
}

/**
 * Evaluates the mission's checks and records how the run ended.
 * @param more `keep_output`: nobody waits for the output, so it is always kept as a document
 */
export async function conclude(
  deps: ExecutionDeps,
  pending: Pending,
  result: Ended,
  more: { readonly keep_output?: boolean; readonly was_stale?: boolean } = {},
): Promise<Finished> {
  const { execution_id, workflow, drag_mode } = pending;
  const output = result.status === 'succeeded' ? result.output : null;
  const settled = result.status === 'succeeded' ? result.output : undefined;
  const bytes = new TextEncoder().encode(JSON.stringify(output));
  const large = bytes.byteLength > MAX_INLINE_OUTPUT_BYTES;
  const output_ref = large || more.keep_output ? outputName(execution_id) : undefined;
  if (output_ref !== undefined) await deps.documents.put(output_ref, bytes);
  const charter = await deps.charter();
  const { screened } = charter.documents['modes.yaml'].modes[drag_mode];
  const prescriptive = foundIn(screened ? screenTexts(output, deps.phrases(charter)) : []);
  const data: OutcomeData = {
    decision_id: pending.decision_id,
    execution_id,
    outcome: result.status === 'succeeded' ? 'success' : 'failure',
    duration_us: result.duration_us,
    ...(result.status === 'failed' ? { error_type: result.error } : {}),
    output_digest: sha256(bytes),
    output_bytes: bytes.byteLength,
    ...(output_ref === undefined ? {} : { output_ref }),
    ...documentOf(output),
    ...(more.was_stale ? { was_stale: true } : {}),
    ...costOf(charter, workflow),
    prescriptive,
    settlement: settle(pending.checks, settled),
  };
  const receipt = await deps.ledger.append({
    type: result.status === 'succeeded' ? 'workflow.succeeded' : 'workflow.failed',
    trace: pending.trace,
    who: pending.who,
    meta: pending.meta,
    after: pending.after,
    labels: { workflow, drag_mode },
    data,
  });
  return { receipt, data, output: large ? null : output };
}

/** Where an output is kept that goes by reference. */
export const outputName = (execution_id: string): string => `executions/${execution_id}/output.json`;

/** What the charter books for a run, failed ones included: the budget counts them too. */
export function costOf(charter: Charter, workflow: string): { cost_micro_dollars?: number } {
  const budget = charter.documents['limits.yaml'].budgets.find((rule) => rule.workflow === workflow);
  return budget === undefined ? {} : { cost_micro_dollars: Math.round(budget.cost_dollars * 1e6) };
}

/** The document that a run says it wrote. */
function documentOf(output: Json): { document?: string } {
  const named =
    output !== null && typeof output === 'object' && !Array.isArray(output) ? output.document : undefined;
  return typeof named === 'string' ? { document: named } : {};
}

/** Screens every text in an output; offsets are within the text they were found in. */
function screenTexts(value: Json, phrases: PhraseBook): PrescriptiveHit[] {
  if (typeof value === 'string') return screen(value, phrases);
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap((inner) => (inner === undefined ? [] : screenTexts(inner, phrases)));
}
