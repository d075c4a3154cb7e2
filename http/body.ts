/** Bodies at the door: size before content, strict JSON before schemas. */
import { Readable } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import type * as z from 'zod';
import { schemaReasons } from '../src/aim/closed.ts';
import { parseStrict } from '../src/aim/json.ts';
import { ChanceryError, type Reason } from '../src/errors.ts';
import type { Json } from '../src/json.ts';
import type { Ctx } from './routes.ts';

/** The body is at most 1 MB (2^20 bytes). */
export const MAX_BODY_BYTES = 1_048_576;

const TOO_LARGE: Reason = {
  code: 'body_too_large',
  path: '',
  message: `the body is larger than ${MAX_BODY_BYTES} bytes; send large inputs by document reference`,
  kind: 'invalid',
};

/**
 * The raw body; undefined when it is too large. Looks at `Content-Length` before reading, and counts while
 * reading, since the header can lie.
 */
async function readBytes(c: Ctx): Promise<Uint8Array | undefined> {
  const declared = Number(c.req.header('content-length') ?? 0);
  if (declared > MAX_BODY_BYTES) return undefined;
  const stream = streamOf(c);
  if (stream === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
}

/**
 * Node's own stream on a Node server: the web stream around it costs as much as the decision. Left undestroyed when
 * reading stops early, since the answer goes out on the same socket.
 */
function streamOf(c: Ctx): AsyncIterable<Uint8Array> | null {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  return incoming instanceof Readable ? incoming.iterator({ destroyOnReturn: false }) : c.req.raw.body;
}

/** A body as it came in: strict JSON (UTF-8, no duplicated keys, bounded depth), or why it is not. */
export type Body =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: Reason };

/** For the governed routes, which record what was wrong with a body instead of only refusing it. */
export async function readBody(c: Ctx): Promise<Body> {
  const bytes = await readBytes(c);
  return bytes === undefined ? { ok: false, reason: TOO_LARGE } : parseStrict(bytes);
}

/** Throws VALIDATION_ERROR or BODY_TOO_LARGE. */
export async function readJson(c: Ctx): Promise<Json> {
  const body = await readBody(c);
  if (body.ok) return body.value;
  const code = body.reason === TOO_LARGE ? 'BODY_TOO_LARGE' : 'VALIDATION_ERROR';
  throw new ChanceryError(code, body.reason.message, { reasons: [body.reason] });
}

/** The same where a body may be left out: then it is an empty object. */
export async function readOptionalJson(c: Ctx): Promise<Json> {
  const length = c.req.header('content-length');
  const streamed = c.req.header('transfer-encoding') !== undefined;
  return (length === undefined && !streamed) || length === '0' ? {} : readJson(c);
}

/** Parses a value with a schema. Throws VALIDATION_ERROR with one reason a field. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const reasons = schemaReasons(parsed.error);
  const first = reasons[0];
  throw new ChanceryError('VALIDATION_ERROR', first ? `${first.path}: ${first.message}` : 'invalid', {
    reasons,
  });
}
