/**
 * From an allowed call to a recorded outcome. Whatever the server does is an outcome: what it answered, or how it failed. A crash in
 * between leaves a decision without one, which the sweep finds and records as stale.
 */
import { sha256 } from '../basics/digest.ts';
import type { Charter } from '../charter/charter.ts';
import { filterParameters } from '../charter/secrets.ts';
import { type Caller, TOOL_CALL } from '../decision/question.ts';
import type { JsonObject } from '../json.ts';
import type { ToolOutcomeData } from '../ledger/payloads.ts';
import { idOf } from '../ledger/people/pseudonym.ts';
import { type Ledger, metaOf, type Receipt } from '../ledger/record.ts';
import type { Tracer } from '../ports.ts';
import { checkResult } from '../tools/arguments.ts';
import type { ToolDefinition } from '../tools/definition.ts';
import { type Forwarding, ServerFault, type ToolServer } from '../tools/server.ts';
import type { StandingWatch } from './standing-watch.ts';
import { withoutSecrets } from './without-secrets.ts';

export interface ForwardDeps {
  readonly ledger: Ledger;
  readonly micros: () => number;
  readonly tracer: Tracer;
  readonly standingWatch: StandingWatch;
}

export interface AllowedCall extends Forwarding {
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly server: ToolServer;
  readonly definition: ToolDefinition;
  readonly charter: Charter;
  readonly decision_id: string;
  readonly execution_id: string;
  /** Record hash of the decision. */
  readonly after: string;
}

/** The outcome as it was recorded, and the answer without what must not leave. */
export type Called = {
  readonly data: ToolOutcomeData;
  readonly outcome_receipt: Receipt;
} & (
  | { readonly answered: true; readonly result: JsonObject }
  | { readonly answered: false; readonly fault: ServerFault }
);

export async function forward(deps: ForwardDeps, caller: Caller, allowed: AllowedCall): Promise<Called> {
  const { tool, server, definition, charter, decision_id, execution_id, after } = allowed;
  const { parameters } = filterParameters(charter, allowed.arguments);
  const began = deps.micros();
  const { lost, leave } = deps.standingWatch.enter(caller.principal);
  const heard = await deps.tracer
    .span(`tools/call ${tool}`, callSpan(tool), async (note) => {
      const answer = await ask(
        server,
        definition,
        parameters,
        { ...allowed, trace: deps.tracer.headers() },
        lost,
      );
      const said = answer instanceof ServerFault ? answer : (withoutSecrets(charter, answer) ?? TOO_DEEP);
      const failed = said instanceof ServerFault ? said.kind : said.result.isError === true && 'tool_error';
      note(failed ? { 'error.type': failed, outcome: 'failure' } : { outcome: 'success' });
      return said;
    })
    .finally(leave);
  const duration_us = deps.micros() - began;
  const common = { tool, decision_id, execution_id, duration_us };
  const record = async (data: ToolOutcomeData): Promise<Receipt> =>
    deps.ledger.append({
      type: data.outcome === 'success' ? 'tool.invoked' : 'tool.failed',
      trace: caller.trace,
      who: idOf(caller.principal),
      meta: metaOf(caller),
      after,
      data,
    });
  if (heard instanceof ServerFault) {
    const stopped = heard.kind === 'cancelled' || heard.kind === 'standing_lost';
    const outcome = stopped ? 'cancelled' : 'failure';
    const data: ToolOutcomeData = { ...common, outcome, error_type: heard.kind };
    return { answered: false, fault: heard, data, outcome_receipt: await record(data) };
  }
  const { answer, result, stripped } = heard;
  const text = JSON.stringify(answer);
  const failed = answer.isError === true;
  const data: ToolOutcomeData = {
    ...common,
    outcome: failed ? 'failure' : 'success',
    ...(failed ? { error_type: 'tool_error' } : {}),
    result_digest: sha256(text),
    result_bytes: Buffer.byteLength(text, 'utf8'),
    ...(stripped.length === 0 ? {} : { stripped }),
  };
  return { answered: true, result, data, outcome_receipt: await record(data) };
}

/** By the conventions for MCP clients. */
const callSpan = (tool: string) =>
  ({
    kind: 'client',
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
    action: TOOL_CALL,
    resource: tool,
  }) as const;

async function ask(
  server: ToolServer,
  definition: ToolDefinition,
  parameters: JsonObject,
  { signal, progress, caller, trace }: Forwarding,
  lost: AbortSignal,
): Promise<JsonObject | ServerFault> {
  try {
    const forwarding = {
      signal: signal === undefined ? lost : AbortSignal.any([signal, lost]),
      ...(progress ? { progress } : {}),
      ...(caller === undefined ? {} : { caller }),
      ...(trace === undefined ? {} : { trace }),
    };
    const params = { name: definition.name, arguments: parameters };
    const result = await server.request('tools/call', params, forwarding);
    if (lost.aborted) return STANDING_LOST;
    const wrong = checkResult(definition, result);
    return wrong === undefined ? result : new ServerFault('malformed', wrong);
  } catch (error) {
    if (lost.aborted) return STANDING_LOST;
    if (error instanceof ServerFault) return error;
    throw error;
  }
}

export const STANDING_LOST = new ServerFault(
  'standing_lost',
  'whoever called may call no more, and was stopped',
);

/** Of an answer whose texts are JSON that nobody can look through for secrets. */
export const TOO_DEEP = new ServerFault('malformed', 'what it says is nested too deep');
