/** Records of what was done over HTTP: one shape for every route. */

import type { Caller } from '../src/decision/question.ts';
import type { JsonObject } from '../src/json.ts';
import { metaOf, type NewRecord } from '../src/ledger/record.ts';
import type { Ctx } from './routes.ts';

export function callerOf(c: Ctx): Caller {
  return {
    principal: c.get('principal'),
    trace: c.get('trace'),
    request_id: c.get('requestId'),
    seen: c.get('seen'),
  };
}

/** Who did it, in which request and session; personal values sealed. */
export function onRecord(
  c: Ctx,
  type: NewRecord['type'],
  data: JsonObject,
  /** Sealed as well. */
  personal: JsonObject = {},
): NewRecord {
  const caller = callerOf(c);
  const { principal: who, trace } = caller;
  return {
    type,
    trace,
    who,
    meta: metaOf(caller),
    data,
    personal: { sub: who.sub, ...caller.seen, ...personal },
  };
}
