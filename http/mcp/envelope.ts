/** What of a message is looked at before the SDK has it: what that takes and the office cannot answer for. */
import { ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Json, JsonObject } from '../../src/json.ts';

/** An error of the protocol, for the request with this id. */
export interface MessageFault {
  readonly id: Json;
  readonly code: number;
  readonly message: string;
}

/** As the SDK answers it to a client of the newest revision (MCP 2026-07-28, Streamable HTTP). */
const HEADER_MISMATCH = -32020;
/** A header whose value is not ASCII comes so (MCP 2026-07-28, Streamable HTTP, "Value Encoding"): the SDK decodes it. */
const ENCODED = '=?';

export interface MessageHeaders {
  /** `Mcp-Method` and `Mcp-Name`, where they were sent. */
  readonly method: string | undefined;
  readonly name: string | undefined;
}

/**
 * Headers are for whoever routes and filters on the way here: they must see the call that is made. The SDK holds only
 * clients of the newest revision to it. And nothing here changes by itself: a stream that would tell of changes would
 * stay open for nothing, as long as its client likes, also when that is revoked.
 */
export function faultOf(body: Json, { method, name }: MessageHeaders): MessageFault | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const id = body.id ?? null;
  if (contradicts(method, body.method) || contradicts(name, named(body)))
    return {
      id,
      code: HEADER_MISMATCH,
      message: 'The headers Mcp-Method and Mcp-Name must say what the body says',
    };
  if (body.method === 'subscriptions/listen')
    return {
      id,
      code: ProtocolErrorCode.MethodNotFound,
      message: 'Nothing is announced here: ask for a list again when its ttlMs is over',
    };
  return undefined;
}

const contradicts = (header: string | undefined, value: Json | undefined): boolean =>
  header !== undefined && !header.startsWith(ENCODED) && value !== undefined && header !== value;

/** What a call, a reading or a prompt is of. */
function named({ params }: JsonObject): Json | undefined {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return undefined;
  return params.name ?? params.uri;
}
