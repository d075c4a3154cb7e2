/**
 * Looking at what a server shows beside its tools: resources and prompts. It is decided and recorded before the server is asked, and what
 * was read is recorded after, by digest; what it says of itself is personal as arguments are, and stands in no record.
 */
import { digestJson, sha256 } from '../basics/digest.ts';
import type { Charter } from '../charter/charter.ts';
import { filterParameters } from '../charter/secrets.ts';
import type { Caller, Question } from '../decision/question.ts';
import type { Weighed } from '../decision/record.ts';
import { weigh } from '../decision/weigh.ts';
import type { JsonObject } from '../json.ts';
import { idOf } from '../ledger/people/pseudonym.ts';
import { metaOf, type Receipt } from '../ledger/record.ts';
import { type Forwarding, ServerFault, type ServerMethod } from '../tools/server.ts';
import { codeOf } from './answer.ts';
import { STANDING_LOST, TOO_DEEP } from './forward.ts';
import { recordDecision } from './recording.ts';
import type { ToolOffice } from './tool-call.ts';
import { TOOL_SCOPE } from './tool-question.ts';
import { type Cleaned, withoutSecrets } from './without-secrets.ts';

export type ServerLooked =
  | { readonly kind: 'seen'; readonly answer: JsonObject }
  | { readonly kind: 'failed'; readonly fault: ServerFault }
  | {
      readonly kind: 'denied';
      readonly code: ReturnType<typeof codeOf>;
      readonly weighed: Weighed;
      readonly receipt: Receipt;
    };

export interface Look extends Forwarding {
  readonly server: string;
  readonly method: Exclude<ServerMethod, 'tools/list' | 'tools/call'>;
  readonly params: JsonObject;
}

/** Throws LEDGER_UNAVAILABLE or STORE_UNAVAILABLE: then the server was not asked. */
export async function lookAt(office: ToolOffice, caller: Caller, look: Look): Promise<ServerLooked> {
  const { server: name, method, params } = look;
  const isList = method.endsWith('list');
  const question: Question = {
    action: isList ? 'gateway:server:list' : 'gateway:server:info',
    scope: TOOL_SCOPE,
    resource: { type: 'server', id: name },
    ask: { parameters: { method, ...params }, properties: {}, context: {}, data_classes: [] },
    shape: [],
    mode: 'enforce',
  };
  const weighed = await weigh(office, caller, question);
  const { receipt } = await recordDecision(office, caller, question, weighed, false);
  if (weighed.decision.outcome !== 'allow')
    return { kind: 'denied', code: codeOf(weighed), weighed, receipt };
  const began = office.micros();
  const { lost, leave } = office.standingWatch.enter(caller.principal);
  const heard = await ask(office, look, weighed.charter, lost).finally(leave);
  const failed = heard instanceof ServerFault;
  const stopped = failed && (heard.kind === 'cancelled' || heard.kind === 'standing_lost');
  await office.ledger.append({
    type: failed ? 'tool.failed' : 'tool.invoked',
    trace: caller.trace,
    who: idOf(caller.principal),
    meta: metaOf(caller),
    after: receipt.record_hash,
    data: {
      tool: `${name}:${method}`,
      outcome: failed ? (stopped ? 'cancelled' : 'failure') : 'success',
      decision_id: weighed.decision_id,
      duration_us: office.micros() - began,
      asked_digest: digestJson(params),
      ...(failed
        ? { error_type: heard.kind }
        : {
            result_digest: sha256(JSON.stringify(heard.answer)),
            result_bytes: Buffer.byteLength(JSON.stringify(heard.answer), 'utf8'),
            ...(heard.stripped.length === 0 ? {} : { stripped: heard.stripped }),
          }),
    },
  });
  return failed ? { kind: 'failed', fault: heard } : { kind: 'seen', answer: heard.result };
}

async function ask(
  { shelf }: ToolOffice,
  { server: name, method, params, signal, caller }: Look,
  charter: Charter,
  lost: AbortSignal,
): Promise<Cleaned | ServerFault> {
  const server = shelf.server(name);
  if (server === undefined) return new ServerFault('unreachable', 'it cannot be reached from here');
  try {
    const answer = await server.request(method, withoutSecretArguments(charter, params), {
      signal: signal === undefined ? lost : AbortSignal.any([signal, lost]),
      ...(caller === undefined ? {} : { caller }),
    });
    return lost.aborted ? STANDING_LOST : (withoutSecrets(charter, answer) ?? TOO_DEEP);
  } catch (error) {
    if (lost.aborted) return STANDING_LOST;
    if (error instanceof ServerFault) return error;
    throw error;
  }
}

/** Of a prompt. */
function withoutSecretArguments(charter: Charter, params: JsonObject): JsonObject {
  const { arguments: given } = params;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return params;
  return { ...params, arguments: filterParameters(charter, given).parameters };
}
