/** What a tool call answers in the words of the protocol: a refusal is a result that a model can act on, not an error. */
import { type CallToolResult, type InputRequiredResult, inputRequired } from '@modelcontextprotocol/server';
import type { ErrorCode, Reason } from '../../src/errors.ts';
import type { ToolAnswer } from '../../src/gate/tool-call.ts';
import type { JsonObject } from '../../src/json.ts';
import { receiptBody } from '../views.ts';

/** What of an answer its caller could not learn otherwise. */
export interface AnswerContext {
  readonly trace: string;
  /** Where a person finds an approval. */
  readonly approvalUrl: (approval_id: string) => string;
  /** Present where the client can open a URL: what it is to bring back when it asks again. */
  readonly state?: (approval_id: string) => string;
}

/** Under our own name (MCP 2026-07-28, basic, "_meta"). */
const OURS = 'org.chancery/';

export function answerResult(
  answer: ToolAnswer,
  context: AnswerContext,
): CallToolResult | InputRequiredResult {
  switch (answer.kind) {
    case 'called':
      return calledResult(answer, context);
    case 'approval':
      return waitingResult(answer, context);
    case 'refused': {
      const { decision } = answer.weighed;
      return refusedResult(answer, answer.code, answer.reasons, context, {
        ...(decision.retry_after_seconds === undefined
          ? {}
          : { retry_after_seconds: decision.retry_after_seconds }),
      });
    }
  }
}

function calledResult(
  answer: Extract<ToolAnswer, { kind: 'called' }>,
  context: AnswerContext,
): CallToolResult {
  const outcome = { [`${OURS}outcome_receipt`]: receiptBody(answer.outcome_receipt) };
  const _meta = metaOf(answer, context, outcome);
  if (!answer.answered) {
    const { kind, message } = answer.fault;
    return {
      isError: true,
      content: [{ type: 'text', text: `The call was allowed and made, and failed (${kind}): ${message}.` }],
      structuredContent: {
        code: kind === 'standing_lost' ? 'SANCTIONED' : 'EXECUTION_FAILED',
        reasons: [{ code: kind, message, kind: 'invalid' }],
        counterfactual: [],
        decision_id: answer.weighed.decision_id,
        trace_id: context.trace,
      },
      _meta,
    };
  }
  const { _meta: theirs, content, structuredContent, isError } = answer.result;
  // A state to come back with, or for how long to keep it: what else it says would be taken for the office's word.
  const said = {
    content,
    ...(structuredContent === undefined ? {} : { structuredContent }),
    ...(isError === undefined ? {} : { isError }),
  };
  return {
    // Shaped as the protocol has it: the client that read it parsed it by the protocol's schema.
    ...(said as CallToolResult),
    _meta: { ...notOurs(theirs), ..._meta },
  };
}

/** What a server says of itself it may say, but not in our name. */
function notOurs(meta: unknown): Record<string, unknown> {
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta)) return {};
  return Object.fromEntries(
    Object.entries(meta).filter(
      ([name]) => !name.startsWith(OURS) && !name.startsWith('io.modelcontextprotocol/'),
    ),
  );
}

function waitingResult(
  answer: Extract<ToolAnswer, { kind: 'approval' }>,
  context: AnswerContext,
): CallToolResult | InputRequiredResult {
  const { approval, weighed } = answer;
  const { approval_id } = approval;
  const url = context.approvalUrl(approval_id);
  const message = `This call waits for the approval of ${approval.quorum} ${approval.quorum === 1 ? 'person' : 'people'}: ${url}`;
  if (context.state !== undefined) {
    return {
      ...inputRequired({
        inputRequests: { approval: inputRequired.elicitUrl({ message, url }) },
        requestState: context.state(approval_id),
      }),
      _meta: metaOf(answer, context, { [`${OURS}approval_id`]: approval_id }),
    };
  }
  return refusedResult(answer, 'APPROVAL_REQUIRED', weighed.decision.reasons, context, {
    approval: { approval_id, status: approval.status, url, expires_at: approval.expires_at },
  });
}

function refusedResult(
  answer: Extract<ToolAnswer, { kind: 'refused' | 'approval' }>,
  code: ErrorCode,
  reasons: readonly Reason[],
  context: AnswerContext,
  extra: JsonObject,
): CallToolResult {
  const { decision, decision_id } = answer.weighed;
  const structured: JsonObject = {
    code,
    outcome: decision.outcome,
    reasons: reasons.map((reason) => ({ ...reason })),
    counterfactual: decision.counterfactual.map((change) => ({ ...change })),
    decision_id,
    trace_id: context.trace,
    ...extra,
  };
  return {
    isError: true,
    content: [{ type: 'text', text: inWords(code, reasons, structured) }],
    structuredContent: structured,
    _meta: metaOf(answer, context),
  };
}

/** So that a model can act on it: what was said, why, and what would be allowed. */
function inWords(
  code: ErrorCode,
  reasons: readonly Reason[],
  { counterfactual, approval }: JsonObject,
): string {
  const why = reasons.map(
    ({ code: reason, path, message }) => `- ${message} (${reason}${path ? ` at ${path}` : ''})`,
  );
  const instead = Array.isArray(counterfactual)
    ? counterfactual.map((change) => `- ${JSON.stringify(change)}`)
    : [];
  return [
    code === 'APPROVAL_REQUIRED'
      ? `The call was not made yet: it waits for people (${code}).`
      : `The call was not made (${code}).`,
    ...why,
    ...(instead.length === 0 ? [] : ['What would be allowed:', ...instead]),
    ...(approval === undefined ? [] : [`Approval: ${JSON.stringify(approval)}`]),
  ].join('\n');
}

function metaOf(
  { weighed, receipt }: ToolAnswer,
  { trace }: AnswerContext,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    [`${OURS}decision_id`]: weighed.decision_id,
    [`${OURS}receipt`]: receiptBody(receipt),
    [`${OURS}trace_id`]: trace,
    ...more,
  };
}
