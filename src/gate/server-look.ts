/**
 * Looking at what a server shows beside its tools: resources and prompts. It is decided and recorded before the server is asked, and what
 * was read is recorded after, by digest; what it says of itself is personal as arguments are, and stands in no record.
 */
import { digestJson, sha256 } from '../basics/digest.ts';
import type { Caller, Question } from '../decision/question.ts';
import type { Weighed } from '../decision/record.ts';
import { weigh } from '../decision/weigh.ts';
import type { JsonObject } from '../json.ts';
import { idOf } from '../ledger/people/pseudonym.ts';
import { metaOf, type Receipt } from '../ledger/record.ts';
import { type Forwarding, ServerFault, type ServerMethod } from '../tools/server.ts';
import { codeOf } from './answer.ts';
import type { ToolOffice } from './tool-call.ts';
import { TOOL_SCOPE } from './tool-question.ts';

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
  const receipt = await office.ledger.append(weighed.record);
  if (weighed.decision.outcome !== 'allow')
    return { kind: 'denied', code: codeOf(weighed), weighed, receipt };
  const began = office.micros();
  const heard = await ask(office, look);
  const failed = heard instanceof ServerFault;
  await office.ledger.append({
    type: failed ? 'tool.failed' : 'tool.invoked',
    trace: caller.trace,
    who: idOf(caller.principal),
    meta: metaOf(caller),
    after: receipt.record_hash,
    data: {
      tool: `${name}:${method}`,
      outcome: failed ? (heard.kind === 'cancelled' ? 'cancelled' : 'failure') : 'success',
      decision_id: weighed.decision_id,
      duration_us: office.micros() - began,
      asked_digest: digestJson(params),
      ...(failed
        ? { error_type: heard.kind }
        : {
            result_digest: sha256(JSON.stringify(heard)),
            result_bytes: Buffer.byteLength(JSON.stringify(heard), 'utf8'),
          }),
    },
  });
  return failed ? { kind: 'failed', fault: heard } : { kind: 'seen', answer: heard };
}

async function ask(
  { shelf }: ToolOffice,
  { server: name, method, params, signal, caller }: Look,
): Promise<JsonObject | ServerFault> {
  const server = shelf.server(name);
  if (server === undefined) return new ServerFault('unreachable', 'it cannot be reached from here');
  try {
    return await server.request(method, params, {
      ...(signal ? { signal } : {}),
      ...(caller === undefined ? {} : { caller }),
    });
  } catch (error) {
    if (error instanceof ServerFault) return error;
    throw error;
  }
}
