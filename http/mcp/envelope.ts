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
/** A header whose value is not ASCII comes so (MCP 2026-07-28, Streamable HTTP, "Value Encoding"). */
const ENCODED = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

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
  if (!isObject(body)) return undefined;
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
  header !== undefined && value !== undefined && decoded(header) !== value;

function decoded(header: string): string {
  const [, encoded] = ENCODED.exec(header) ?? [];
  return encoded === undefined ? header : Buffer.from(encoded, 'base64').toString('utf8');
}

/** What a call, a reading or a prompt is of. */
const named = ({ params }: JsonObject): Json | undefined =>
  isObject(params) ? (params.name ?? params.uri) : undefined;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
